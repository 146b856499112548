//! What the process serves over HTTP: whether it lives and whether it is ready.

mod health;

use std::{io, sync::Arc};

use axum::{
    Router,
    http::{HeaderValue, header},
    response::Response,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

pub use health::Health;

/// The routes, testable without a port.
pub fn router(health: Arc<Health>) -> Router {
    health::routes(health).layer(axum::middleware::map_response(nosniff))
}

/// No browser may take an answer for something else than it says it is.
async fn nosniff(mut response: Response) -> Response {
    let nosniff = HeaderValue::from_static("nosniff");
    response
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    response
}

/// A running server.
pub(crate) struct Server {
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start(listener: TcpListener, health: Arc<Health>) -> io::Result<Self> {
        info!("health at http://{}/readyz", listener.local_addr()?);
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move {
            let serve = axum::serve(listener, router(health));
            if let Err(error) = serve.with_graceful_shutdown(stopped).await {
                error!("the HTTP server ended: {error}");
            }
        });
        Ok(Self { stop, serving })
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.serving.await {
            error!("the HTTP server failed: {error}");
        }
    }
}
