//! Every REST request that came in.

use std::collections::VecDeque;

use serde_json::Value;

/// How many requests are kept.
const REQUESTS_KEPT: usize = 10_000;
/// How many bytes of bodies are kept, by estimate. The newest body always is.
const BYTES_KEPT: usize = 64 * 1024 * 1024;

/// A REST request and how it ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// `GET`, `POST`, ...
    pub method: String,
    /// Without the prefix: `channels/1/messages`. Tokens of interactions are in it.
    pub path: String,
    /// `null` when there was none.
    pub body: Value,
    /// The status of the answer.
    pub status: u16,
}

#[derive(Debug, Default)]
pub(crate) struct Journal {
    requests: VecDeque<Request>,
    bytes: usize,
}

impl Journal {
    pub(crate) fn push(&mut self, request: Request) {
        self.bytes += weight(&request.body);
        self.requests.push_back(request);
        let is_too_much = |it: &Self| it.requests.len() > REQUESTS_KEPT || it.bytes > BYTES_KEPT;
        while is_too_much(self) && self.requests.len() > 1 {
            if let Some(oldest) = self.requests.pop_front() {
                self.bytes -= weight(&oldest.body);
            }
        }
    }

    pub(crate) fn all(&self) -> Vec<Request> {
        self.requests.iter().cloned().collect()
    }
}

/// About how many bytes a value takes in memory.
fn weight(value: &Value) -> usize {
    let inner = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(fields) => {
            let fields = fields.iter();
            fields.map(|(key, value)| key.len() + weight(value)).sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + inner
}
