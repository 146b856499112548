//! Whether a task can be used as it is described.

use super::TaskSpec;
use crate::{
    duration::format_duration,
    error::Error,
    policy::{History, Misfire, OnCrash, Overlap},
    trigger::{MAX_INTERVAL, Trigger},
};

/// The longest name or scope, in characters.
const LONGEST_NAME: usize = 100;

impl TaskSpec {
    /// Whether everything can be used as it stands.
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_name("name", &self.name)?;
        if !self.scope.is_empty() || self.is_member {
            check_name("scope", &self.scope)?;
        }
        self.trigger.check()?;
        self.chosen.as_ref().map_or(Ok(()), Trigger::check)?;
        if let Some(Err(error)) = &self.payload {
            return Err(error.clone());
        }
        let policy = &self.policy;
        self.demand(
            (1..=100).contains(&policy.attempts),
            "retry",
            &policy.attempts,
            "1 to 100 attempts",
        )?;
        self.demand(policy.count != Some(0), "count", &0, "at least 1 run")?;
        self.demand(
            policy.max_fails != Some(0),
            "max_fails",
            &0,
            "at least 1 failure",
        )?;
        let timeout = policy.timeout.map_or(1, |limit| limit.as_millis());
        self.demand(timeout > 0, "timeout", &timeout, "at least 1 ms")?;
        let within = policy.expect_within.map_or(1, |limit| limit.as_millis());
        self.demand(within > 0, "expect_within", &within, "at least 1 ms")?;
        self.demand(
            policy.misfire != Misfire::All(0),
            "misfire",
            &0,
            "at least 1 slot to make up for",
        )?;
        let is_known = policy.on_crash == OnCrash::Skip || policy.history == History::All;
        self.demand(
            is_known,
            "on_crash",
            &"redo",
            "a history of all runs, which tells what a crash cut off",
        )?;
        self.check_slots()
    }

    fn check_slots(&self) -> Result<(), Error> {
        let policy = &self.policy;
        for (what, delay) in [("jitter", policy.jitter), ("splay", policy.splay)] {
            let given = format_duration(delay);
            self.demand(delay <= MAX_INTERVAL, what, &given, "at most 10 years")?;
        }
        let (fits, given, expected) = match policy.overlap {
            Overlap::Queue(most) => (most >= 1, most, "a queue of at least 1"),
            Overlap::Allow(most) => (most >= 2, most, "at least 2 runs at once"),
            Overlap::Skip | Overlap::Replace => return Ok(()),
        };
        self.demand(fits, "overlap", &given, expected)
    }

    fn demand(
        &self,
        holds: bool,
        what: &'static str,
        given: &dyn ToString,
        expected: &'static str,
    ) -> Result<(), Error> {
        let task = self.name.clone();
        let given = given.to_string();
        holds.then_some(()).ok_or(Error::BadPolicy {
            task,
            what,
            given,
            expected,
        })
    }
}

fn check_name(what: &'static str, given: &str) -> Result<(), Error> {
    let fits = (1..=LONGEST_NAME).contains(&given.len());
    let is_plain = given
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"._-:".contains(&b));
    (fits && is_plain)
        .then_some(())
        .ok_or_else(|| Error::BadName {
            what,
            given: given.to_owned(),
        })
}
