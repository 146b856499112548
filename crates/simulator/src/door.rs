//! Who may come in: bots and tools, and pages that this server itself served, if any; no page of another site.
//!
//! A browser lets any page send requests here. It tells in `Origin` whose page that is, and in `Host` under
//! which name it reached this server: a name that is not ours is one that somebody made point here.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{self, AsHeaderName, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The hosts under which this server is known.
#[derive(Debug)]
pub(crate) struct Door {
    bound: IpAddr,
    advertised: Option<String>,
}

impl Door {
    /// Loopback counts always, then the address that is listened on and the host that clients are told.
    /// Where every address is listened on, any counts: only names can be made to point here.
    pub(crate) fn new(bound: IpAddr, advertised: Option<&str>) -> Self {
        Self {
            bound,
            advertised: advertised.map(plain),
        }
    }

    fn knows(&self, authority: &str) -> bool {
        let host = plain(host_of(authority));
        let is_local = host == "localhost" || host.ends_with(".localhost");
        is_local
            || self.advertised.as_ref() == Some(&host)
            || host.parse().is_ok_and(|address| self.listens_on(address))
    }

    fn listens_on(&self, address: IpAddr) -> bool {
        address.is_loopback() || address == self.bound || self.bound.is_unspecified()
    }

    fn check(&self, request: &Request) -> Result<(), Refusal> {
        let headers = request.headers();
        let named = headers.get_all(header::HOST).iter().map(text);
        let asked = request.uri().authority().map(|it| it.as_str());
        if let Some(host) = named.chain(asked).find(|it| !self.knows(it)) {
            return Err(Refusal::host(host));
        }
        let own = text_of(headers, header::HOST).or(asked);
        let mut origins = headers.get_all(header::ORIGIN).iter().map(text);
        if let Some(origin) = origins.find(|it| own.is_none() || authority_of(it) != own) {
            return Err(Refusal::origin(origin, own));
        }
        if request.uri().path().starts_with("/_sim") && !is_json(request) {
            let kind = text_of(headers, header::CONTENT_TYPE).unwrap_or("none");
            return Err(Refusal::kind(kind));
        }
        Ok(())
    }
}

/// Refuses what comes from elsewhere; whatever is answered is of the kind that it says, nothing else.
pub(crate) async fn guard(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let mut response = match door.check(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let nosniff = HeaderValue::from_static("nosniff");
    response
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    response
}

struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    fn host(host: &str) -> Self {
        let expected = "expected a loopback one, the address listened on, or that of --host";
        Self {
            status: StatusCode::FORBIDDEN,
            message: format!("403: Forbidden: found the host {host:?}, {expected}"),
        }
    }

    fn origin(origin: &str, own: Option<&str>) -> Self {
        let expected = match own {
            Some(own) => format!("expected none, or \"http://{own}\""),
            None => "expected none where no host is named".to_owned(),
        };
        Self {
            status: StatusCode::FORBIDDEN,
            message: format!("403: Forbidden: found the origin {origin:?}, {expected}"),
        }
    }

    fn kind(kind: &str) -> Self {
        let message = "415: Unsupported Media Type: found the content type";
        Self {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            message: format!("{message} {kind:?}, expected \"application/json\""),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "message": self.message, "code": 0 });
        (self.status, Json(body)).into_response()
    }
}

/// Whether a request that changes something says that its body is JSON, or has none.
fn is_json(request: &Request) -> bool {
    let headers = request.headers();
    let length = text_of(headers, header::CONTENT_LENGTH);
    let is_empty =
        matches!(length, None | Some("0")) && !headers.contains_key(header::TRANSFER_ENCODING);
    let kind = text_of(headers, header::CONTENT_TYPE).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    *request.method() == Method::GET || is_empty || kind.eq_ignore_ascii_case("application/json")
}

fn text_of(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name).map(text)
}

/// A value that is no text is like none that is known.
fn text(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or("?")
}

/// Host and port of an origin; `None` for that of a page without one, which is `null`.
fn authority_of(origin: &str) -> Option<&str> {
    let http = origin.strip_prefix("http://");
    http.or_else(|| origin.strip_prefix("https://"))
}

/// The host, without a port and without the brackets of an IPv6 address.
fn host_of(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    authority.split(':').next().unwrap_or(authority)
}

/// As it is compared: without the brackets of an IPv6 address, which `--host` may have, and a last dot.
fn plain(host: &str) -> String {
    let inner = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let host = inner.unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(bound: &str, advertised: Option<&str>) -> Door {
        Door::new(bound.parse().unwrap(), advertised)
    }

    #[test]
    fn a_host_is_loopback_or_what_this_server_is_called() {
        let known = [
            ("127.0.0.1", None, "127.0.0.1:4000"),
            ("127.0.0.1", None, "127.8.8.8"),
            ("127.0.0.1", None, "LocalHost.:4000"),
            ("127.0.0.1", None, "discord.localhost:4000"),
            ("::1", None, "[::1]:4000"),
            ("10.0.0.7", None, "10.0.0.7:4000"),
            ("10.0.0.7", Some("sim.test"), "SIM.test:4000"),
            ("0.0.0.0", Some("[fd00::7]"), "[fd00::7]:4000"),
            ("0.0.0.0", None, "192.168.0.3:4000"),
            ("::", None, "[fd00::8]:4000"),
        ];
        for (bound, advertised, host) in known {
            assert!(door(bound, advertised).knows(host), "{host} at {bound}");
        }
        let foreign = [
            ("127.0.0.1", None, "evil.test:4000"),
            ("127.0.0.1", None, "localhost.evil.test"),
            ("127.0.0.1", None, "evil-localhost"),
            ("127.0.0.1", None, "evil@localhost"),
            ("127.0.0.1", None, "127.0.0.1.evil.test"),
            ("127.0.0.1", None, "10.0.0.7:4000"),
            ("0.0.0.0", Some("sim.test"), "evil.test"),
            ("0.0.0.0", None, "sim.test"),
            ("127.0.0.1", None, ""),
        ];
        for (bound, advertised, host) in foreign {
            assert!(!door(bound, advertised).knows(host), "{host} at {bound}");
        }
    }
}
