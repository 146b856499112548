//! Wishes that Discord's copy of the commands be looked at again, for whoever looks after it.

use std::time::Duration;

use parking_lot::Mutex;
use serenity::model::id::GuildId;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// How long whoever switches a module waits for Discord, in real time, as a person does.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which list is to be looked at.
#[derive(Debug)]
pub(crate) enum Wish {
    /// The global one, and that of every guild that may have one.
    All,
    /// That of one guild; answered when Discord has it.
    Guild(GuildId, Option<oneshot::Sender<()>>),
}

/// Where wishes are left. Nobody takes them before [`Lists::listen`].
#[derive(Default)]
pub(super) struct Lists(Mutex<Option<mpsc::UnboundedSender<Wish>>>);

impl Lists {
    /// The wishes of now and later; those of before were granted by the start.
    pub(super) fn listen(&self) -> mpsc::UnboundedReceiver<Wish> {
        let (wish, wishes) = mpsc::unbounded_channel();
        *self.0.lock() = Some(wish);
        wishes
    }

    pub(super) fn leave(&self, wish: Wish) {
        if let Some(wishes) = &*self.0.lock() {
            // Nobody looks after lists any more when the bot ends.
            let _ = wishes.send(wish);
        }
    }

    /// Tells whether Discord has the list, after a few seconds at the most; if not, it will be tried on.
    pub(super) async fn sync(&self, guild: GuildId) -> bool {
        let (done, is_done) = oneshot::channel();
        self.leave(Wish::Guild(guild, Some(done)));
        matches!(timeout(PATIENCE, is_done).await, Ok(Ok(())))
    }
}
