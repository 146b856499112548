//! Whose code is being called: the module, and the method, command or task.

mod watchdog;

use std::{fmt, sync::Arc};

pub(crate) use watchdog::Watchdog;

tokio::task_local! {
    static CURRENT: Activity;
}

/// One call of a module's code. Clones mean the same call, and two calls are never equal.
#[derive(Clone, Debug)]
pub(crate) struct Activity(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    module: String,
    what: String,
}

impl Activity {
    pub(crate) fn new(module: impl Into<String>, what: impl Into<String>) -> Self {
        let (module, what) = (module.into(), what.into());
        Self(Arc::new(Inner { module, what }))
    }

    pub(crate) fn module(&self) -> &str {
        &self.0.module
    }

    /// The call that asks, if a module's code does; a task that it has spawned is none of its own.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs `future` as this call.
    pub(crate) fn hold<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, future)
    }

    /// Runs `work`, which is not async, as this call.
    pub(crate) fn enter<T>(self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }
}

impl PartialEq for Activity {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Activity {}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.module, self.0.what)
    }
}

/// The name of a method as its module's author reads it: `Leaderboard::award` of its whole path.
pub(crate) fn method_name<F>() -> &'static str {
    let path = std::any::type_name::<F>();
    path.rmatch_indices("::")
        .nth(1)
        .map_or(path, |(at, _)| &path[at + 2..])
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Greeter;

    impl Greeter {
        fn greet() {}
    }

    #[test]
    fn a_method_is_named_with_its_type_alone() {
        fn name<F>(_: F) -> &'static str {
            method_name::<F>()
        }
        assert_eq!(name(Greeter::greet), "Greeter::greet");
    }

    #[tokio::test]
    async fn a_call_is_known_inside_and_nowhere_else() {
        let activity = Activity::new("greeter", "Greeter::greet");
        let inside = activity.clone().hold(async { Activity::current() }).await;
        assert_eq!(inside, Some(activity.clone()));
        assert_eq!(activity.clone().enter(Activity::current), Some(activity));
        assert_eq!(Activity::current(), None);
    }
}
