//! What a task is: its name, when it is due, what it does, and its policies.

use std::{future::Future, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;

use crate::{
    duration::format_duration,
    error::Error,
    outcome::Failure,
    policy::{First, History, Misfire, Overlap, Policy},
    run::Run,
    trigger::{MAX_INTERVAL, Trigger},
};

/// A body or a `before` or `after` hook, without its type.
pub type Body = Arc<dyn Fn(Run) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// An error hook, without its type.
pub type ErrorHook = Arc<dyn Fn(Failure) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// The longest name or scope, in characters.
const LONGEST_NAME: usize = 100;

/// Describes a task; [`Engine::register`](crate::Engine::register) brings it to life.
///
/// Name and scope are the durable key: under them a restarted process finds the task's state again,
/// and renaming a task means to begin a new one.
#[derive(Clone)]
#[must_use = "a spec does nothing until it is registered"]
pub struct TaskSpec {
    pub(crate) name: Arc<str>,
    pub(crate) scope: Arc<str>,
    pub(crate) trigger: Trigger,
    pub(crate) body: Body,
    pub(crate) before: Option<Body>,
    pub(crate) after: Option<Body>,
    pub(crate) on_error: Option<ErrorHook>,
    pub(crate) policy: Policy,
}

impl TaskSpec {
    /// A task that runs `body` whenever `trigger` says. Names are 1 to 100 of `a-z A-Z 0-9 . _ - :`,
    /// by custom `module.task`.
    pub fn new<F>(
        name: impl Into<Arc<str>>,
        trigger: Trigger,
        body: impl Fn(Run) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        Self::erased(name, trigger, erase(body))
    }

    /// As [`new`](Self::new), for a body that has lost its type already.
    pub fn erased(name: impl Into<Arc<str>>, trigger: Trigger, body: Body) -> Self {
        Self {
            name: name.into(),
            scope: "".into(),
            trigger,
            body,
            before: None,
            after: None,
            on_error: None,
            policy: Policy::default(),
        }
    }

    /// One of several tasks of this name, such as `guild:123`. Default: empty, the task exists once.
    pub fn scope(mut self, scope: impl Into<Arc<str>>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Called once when a life begins, before the first run. A life begins with a start or restart,
    /// and for an active task with each start of the process. If it fails, the task is failed.
    pub fn before<F>(mut self, hook: impl Fn(Run) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.before = Some(erase(hook));
        self
    }

    /// Called once when a life has ended, if its `before` succeeded; [`Run::ended`] tells why. Not
    /// repeated after a crash.
    pub fn after<F>(mut self, hook: impl Fn(Run) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.after = Some(erase(hook));
        self
    }

    /// Called for each attempt that failed, and when `before` or `after` failed. What it returns never
    /// changes what happens to the task. Not repeated after a crash.
    pub fn on_error<F>(mut self, hook: impl Fn(Failure) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.on_error = Some(Arc::new(move |failure| Box::pin(hook(failure))));
        self
    }

    /// Attempts for each slot, the first included: 1 to 100, default 3. Only errors that may pass are
    /// retried (see [`Transient`](crate::Transient)), after growing pauses with full jitter (at most
    /// 1 s, 2 s, 4 s … 5 min), never past the next slot. Manual runs are not retried.
    pub fn retry(mut self, attempts: u32) -> Self {
        self.policy.attempts = attempts;
        self
    }

    /// Retries also those errors for which `worth_it` holds. Panics are never retried.
    pub fn retry_if(
        mut self,
        worth_it: impl Fn(&anyhow::Error) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.policy.retry_if = Some(Arc::new(worth_it));
        self
    }

    /// Which runs are recorded. Default: all.
    pub fn history(mut self, history: History) -> Self {
        self.policy.history = history;
        self
    }

    /// What to do about missed slots. Default: one run for the newest.
    pub fn misfire(mut self, misfire: Misfire) -> Self {
        self.policy.misfire = misfire;
        self
    }

    /// What to do about slots that come due while a run is live. Default: skip and count them.
    pub fn overlap(mut self, overlap: Overlap) -> Self {
        self.policy.overlap = overlap;
        self
    }

    /// Missed slots older than this are only counted. Default 24 h; for [`once`](crate::once) no limit.
    pub fn catch_up_window(mut self, window: Duration) -> Self {
        self.policy.catch_up_window = Some(window);
        self
    }

    /// How late a run may begin without its slot counting as missed. Default 1 s; for slots of the wall
    /// clock (`at`, `cron`, `once`) 60 s.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.policy.grace = Some(grace);
        self
    }

    /// Delays each run by chance, uniformly up to this and always to before the next slot: 0 to 10
    /// years, default 0. The slot itself stays, so delays do not add up. Kept over a crash.
    pub fn jitter(mut self, bound: Duration) -> Self {
        self.policy.jitter = bound;
        self
    }

    /// Delays all runs by a share of this that depends on name and scope alone, always to before the
    /// next slot: 0 to 10 years, default 0. Spreads the tasks of a thousand guilds over the time, each
    /// always at the same place.
    pub fn splay(mut self, span: Duration) -> Self {
        self.policy.splay = span;
        self
    }

    /// When the first slot of a life is. Default: on the rhythm of the runs before, else at once.
    pub fn first(mut self, first: First) -> Self {
        self.policy.first = first;
        self
    }

    /// Whether the task is active when it is registered for the very first time. Default true.
    pub fn auto_start(mut self, auto_start: bool) -> Self {
        self.policy.auto_start = auto_start;
        self
    }

    /// After this many failed slots in a row the task is failed and waits for a `start`: at least 1.
    /// Default: never.
    pub fn max_fails(mut self, fails: u32) -> Self {
        self.policy.max_fails = Some(fails);
        self
    }

    /// A run that takes longer than this is ended as a failure: at least 1 ms. Default: no limit.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.policy.timeout = Some(limit);
        self
    }

    /// How long a body that watches for cancellation may take to end by itself. Default 5 s. A body
    /// that never asked for its token ends at its current await.
    pub fn cancel_grace(mut self, grace: Duration) -> Self {
        self.policy.cancel_grace = grace;
        self
    }

    /// After this many successful runs the task is finished: at least 1. Default: never.
    pub fn count(mut self, runs: u64) -> Self {
        self.policy.count = Some(runs);
        self
    }

    /// Whether everything can be used as it stands.
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_name("name", &self.name)?;
        if !self.scope.is_empty() {
            check_name("scope", &self.scope)?;
        }
        self.trigger.check()?;
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
        self.demand(
            policy.misfire != Misfire::All(0),
            "misfire",
            &0,
            "at least 1 slot to make up for",
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

impl std::fmt::Debug for TaskSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TaskSpec")
            .field("name", &self.name)
            .field("scope", &self.scope)
            .field("trigger", &self.trigger)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

fn erase<F>(body: impl Fn(Run) -> F + Send + Sync + 'static) -> Body
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    Arc::new(move |run| Box::pin(body(run)))
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
