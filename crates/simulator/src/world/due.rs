//! What happens by itself when its time has come, by the simulator's clock.
//!
//! Nothing runs while nobody looks: it happens when the clock is moved, or else before whatever is
//! done next.

use chrono::{DateTime, Utc};

use crate::snowflake::Snowflake;
use crate::world::World;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Due {
    /// The poll of this message ends.
    Poll {
        channel: Snowflake,
        message: Snowflake,
    },
    /// What happens elsewhere than on Discord is over.
    Event { guild: Snowflake, event: Snowflake },
    /// This thread goes to sleep, unless somebody wrote there.
    Sleep { thread: Snowflake },
}

impl World {
    /// Lets something happen at a moment.
    pub(crate) fn remind(&mut self, at: DateTime<Utc>, what: Due) {
        self.due.insert((at, what));
    }

    /// Does what is due.
    pub(crate) fn catch_up(&mut self) {
        while let Some((at, what)) = self.due.first().copied()
            && at <= self.now()
        {
            self.due.remove(&(at, what));
            match what {
                Due::Poll { channel, message } => self.end_poll(channel, message),
                Due::Event { guild, event } => self.complete(guild, event),
                Due::Sleep { thread } => self.lull(thread),
            }
        }
    }
}
