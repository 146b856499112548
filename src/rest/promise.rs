//! First answers to interactions, one at a time, so that the host can promise an answer that somebody else gives.
//!
//! Discord takes one first answer. While the host may be promising one, whatever else is said with the token of the
//! interaction waits; a first answer that comes after a promise is made into what keeps it.

use std::{collections::HashMap, sync::Arc};

use axum::http::{Method, StatusCode};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::{runtime::Handle, sync::MutexGuard};

use super::{Forwarder, answer::Answer, route::Request};

/// See Discord docs/Receiving and Responding.
mod callback {
    pub(super) const MESSAGE: u64 = 4;
    pub(super) const DEFERRED_MESSAGE: u64 = 5;
    pub(super) const DEFERRED_UPDATE: u64 = 6;
    pub(super) const UPDATE: u64 = 7;
    pub(super) const FORM: u64 = 9;
}

/// The flag of a message that one person sees.
const EPHEMERAL: u64 = 64;

const NO_FORM: &str = "a form can only be the first answer, and after 1.5 s without one the host has promised an \
    answer: show the form before anything that takes long";

/// What the host promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// A message.
    Message {
        /// For one person only.
        ephemeral: bool,
    },
    /// Nothing that is seen: the message with the component may change later, and messages may follow.
    Update,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Unanswered,
    Promised(Promise),
    Answered,
}

/// What may be asked with the token of an interaction.
enum Use<'a> {
    First,
    /// What follows the token in the path.
    Later(&'a str),
}

#[derive(Default)]
pub(super) struct Promises(Mutex<HashMap<String, Arc<First>>>);

/// The first answer to one interaction. Whoever holds the lock is the one who speaks to Discord.
struct First {
    state: tokio::sync::Mutex<State>,
    /// The path of everything that is not the first answer.
    webhook: String,
}

/// An interaction that is being handled. Dropping it forgets what was said to it.
pub(crate) struct Open {
    answers: Answers,
    first: Arc<First>,
    token: String,
    callback: String,
}

/// Where answers to interactions pass. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Answers {
    pub(super) forwarder: Arc<Forwarder>,
    /// Where requests are sent, whoever asks for them.
    pub(super) runtime: Handle,
}

impl Answers {
    /// An interaction that is handled from now on.
    pub(crate) fn open(&self, id: u64, application: u64, token: &str) -> Open {
        Open::new(self.clone(), id, application, token)
    }
}

impl Open {
    fn new(answers: Answers, id: u64, application: u64, token: &str) -> Self {
        let first = Arc::new(First {
            state: tokio::sync::Mutex::new(State::Unanswered),
            webhook: format!("/api/v10/webhooks/{application}/{token}"),
        });
        let promises = &answers.forwarder.promises.0;
        promises.lock().insert(token.to_owned(), Arc::clone(&first));
        Self {
            answers,
            first,
            token: token.to_owned(),
            callback: format!("/api/v10/interactions/{id}/{token}/callback"),
        }
    }

    /// Where what concerns the answer runs, so that a module's code does not hold it up.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.answers.runtime
    }

    /// Promises an answer when none was given and `is_wanted` says so; asked while nobody else can answer.
    /// Returns whether something has been answered or promised by now.
    pub(crate) async fn promise(&self, promise: Promise, is_wanted: impl FnOnce() -> bool) -> bool {
        let mut state = self.first.state.lock().await;
        if *state != State::Unanswered || !is_wanted() {
            return *state != State::Unanswered;
        }
        let body = match promise {
            Promise::Message { ephemeral } => {
                let flags = if ephemeral { EPHEMERAL } else { 0 };
                json!({"type": callback::DEFERRED_MESSAGE, "data": {"flags": flags}})
            }
            Promise::Update => json!({"type": callback::DEFERRED_UPDATE}),
        };
        let answer = self.say(Method::POST, self.callback.clone(), &body).await;
        if answer.status.is_success() {
            *state = State::Promised(promise);
        } else if answer.says_already_acknowledged() {
            *state = State::Answered;
        }
        *state != State::Unanswered
    }

    /// Whether anything was answered or promised; waits for what is on its way.
    pub(crate) async fn is_answered(&self) -> bool {
        *self.first.state.lock().await != State::Unanswered
    }

    /// Says `sentence`, to one person where that is still possible, if there was no answer.
    pub(crate) async fn conclude(&self, sentence: &str) {
        let mut state = self.first.state.lock().await;
        let body = json!({"content": sentence, "flags": EPHEMERAL});
        match *state {
            State::Unanswered => {
                let body = json!({"type": callback::MESSAGE, "data": body});
                self.say(Method::POST, self.callback.clone(), &body).await;
            }
            State::Promised(Promise::Message { .. }) => {
                let original = self.first.original();
                let body = json!({"content": sentence});
                self.say(Method::PATCH, original, &body).await;
            }
            State::Promised(Promise::Update) | State::Answered => return,
        }
        *state = State::Answered;
    }

    async fn say(&self, method: Method, path: String, body: &Value) -> Answer {
        let forwarder = Arc::clone(&self.answers.forwarder);
        let request = Request::json(method, path, body);
        let said = self
            .answers
            .runtime
            .spawn(async move { forwarder.carry(&request).await });
        said.await.unwrap_or_else(|_| {
            Answer::ours(StatusCode::SERVICE_UNAVAILABLE, "the bot is shutting down")
        })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let promises = &self.answers.forwarder.promises.0;
        promises.lock().remove(&self.token);
    }
}

