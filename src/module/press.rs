//! What the handler of a button or menu receives.

use std::{ops::Deref, sync::Arc};

use poise::Modal;
use serenity::{
    client::Context,
    model::{
        application::{ComponentInteraction, ComponentInteractionDataKind},
        id::{ChannelId, RoleId, UserId},
    },
};

use super::answering::Answering;
use crate::{error::Result, host::Host, reply::Reply};

/// Somebody pressed a button or chose from a menu. Dereferences to serenity's type for it: `user`, `guild_id`,
/// `message` and so on.
///
/// It is answered once or more, or not at all: a press without an answer is acknowledged, and one whose handler takes
/// longer than 1.5 s is acknowledged then, after which no form can be shown.
pub struct Press<A> {
    /// The arguments of the id.
    pub arguments: A,
    press: Arc<ComponentInteraction>,
    answering: Arc<Answering>,
}

impl<A> Press<A> {
    pub(crate) fn new(
        arguments: A,
        press: Arc<ComponentInteraction>,
        answering: Arc<Answering>,
    ) -> Self {
        Self {
            arguments,
            press,
            answering,
        }
    }

    /// Makes the message of the button say just this: its text, embed and buttons are replaced.
    ///
    /// # Errors
    /// Discord could not be reached, or something was replied before.
    pub async fn update(&self, reply: impl Into<Reply>) -> Result<()> {
        self.answering.update(reply.into()).await
    }

    /// Answers with a message.
    ///
    /// # Errors
    /// Discord could not be reached, or 15 minutes have passed.
    pub async fn reply(&self, reply: impl Into<Reply>) -> Result<()> {
        self.answering.reply(reply.into()).await
    }

    /// Shows a form, whose handler is the one for `id`.
    ///
    /// # Errors
    /// Discord could not be reached, or something was answered before: a form is the first answer.
    pub async fn form<T: Modal>(&self, id: String) -> Result<()> {
        self.answering.first(T::create(None, id)).await
    }

    /// The values that were chosen from a menu of texts; none for a button and for other menus.
    pub fn chosen(&self) -> &[String] {
        match &self.press.data.kind {
            ComponentInteractionDataKind::StringSelect { values } => values,
            _ => &[],
        }
    }

    /// The people that were chosen from a menu of people, or of people and roles.
    pub fn chosen_users(&self) -> Vec<UserId> {
        match &self.press.data.kind {
            ComponentInteractionDataKind::UserSelect { values } => values.clone(),
            ComponentInteractionDataKind::MentionableSelect { values } => {
                let users = &self.press.data.resolved.users;
                let ids = values.iter().map(|id| UserId::new(id.get()));
                ids.filter(|id| users.contains_key(id)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The roles that were chosen from a menu of roles, or of people and roles.
    pub fn chosen_roles(&self) -> Vec<RoleId> {
        match &self.press.data.kind {
            ComponentInteractionDataKind::RoleSelect { values } => values.clone(),
            ComponentInteractionDataKind::MentionableSelect { values } => {
                let roles = &self.press.data.resolved.roles;
                let ids = values.iter().map(|id| RoleId::new(id.get()));
                ids.filter(|id| roles.contains_key(id)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The channels that were chosen from a menu of channels.
    pub fn chosen_channels(&self) -> &[ChannelId] {
        match &self.press.data.kind {
            ComponentInteractionDataKind::ChannelSelect { values } => values,
            _ => &[],
        }
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.answering.host
    }

    /// Serenity's context, for its models and collectors.
    pub fn context(&self) -> &Context {
        &self.answering.context
    }
}

impl<A> Deref for Press<A> {
    type Target = ComponentInteraction;

    fn deref(&self) -> &ComponentInteraction {
        &self.press
    }
}
