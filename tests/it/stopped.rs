//! A start that is stopped, or fails, ends in order as far as it came.

use std::sync::Arc;

use cogsmith::{
    app::App,
    config::{BotConfig, Token},
    error::Error,
    http::Health,
    prelude::*,
    testing::Database,
};
use cogsmith_simulator::{FaultRule, Simulator};
use cogsmith_tasks::{Clock, secs};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::here::Here;

/// Modules in the order in which they were unloaded.
type Told = Arc<Mutex<Vec<&'static str>>>;

static TOLD: Here<Told> = Here::new();
/// Notified when a module begins to load that never ends.
static STUCK: Here<Arc<Notify>> = Here::new();

struct First(Told);
struct Second(Told);
struct Never;
struct Failing;

impl Module for First {
    const NAME: &'static str = "first";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self(TOLD.last().unwrap()))
    }

    fn setup(_setup: &mut Setup<Self>) {}

    async fn unload(&self) -> Result<()> {
        self.0.lock().push("first");
        Ok(())
    }
}

impl Module for Second {
    const NAME: &'static str = "second";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self(TOLD.last().unwrap()))
    }

    fn setup(_setup: &mut Setup<Self>) {}

    async fn unload(&self) -> Result<()> {
        self.0.lock().push("second");
        Ok(())
    }
}

impl Module for Never {
    const NAME: &'static str = "never";

    async fn load(_host: Host) -> Result<Self> {
        STUCK.last().unwrap().notify_one();
        std::future::pending().await
    }

    fn setup(_setup: &mut Setup<Self>) {}
}

impl Module for Failing {
    const NAME: &'static str = "failing";

    async fn load(_host: Host) -> Result<Self> {
        Err(Error::msg("no luck"))
    }

    fn setup(_setup: &mut Setup<Self>) {}
}

/// Starts these modules until it fails or `stopped`; tells the error, once the database was found closed.
async fn ended(
    simulator: &Simulator,
    modules: Modules,
    stopped: impl Future<Output = ()>,
) -> String {
    let database = Database::sqlite();
    let db = database.open().await;
    let config = BotConfig {
        api_url: Some(simulator.api_url().to_owned()),
        drain: secs(5),
        ..BotConfig::new(Token::new(simulator.token()))
    };
    let stopped = async {
        stopped.await;
        Error::msg("stopped")
    };
    let started = App::start(
        &config,
        db.clone(),
        modules,
        Clock::system(),
        Arc::new(Health::new(db.clone())),
        stopped,
    );
    let error = tokio::time::timeout(secs(60), started)
        .await
        .expect("an end");
    assert!(db.begin().await.is_err(), "the database is still open");
    format!("{:#}", error.err().expect("no start"))
}

/// In which order modules were unloaded.
async fn unloaded(test: impl AsyncFnOnce(Arc<Notify>)) -> Vec<&'static str> {
    let (told, stuck) = (Told::default(), Arc::new(Notify::new()));
    TOLD.add(Arc::clone(&told));
    STUCK.add(Arc::clone(&stuck));
    Box::pin(test(stuck)).await;
    let told = told.lock();
    told.clone()
}

#[tokio::test]
async fn a_start_that_is_stopped_while_it_loads_unloads_what_was_loaded_in_reverse() {
    let simulator = Simulator::builder().start().await.unwrap();
    let modules = Modules::default()
        .with::<First>()
        .with::<Second>()
        .with::<Never>();
    let unloaded = unloaded(async |stuck: Arc<Notify>| {
        let error = ended(&simulator, modules, stuck.notified()).await;
        assert_eq!(error, "stopped");
    });
    assert_eq!(unloaded.await, ["second", "first"]);
}

#[tokio::test]
async fn a_start_that_is_stopped_while_it_asks_for_the_gateway_unloads_every_module() {
    let simulator = Simulator::builder().start().await.unwrap();
    let fault = FaultRule::new(502).path("gateway/bot").times(1_000_000);
    simulator.fail_next(fault);
    let asked = simulator.until(|simulator| {
        let requests = simulator.requests();
        requests.iter().any(|it| it.path.ends_with("gateway/bot"))
    });
    let modules = Modules::default().with::<First>().with::<Second>();
    let unloaded = unloaded(async |_| {
        assert_eq!(Box::pin(ended(&simulator, modules, asked)).await, "stopped");
    });
    assert_eq!(unloaded.await, ["second", "first"]);
}

#[tokio::test]
async fn a_start_that_fails_unloads_what_was_loaded() {
    let simulator = Simulator::builder().start().await.unwrap();
    let fault = FaultRule::new(403).path("gateway/bot").times(1);
    simulator.fail_next(fault);
    let modules = Modules::default().with::<First>().with::<Failing>();
    let unloaded = unloaded(async |_| {
        let error = ended(&simulator, modules, std::future::pending()).await;
        assert!(error.contains("status 403, expected 200"), "{error}");
    });
    assert_eq!(unloaded.await, ["first"]);
}
