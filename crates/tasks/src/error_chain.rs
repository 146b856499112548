//! An error with its causes, as one line for logs, owners and the store.

use std::fmt;

/// Shows an error and its causes, outermost first, parted by `: `.
///
/// A cause that the text before it ends with is left out: many error types, those of serenity and sqlx among
/// them, print their source within their own text, and `{:#}` of anyhow would print it again.
///
/// ```
/// use cogsmith_tasks::ErrorChain;
///
/// let error = anyhow::anyhow!("the disk is full").context("writing the board");
/// assert_eq!(ErrorChain(&error).to_string(), "writing the board: the disk is full");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ErrorChain<'a>(pub &'a anyhow::Error);

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = String::new();
        for cause in self.0.chain() {
            let text = cause.to_string();
            if before.ends_with(&text) {
                continue;
            }
            if !before.is_empty() {
                f.write_str(": ")?;
            }
            f.write_str(&text)?;
            before = text;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prints its source within its own text.
    #[derive(Debug)]
    struct Wordy(std::io::Error);

    impl fmt::Display for Wordy {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "the server says: {}", self.0)
        }
    }

    impl std::error::Error for Wordy {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn a_cause_that_was_told_is_not_told_again() {
        let error = anyhow::Error::from(Wordy(std::io::Error::other("no such table")));
        assert_eq!(
            ErrorChain(&error.context("updating")).to_string(),
            "updating: the server says: no such table"
        );
        let twice = anyhow::anyhow!("full").context("full").context("writing");
        assert_eq!(ErrorChain(&twice).to_string(), "writing: full");
        let other = anyhow::anyhow!("full").context("the disk is not empty");
        assert_eq!(
            ErrorChain(&other).to_string(),
            "the disk is not empty: full"
        );
    }
}
