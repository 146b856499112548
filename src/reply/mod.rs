//! What the bot answers, kept within what Discord accepts.
//!
//! Discord refuses a whole message when one of its texts is too long or empty, after the command has acted.
//! What is built here is accepted whatever the texts are: they are shortened, and lists are paged.
//! Lengths are in Unicode code points, as Discord counts them.

mod counted;
mod embed;
mod instant;
mod message;
mod pages;
mod shorten;
mod suggestions;

#[cfg(test)]
mod tests;

pub use counted::counted;
pub use embed::Embed;
pub use instant::relative;
pub use message::Reply;
pub use pages::{Page, pages};
pub use shorten::shorten;
pub use suggestions::{completions, suggestions};

/// The most that Discord accepts. See Discord docs/Resources/Message and docs/Interactions/Application Commands.
pub mod limits {
    /// Code points of a message's content.
    pub const CONTENT: usize = 2_000;
    /// Code points of all texts of all embeds of a message together.
    pub const EMBED: usize = 6_000;
    /// Code points of an embed's title.
    pub const TITLE: usize = 256;
    /// Code points of an embed's description.
    pub const DESCRIPTION: usize = 4_096;
    /// Code points of an embed's footer.
    pub const FOOTER: usize = 2_048;
    /// Fields of an embed.
    pub const FIELDS: usize = 25;
    /// Code points of a field's name.
    pub const FIELD_NAME: usize = 256;
    /// Code points of a field's value.
    pub const FIELD_VALUE: usize = 1_024;
    /// Rows of buttons and menus under a message.
    pub const ROWS: usize = 5;
    /// Buttons in a row.
    pub const BUTTONS: usize = 5;
    /// Code points of a button's label.
    pub const BUTTON: usize = 80;
    /// Suggestions for an option, and options of a menu.
    pub const SUGGESTIONS: usize = 25;
    /// Code points of a suggestion's label, and of its value.
    pub const SUGGESTION: usize = 100;
}

/// Stands where Discord wants a text and there is none.
const NOTHING: &str = "–";

/// Discord trims texts before it looks whether they are there.
fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// As Discord counts.
fn length(text: &str) -> usize {
    text.chars().count()
}
