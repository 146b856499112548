//! Messages as they are kept.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::snowflake::Snowflake;
use crate::world::draft::Mentions;
use crate::world::interaction::Kind;
use crate::world::poll::Poll;
use crate::world::reaction::Reaction;
use crate::world::upload::Attachment;
use crate::world::webhook::Signature;

/// Only the person who used the command sees it.
pub(crate) const EPHEMERAL: u64 = 1 << 6;
/// "thinking...": an answer was promised.
pub(crate) const LOADING: u64 = 1 << 7;
/// Embeds made from links are hidden.
pub(crate) const SUPPRESS_EMBEDS: u64 = 1 << 2;
/// No notification.
pub(crate) const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
/// The message is made of components alone, in any layout.
pub(crate) const IS_LAYOUT: u64 = 1 << 15;
/// Published to the channels that follow.
pub(crate) const CROSSPOSTED: u64 = 1 << 0;
/// A copy of a message that was published elsewhere.
pub(crate) const IS_CROSSPOST: u64 = 1 << 1;
/// A thread begins here.
pub(crate) const HAS_THREAD: u64 = 1 << 5;

const REPLY: u8 = 19;
const COMMAND_ANSWER: u8 = 20;

/// A message that Discord writes in somebody's name, by Discord's number for its type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Notice {
    /// The author pinned a message.
    Pinned = 6,
    /// The author joined the guild.
    Joined = 7,
    /// The author's message was published in a channel that is followed here.
    Followed = 12,
    /// The author opened a thread.
    ThreadOpened = 18,
    /// The message that a thread began with, as its first.
    ThreadStarter = 21,
    /// What the author wanted to say is shown to those who moderate.
    Moderated = 24,
    /// A poll of the author ended.
    PollResult = 46,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: Snowflake,
    pub(crate) channel: Snowflake,
    pub(crate) author: Snowflake,
    pub(crate) content: String,
    pub(crate) embeds: Vec<Value>,
    pub(crate) components: Vec<Value>,
    pub(crate) flags: u64,
    pub(crate) timestamp: DateTime<Utc>,
    pub(crate) edited: Option<DateTime<Utc>>,
    pub(crate) mentions: Vec<Snowflake>,
    pub(crate) mentioned_roles: Vec<Snowflake>,
    pub(crate) mentions_everyone: bool,
    pub(crate) nonce: Option<Value>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) reactions: Vec<Reaction>,
    pub(crate) pinned: Option<DateTime<Utc>>,
    /// Read aloud.
    pub(crate) is_spoken: bool,
    pub(crate) poll: Option<Poll>,
    pub(crate) stickers: Vec<Snowflake>,
    /// What was forwarded, as it was then.
    pub(crate) snapshot: Option<Value>,
    /// The webhook that wrote it.
    pub(crate) signature: Option<Signature>,
    pub(crate) reply_to: Option<Snowflake>,
    /// The channel of what it points at, when it is another.
    pub(crate) reply_channel: Option<Snowflake>,
    pub(crate) origin: Option<Origin>,
    /// What is announced, when nobody wrote this message.
    pub(crate) notice: Option<Notice>,
}

/// The interaction that a message answers.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) interaction: Snowflake,
    /// The full name of the command, such as `leaderboard view`.
    pub(crate) command: String,
    pub(crate) user: Snowflake,
    pub(crate) kind: u8,
    /// The first message of the answer, when this is a later one.
    pub(crate) original: Option<Snowflake>,
    /// The message whose component was used.
    pub(crate) message: Option<Snowflake>,
    /// What opened the form, when a form was submitted.
    pub(crate) trigger: Option<Box<Origin>>,
}

impl Origin {
    fn is_first_of_command(&self) -> bool {
        self.kind == Kind::Command as u8 && self.original.is_none()
    }
}

impl Message {
    /// Discord's number for the type.
    pub(crate) fn kind(&self) -> u8 {
        if let Some(notice) = self.notice {
            return notice as u8;
        }
        match &self.origin {
            Some(origin) if origin.is_first_of_command() => COMMAND_ANSWER,
            _ if self.is_reply() => REPLY,
            _ => 0,
        }
    }

    /// Whether what it points at is answered, not passed on or copied.
    pub(crate) const fn is_reply(&self) -> bool {
        let is_copy = self.flags & IS_CROSSPOST != 0;
        self.reply_to.is_some() && self.snapshot.is_none() && !is_copy
    }

