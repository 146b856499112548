//! Every REST request that came in.

use std::collections::VecDeque;

use serde_json::Value;

/// How many requests are kept.
const REQUESTS_KEPT: usize = 10_000;

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
}

impl Journal {
    pub(crate) fn push(&mut self, request: Request) {
        self.requests.push_back(request);
        if self.requests.len() > REQUESTS_KEPT {
            self.requests.pop_front();
        }
    }

    pub(crate) fn all(&self) -> Vec<Request> {
        self.requests.iter().cloned().collect()
    }
}
