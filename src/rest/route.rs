//! What a request is about, as far as limits and repetitions depend on it.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, Method, header::CONTENT_TYPE},
};
use serde_json::Value;

/// A request as serenity made it, to be sent as often as need be.
pub(super) struct Request {
    pub(super) method: Method,
    /// From `/api` on, with the query.
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Request {
    /// A request of our own; without a body for `null`.
    pub(super) fn json(method: Method, path: String, body: &Value) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = if body.is_null() {
            Bytes::new()
        } else {
            body.to_string().into()
        };
        Self {
            method,
            path,
            headers,
            body,
        }
    }

    /// What it says, files aside.
    pub(super) fn payload(&self) -> Option<Value> {
        let said = if self.is_form() {
            payload(&self.body)?
        } else {
            &self.body[..]
        };
        serde_json::from_slice(said).ok()
    }

    /// Another request, which says `said` and has the same files.
    pub(super) fn instead(&self, method: Method, path: String, said: &Value) -> Self {
        let body = if self.is_form() {
            replaced(&self.body, &said.to_string())
        } else {
            said.to_string().into()
        };
        Self {
            method,
            path,
            headers: self.headers.clone(),
            body,
        }
    }

    fn is_form(&self) -> bool {
        let kind = self.headers.get(CONTENT_TYPE);
        kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"))
    }
}

/// A form with another `payload_json`.
fn replaced(form: &Bytes, said: &str) -> Bytes {
    let Some(payload) = payload(form) else {
        return form.clone();
    };
    let start = payload.as_ptr() as usize - form.as_ptr() as usize;
    let rest = &form[start + payload.len()..];
    [&form[..start], said.as_bytes(), rest].concat().into()
}

/// The route of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) method: Method,
    /// The path without query and secrets; ids that do not name a bucket's resource read `{id}`.
    pub(super) path: String,
    /// The first answer to an interaction: it has no limit, and 3 s.
    pub(super) is_callback: bool,
    /// Whether the request may be sent again though an earlier one may have been carried out.
    ///
    /// Everything but POST sets or removes something and may be; of POST what opens a direct message, says that
    /// the bot is typing, answers an interaction, or carries a nonce by which Discord knows repetitions.
    pub(super) is_repeatable: bool,
}

impl Route {
    pub(super) fn of(request: &Request) -> Self {
        let path = request.path.split('?').next().unwrap_or_default();
        let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
        let parts = match &parts[..] {
            ["api", version, rest @ ..] if is_version(version) => rest,
            ["api", rest @ ..] => rest,
            rest => rest,
        };
        let is_callback = matches!(parts, ["interactions", _, _, "callback"]);
        let is_repeatable = request.method != Method::POST
            || is_callback
            || matches!(
                parts,
                ["users", "@me", "channels"] | ["channels", _, "typing"]
            )
            || matches!(parts, ["channels", _, "messages"]) && has_nonce(request);
        Self {
            method: request.method.clone(),
            path: shape(parts),
            is_callback,
            is_repeatable,
        }
    }

    /// Whether the limit of all requests of a bot counts it.
    pub(super) fn counts_globally(&self) -> bool {
        !self.is_callback && !self.path.starts_with("webhooks/")
    }

    /// Whether somebody waits for it who has just used a command or a component: its first answer, and what follows.
    pub(super) fn answers_interaction(&self) -> bool {
        let is_webhook = self.path.starts_with("webhooks/");
        self.is_callback || is_webhook && self.path.matches('/').count() >= 2
    }

    /// Whether, sent again, it is answered with 404 when it was carried out the first time. Only the deletion of a
    /// channel is answered with more than that it is done.
    pub(super) fn leaves_nothing(&self) -> bool {
        let is_channel = self.path.starts_with("channels/") && self.path.matches('/').count() == 1;
        self.method == Method::DELETE && !is_channel
    }
}

fn is_version(part: &str) -> bool {
    part.strip_prefix('v')
        .is_some_and(|digits| digits.parse::<u32>().is_ok())
}

/// Buckets are told apart by channel, guild, or webhook and its token. See Discord docs/Rate Limits.
fn shape(parts: &[&str]) -> String {
    let kind = parts.first().copied().unwrap_or_default();
    let is_major = ["channels", "guilds", "webhooks"].contains(&kind);
    let has_token = ["interactions", "webhooks"].contains(&kind);
    let shaped = parts.iter().enumerate().map(|(index, part)| match index {
        1 if is_major => (*part).to_owned(),
        2 if has_token => hidden(part),
        _ if is_id(part) => "{id}".to_owned(),
        _ => (*part).to_owned(),
    });
    // What follows is an emoji, and who gave it: all reactions of a channel are one bucket.
    let end = match parts {
        ["channels", _, "messages", _, "reactions", ..] => 5,
        _ => parts.len(),
    };
    shaped.take(end).collect::<Vec<_>>().join("/")
}

