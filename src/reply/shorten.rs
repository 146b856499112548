//! Texts that are too long, cut where a reader does not stumble.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use super::length;

/// Shorter texts are cut as they are: there is no room to close a code block.
const TIDY_FROM: usize = 16;

/// `…`, a line break and three backticks.
const ENDING: usize = 5;

/// A mention, emoji or timestamp is no longer than this.
const LONGEST_MENTION: usize = 128;

/// The text itself when it has at most `most` code points, else its beginning and `…`.
///
/// It is cut between characters as people see them (an emoji of several code points, a letter with its accents)
/// and before a mention, emoji or timestamp that would be cut; code spans and blocks are closed.
///
/// ```
/// assert_eq!(cogsmith::reply::shorten("too long, and `code`", 19), "too long, and…");
/// ```
pub fn shorten(text: &str, most: usize) -> Cow<'_, str> {
    if length(text) <= most {
        return text.into();
    }
    if most < TIDY_FROM {
        let ending = if most == 0 { "" } else { "…" };
        return format!("{}{ending}", beginning(text, most.saturating_sub(1))).into();
    }
    let ending = if text.contains('`') { ENDING } else { 1 };
    let kept = beginning(text, most - ending);
    let kept = before_mention(kept).trim_end().trim_end_matches('`');
    format!("{kept}…{}", closing(kept)).into()
}

/// At most `most` code points of the text.
fn beginning(text: &str, most: usize) -> &str {
    let end = text
        .char_indices()
        .nth(most)
        .map_or(text.len(), |(at, _)| at);
    let borders = text.grapheme_indices(true).map(|(at, _)| at);
    let border = borders.take_while(|at| *at <= end).last().unwrap_or(0);
    // A heap of accents on one letter would else take everything with it.
    if length(&text[..border]) * 2 < most {
        return &text[..end];
    }
    &text[..border]
}

fn before_mention(kept: &str) -> &str {
    let Some(start) = kept.rfind('<') else {
        return kept;
    };
    let tail = &kept[start..];
    let is_mention = ["<@", "<#", "<:", "<a:", "<t:", "<id:", "</"]
        .iter()
        .any(|opening| tail.starts_with(opening) || opening.starts_with(tail));
    if is_mention && !tail.contains('>') && length(tail) < LONGEST_MENTION {
        return &kept[..start];
    }
    kept
}

/// What ends the code span or block that is open at the end of the text.
fn closing(text: &str) -> &'static str {
    let (mut open, mut rest) = (0, text);
    while let Some(start) = rest.find('`') {
        let run = &rest[start..];
        let ticks = run.len() - run.trim_start_matches('`').len();
        open = match open {
            0 => ticks.min(3),
            same if same == ticks.min(3) => 0,
            other => other,
        };
        rest = &run[ticks..];
    }
    ["", "`", "``", "\n```"][open]
}