    pub(crate) const fn is_ephemeral(&self) -> bool {
        self.flags & EPHEMERAL != 0
    }

    pub(crate) const fn is_loading(&self) -> bool {
        self.flags & LOADING != 0
    }

    /// Whether somebody sees this message, given that they see its channel.
    pub(crate) fn is_visible_to(&self, user: Snowflake) -> bool {
        let owner = self.origin.as_ref().map(|origin| origin.user);
        !self.is_ephemeral() || owner == Some(user)
    }

    /// Finds the mentions that count: those that are allowed, and everyone only when the author
    /// may.
    pub(super) fn heed(
        &mut self,
        allowed: &Mentions,
        may_mention_everyone: bool,
        replied: Option<Snowflake>,
    ) {
        let found = |open: &str| ids_after(&self.content, open);
        let users = found("<@").into_iter().chain(found("<@!"));
        let users = users.filter(|id| allowed.user(*id));
        let mut mentions: Vec<_> = users.chain(replied.filter(|_| allowed.replied())).collect();
        mentions.sort_unstable();
        mentions.dedup();
        let roles = found("<@&").into_iter().filter(|id| allowed.role(*id));
        let everyone = self.content.contains("@everyone") || self.content.contains("@here");
        self.mentioned_roles = roles.collect();
        self.mentions_everyone = everyone && may_mention_everyone && allowed.everyone();
        self.mentions = mentions;
    }

    /// Points `attachment://name` in embeds at the files that came along; a file that is shown so
    /// is not listed beside the embeds.
    pub(super) fn show_files(&mut self, base_url: &str) {
        let mut shown = Vec::new();
        for embed in &mut self.embeds {
            for place in [
                "/image/url",
                "/thumbnail/url",
                "/author/icon_url",
                "/footer/icon_url",
            ] {
                let Some(url) = embed.pointer_mut(place) else {
                    continue;
                };
                let name = url.as_str().and_then(|it| it.strip_prefix("attachment://"));
                let file = self
                    .attachments
                    .iter()
                    .find(|it| Some(it.name.as_str()) == name);
                if let Some(file) = file {
                    shown.push(file.id);
                    *url = json!(format!("{base_url}{}", file.path));
                }
            }
        }
        shown.extend(self.show_in_components(base_url));
        self.attachments.retain(|it| !shown.contains(&it.id));
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.content.is_empty()
            && self.embeds.is_empty()
            && self.components.is_empty()
            && self.attachments.is_empty()
            && self.poll.is_none()
            && self.stickers.is_empty()
            && self.snapshot.is_none()
    }
}

/// The ids in `<@1>`, when `open` is `<@`.
fn ids_after(content: &str, open: &str) -> Vec<Snowflake> {
    let rest = content.split(open).skip(1);
    rest.filter_map(|rest| rest.split_once('>')?.0.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &str, allowed: &Mentions, users: &[u64], everyone: bool) {
        let mut message = Message {
            id: Snowflake::new(1),
            channel: Snowflake::new(1),
            author: Snowflake::new(1),
            content: content.to_owned(),
            embeds: vec![],
            components: vec![],
            flags: 0,
            timestamp: DateTime::UNIX_EPOCH,
            edited: None,
            mentions: vec![],
            mentioned_roles: vec![],
            mentions_everyone: false,
            nonce: None,
            attachments: vec![],
            reactions: vec![],
            pinned: None,
            is_spoken: false,
            poll: None,
            stickers: vec![],
            snapshot: None,
            signature: None,
            reply_to: None,
            reply_channel: None,
            origin: None,
            notice: None,
        };
        message.heed(allowed, true, None);
        let found: Vec<_> = message.mentions.iter().map(|id| id.get()).collect();
        assert_eq!(
            (found.as_slice(), message.mentions_everyone),
            (users, everyone),
            "{content}"
        );
    }

    #[test]
    fn mentions_are_read_from_the_content_and_can_be_forbidden() {
        let only = |ids: &[u64]| Mentions::Some {
            users: false,
            roles: false,
            everyone: false,
            replied: false,
            ids: ids.iter().copied().map(Snowflake::new).collect(),
        };
        check("hello", &Mentions::All, &[], false);
        check("<@7> and <@!8>, <@7>", &Mentions::All, &[7, 8], false);
        check("@everyone <@x> <@", &Mentions::All, &[], true);
        check("@everyone <@7> <@8>", &only(&[8]), &[8], false);
    }
}
