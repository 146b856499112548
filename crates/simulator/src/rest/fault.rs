//! Faults on demand: the next requests of a kind fail.

use serde_json::{Value, json};

use crate::rest::call::{Answer, Call};

/// Which requests fail, how, and how often.
#[derive(Clone, Debug)]
pub struct FaultRule {
    method: Option<String>,
    path: String,
    status: u16,
    body: Value,
    times: u32,
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
        Self {
            method: None,
            path: String::new(),
            status,
            body: json!({ "code": 0, "message": format!("{status}: injected fault") }),
            times: 1,
        }
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

    /// How many requests fail. The default is one.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    fn fits(&self, call: &Call) -> bool {
        let method = self.method.as_ref();
        self.times > 0
            && method.is_none_or(|method| *method == call.method)
            && call.path().contains(&self.path)
    }
}

/// The answer of the first rule that fits, which is then used up by one.
pub(crate) fn strike(rules: &mut Vec<FaultRule>, call: &Call) -> Option<Answer> {
    let rule = rules.iter_mut().find(|rule| rule.fits(call))?;
    rule.times -= 1;
    let answer = Answer {
        status: rule.status,
        body: (rule.status != 204).then(|| rule.body.clone()),
    };
    rules.retain(|rule| rule.times > 0);
    Some(answer)
}
