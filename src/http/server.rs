//! Carries connections, and owes nobody anything: each brings one request, in good time, and gives way to a
//! newer one when there are many.

use std::{collections::VecDeque, io, time::Duration};

use axum::{Router, serve::Listener};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info};

/// A probe sends the head of its request at once.
const HEAD: Duration = Duration::from_secs(5);
/// From the first byte of a request to the last one of its answer.
const EXCHANGE: Duration = Duration::from_secs(15);
/// How long an answer that is under way is waited for in the end.
const FAREWELL: Duration = Duration::from_secs(1);
/// Probes are few and short: whoever holds on to a connection among so many is none.
const MOST_CONNECTIONS: usize = 64;
/// The least that hyper allows, and enough for the head of a probe.
const BUFFER: usize = 8 * 1024;

/// A running server.
pub(crate) struct Server {
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Server {
    /// Begins to serve `routes` on the runtime that it is called on.
    pub(crate) fn start(listener: TcpListener, routes: Router) -> io::Result<Self> {
        info!("health at http://{}/readyz", listener.local_addr()?);
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, routes, stop.clone()));
        Ok(Self { stop, serving })
    }

    /// Takes no more connections, and ends those that are there after a second at the latest.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.serving.await {
            error!("the HTTP server failed: {error}");
        }
    }
}

async fn serve(mut listener: TcpListener, routes: Router, stop: CancellationToken) {
    let mut connections = Connections::default();
    loop {
        let (stream, _) = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = Listener::accept(&mut listener) => accepted,
        };
        connections.add(tokio::spawn(carry(stream, routes.clone())));
    }
    drop(listener);
    connections.end().await;
}

/// One request and its answer.
async fn carry(stream: TcpStream, routes: Router) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .keep_alive(false)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    match timeout(EXCHANGE, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => debug!("an HTTP request failed: {error}"),
        Err(_) => debug!("an HTTP request took longer than {EXCHANGE:?} and was cut off"),
    }
}

/// Those that are open, oldest first.
#[derive(Default)]
struct Connections(VecDeque<JoinHandle<()>>);

impl Connections {
    fn add(&mut self, connection: JoinHandle<()>) {
        self.0.retain(|connection| !connection.is_finished());
        if self.0.len() >= MOST_CONNECTIONS
            && let Some(oldest) = self.0.pop_front()
        {
            debug!("{MOST_CONNECTIONS} HTTP connections are open: the oldest is cut off");
            oldest.abort();
        }
        self.0.push_back(connection);
    }

    async fn end(mut self) {
        let ended = futures_util::future::join_all(&mut self.0);
        if timeout(FAREWELL, ended).await.is_err() {
            self.0.iter().for_each(JoinHandle::abort);
        }
    }
}
