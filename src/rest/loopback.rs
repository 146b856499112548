//! Where serenity sends its requests: a server of this process, for this process.
//!
//! Serenity 0.12 takes another address and another HTTP client, and no layer between the two; while its own
//! limiter is on, it ignores the address. A server on loopback is the one place that every request of commands
//! and modules passes. It lets in who knows its key, which is made anew with each start; serenity is given the
//! key in place of the bot's token.

use std::{io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    http::{Request as HttpRequest, Response, StatusCode, header},
    serve::ListenerExt,
};
use rand::RngExt;
use tokio::{net::TcpListener, runtime::Handle};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::error;

use super::{Answers, Forwarder, answer::Answer, route::Request};

/// Above what Discord takes.
const BODY_MAX: usize = 128 << 20;

/// The running server. Dropping it ends every request that still waits.
pub(crate) struct Loopback {
    address: SocketAddr,
    key: String,
    answers: Answers,
    _stop: DropGuard,
}

struct Inner {
    forwarder: Arc<Forwarder>,
    /// The value of the header that lets in.
    pass: String,
    stop: CancellationToken,
}

impl Loopback {
    pub(crate) async fn start(forwarder: Forwarder) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let key = format!("{:032x}", rand::rng().random::<u128>());
        let stop = CancellationToken::new();
        let forwarder = Arc::new(forwarder);
        let inner = Arc::new(Inner {
            forwarder: Arc::clone(&forwarder),
            pass: format!("Bot {key}"),
            stop: stop.clone(),
        });
        tokio::spawn(serve(listener, inner));
        Ok(Self {
            address,
            key,
            answers: Answers {
                forwarder,
                runtime: Handle::current(),
            },
            _stop: stop.drop_guard(),
        })
    }

    /// The address for `HttpBuilder::proxy`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The answers to interactions, which pass here.
    pub(crate) fn answers(&self) -> Answers {
        self.answers.clone()
    }

    /// What serenity is to take for the bot's token.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

async fn serve(listener: TcpListener, inner: Arc<Inner>) {
    let stopped = inner.stop.clone().cancelled_owned();
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    let router = Router::new().fallback(answer).with_state(inner);
    let served = axum::serve(listener, router).with_graceful_shutdown(stopped);
    if let Err(error) = served.await {
        error!("the way to Discord's REST API ended: {error}");
    }
}

async fn answer(State(inner): State<Arc<Inner>>, request: HttpRequest<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let pass = parts.headers.get(header::AUTHORIZATION);
    if pass.is_none_or(|pass| pass.as_bytes() != inner.pass.as_bytes()) {
        let message = "this address is for the bot itself";
        return respond(Answer::ours(StatusCode::UNAUTHORIZED, message));
    }
    let Ok(body) = to_bytes(body, BODY_MAX).await else {
        let message = format!("a body that is no longer than {BODY_MAX} bytes was expected");
        return respond(Answer::ours(StatusCode::PAYLOAD_TOO_LARGE, &message));
    };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request {
        method: parts.method,
        path: path.to_owned(),
        headers: parts.headers,
        body,
    };
    respond(tokio::select! {
        answer = inner.forwarder.forward(&request) => answer,
        () = inner.stop.cancelled() => {
            Answer::ours(StatusCode::SERVICE_UNAVAILABLE, "the bot is shutting down")
        }
    })
}

fn respond(answer: Answer) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    if let Some(kind) = answer.headers.get(header::CONTENT_TYPE) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, kind.clone());
    }
    response
}
