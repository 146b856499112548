//! Faults on demand: the next requests of a kind fail.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::rest::call::{Answer, Call};

/// Seconds that a client is told to wait with a 429.
const RETRY_AFTER: f64 = 0.5;

/// Whom a 429 is about, as its `X-RateLimit-Scope` says.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The bot, on this route.
    #[default]
    User,
    /// The bot, on all routes.
    Global,
    /// Everybody who asks for this resource.
    Shared,
}

impl Scope {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Global => "global",
            Self::Shared => "shared",
        }
    }
}

/// Which requests fail, how, and how often.
#[derive(Clone, Debug)]
pub struct FaultRule {
    method: Option<String>,
    path: String,
    /// `None` for an answer that is only late.
    status: Option<u16>,
    body: Value,
    times: u32,
    is_carried_out: bool,
    /// Real time.
    delay: Duration,
    scope: Scope,
}

impl FaultRule {
    /// The next request is answered with this status and an error of the same number.
    ///
    /// # Panics
    /// When `status` is not an HTTP status, 200 to 599.
    pub fn new(status: u16) -> Self {
        assert!(
            (200..600).contains(&status),
            "{status} is no HTTP status: expected 200 to 599"
        );
        let mut body = json!({ "code": 0, "message": format!("{status}: injected fault") });
        if status == 429 {
            body["retry_after"] = json!(RETRY_AFTER);
            body["global"] = json!(false);
        }
        Self {
            status: Some(status),
            body,
            ..Self::late(Duration::ZERO)
        }
    }

    /// The next request is answered as always, but so much real time later.
    pub const fn late(delay: Duration) -> Self {
        Self {
            method: None,
            path: String::new(),
            status: None,
            body: Value::Null,
            times: 1,
            is_carried_out: false,
            delay,
            scope: Scope::User,
        }
    }

    /// Waits so much real time before the answer.
    #[must_use]
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Says of a 429 whom it is about. Default: the bot, on this route.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        if self.body.is_object() {
            self.body["global"] = json!(scope == Scope::Global);
        }
        self
    }

    /// Answers with this error code of Discord's, and with this message in the place of the usual.
    #[must_use]
    pub fn error(mut self, code: u32, message: Option<&str>) -> Self {
        if self.body.is_object() {
            self.body["code"] = json!(code);
        }
        if let Some(message) = message.filter(|_| self.body.is_object()) {
            self.body["message"] = json!(message);
        }
        self
    }

    /// Only requests with this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only requests whose path, without the prefix, contains this.
    #[must_use]
    pub fn path(mut self, part: &str) -> Self {
        part.clone_into(&mut self.path);
        self
    }

    /// Answers with this body.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = body;
        self
    }

    /// Carries the request out all the same, as when only the answer is lost.
    #[must_use]
    pub const fn carried_out(mut self) -> Self {
        self.is_carried_out = true;
        self
    }

    /// How many requests fail. The default is one.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// As `/_sim/faults` lists it.
    pub(crate) fn object(&self) -> Value {
        json!({
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "body": self.body,
            "times": self.times,
            "carried_out": self.is_carried_out,
            "delay_ms": u64::try_from(self.delay.as_millis()).unwrap_or(u64::MAX),
            "scope": (self.status == Some(429)).then(|| self.scope.name()),
        })
    }

    fn fits(&self, call: &Call) -> bool {
        let method = self.method.as_ref();
        self.times > 0
            && method.is_none_or(|method| *method == call.method)
            && call.path().contains(&self.path)
    }
}

/// What becomes of a request that a rule fits.
#[derive(Clone, Debug)]
pub(crate) struct Struck {
    pub(crate) delay: Duration,
    /// Whether the request has its effect all the same.
    pub(crate) is_carried_out: bool,
    pub(crate) scope: Scope,
    /// `None` when it is answered as always.
    pub(crate) answer: Option<Answer>,
}

/// What the first rule that fits does, which is then used up by one.
pub(crate) fn strike(rules: &mut Vec<FaultRule>, call: &Call) -> Option<Struck> {
    let rule = rules.iter_mut().find(|rule| rule.fits(call))?;
    rule.times -= 1;
    let answer = rule.status.map(|status| Answer {
        status,
        body: (status != 204).then(|| rule.body.clone()),
    });
    let (delay, is_carried_out, scope) = (rule.delay, rule.is_carried_out, rule.scope);
    rules.retain(|rule| rule.times > 0);
    Some(Struck {
        delay,
        is_carried_out,
        scope,
        answer,
    })
}
