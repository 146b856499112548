//! What happened, in order, for people to read.

use std::collections::VecDeque;
use std::fmt;

use chrono::{DateTime, Utc};

/// How many lines are kept.
const LINES_KEPT: usize = 100_000;

/// What somebody did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Deed {
    /// Became a member; the text is the guild's name.
    Joined,
    /// Left; the text is the guild's name.
    Left,
    /// Wrote a message.
    Said,
    /// Used a command, a component or a form; the text is what they typed.
    Used,
    /// Discord itself refused a command; the text is why.
    Refused,
    /// The bot answered an interaction.
    Answered,
    /// The bot changed an answer.
    Edited,
}

/// One line of the transcript.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// When, on the simulator's clock.
    pub at: DateTime<Utc>,
    /// Name of the person, or of the bot.
    pub who: String,
    /// What they did.
    pub deed: Deed,
    /// What they wrote, with names for mentions and embeds as lines.
    pub text: String,
    /// Name of the channel; empty for direct messages and where there is none.
    pub channel: String,
    /// The only person who sees it.
    pub only_for: Option<String>,
}

impl Line {
    pub(crate) fn new(at: DateTime<Utc>, who: &str, deed: Deed, text: &str) -> Self {
        Self {
            at,
            who: who.to_owned(),
            deed,
            text: text.to_owned(),
            channel: String::new(),
            only_for: None,
        }
    }

    pub(crate) fn in_channel(mut self, name: &str) -> Self {
        name.clone_into(&mut self.channel);
        self
    }

    pub(crate) fn only_for(mut self, name: &str) -> Self {
        self.only_for = Some(name.to_owned());
        self
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { who, text, .. } = self;
        write!(f, "{} ", self.at.format("%Y-%m-%d %H:%M:%S"))?;
        if !self.channel.is_empty() {
            write!(f, "#{} ", self.channel)?;
        }
        match self.deed {
            Deed::Joined => write!(f, "{who} joined {text}")?,
            Deed::Left => write!(f, "{who} left {text}")?,
            Deed::Used => write!(f, "{who} uses {text}")?,
            Deed::Refused => write!(f, "{who} is refused: {text}")?,
            Deed::Said => return self.body(f, ""),
            Deed::Answered => return self.body(f, " answers"),
            Deed::Edited => return self.body(f, " edits"),
        }
        Ok(())
    }
}

impl Line {
    /// One line after the name, or several lines below it.
    fn body(&self, f: &mut fmt::Formatter<'_>, verb: &str) -> fmt::Result {
        write!(f, "{}{verb}", self.who)?;
        if let Some(reader) = &self.only_for {
            write!(f, " (only {reader} sees it)")?;
        }
        if self.text.contains('\n') {
            write!(f, ":")?;
            let mut lines = self.text.lines();
            return lines.try_for_each(|line| write!(f, "\n    {line}"));
        }
        write!(f, ": {}", self.text)
    }
}

/// The lines that are kept, and how many there were in all.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    lines: VecDeque<Line>,
    count: usize,
}

impl Transcript {
    pub(crate) fn push(&mut self, line: Line) {
        self.count += 1;
        self.lines.push_back(line);
        if self.lines.len() > LINES_KEPT {
            self.lines.pop_front();
        }
    }

    /// Lines ever written.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// The lines after the first `count`.
    pub(crate) fn since(&self, count: usize) -> Vec<Line> {
        let forgotten = self.count - self.lines.len();
        let lines = self.lines.iter().skip(count.saturating_sub(forgotten));
        lines.cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &Line, shown: &str) {
        assert_eq!(line.to_string(), shown);
    }

    #[test]
    fn lines_read_as_a_chat() {
        let line = |deed, text| Line::new(DateTime::UNIX_EPOCH, "ann", deed, text);
        let said = line(Deed::Said, "hello").in_channel("general");
        check(&said, "1970-01-01 00:00:00 #general ann: hello");
        let answered = line(Deed::Answered, "a\nb").only_for("ben");
        check(
            &answered,
            "1970-01-01 00:00:00 ann answers (only ben sees it):\n    a\n    b",
        );
        check(
            &line(Deed::Joined, "Rustaceans"),
            "1970-01-01 00:00:00 ann joined Rustaceans",
        );
    }

    #[test]
    fn only_the_newest_lines_are_kept() {
        let mut transcript = Transcript::default();
        for number in 0..LINES_KEPT + 3 {
            let text = number.to_string();
            transcript.push(Line::new(DateTime::UNIX_EPOCH, "ann", Deed::Said, &text));
        }
        assert_eq!(transcript.since(0).len(), LINES_KEPT);
        assert_eq!(
            transcript.since(LINES_KEPT + 2)[0].text,
            (LINES_KEPT + 2).to_string()
        );
    }
}
