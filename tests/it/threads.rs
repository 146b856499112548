//! A bot on threads of its own, which its modules may hold.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use cogsmith::{
    app::App,
    config::{BotConfig, Token},
    http::{self, Health, Roster},
    module::Modules,
    testing::Database,
};
use cogsmith_simulator::Simulator;
use cogsmith_tasks::Clock;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Builder,
    sync::oneshot,
};

use crate::log::Log;

/// A bot on threads of its own, as a process of its own would be.
pub(crate) struct Bot {
    http: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<(u64, Vec<String>)>,
}

impl Bot {
    pub(crate) async fn start(
        simulator: &Simulator,
        threads: usize,
        drain: Duration,
        modules: Modules,
    ) -> Self {
        let config = BotConfig {
            api_url: Some(simulator.api_url().to_owned()),
            drain,
            ..BotConfig::new(Token::new(simulator.token()))
        };
        let (ready, is_ready) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let mut builder = Builder::new_multi_thread();
            let log = Log::start();
            let runtime = builder.worker_threads(threads).enable_all().build();
            let running = run(config, modules, ready, stopped);
            let stalls = runtime.unwrap().block_on(running);
            (stalls, log.lines())
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let http = listener.local_addr().unwrap();
        let routes = http::router(Arc::new(Roster::single(is_ready.await.unwrap())));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { http, stop, thread }
    }

    pub(crate) async fn livez(&self) -> String {
        let mut stream = TcpStream::connect(self.http).await.unwrap();
        let request = b"GET /livez HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// Returns how often its threads were held, and what it has logged.
    pub(crate) async fn stop(self) -> (u64, Vec<String>) {
        self.stop.send(()).unwrap();
        let ended = tokio::task::spawn_blocking(|| self.thread.join());
        ended.await.unwrap().unwrap()
    }
}

async fn run(
    config: BotConfig,
    modules: Modules,
    ready: oneshot::Sender<Arc<Health>>,
    stopped: oneshot::Receiver<()>,
) -> u64 {
    let database = Database::sqlite();
    let (db, never) = (database.open().await, std::future::pending());
    let health = Arc::new(Health::new(db.clone()));
    let reported = Arc::clone(&health);
    let starting = App::start(&config, db, modules, Clock::system(), reported, never);
    let app = Box::pin(starting).await.unwrap();
    app.open().await.unwrap();
    assert!(ready.send(health).is_ok());
    stopped.await.unwrap();
    let stalls = app.host().stalls();
    app.shut_down().await;
    stalls
}
