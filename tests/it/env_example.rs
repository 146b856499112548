//! `.env.example` lists exactly what `config` reads, in its order, with its defaults.

use cogsmith::config::VARIABLES;

#[test]
fn it_lists_what_is_read() {
    let listed: Vec<_> = include_str!("../../.env.example")
        .lines()
        .filter_map(assignment)
        .collect();
    let read: Vec<_> = VARIABLES
        .iter()
        .map(|variable| (variable.name, variable.default.unwrap_or("")))
        .collect();
    assert_eq!(listed, read);
}

/// `NAME=value` or `# NAME=value`; prose has spaces before its equals signs, if any.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.trim_start_matches("# ").split_once('=')?;
    let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
    name.chars().all(is_name).then_some((name, value))
}
