//! Messages before they are written: new ones, and changes.

use serde_json::Value;

use crate::rest::forwarding::Reference;
use crate::snowflake::Snowflake;
use crate::world::message::{Notice, Origin};
use crate::world::poll::NewPoll;
use crate::world::upload::NewFile;
use crate::world::webhook::Signature;

/// A message as somebody wants to send it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    /// Its id, when that is decided: the first message of a post has that of its thread.
    pub(crate) id: Option<Snowflake>,
    pub(crate) content: String,
    pub(crate) embeds: Vec<Value>,
    pub(crate) components: Vec<Value>,
    pub(crate) flags: u64,
    pub(crate) allowed: Mentions,
    pub(crate) nonce: Option<Value>,
    pub(crate) enforce_nonce: bool,
    pub(crate) files: Vec<NewFile>,
    /// Read aloud.
    pub(crate) is_spoken: bool,
    pub(crate) poll: Option<NewPoll>,
    pub(crate) stickers: Vec<Snowflake>,
    /// What is forwarded, as it is now.
    pub(crate) snapshot: Option<Value>,
    pub(crate) signature: Option<Signature>,
    /// What the body points at, before it is looked up.
    pub(crate) reference: Option<Reference>,
    pub(crate) reply_to: Option<Snowflake>,
    pub(crate) reply_channel: Option<Snowflake>,
    pub(crate) origin: Option<Origin>,
    pub(crate) notice: Option<Notice>,
}

/// What an edit changes; `None` leaves as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edit {
    pub(crate) content: Option<String>,
    pub(crate) embeds: Option<Vec<Value>>,
    pub(crate) components: Option<Vec<Value>>,
    pub(crate) flags: Option<u64>,
    pub(crate) allowed: Mentions,
    /// Asked when this keeps a promise; a poll cannot come later.
    pub(crate) poll: Option<NewPoll>,
    /// The attachments that stay; all of them when `None`.
    pub(crate) kept: Option<Vec<Snowflake>>,
    pub(crate) files: Vec<NewFile>,
}

/// `allowed_mentions`: which mentions of the content count.
#[derive(Clone, Debug, Default)]
pub(crate) enum Mentions {
    /// The field was absent: all of them.
    #[default]
    All,
    /// Kinds that count as a whole, and single users and roles beside them.
    Some {
        users: bool,
        roles: bool,
        everyone: bool,
        /// The author of the message that is replied to.
        replied: bool,
        ids: Vec<Snowflake>,
    },
}

impl Mentions {
    pub(crate) fn user(&self, id: Snowflake) -> bool {
        match self {
            Self::All => true,
            Self::Some { users, ids, .. } => *users || ids.contains(&id),
        }
    }

    pub(crate) fn role(&self, id: Snowflake) -> bool {
        match self {
            Self::All => true,
            Self::Some { roles, ids, .. } => *roles || ids.contains(&id),
        }
    }

    pub(crate) const fn everyone(&self) -> bool {
        match self {
            Self::All => true,
            Self::Some { everyone, .. } => *everyone,
        }
    }

    pub(crate) const fn replied(&self) -> bool {
        match self {
            Self::All => true,
            Self::Some { replied, .. } => *replied,
        }
    }
}

impl Draft {
    /// A message of nothing but words.
    pub(crate) fn text(content: &str) -> Self {
        Self {
            content: content.to_owned(),
            ..Self::default()
        }
    }

    /// The notice that a thread was opened.
    pub(crate) fn thread_notice(name: &str, thread: Snowflake) -> Self {
        Self {
            content: name.to_owned(),
            reply_channel: Some(thread),
            ..Self::notice(Notice::ThreadOpened)
        }
    }

    /// A message that Discord writes itself; it has no content.
    pub(crate) fn notice(notice: Notice) -> Self {
        Self {
            notice: Some(notice),
            ..Self::default()
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.notice.is_none()
            && self.content.is_empty()
            && self.embeds.is_empty()
            && self.components.is_empty()
            && self.files.is_empty()
            && self.poll.is_none()
            && self.stickers.is_empty()
            && self.snapshot.is_none()
    }
}
