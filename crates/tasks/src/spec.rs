//! What a task is: its name, when it is due, what it does, and its policies.

mod adopted;
mod check;
mod policies;

use std::{future::Future, sync::Arc};

use futures_util::future::BoxFuture;
use serde::Serialize;

use crate::{
    error::Error, gate::Gate, outcome::Failure, payload::Carried, policy::Policy, run::Run,
    trigger::Trigger,
};

/// A body or a `before` or `after` hook, without its type.
pub type Body = Arc<dyn Fn(Run) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// A body that blocks its thread, without its type.
pub type BlockingBody = Arc<dyn Fn(Run) -> anyhow::Result<()> + Send + Sync>;

/// An error hook, without its type.
pub type ErrorHook = Arc<dyn Fn(Failure) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

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
    pub(crate) code: Code,
    pub(crate) before: Option<Body>,
    pub(crate) after: Option<Body>,
    pub(crate) on_error: Option<ErrorHook>,
    pub(crate) policy: Policy,
    pub(crate) gates: Vec<Gate>,
    /// Closed while there is nothing to do.
    pub(crate) work: Vec<Gate>,
    /// What else is closed while a member of the family of this scope has nothing to do.
    pub(crate) work_of: Option<WorkOf>,
    /// What the code says that the task carries; nothing said keeps what is stored.
    pub(crate) payload: Option<Result<Option<Arc<str>>, Error>>,
    /// The trigger of a member of a family, when it has one of its own.
    pub(crate) chosen: Option<Trigger>,
    pub(crate) is_member: bool,
    /// Whether it stands for a row whose code is not here.
    pub(crate) is_adopted: bool,
}

pub(crate) type WorkOf = Arc<dyn Fn(&str) -> Option<Gate> + Send + Sync>;

/// What is called for each attempt.
#[derive(Clone)]
pub(crate) struct Code {
    pub(crate) work: Work,
    pub(crate) before_each: Option<Body>,
    pub(crate) after_each: Option<Body>,
}

#[derive(Clone)]
pub(crate) enum Work {
    Async(Body),
    Blocking(BlockingBody),
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
        Self::of(name.into(), trigger, Work::Async(body))
    }

    /// A task whose body blocks: it reads files, computes, calls code that is not async. It is called on
    /// a thread of its own; as many at once as
    /// [`blocking_threads`](crate::EngineBuilder::blocking_threads) says, others wait.
    ///
    /// Nobody can end a thread: a run that is cancelled or too slow is told so
    /// ([`Run::is_cancelled`]), and is live, for the overlap policy too, until the body returns.
    pub fn blocking(
        name: impl Into<Arc<str>>,
        trigger: Trigger,
        body: impl Fn(Run) -> anyhow::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::of(name.into(), trigger, Work::Blocking(Arc::new(body)))
    }

    /// A member of the family that this describes.
    pub(crate) fn member(
        &self,
        scope: Arc<str>,
        chosen: Option<Trigger>,
        payload: Option<Arc<str>>,
    ) -> Self {
        Self {
            work: self.work_in(&scope),
            scope,
            chosen,
            payload: Some(Ok(payload)),
            is_member: true,
            ..self.clone()
        }
    }

    fn work_in(&self, scope: &str) -> Vec<Gate> {
        let own = self.work_of.as_ref().and_then(|work_of| work_of(scope));
        self.work.iter().cloned().chain(own).collect()
    }

    /// A member of the family that this describes, as it was stored.
    pub(crate) fn known_member(&self, scope: Arc<str>) -> Self {
        Self {
            work: self.work_in(&scope),
            scope,
            payload: None,
            is_member: true,
            ..self.clone()
        }
    }

    fn of(name: Arc<str>, trigger: Trigger, work: Work) -> Self {
        Self {
            name,
            scope: "".into(),
            trigger,
            code: Code {
                work,
                before_each: None,
                after_each: None,
            },
            before: None,
            after: None,
            on_error: None,
            policy: Policy::default(),
            gates: Vec::new(),
            work: Vec::new(),
            work_of: None,
            payload: None,
            chosen: None,
            is_member: false,
            is_adopted: false,
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One of several tasks of this name, such as `guild:123`. Default: empty, the task exists once.
    pub fn scope(mut self, scope: impl Into<Arc<str>>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Waits while `gate` is closed, besides any other gates. Default: no gate.
    pub fn needs(mut self, gate: &Gate) -> Self {
        self.gates.push(gate.clone());
        self
    }

    /// Has nothing to do while `work` is closed: slots pass without a run, are neither missed nor counted,
    /// and wake nobody. Once it opens, the next slot is run; a task with a single slot keeps it. Lives begin
    /// and end, and runs by hand are made, whether it is open or not. Default: there is always something to do.
    ///
    /// For a loop that tidies up after events, such as one that writes what has come in at most 100 ms
    /// later: who brings something opens the gate, and the body closes it when nothing is left. Both under
    /// the lock of what is brought, so that nothing is left behind a closed gate.
    pub fn idle_while_closed(mut self, work: &Gate) -> Self {
        self.work.push(work.clone());
        self
    }

    /// As [`idle_while_closed`](Self::idle_while_closed), for the members of a family, by a gate that is chosen for
    /// the scope of each; `None` for one that has none.
    pub fn idle_by_scope(
        mut self,
        work: impl Fn(&str) -> Option<Gate> + Send + Sync + 'static,
    ) -> Self {
        self.work_of = Some(Arc::new(work));
        self
    }

    /// What the task carries: any value that is JSON of at most 64 KiB. It is kept in the store, and a
    /// new build that says otherwise replaces it; a spec that says nothing keeps it.
    /// [`Run::payload`] reads it.
    pub fn payload<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        self.payload = Some(Carried::Payload.write(&self.name, value));
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

    /// Called before each attempt. If it fails the body is not called, and the attempt has failed. Its
    /// time is part of the time limit of a run.
    pub fn before_each<F>(mut self, hook: impl Fn(Run) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.code.before_each = Some(erase(hook));
        self
    }

    /// Called after each attempt whose body was called, whatever became of it; [`Run::result`] tells
    /// what. The run is live until it returns, which may take as long as the cancel grace. What it
    /// returns changes nothing for the run. Not repeated after a crash.
    pub fn after_each<F>(mut self, hook: impl Fn(Run) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.code.after_each = Some(erase(hook));
        self
    }

    /// Called for each attempt that failed, and when another hook failed. What it returns changes
    /// nothing; what it [decides](Failure::decide) may. Not repeated after a crash.
    pub fn on_error<F>(mut self, hook: impl Fn(Failure) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.on_error = Some(Arc::new(move |failure| Box::pin(hook(failure))));
        self
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
