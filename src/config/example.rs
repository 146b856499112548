//! `.env.example`: every variable with its default, to be copied and filled in.

use std::fmt::Write;

use super::{Group, Row, TABLE};

const WIDTH: usize = 110;
const HEAD: &str = "# Copy this file to `.env`. Only the token is needed; the other lines show the defaults.\n\
     # With BOTS=alpha,beta a variable may stand here for one bot alone: ALPHA_DISCORD_TOKEN, BETA_MODULES.\n";

/// The text of `.env.example`.
#[must_use]
pub fn example() -> String {
    let mut text = HEAD.to_owned();
    for group in Group::ALL {
        text.push_str(&format!("\n## {group}\n"));
        for row in TABLE.iter().filter(|row| row.group == group) {
            entry(&mut text, row);
        }
    }
    text
}

fn entry(text: &mut String, row: &Row) {
    let name = row.name;
    text.push('\n');
    for line in wrapped(&row.sentence()) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# {line}");
    }
    let default = row.default.unwrap_or_default();
    let mark = if row.name == "DISCORD_TOKEN" {
        ""
    } else {
        "# "
    };
    let _ = writeln!(text, "{mark}{name}={default}");
    if let Some(file) = row.file {
        let _ = writeln!(text, "# {file}=");
    }
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last().map_or(0, String::len);
        if last > 0 && last + 1 + word.len() > WIDTH {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
