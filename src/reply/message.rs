//! A whole answer.

use poise::CreateReply;
use serenity::builder::{CreateActionRow, CreateButton, CreateSelectMenu};

use super::{Embed, NOTHING, Page, is_blank, limits, shorten};

/// What a command answers: a text, an embed, or both. A text is shortened to 2,000 code points.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Reply {
    text: String,
    embed: Option<Embed>,
    rows: Vec<CreateActionRow>,
    ephemeral: Option<bool>,
}

impl Reply {
    /// Adds an embed under the text.
    pub fn embed(mut self, embed: Embed) -> Self {
        self.embed = Some(embed);
        self
    }

    /// Adds buttons, five to a row; of more than five rows the first five are shown.
    ///
    /// ```
    /// use cogsmith::prelude::*;
    /// use poise::serenity_prelude::CreateButton;
    ///
    /// const PAGE: CustomId<u32> = CustomId::new("page:{n}");
    /// let _ = Reply::from("Page 1").buttons([CreateButton::new(PAGE.with(2)).label("Next")]);
    /// ```
    pub fn buttons(mut self, buttons: impl IntoIterator<Item = CreateButton>) -> Self {
        let buttons: Vec<_> = buttons.into_iter().collect();
        let rows = buttons.chunks(limits::BUTTONS).map(<[_]>::to_vec);
        self.rows.extend(rows.map(CreateActionRow::Buttons));
        self
    }

    /// A page of a list, as [`Embed::page`] shows it, with buttons for the page before and the page after where there
    /// are some. `id` makes a button's id of the number of its page: its [handler](crate::module::Setup::component)
    /// works the page out anew, so it needs no state and outlives a restart.
    pub fn page(
        embed: Embed,
        lines: impl IntoIterator<Item = String>,
        number: usize,
        id: impl Fn(usize) -> String,
    ) -> Self {
        let page = Page::find(lines, number, limits::DESCRIPTION);
        let embed = embed.description(page.text);
        if page.of == 1 {
            return embed.into();
        }
        let button = |label, to: usize| {
            let is_there = (1..=page.of).contains(&to);
            CreateButton::new(id(to)).label(label).disabled(!is_there)
        };
        let buttons = [
            button("Previous", page.number - 1),
            button("Next", page.number + 1),
        ];
        let footer = format!("Page {} of {}", page.number, page.of);
        Self::from(embed.footer(footer)).buttons(buttons)
    }

    /// Adds a menu, which takes a row.
    pub fn menu(mut self, menu: CreateSelectMenu) -> Self {
        self.rows.push(CreateActionRow::SelectMenu(menu));
        self
    }

    /// As what replaces a message whole: what this does not have is taken away.
    pub(crate) fn whole(self) -> CreateReply {
        let has_text = !is_blank(&self.text) || self.embed.is_none();
        let has_rows = !self.rows.is_empty();
        let mut built = CreateReply::from(self);
        if !has_text {
            built = built.content("");
        }
        if !has_rows {
            built = built.components(Vec::new());
        }
        built
    }

    /// Shows it only to whoever used the command, also where the command itself does not say so.
    pub fn ephemeral(mut self) -> Self {
        self.ephemeral = Some(true);
        self
    }
}

impl From<String> for Reply {
    fn from(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Embed> for Reply {
    fn from(embed: Embed) -> Self {
        Self::default().embed(embed)
    }
}

impl From<Reply> for CreateReply {
    fn from(reply: Reply) -> Self {
        let mut built = Self::default();
        if !is_blank(&reply.text) {
            built = built.content(shorten(&reply.text, limits::CONTENT));
        } else if reply.embed.is_none() {
            built = built.content(NOTHING);
        }
        if let Some(embed) = reply.embed {
            built = built.embed(embed.into());
        }
        if !reply.rows.is_empty() {
            let rows = reply.rows.into_iter().take(limits::ROWS);
            built = built.components(rows.collect());
        }
        if let Some(ephemeral) = reply.ephemeral {
            built = built.ephemeral(ephemeral);
        }
        built
    }
}
