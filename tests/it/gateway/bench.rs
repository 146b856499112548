//! A gateway on a bench: a simulator, a database, and a sink that writes everything down.

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, time::Duration};

use cogsmith::{
    bus::ListenerId,
    config::Token,
    events::{LeanMessage, Progress},
    gateway::{Closing, Delivery, Error, Gateway, Interest, Options, Sink},
    store::Db,
    testing::Database,
};
use cogsmith_simulator::{Builder, FaultRule, Guild, Person, Simulator};
use cogsmith_tasks::Clock;
use futures_util::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use serde_json::json;
use serenity::model::{event::Event, gateway::GatewayIntents};
use tokio::sync::{Notify, watch};

/// Longer than anything here takes, shorter than anybody's patience.
const LIMIT: Duration = Duration::from_secs(20);

/// A simulator, a database that outlives every process, and one person who talks.
pub(super) struct Bench {
    pub(super) simulator: Simulator,
    pub(super) db: Db,
    pub(super) guild: Guild,
    pub(super) ann: Person,
    /// That of the processes.
    pub(super) clock: Clock,
    _database: Database,
}

impl Bench {
    pub(super) async fn new() -> Self {
        Self::with(Simulator::builder()).await
    }

    pub(super) async fn with(builder: Builder) -> Self {
        let simulator = builder.start().await.expect("a free port");
        let database = Database::sqlite();
        let db = database.open().await;
        let guild = simulator.guild("Rustaceans");
        let ann = guild.member("ann");
        Self {
            simulator,
            db,
            guild,
            ann,
            clock: Clock::system(),
            _database: database,
        }
    }

    pub(super) fn options(&self) -> Options {
        let mut options = Options::new(
            Token::new(self.simulator.token()),
            GatewayIntents::all().bits(),
        );
        options.api_url = Some(self.simulator.api_url().to_owned());
        options
    }

