//! Splitting a typed line into words.

/// Splits at white space; double quotes keep words together and are taken away, and a backslash
/// before a quote or a backslash stands for that character. `None` when a quote is left open.
pub(crate) fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut is_quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(next) = chars.next() {
        match next {
            '"' => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            '\\' if matches!(chars.peek(), Some('"' | '\\')) => {
                word.get_or_insert_default().extend(chars.next());
            }
            space if space.is_whitespace() && !is_quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    (!is_quoted).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&[&str]>) {
        let words = split(text);
        let words: Option<Vec<&str>> = words
            .as_ref()
            .map(|words| words.iter().map(String::as_str).collect());
        assert_eq!(words.as_deref(), expected, "{text}");
    }

    #[test]
    fn quotes_keep_words_together() {
        check("", Some(&[]));
        check("  /rank  ", Some(&["/rank"]));
        check(r#"/say text:"a b" x"#, Some(&["/say", "text:a b", "x"]));
        check(r#"/say text:"a \"b\"""#, Some(&["/say", r#"text:a "b""#]));
        check(r#"a """#, Some(&["a", ""]));
        check(r#"/say "open"#, None);
        check(r"a\b", Some(&[r"a\b"]));
    }
}
