//! People are answered in time whatever modules do with their threads.

use std::{
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    thread::{self, JoinHandle},
    time::Duration,
};

use cogsmith::{prelude::*, stage::Stage, testing::Database};
use cogsmith_simulator::Simulator;
use cogsmith_tasks::Clock;
use serenity::{builder::CreateButton, model::event::MessageCreateEvent};
use tokio::{runtime::Builder, sync::oneshot};

const THREADS: usize = 2;

/// Computes on its whole thread for longer than Discord waits, and answers people.
struct Computer;

static COMPUTING: AtomicUsize = AtomicUsize::new(0);
const COMPUTES_FOR: Duration = Duration::from_secs(4);

impl Module for Computer {
    const NAME: &'static str = "computer";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([ask(), feedback()]);
        setup
            .on(Self::compute)
            .only(|message| !message.author_is_bot);
        setup.component("again", Self::again);
        setup.form("feedback", Self::thank);
    }
}

impl Computer {
    async fn compute(&self, _event: Event<MessageCreateEvent>) -> Result<()> {
        COMPUTING.fetch_add(1, SeqCst);
        thread::sleep(COMPUTES_FOR);
        COMPUTING.fetch_sub(1, SeqCst);
        Ok(())
    }

    async fn again(&self, press: Press<()>) -> Result<()> {
        press.reply("again").await
    }

    async fn thank(&self, form: Form<()>) -> Result<()> {
        let Feedback { text } = form.read()?;
        form.reply(text).await
    }
}

#[derive(poise::Modal)]
struct Feedback {
    text: String,
}

/// Answers with a button.
#[command(slash_command)]
async fn ask(ctx: Context<'_>) -> Result<()> {
    let button = CreateButton::new("again").label("Again");
    ctx.answer(Reply::from("an answer").buttons([button])).await
}

/// Asks for feedback.
#[command(slash_command)]
async fn feedback(ctx: Context<'_>) -> Result<()> {
    ctx.form::<Feedback>("feedback".to_owned()).await
}

/// A bot on threads of its own, as a process of its own would be.
struct Bot {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Bot {
    async fn start(simulator: &Simulator) -> Self {
        let (ready, is_ready) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let simulator = simulator.clone();
        let thread = thread::spawn(move || {
            let mut builder = Builder::new_multi_thread();
            let runtime = builder.worker_threads(THREADS).enable_all().build();
            runtime.unwrap().block_on(run(simulator, ready, stopped));
        });
        is_ready.await.unwrap();
        Self { stop, thread }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        let ended = tokio::task::spawn_blocking(|| self.thread.join());
        ended.await.unwrap().unwrap();
    }
}

async fn run(simulator: Simulator, ready: oneshot::Sender<()>, stopped: oneshot::Receiver<()>) {
    let (database, modules) = (Database::sqlite(), Modules::default().with::<Computer>());
    let starting = Stage::start(simulator, database.open().await, modules, Clock::system());
    let stage = Box::pin(starting).await.unwrap();
    ready.send(()).unwrap();
    stopped.await.unwrap();
    stage.app.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_answered_in_time_while_modules_compute_on_every_thread() {
    let simulator = Simulator::builder().start().await.unwrap();
    let bot = Bot::start(&simulator).await;
    let ann = simulator.guild("Guild 0").member("ann");
    let (asked, form) = (ann.slash("/ask").await, ann.slash("/feedback").await);
    for guild in 1..=THREADS {
        let guild = simulator.guild(&format!("Guild {guild}"));
        guild.member("ben").says("everybody is at work").await;
    }
    while COMPUTING.load(SeqCst) < THREADS {
        tokio::task::yield_now().await;
    }

    let promised = async {
        let message = asked.message().unwrap();
        let (pressed, sent) = tokio::join!(
            ann.uses(message, "again", &[]),
            ann.submits(&form, &[("text", "good")])
        );
        pressed.unwrap();
        sent.unwrap();
        assert_eq!(
            COMPUTING.load(SeqCst),
            THREADS,
            "every thread is busy still"
        );
    };
    let (answer, ()) = tokio::join!(ann.slash("/ask"), promised);
    assert!(answer.is_deferred(), "{answer:?}");
    assert!(answer.text().starts_with("an answer"), "{answer:?}");
    bot.stop().await;
}