    /// The next process is told that the gateway is there, and that new sessions need not be five seconds apart.
    pub(super) fn point_to(&self, gateway: SocketAddr) {
        let limit =
            json!({"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 0});
        let url = format!("ws://{gateway}");
        let body = json!({"url": url, "shards": 1, "session_start_limit": limit});
        self.simulator
            .fail_next(FaultRule::new(200).path("gateway/bot").body(body));
    }

    /// A process that writes down every message.
    pub(super) async fn start(&self) -> Process {
        self.start_with(self.options(), Recorder::of(&["MESSAGE_CREATE"]))
            .await
    }

    /// A process that is connected.
    pub(super) async fn start_with<S: Sink>(&self, options: Options, sink: Arc<S>) -> Process<S> {
        let process = self
            .begin(options, sink)
            .await
            .expect("a gateway that connects");
        within(
            self.simulator
                .until(|simulator| !simulator.connections().is_empty()),
        )
        .await;
        self.settled(&process).await;
        process
    }

    pub(super) async fn begin<S: Sink>(
        &self,
        options: Options,
        sink: Arc<S>,
    ) -> Result<Process<S>, Error> {
        let progress = Progress::new();
        self.begin_on(options, sink, progress).await
    }

    pub(super) async fn begin_on<S: Sink>(
        &self,
        options: Options,
        sink: Arc<S>,
        progress: Arc<Progress>,
    ) -> Result<Process<S>, Error> {
        let http = reqwest::Client::new();
        let (db, taker) = (self.db.clone(), Arc::clone(&sink));
        let clock = self.clock.clone();
        let gateway =
            Gateway::connect(options, http, db, Arc::clone(&progress), taker, clock).await?;
        Ok(Process {
            gateway,
            progress,
            sink,
        })
    }

    /// Waits until a process has handled everything that the simulator has sent it or keeps for it.
    pub(super) async fn settled<S>(&self, process: &Process<S>) {
        for shard in process.gateway.shards().iter().map(|status| status.id) {
            let sent = self.simulator.sent_sequence(u64::from(shard));
            within(process.progress.until_handled(shard, sent)).await;
        }
    }
}

/// A bot process, as far as the gateway goes. Dropping it is its sudden death.
pub(super) struct Process<S = Recorder> {
    pub(super) gateway: Gateway,
    pub(super) progress: Arc<Progress>,
    pub(super) sink: Arc<S>,
}

impl<S> Process<S> {
    pub(super) async fn close(self, closing: Closing) {
        within(self.gateway.close(closing))
            .await
            .expect("a database that can be written to");
    }

    /// Waits until Discord has answered a heartbeat.
    pub(super) async fn acknowledged(&self) {
        eventually(|| self.gateway.shards()[0].acknowledged.is_some()).await;
    }

    /// Waits until the database holds the place that the process would resume from now.
    pub(super) async fn saved(&self, db: &Db) {
        let place = self.progress.resume_point(0).expect("a session").sequence;
        let sql = "select sequence from gateway_session where shard_id = 0";
        let saved = async {
            let mut again = tokio::time::interval(Duration::from_millis(20));
            loop {
                let row = db.read(sql).optional::<(i64,)>().await.expect("the table");
                if row == Some((place.cast_signed(),)) {
                    return;
                }
                again.tick().await;
            }
        };
        within(saved).await;
    }
}

/// Writes down what is delivered, and stops at a gate when told to.
pub(super) struct Recorder {
    kinds: BTreeSet<&'static str>,
    book: Arc<Book>,
}

struct Book {
    heard: Mutex<Vec<String>>,
    changed: Notify,
    open: watch::Sender<bool>,
}

impl Recorder {
    /// Listens to these kinds.
    pub(super) fn of(kinds: &[&'static str]) -> Arc<Self> {
        let (heard, changed, open) = (Mutex::default(), Notify::new(), watch::Sender::new(true));
        let book = Arc::new(Book {
            heard,
            changed,
            open,
        });
        Arc::new(Self {
            kinds: kinds.iter().copied().collect(),
            book,
        })
    }

    /// From now on a message that begins with `slow` keeps its lane until [`Recorder::open`].
    pub(super) fn shut(&self) {
        self.book.open.send_replace(false);
    }

    pub(super) fn open(&self) {
        self.book.open.send_replace(true);
    }

    /// What was delivered: messages by their text, everything else by its kind.
    pub(super) fn heard(&self) -> Vec<String> {
        self.book.heard.lock().clone()
    }

    /// Waits until so many events were delivered.
    pub(super) async fn until_heard(&self, count: usize) {
        let enough = async {
            loop {
                let mut changed = std::pin::pin!(self.book.changed.notified());
                changed.as_mut().enable();
                if self.book.heard.lock().len() >= count {
                    return;
                }
                changed.await;
            }
        };
        within(enough).await;
    }
}

impl Sink for Recorder {
    fn interest(&self, kind: &str) -> Interest {
        Interest {
            deliver: self.kinds.contains(kind),
            command: kind == "INTERACTION_CREATE",
            ..Interest::default()
        }
    }

    fn fold(&self, _message: &LeanMessage<'_>) {
        unreachable!("nobody asked for folds");
    }

    fn module(&self, _listener: ListenerId) -> &'static str {
        "the recorder"
    }

    /// Goes on for as long as a slow listener does.
    fn command(&self, delivery: Delivery) {
        let book = Arc::clone(&self.book);
        book.note("a command");
        tokio::spawn(async move {
            book.until_open().await;
            drop(delivery);
        });
    }

    fn deliver(&self, _listener: ListenerId, delivery: Delivery) -> BoxFuture<'static, ()> {
        let book = Arc::clone(&self.book);
        async move { book.hear(delivery).await }.boxed()
    }
}

impl Book {
    async fn hear(&self, delivery: Delivery) {
        let name = name(&delivery.event);
        assert!(!name.starts_with("panic"), "a listener that panics");
        self.note(&name);
        if name.starts_with("slow") {
            self.until_open().await;
        }
    }

    fn note(&self, name: &str) {
        self.heard.lock().push(name.to_owned());
        self.changed.notify_waiters();
    }

    async fn until_open(&self) {
        let mut open = self.open.subscribe();
        open.wait_for(|open| *open).await.expect("the book is open");
    }
}

fn name(event: &Event) -> String {
    match event {
        Event::MessageCreate(event) => event.message.content.clone(),
        Event::Ready(_) => "READY".into(),
        event => event.name().expect("a known kind"),
    }
}

/// Fails the test when something takes for ever.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future)
        .await
        .expect("it to happen within 20 s")
}

/// Waits until it is so, looking again and again: for what nobody announces.
pub(crate) async fn eventually(is_so: impl Fn() -> bool) {
    within(async {
        let mut again = tokio::time::interval(Duration::from_millis(2));
        while !is_so() {
            again.tick().await;
        }
    })
    .await;
}
