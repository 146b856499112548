//! What a person does to messages, polls, invites and scheduled events.

use crate::error_codes::ApiError;
use crate::people::{Message, Person};
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::draft::Edit;

impl Person {
    /// Changes what they said.
    ///
    /// # Panics
    /// When Discord refuses: it is not theirs, or gone.
    pub fn edits(&self, message: &Message, text: &str) {
        self.does("edits", |world| {
            self.own(world, message)?;
            let edit = Edit {
                content: Some(text.to_owned()),
                ..Edit::default()
            };
            world.edit(message.channel_id(), message.id(), edit)
        });
    }

    /// Deletes what they said.
    ///
    /// # Panics
    /// When Discord refuses: it is not theirs, or gone.
    pub fn deletes(&self, message: &Message) {
        self.does("deletes", |world| {
            self.own(world, message)?;
            world.delete(message.channel_id(), message.id())
        });
    }

    fn own(&self, world: &World, message: &Message) -> Result<(), ApiError> {
        let stored = world.channel(message.channel_id())?.message(message.id())?;
        match stored.author == self.id() {
            true => Ok(()),
            false => Err(ApiError::edit_by_other()),
        }
    }

    /// Puts an emoji under a message: `🔥`, or `name:id` for one of a guild.
    ///
    /// # Panics
    /// When Discord refuses: no emoji, no right to react, or the message is gone.
    pub fn reacts(&self, message: &Message, emoji: &str) {
        self.does("reacts", |world| {
            let (channel, wanted) = (message.channel_id(), Permissions::ADD_REACTIONS);
            world.channel_for(self.id(), channel, wanted)?;
            let emoji = world.emoji_named(emoji)?;
            world.react(channel, message.id(), self.id(), &emoji)
        });
    }

    /// Takes their emoji from under a message.
    ///
    /// # Panics
    /// When there is no such reaction.
    pub fn unreacts(&self, message: &Message, emoji: &str) {
        self.does("takes back", |world| {
            let emoji = world.emoji_named(emoji)?;
            world.take_reaction(message.channel_id(), message.id(), self.id(), &emoji)
        });
    }

    /// Chooses these answers of a poll, numbered from 1, and no others; none takes a vote back.
    ///
    /// # Panics
    /// When there is no such poll or answer, several are chosen where one is asked for, or it is
    /// over.
    pub fn votes(&self, message: &Message, answers: &[u64]) {
        self.does("votes", |world| {
            world.vote(message.channel_id(), message.id(), self.id(), answers)
        });
    }

    /// Joins the guild of an invite.
    ///
    /// # Panics
    /// When Discord refuses: the invite does not hold, or they are banned there.
    pub fn accepts(&self, invite: &str) -> Self {
        let guild = self.does("accepts", |world| world.join_by_invite(invite, self.id()));
        Self::new(self.sim.clone(), self.id(), Some(guild))
    }

    /// Says that they are interested in a scheduled event of the guild, or not any more.
    ///
    /// # Panics
    /// When there is no such event, or the person is in no guild.
    pub fn follows(&self, event: Snowflake, interested: bool) {
        self.does("follows", |world| {
            let guild = self.guild.ok_or_else(ApiError::unknown_guild)?;
            world.follow_event(guild, event, self.id(), interested)
        });
    }
}
