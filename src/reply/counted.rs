//! Numbers of things.

use std::fmt::Display;

/// `1 message`, `2 messages`: a number and its noun, whose plural ends in `s`.
///
/// ```
/// assert_eq!(cogsmith::reply::counted(1, "message"), "1 message");
/// assert_eq!(cogsmith::reply::counted(0, "message"), "0 messages");
/// ```
pub fn counted(number: impl Display, noun: &str) -> String {
    let number = number.to_string();
    let ending = if number == "1" { "" } else { "s" };
    format!("{number} {noun}{ending}")
}
