//! Whom a thread of the host works for: its log lines go where those of the bot go.

use std::cell::Cell;

use tokio::runtime::{Handle, Id};
use tracing::{Dispatch, Span, dispatcher};

thread_local! {
    static RUNTIME: Cell<Option<Id>> = const { Cell::new(None) };
}

/// The bot's runtime, where it logs and what its lines say of it, for a thread that is about to start.
pub(crate) struct Origin {
    log: Dispatch,
    bot: Span,
    runtime: Option<Id>,
}

impl Origin {
    pub(crate) fn here() -> Self {
        Self {
            log: dispatcher::get_default(Dispatch::clone),
            bot: Span::current(),
            runtime: Self::runtime(),
        }
    }

    /// The runtime of the bot that this thread works for.
    pub(crate) fn runtime() -> Option<Id> {
        let own = || Some(Handle::try_current().ok()?.id());
        RUNTIME.get().or_else(own)
    }

    /// Makes the calling thread work for it, for as long as the thread lives.
    pub(crate) fn adopt(&self) {
        RUNTIME.set(self.runtime);
        std::mem::forget(dispatcher::set_default(&self.log));
        std::mem::forget(self.bot.clone().entered());
    }
}
