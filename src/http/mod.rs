//! What the process serves over HTTP: whether it lives and whether it is ready.

mod health;
mod server;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::Response,
};

pub use health::Health;
pub(crate) use server::Server;

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
