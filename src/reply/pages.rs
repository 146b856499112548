//! Lists that are longer than a message: a page at a time, chosen by an option `page`.
//!
//! A page is worked out anew each time it is asked for, so nothing is kept between two uses of the command.

use super::{length, shorten};

/// Lines that a person still overlooks.
const LINES: usize = 20;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its lines, in one text.
    pub text: String,
    /// Which it is, from 1.
    pub number: usize,
    /// How many there are; at least 1.
    pub of: usize,
}

impl Page {
    /// The page of this number, from 1, of at most `most` code points a page; the nearest when there is none
    /// of that number.
    pub fn find(lines: impl IntoIterator<Item = String>, number: usize, most: usize) -> Self {
        let mut pages = pages(lines, most);
        let of = pages.len().max(1);
        let number = number.clamp(1, of);
        let text = if pages.is_empty() {
            String::new()
        } else {
            pages.swap_remove(number - 1)
        };
        Self { text, number, of }
    }
}

/// Lines in texts of at most `most` code points and 20 lines each; a line that is longer is shortened.
pub fn pages(lines: impl IntoIterator<Item = String>, most: usize) -> Vec<String> {
    let mut pages: Vec<String> = Vec::new();
    let (mut used, mut count) = (0, 0);
    for line in lines {
        let line = shorten(&line, most);
        let needed = length(&line);
        match pages.last_mut() {
            Some(page) if used + 1 + needed <= most && count < LINES => {
                page.push('\n');
                page.push_str(&line);
                used += 1 + needed;
                count += 1;
            }
            _ => {
                pages.push(line.into_owned());
                (used, count) = (needed, 1);
            }
        }
    }
    pages
}