fn is_id(part: &str) -> bool {
    part.len() >= 15 && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Tells tokens apart without showing them: routes are logged. There are 65,536 such names, since the limiter
/// remembers each for ever; the few tokens of a moment that share one wait for each other.
fn hidden(token: &str) -> String {
    let mut hasher = DefaultHasher::new();
    token.hash(&mut hasher);
    format!("{:04x}", hasher.finish() >> 48)
}

fn has_nonce(request: &Request) -> bool {
    let body = request.payload();
    body.is_some_and(|body| body["enforce_nonce"] == true && !body["nonce"].is_null())
}

/// The part `payload_json` of a form.
fn payload(form: &[u8]) -> Option<&[u8]> {
    let named = after(form, b"name=\"payload_json\"")?;
    let text = after(named, b"\r\n\r\n")?;
    let end = text.windows(4).position(|bytes| bytes == b"\r\n--")?;
    Some(&text[..end])
}

fn after<'a>(text: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    let at = text.windows(mark.len()).position(|bytes| bytes == mark)?;
    Some(&text[at + mark.len()..])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn route(method: Method, path: &str, body: &str) -> Route {
        Route::of(&Request {
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        })
    }

    #[test]
    fn a_bucket_is_named_by_its_resource_and_never_by_a_secret() {
        for (path, expected) in [
            ("/api/v10/applications/@me", "applications/@me"),
            ("/api/v10", ""),
            ("/api", ""),
            ("/", ""),
            (
                "/api/v10/channels/100000000000000001/messages/100000000000000002?x=1",
                "channels/100000000000000001/messages/{id}",
            ),
            (
                "/api/channels/100000000000000001/messages/100000000000000002/reactions/%F0/@me",
                "channels/100000000000000001/messages/{id}/reactions",
            ),
            (
                "/api/v10/guilds/100000000000000001/members/100000000000000002",
                "guilds/100000000000000001/members/{id}",
            ),
        ] {
            assert_eq!(route(Method::GET, path, "").path, expected);
        }
        for path in [
            "/api/v10/webhooks/100000000000000001/s3cret/messages/@original",
            "/api/v10/interactions/100000000000000001/s3cret/callback",
        ] {
            assert!(!route(Method::POST, path, "").path.contains("s3cret"));
        }
    }

    #[test]
    fn the_buckets_of_all_interactions_ever_are_a_bounded_number() {
        let path = |token| format!("/api/v10/webhooks/100000000000000001/t{token}");
        let paths = (0..200_000).map(|token| route(Method::POST, &path(token), "").path);
        let paths: BTreeSet<_> = paths.collect();
        assert!((50_000..=65_536).contains(&paths.len()), "{}", paths.len());
    }

    #[test]
    fn a_deletion_leaves_nothing_and_a_channels_is_answered_with_the_channel() {
        for (method, path, expected) in [
            (Method::DELETE, "/api/v10/channels/1/messages/2", true),
            (Method::DELETE, "/api/v10/guilds/1/bans/2", true),
            (Method::DELETE, "/api/v10/channels/1", false),
            (Method::PATCH, "/api/v10/channels/1/messages/2", false),
        ] {
            assert_eq!(route(method, path, "").leaves_nothing(), expected, "{path}");
        }
    }

    #[test]
    fn only_callbacks_and_what_has_the_token_of_a_webhook_answers_interactions() {
        for (path, expected) in [
            ("/api/v10/interactions/1/t/callback", true),
            ("/api/v10/webhooks/1/t", true),
            ("/api/v10/webhooks/1/t/messages/@original", true),
            ("/api/v10/webhooks/1", false),
            ("/api/v10/channels/1/messages", false),
            ("/api/v10/guilds/1/members", false),
        ] {
            let route = route(Method::POST, path, "");
            assert_eq!(route.answers_interaction(), expected, "{path}");
        }
    }

    #[test]
    fn only_what_does_no_harm_twice_is_repeatable() {
        let messages = "/api/v10/channels/1/messages";
        let cases = [
            (Method::GET, "/api/v10/gateway/bot", "", true),
            (Method::PUT, "/api/v10/applications/1/commands", "[]", true),
            (Method::DELETE, "/api/v10/channels/1/messages/2", "", true),
            (
                Method::PATCH,
                "/api/v10/webhooks/1/t/messages/@original",
                "{}",
                true,
            ),
            (Method::POST, messages, r#"{"content":"a"}"#, false),
            (
                Method::POST,
                messages,
                r#"{"nonce":"7","enforce_nonce":false}"#,
                false,
            ),
            (
                Method::POST,
                messages,
                r#"{"nonce":"7","enforce_nonce":true}"#,
                true,
            ),
            (Method::POST, "/api/v10/channels/1/typing", "", true),
            (Method::POST, "/api/v10/users/@me/channels", "{}", true),
            (
                Method::POST,
                "/api/v10/interactions/1/t/callback",
                "{}",
                true,
            ),
            (Method::POST, "/api/v10/webhooks/1/t", "{}", false),
            (Method::POST, "/api/v10/guilds/1/roles", "{}", false),
        ];
        for (method, path, body, expected) in cases {
            let route = route(method, path, body);
            assert_eq!(route.is_repeatable, expected, "{route:?}");
        }
    }

    #[test]
    fn the_nonce_of_a_message_with_files_is_found() {
        let form = concat!(
            "--x\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n",
            "{\"nonce\":\"7\",\"enforce_nonce\":true}\r\n--x--\r\n"
        );
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            "multipart/form-data; boundary=x".parse().unwrap(),
        );
        let request = Request {
            method: Method::POST,
            path: "/api/v10/channels/1/messages".to_owned(),
            headers,
            body: Bytes::from_static(form.as_bytes()),
        };
        assert!(Route::of(&request).is_repeatable);
    }
}
