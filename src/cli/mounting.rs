//! A module's lines in `modules/mod.rs`: its `mod`, its `.with` and its migration.

/// Whether a module of that name is in the text of `modules/mod.rs`.
pub(super) fn is_mounted(text: &str, name: &str) -> bool {
    let mut lines = text.lines().filter(|line| !is_comment(line));
    lines.any(|line| {
        let rest = line.split_once("mod ").map(|(_, rest)| rest);
        rest.is_some_and(|rest| rest.split([';', ' ']).next() == Some(name))
    })
}

/// The text of `modules/mod.rs` with one module more, and its migration if that is listed there; `None` when it does
/// not look as `cogsmith new` writes it.
pub(super) fn mounted(
    text: &str,
    name: &str,
    type_name: &str,
    migration: Option<&str>,
) -> Option<String> {
    let text = match migration {
        Some(migration) => with_migration(text, migration)?,
        None => text.to_owned(),
    };
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
    let chain = find(text, "Modules::default()")?;
    let end = chain + text[chain..].find('}')?;
    let end = text[..end].trim_end().len();
    Some(format!("{}\n        {call}{}", &text[..end], &text[end..]))
}

/// At the end of the list of migrations.
fn with_migration(text: &str, migration: &str) -> Option<String> {
    const LIST: &str = "migrations![";
    let begin = find(text, LIST)? + LIST.len();
    let end = begin + text[begin..].find(']')?;
    let listed = text[begin..end].trim().trim_end_matches(',');
    let listed = if listed.is_empty() {
        format!("\"{migration}\"")
    } else {
        format!("{listed}, \"{migration}\"")
    };
    Some(format!("{}{listed}{}", &text[..begin], &text[end..]))
}

/// Where the code says something first.
fn find(text: &str, said: &str) -> Option<usize> {
    let mut found = text.match_indices(said).map(|(at, _)| at);
    found.find(|at| !is_comment(text[..*at].rsplit('\n').next().unwrap_or_default()))
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "//! The modules.\n\nuse cogsmith::prelude::*;\n\npub(crate) fn all() -> Modules {\n    \
        Modules::default()\n        .migrations(cogsmith::migrations![])\n}\n";

    #[test]
    fn a_module_is_mounted_after_those_that_are_there() {
        let one = mounted(EMPTY, "notes", "Notes", Some("0001_notes")).unwrap();
        let two = mounted(&one, "birthdays", "Birthdays", Some("0002_birthdays")).unwrap();
        let expected = "//! The modules.\n\nmod notes;\nmod birthdays;\n\nuse cogsmith::prelude::*;\n\n\
            pub(crate) fn all() -> Modules {\n    Modules::default()\n        \
            .migrations(cogsmith::migrations![\"0001_notes\", \"0002_birthdays\"])\n        \
            .with::<notes::Notes>()\n        .with::<birthdays::Birthdays>()\n}\n";
        assert_eq!(two, expected);
    }

    #[test]
    fn a_file_without_modules_or_migrations_is_left_alone() {
        for text in [
            "fn main() {}\n",
            "// Modules::default()\nfn main() {}\n",
            "fn all() -> Modules {\n    Modules::default()\n}\n",
        ] {
            assert_eq!(mounted(text, "notes", "Notes", Some("0001_notes")), None);
        }
    }

    #[test]
    fn a_module_that_is_there_is_seen() {
        let text = "//! mod comment;\nmod notes;\npub(crate) mod ranks {\n}\n";
        let seen = ["notes", "ranks", "note", "comment"].map(|name| is_mounted(text, name));
        assert_eq!(seen, [true, true, false, false]);
    }
}
