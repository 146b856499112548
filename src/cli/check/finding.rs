//! What a check has found, one line each.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::cli::paint::Paint;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Ok,
    /// The bot runs, and something of it does not do what it could.
    Warning,
    /// The bot does not run, or loses something.
    Problem,
}

/// One line of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) level: Level,
    /// What was looked at: one word.
    subject: &'static str,
    text: String,
    /// What to do.
    advice: Option<String>,
}

impl Finding {
    pub(super) fn ok(subject: &'static str, text: impl Into<String>) -> Self {
        Self {
            level: Level::Ok,
            subject,
            text: text.into(),
            advice: None,
        }
    }

    pub(super) fn warning(
        subject: &'static str,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Warning,
            advice: Some(advice.into()),
            ..Self::ok(subject, text)
        }
    }

    pub(super) fn problem(
        subject: &'static str,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Problem,
            ..Self::warning(subject, text, advice)
        }
    }

    pub(super) fn machine(&self) -> Value {
        json!({
            "check": self.subject,
            "level": self.level.word(),
            "text": self.text,
            "advice": self.advice,
        })
    }
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }

    fn painted(self, paint: Paint) -> String {
        let word = format!("{:7}", self.word());
        match self {
            Self::Ok => paint.good(&word),
            Self::Warning => paint.doubtful(&word),
            Self::Problem => paint.bad(&word),
        }
    }
}

/// A line for each finding, and below it what to do.
pub(super) fn table(findings: &[Finding], paint: Paint) -> String {
    let width = findings
        .iter()
        .map(|it| it.subject.len())
        .max()
        .unwrap_or(0);
    let mut table = String::new();
    for finding in findings {
        let Finding { subject, text, .. } = finding;
        let level = finding.level.painted(paint);
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{level}  {subject:width$}  {text}");
        if let Some(advice) = &finding.advice {
            let _ = writeln!(table, "{:7}  {:width$}  → {advice}", "", "");
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_finding_is_a_line_with_what_to_do_below() {
        let findings = [
            Finding::ok("token", "Cogsmith"),
            Finding::problem("database", "cannot be read", "mend it"),
        ];
        let expected = "\
ok       token     Cogsmith
problem  database  cannot be read
                   → mend it
";
        assert_eq!(table(&findings, Paint::none()), expected);
        let machine = json!({ "check": "database", "level": "problem", "text": "cannot be read", "advice": "mend it" });
        assert_eq!(findings[1].machine(), machine);
    }
}
