//! The bots of the process, as `/readyz` tells of them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::health::{Health, Readiness};
use crate::config::{BotName, BotsPolicy};

/// Every bot of the process, in order: one without a name, or several that have one.
pub struct Roster {
    entries: Vec<Arc<Entry>>,
    policy: BotsPolicy,
}

/// One bot, from the start of the process to its end.
pub(crate) struct Entry {
    name: Option<BotName>,
    state: Mutex<State>,
    restarts: AtomicU32,
}

/// What a bot is at.
#[derive(Clone)]
pub(crate) enum State {
    /// It has not begun: the tokens of all are being verified.
    Waiting,
    /// It has begun, and its health tells the rest.
    Up(Arc<Health>),
    /// It has crashed, and is started again at this time.
    Restarting { error: String, at: Instant },
    /// It has ended in order.
    Closed,
    /// It has ended, and is not started again.
    Failed { error: String },
}

/// One of several in the answer of `/readyz`.
#[derive(Serialize)]
struct Told {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_again_in_seconds: Option<u64>,
    /// How often it was started again since the process began.
    restarts: u32,
    #[serde(flatten)]
    readiness: Readiness,
}

impl Roster {
    pub(crate) fn new(
        names: impl IntoIterator<Item = Option<BotName>>,
        policy: BotsPolicy,
    ) -> Self {
        let entries = names.into_iter().map(Entry::new).map(Arc::new);
        Self {
            entries: entries.collect(),
            policy,
        }
    }

    /// A single bot, which has begun.
    pub fn single(health: Arc<Health>) -> Self {
        let roster = Self::new([None], BotsPolicy::All);
        roster.entries[0].set(State::Up(health));
        roster
    }

    pub(crate) fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Whether every bot that should run is ready, and how each is doing.
    pub(super) async fn tell(&self) -> (bool, Value) {
        if let [single] = &*self.entries
            && single.name.is_none()
        {
            let readiness = single.tell().await.readiness;
            return (readiness.ready, json!(readiness));
        }
        let mut told = BTreeMap::new();
        let mut wanted = Vec::new();
        for entry in &self.entries {
            let of_entry = entry.tell().await;
            if self.should_run(&of_entry) {
                wanted.push(of_entry.readiness.ready);
            }
            told.insert(entry.name.as_ref().map_or("", BotName::as_str), of_entry);
        }
        let ready = !wanted.is_empty() && wanted.iter().all(|ready| *ready);
        (ready, json!({ "ready": ready, "bots": told }))
    }

    /// One that has ended in order need not, nor one that has failed where the others may do without it.
    fn should_run(&self, told: &Told) -> bool {
        match told.state {
            CLOSED => false,
            FAILED => self.policy == BotsPolicy::All,
            _ => true,
        }
    }
}

const CLOSED: &str = "closed";
const FAILED: &str = "failed";

impl Entry {
    fn new(name: Option<BotName>) -> Self {
        Self {
            name,
            state: Mutex::new(State::Waiting),
            restarts: AtomicU32::new(0),
        }
    }

    pub(crate) fn set(&self, state: State) {
        *self.state.lock() = state;
    }

    /// It is started again after `pause`.
    pub(crate) fn restart(&self, error: String, pause: Duration) {
        let at = Instant::now() + pause;
        self.restarts.fetch_add(1, Ordering::Relaxed);
        self.set(State::Restarting { error, at });
    }

    async fn tell(&self) -> Told {
        let state = self.state.lock().clone();
        let mut told = Told {
            state: "waiting",
            error: None,
            starts_again_in_seconds: None,
            restarts: self.restarts.load(Ordering::Relaxed),
            readiness: Readiness::default(),
        };
        match state {
            State::Waiting => {}
            State::Up(health) => {
                told.readiness = health.readiness().await;
                let is_open = told.readiness.open;
                told.state = if is_open { "running" } else { "starting" };
            }
            State::Restarting { error, at } => {
                let left = at.saturating_duration_since(Instant::now());
                told.state = "restarting";
                told.starts_again_in_seconds = Some(left.as_secs());
                told.error = Some(error);
            }
            State::Closed => told.state = CLOSED,
            State::Failed { error } => {
                told.state = FAILED;
                told.error = Some(error);
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster(policy: BotsPolicy, states: [State; 2]) -> Roster {
        let names = ["alpha", "beta"].map(|name| BotName::new(name).ok());
        let roster = Roster::new(names, policy);
        let entries = roster.entries.iter().zip(states);
        entries.for_each(|(entry, state)| entry.set(state));
        roster
    }

    fn failed() -> State {
        let error = "the token was refused".to_owned();
        State::Failed { error }
    }

    #[tokio::test]
    async fn each_bot_has_a_section_of_its_own() {
        let roster = roster(BotsPolicy::All, [State::Waiting, failed()]);
        roster.entries[0].restart("it broke".to_owned(), Duration::from_secs(60));
        let (ready, told) = roster.tell().await;
        assert!(!ready && told["ready"] == false, "{told}");
        let (alpha, beta) = (&told["bots"]["alpha"], &told["bots"]["beta"]);
        assert_eq!(alpha["state"], "restarting");
        assert_eq!(
            (&alpha["error"], &alpha["restarts"]),
            (&"it broke".into(), &1.into())
        );
        assert!(
            alpha["starts_again_in_seconds"].as_u64() > Some(50),
            "{told}"
        );
        assert_eq!(
            (&beta["state"], &beta["ready"]),
            (&"failed".into(), &false.into())
        );
    }

    #[tokio::test]
    async fn who_has_ended_is_missed_only_where_all_are_needed() {
        use BotsPolicy::{All, BestEffort};
        let told = |state: &'static str| Told {
            state,
            error: None,
            starts_again_in_seconds: None,
            restarts: 0,
            readiness: Readiness::default(),
        };
        for (policy, state, expected) in [
            (All, CLOSED, false),
            (All, FAILED, true),
            (BestEffort, FAILED, false),
            (BestEffort, "restarting", true),
        ] {
            let roster = roster(policy, [State::Closed, State::Closed]);
            assert_eq!(
                roster.should_run(&told(state)),
                expected,
                "{policy:?} {state}"
            );
            assert!(!roster.tell().await.0, "nobody is there");
        }
    }
}