impl Forwarder {
    /// Carries a request that may be about an interaction whose answer the host may be promising.
    pub(super) async fn forward(&self, request: &Request) -> Answer {
        let Some((token, what)) = used(&request.path) else {
            return self.carry(request).await;
        };
        let first = self.promises.0.lock().get(token).cloned();
        let Some(first) = first else {
            return self.carry(request).await;
        };
        let state = first.state.lock().await;
        match (what, *state) {
            (Use::First, State::Promised(promise)) => {
                self.keep(&first, state, promise, request).await
            }
            (Use::First, State::Unanswered) => self.answer(state, request).await,
            (Use::Later(rest), State::Promised(promise)) => {
                self.follow(&first, state, promise, request, rest).await
            }
            _ => {
                drop(state);
                self.carry(request).await
            }
        }
    }

    async fn answer(&self, mut state: MutexGuard<'_, State>, request: &Request) -> Answer {
        let answer = self.carry(request).await;
        if answer.status.is_success() || answer.says_already_acknowledged() {
            *state = State::Answered;
        }
        answer
    }

    /// Makes a first answer into what keeps the promise.
    async fn keep(
        &self,
        first: &First,
        mut state: MutexGuard<'_, State>,
        promise: Promise,
        request: &Request,
    ) -> Answer {
        let asked = request.payload().unwrap_or_default();
        let data = asked["data"].clone();
        let kept = match (asked["type"].as_u64(), promise) {
            (Some(callback::DEFERRED_MESSAGE | callback::DEFERRED_UPDATE), _) => {
                return Answer::done();
            }
            (Some(callback::FORM), _) => return Answer::ours(StatusCode::BAD_REQUEST, NO_FORM),
            (Some(callback::MESSAGE), Promise::Update) => {
                request.instead(Method::POST, first.webhook.clone(), &data)
            }
            (Some(callback::MESSAGE), Promise::Message { ephemeral }) => {
                if !ephemeral && is_ephemeral(&data) {
                    self.take_back(first).await;
                    request.instead(Method::POST, first.webhook.clone(), &data)
                } else {
                    request.instead(Method::PATCH, first.original(), &edit(data))
                }
            }
            (Some(callback::UPDATE), _) => {
                request.instead(Method::PATCH, first.original(), &edit(data))
            }
            _ => return self.carry(request).await,
        };
        let answer = self.carry(&kept).await;
        if !answer.status.is_success() {
            return answer;
        }
        *state = State::Answered;
        Answer::done()
    }

    /// The first message after a promise keeps it, and Discord shows it to whom the promise was shown.
    async fn follow(
        &self,
        first: &First,
        mut state: MutexGuard<'_, State>,
        promise: Promise,
        request: &Request,
        rest: &str,
    ) -> Answer {
        let is_message = rest.is_empty() && request.method == Method::POST;
        let is_public = promise == Promise::Message { ephemeral: false };
        if is_message && is_public && request.payload().is_some_and(|it| is_ephemeral(&it)) {
            self.take_back(first).await;
        }
        let answer = self.carry(request).await;
        let keeps = is_message || rest == "/messages/@original" && request.method != Method::GET;
        if keeps && answer.status.is_success() {
            *state = State::Answered;
        }
        answer
    }

    /// So that what one person may see is not shown to all.
    async fn take_back(&self, first: &First) {
        let request = Request::json(Method::DELETE, first.original(), &Value::Null);
        self.carry(&request).await;
    }
}

impl First {
    fn original(&self) -> String {
        format!("{}/messages/@original", self.webhook)
    }
}

fn is_ephemeral(message: &Value) -> bool {
    message["flags"].as_u64().unwrap_or(0) & EPHEMERAL != 0
}

/// The same message as an edit: what only a new one can have is left out.
fn edit(mut message: Value) -> Value {
    let flags = message["flags"].as_u64().unwrap_or(0) & !EPHEMERAL;
    if let Some(message) = message.as_object_mut() {
        message.remove("tts");
        message.remove("flags");
        if flags != 0 {
            message.insert("flags".to_owned(), flags.into());
        }
    }
    message
}

/// The token that a path names, and what for.
fn used(path: &str) -> Option<(&str, Use<'_>)> {
    let path = path.split('?').next().unwrap_or_default();
    let named = path.split_once("/interactions/");
    let (_, named) = named.or_else(|| path.split_once("/webhooks/"))?;
    let (_, path) = named.split_once('/')?;
    let end = path.find('/').unwrap_or(path.len());
    let (token, rest) = path.split_at(end);
    Some(match rest {
        "/callback" => (token, Use::First),
        rest => (token, Use::Later(rest)),
    })
}
