//! One thing that the gate found, said so that somebody can mend it.

use std::fmt;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;

/// Longer values are cut.
const SHOWN: usize = 160;

/// Where, what was expected, and what was found.
#[derive(Debug)]
pub(crate) struct Finding {
    /// A JSON pointer; empty for the whole.
    path: String,
    expected: String,
    found: String,
}

impl Finding {
    /// Follows alternatives to the one that was most likely meant.
    pub(crate) fn of(error: &ValidationError<'_>) -> Self {
        if let ValidationErrorKind::OneOfNotValid { context }
        | ValidationErrorKind::AnyOf { context } = error.kind()
        {
            let own = error.instance_path().as_str();
            let branches = context.iter().filter(|branch| !branch.is_empty());
            let likely = branches.min_by_key(|branch| (mismatches(branch, own), branch.len()));
            if let Some(first) = likely.and_then(|branch| branch.first()) {
                return Self::of(first);
            }
        }
        let found = error.instance().to_string();
        Self {
            path: error.instance_path().as_str().to_owned(),
            expected: error.masked().to_string(),
            found: found.chars().take(SHOWN).collect(),
        }
    }
}

/// How many errors say that another kind of thing was meant: a wrong type here, or a wrong `type`.
fn mismatches(branch: &[ValidationError<'_>], own: &str) -> usize {
    let of_kind = |error: &&ValidationError<'_>| {
        let path = error.instance_path().as_str();
        let here = path == own || path.strip_prefix(own) == Some("/type");
        let kind = matches!(
            error.kind(),
            ValidationErrorKind::Type { .. }
                | ValidationErrorKind::Enum { .. }
                | ValidationErrorKind::Constant { .. }
                | ValidationErrorKind::OneOfNotValid { .. }
        );
        here && kind
    };
    branch.iter().filter(of_kind).count()
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            expected,
            found,
        } = self;
        let path = if path.is_empty() { "/" } else { path };
        write!(f, "at {path}: {expected}; found {found}")
    }
}
