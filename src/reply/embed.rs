//! An embed that Discord accepts, whatever its texts are.

use serenity::builder::{CreateEmbed, CreateEmbedFooter};

use super::{NOTHING, Page, is_blank, length, limits, shorten};

/// An embed: title, description, fields beside each other, footer.
///
/// Each text is shortened to Discord's limit for it, and the longest ones further until all together are
/// within 6,000 code points. Of more than 25 fields the first 24 are shown, and how many are left out.
/// Use one in a message: the 6,000 are a message's.
///
/// ```
/// use cogsmith::prelude::*;
///
/// let _: CreateReply = Reply::from(Embed::new("Rank").field("XP", "1,200")).into();
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Embed {
    title: String,
    description: String,
    fields: Vec<(String, String)>,
    footer: String,
}

impl Embed {
    /// An embed of this title.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// Sets the description.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// Sets the footer, which is plain text.
    pub fn footer(mut self, text: impl Into<String>) -> Self {
        self.footer = text.into();
        self
    }

    /// Adds a field.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Shows the page of this number, from 1, of a list; the nearest when there is none of that number.
    /// The footer says which it is and how to see another: by the command's option `page`.
    pub fn page(self, lines: impl IntoIterator<Item = String>, number: usize) -> Self {
        let page = Page::find(lines, number, limits::DESCRIPTION);
        let embed = self.description(page.text);
        if page.of == 1 {
            return embed;
        }
        embed.footer(format!(
            "Page {} of {}. The option \"page\" shows another.",
            page.number, page.of
        ))
    }

    /// At most as many fields as Discord accepts, none of them without a text.
    fn shown_fields(self) -> Vec<(String, String)> {
        let mut fields = self.fields;
        if fields.len() > limits::FIELDS {
            let left_out = fields.split_off(limits::FIELDS - 1).len();
            fields.push(("…".to_owned(), format!("and {left_out} more")));
        }
        for text in fields.iter_mut().flat_map(|(name, value)| [name, value]) {
            if is_blank(text) {
                NOTHING.clone_into(text);
            }
        }
        fields
    }
}

impl From<Embed> for CreateEmbed {
    fn from(mut embed: Embed) -> Self {
        if is_blank(&embed.title) && is_blank(&embed.description) && embed.fields.is_empty() {
            NOTHING.clone_into(&mut embed.description);
        }
        let [title, description, footer] = [&embed.title, &embed.description, &embed.footer]
            .map(|text| if is_blank(text) { "" } else { text }.to_owned());
        let fields = embed.shown_fields();

        let texts = [
            (&title, limits::TITLE),
            (&description, limits::DESCRIPTION),
            (&footer, limits::FOOTER),
        ];
        let of_fields = fields
            .iter()
            .flat_map(|(name, value)| [(name, limits::FIELD_NAME), (value, limits::FIELD_VALUE)]);
        let texts = texts.into_iter().chain(of_fields);
        let most = share(texts.map(|(text, most)| length(text).min(most)).collect());
        let cut = |text: &str, limit: usize| shorten(text, limit.min(most)).into_owned();

        let mut built = Self::new();
        if !title.is_empty() {
            built = built.title(cut(&title, limits::TITLE));
        }
        if !description.is_empty() {
            built = built.description(cut(&description, limits::DESCRIPTION));
        }
        if !footer.is_empty() {
            built = built.footer(CreateEmbedFooter::new(cut(&footer, limits::FOOTER)));
        }
        built.fields(fields.into_iter().map(|(name, value)| {
            let name = cut(&name, limits::FIELD_NAME);
            (name, cut(&value, limits::FIELD_VALUE), true)
        }))
    }
}

/// The greatest length that each text may have so that all are within what an embed holds.
fn share(mut lengths: Vec<usize>) -> usize {
    lengths.sort_unstable();
    let (mut left, mut others) = (limits::EMBED, lengths.len());
    for length in lengths {
        if length > left / others {
            return left / others;
        }
        left -= length;
        others -= 1;
    }
    limits::EMBED
}
