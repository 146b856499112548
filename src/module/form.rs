//! What the handler of a form receives.

use std::{ops::Deref, sync::Arc};

use poise::Modal;
use serenity::{
    client::Context,
    model::application::{ActionRowComponent, ModalInteraction},
};

use super::answering::Answering;
use crate::{
    error::{Result, UserError},
    host::Host,
    reply::Reply,
};

/// Somebody sent a form. Dereferences to serenity's type for it: `user`, `guild_id`, `message` and so on.
///
/// A form without an answer is closed; one whose handler takes longer than 1.5 s is closed then, and its answers
/// follow.
pub struct Form<A> {
    /// The arguments of the id.
    pub arguments: A,
    form: Arc<ModalInteraction>,
    answering: Arc<Answering>,
}

impl<A> Form<A> {
    pub(crate) fn new(
        arguments: A,
        form: Arc<ModalInteraction>,
        answering: Arc<Answering>,
    ) -> Self {
        Self {
            arguments,
            form,
            answering,
        }
    }

    /// What was filled in, as the type that the form was shown by.
    ///
    /// # Errors
    /// The form has other fields: it was shown by an earlier version of the bot.
    pub fn read<T: Modal>(&self) -> Result<T> {
        let read = T::parse(self.form.data.clone());
        read.map_err(|_| UserError::new("This form has changed. Please open it anew.").into())
    }

    /// What was filled into the field of this id, if anything.
    pub fn field(&self, id: &str) -> Option<&str> {
        let rows = self.form.data.components.iter();
        let mut fields = rows.flat_map(|row| &row.components);
        fields.find_map(|field| match field {
            ActionRowComponent::InputText(text) if text.custom_id == id => {
                text.value.as_deref().filter(|value| !value.is_empty())
            }
            _ => None,
        })
    }

    /// Makes the message whose button showed the form say just this: its text, embed and buttons are replaced.
    ///
    /// # Errors
    /// Discord could not be reached, something was replied before, or no button showed the form.
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

    /// The host.
    pub fn host(&self) -> &Host {
        &self.answering.host
    }

    /// Serenity's context, for its models and collectors.
    pub fn context(&self) -> &Context {
        &self.answering.context
    }
}

impl<A> Deref for Form<A> {
    type Target = ModalInteraction;

    fn deref(&self) -> &ModalInteraction {
        &self.form
    }
}
