//! What is kept of an error: its text with its causes, up to a bound that every store can hold.

use std::{
    fmt::{self, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use crate::error_chain::ErrorChain;

/// The most characters that are kept; a longer text ends in an ellipsis.
const MOST: usize = 1_000;

/// The error as it is kept in a cursor, in a record of a run, and told in an event.
pub(crate) fn error_text(error: &anyhow::Error) -> Arc<str> {
    let written = catch_unwind(AssertUnwindSafe(|| bounded(ErrorChain(error))));
    written.unwrap_or_else(|_| "an error whose text panics".into())
}

/// What is displayed, up to 1,000 characters. PostgreSQL refuses the character NUL in a text.
pub(crate) fn bounded(shown: impl fmt::Display) -> Arc<str> {
    let mut text = Bounded::default();
    // An error says that the text is full.
    let _ = write!(text, "{shown}");
    text.text.into()
}

/// Takes no more than [`MOST`] characters, and so ends the writing of a text without end.
#[derive(Default)]
struct Bounded {
    text: String,
    length: usize,
}

impl Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        for c in more.chars() {
            if self.length == MOST {
                self.text.pop();
                self.text.push('…');
                return Err(fmt::Error);
            }
            self.text.push(if c == '\0' {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            });
            self.length += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &str, expected: &str) {
        assert_eq!(&*error_text(&anyhow::anyhow!("{given}")), expected);
    }

    #[test]
    fn a_text_is_cut_at_a_character_and_ends_in_an_ellipsis() {
        let full = "ä".repeat(MOST);
        check(&full, &full);
        let cut = format!("{}…", "ä".repeat(MOST - 1));
        check(&format!("{full}!"), &cut);
        check(&full.repeat(1_000), &cut);
    }

    #[test]
    fn a_text_that_no_database_holds_is_made_one() {
        check("a\0b", "a\u{fffd}b");
    }

    #[test]
    fn causes_are_kept_and_count() {
        let error = anyhow::anyhow!("disk full").context("writing");
        assert_eq!(&*error_text(&error), "writing: disk full");
        let error = error.context("x".repeat(MOST));
        assert_eq!(error_text(&error).chars().count(), MOST);
    }

    #[test]
    fn a_text_that_panics_is_said_to() {
        #[derive(Debug)]
        struct Mute;
        impl fmt::Display for Mute {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("no words")
            }
        }
        let error = anyhow::Error::msg(Mute);
        assert_eq!(&*error_text(&error), "an error whose text panics");
    }
}
