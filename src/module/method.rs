//! How a method path such as `Self::flush` becomes a handler the host can keep and call.

use futures_util::{FutureExt, future::BoxFuture};

use super::Module;
use crate::{
    activity::{Activity, method_name},
    error::Result,
    host::Slot,
};

/// An `async fn` method that takes `&M` and one argument.
///
/// Implemented for every such method; there is nothing to implement by hand.
/// (`AsyncFn` would be shorter, but cannot demand that the future is `Send`.)
pub trait Method<'a, M, A>: Copy + Send + Sync + 'static {
    /// What calling it gives.
    type Future: Future<Output = Result<()>> + Send + 'a;

    /// Calls it.
    fn call(self, module: &'a M, argument: A) -> Self::Future;
}

impl<'a, M, A, F, R> Method<'a, M, A> for F
where
    M: 'a,
    F: Fn(&'a M, A) -> R + Copy + Send + Sync + 'static,
    R: Future<Output = Result<()>> + Send + 'a,
{
    type Future = R;

    fn call(self, module: &'a M, argument: A) -> R {
        self(module, argument)
    }
}

/// Calls `method` on the module while it is loaded, in a future that owns what it needs; else nothing is done.
pub(super) fn call_shared<M, A, F>(
    module: &Slot<M>,
    method: F,
    argument: A,
) -> BoxFuture<'static, Result<()>>
where
    M: Module,
    A: Send + 'static,
    F: for<'a> Method<'a, M, A>,
{
    let (watchdog, module) = (module.watchdog().clone(), module.clone());
    let called = async move {
        match module.get() {
            Some(module) => method.call(&module, argument).await,
            None => Ok(()),
        }
    };
    let activity = Activity::new(M::NAME, method_name::<F>());
    watchdog.hold(activity, called).boxed()
}
