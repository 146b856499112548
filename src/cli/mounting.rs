//! A module's lines in `modules/mod.rs`: its `mod`, its `.with` and its migration.

/// The text of `modules/mod.rs` with one module more; `None` when it does not look as `cogsmith new` writes it.
pub(super) fn mounted(text: &str, name: &str, type_name: &str, migration: &str) -> Option<String> {
    let text = with_migration(text, migration);
    let text = with_call(&text, &format!(".with::<{name}::{type_name}>()"))?;
    Some(with_line(&text, &format!("mod {name};")))
}

/// After the last `mod`, or after the comment that opens the file.
fn with_line(text: &str, line: &str) -> String {
    let mut lines: Vec<_> = text.lines().collect();
    let last = lines
        .iter()
        .rposition(|line| line.starts_with("mod ") && line.ends_with(';'));
    match last {
        Some(at) => lines.insert(at + 1, line),
        None => {
            let comment = lines
                .iter()
                .take_while(|line| line.starts_with("//!"))
                .count();
            lines.splice(comment..comment, ["", line]);
        }
    }
    lines.join("\n") + "\n"
}

/// At the end of the chain of calls on `Modules::default()`.
fn with_call(text: &str, call: &str) -> Option<String> {
    let chain = text.find("Modules::default()")?;
    let end = chain + text[chain..].find('}')?;
    let end = text[..end].trim_end().len();
    Some(format!("{}\n        {call}{}", &text[..end], &text[end..]))
}

/// A project lists its migrations; where none are listed, they are found without that.
fn with_migration(text: &str, migration: &str) -> String {
    const LIST: &str = "migrations![";
    let Some(begin) = text.find(LIST).map(|at| at + LIST.len()) else {
        return text.to_owned();
    };
    let Some(end) = text[begin..].find(']').map(|length| begin + length) else {
        return text.to_owned();
    };
    let listed = text[begin..end].trim().trim_end_matches(',');
    let listed = if listed.is_empty() {
        format!("\"{migration}\"")
    } else {
        format!("{listed}, \"{migration}\"")
    };
    format!("{}{listed}{}", &text[..begin], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "//! The modules.\n\nuse cogsmith::prelude::*;\n\npub(crate) fn all() -> Modules {\n    \
        Modules::default()\n        .migrations(cogsmith::migrations![])\n}\n";

    #[test]
    fn a_module_is_mounted_after_those_that_are_there() {
        let one = mounted(EMPTY, "notes", "Notes", "0001_notes").unwrap();
        let two = mounted(&one, "birthdays", "Birthdays", "0002_birthdays").unwrap();
        let expected = "//! The modules.\n\nmod notes;\nmod birthdays;\n\nuse cogsmith::prelude::*;\n\n\
            pub(crate) fn all() -> Modules {\n    Modules::default()\n        \
            .migrations(cogsmith::migrations![\"0001_notes\", \"0002_birthdays\"])\n        \
            .with::<notes::Notes>()\n        .with::<birthdays::Birthdays>()\n}\n";
        assert_eq!(two, expected);
    }

    #[test]
    fn a_file_without_modules_is_left_alone() {
        assert_eq!(
            mounted("fn main() {}\n", "notes", "Notes", "0001_notes"),
            None
        );
    }
}
