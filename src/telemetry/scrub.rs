//! Takes the tokens out of web addresses before a line is written.
//!
//! Discord puts the token of an interaction or webhook into the path, and an HTTP client's errors quote the path.

use std::{
    borrow::Cow,
    io::{self, Write},
    ops::Range,
};

/// What stands before `<id>/<token>` in a path.
const BEFORE: [&str; 2] = ["/interactions/", "/webhooks/"];

/// Writes lines without the tokens in them.
pub(crate) struct Scrubbed<W>(pub(crate) W);

impl<W: Write> Write for Scrubbed<W> {
    /// A line comes in one piece.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0
            .write_all(scrub(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn scrub(line: &str) -> Cow<'_, str> {
    let mut scrubbed = Cow::Borrowed(line);
    for before in BEFORE {
        let mut from = 0;
        while let Some(at) = scrubbed[from..].find(before) {
            let id = from + at + before.len();
            let token = token(&scrubbed, id);
            from = token.start;
            if !token.is_empty() {
                scrubbed.to_mut().replace_range(token, "…");
            }
        }
    }
    scrubbed
}

/// Where the token stands that follows the id at `id` and a slash; empty when there is none.
fn token(text: &str, id: usize) -> Range<usize> {
    let slash = end_of(text, id, |c| c.is_ascii_digit());
    if !text[slash..].starts_with('/') {
        return slash..slash;
    }
    let start = slash + 1;
    start..end_of(text, start, |c| {
        c.is_ascii_alphanumeric() || "-_.".contains(c)
    })
}

fn end_of(text: &str, start: usize, belongs: impl Fn(char) -> bool) -> usize {
    let length = text[start..].find(|c| !belongs(c));
    start + length.unwrap_or(text.len() - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tokens_are_taken_out() {
        let cases = [
            ("no address at all", "no address at all"),
            (
                "url (http://a/api/v10/interactions/7/aB_c-9.x/callback)",
                "url (http://a/api/v10/interactions/7/…/callback)",
            ),
            (
                "/webhooks/7/abc/messages/@original",
                "/webhooks/7/…/messages/@original",
            ),
            (
                "/webhooks/7/abc: no, /webhooks/8/def?wait=true",
                "/webhooks/7/…: no, /webhooks/8/…?wait=true",
            ),
            ("/channels/7/webhooks", "/channels/7/webhooks"),
            ("/webhooks/7", "/webhooks/7"),
            ("/interactions/", "/interactions/"),
            (
                "/webhooks/ and /webhooks/7/abc",
                "/webhooks/ and /webhooks/7/…",
            ),
        ];
        for (line, expected) in cases {
            assert_eq!(scrub(line), expected);
        }
    }
}
