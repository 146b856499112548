//! Playing a script.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use crate::people::{Channel, Guild, Person, Reply};
use crate::script::{At, Deed, Expect, Mismatch, Place, Script, Step};
use crate::simulator::Simulator;
use crate::slash::SlashError;
use crate::transcript::Line;

/// The host of a play: where the bot and its clock live.
pub trait Stage {
    /// Why the bot could not become quiet; ends the play.
    type Error: fmt::Display + Send;

    /// Returns when the bot has dealt with everything that happened so far.
    ///
    /// # Errors
    /// The bot does not become quiet.
    fn settle(&self) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Moves the clock forward and returns when everything that came due is done.
    ///
    /// # Errors
    /// The bot does not become quiet.
    fn advance(&self, time: Duration) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Stops the bot in good order, starts it again with what it has stored, and returns when it is ready.
    ///
    /// # Errors
    /// The bot does not become ready.
    fn restart(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Why a play ended before its last step.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlayError<E: fmt::Display> {
    /// An expectation did not come true.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// The stage could not go on.
    #[error("{place}: {error:#}")]
    Stage {
        /// The step, or the first line when the bot was not quiet before the first step.
        place: Place,
        /// What the stage said.
        error: E,
    },
}

impl Script {
    /// Founds the world of the script: guild, channels, people. Doing it again changes nothing, so
    /// it may be done before the bot connects.
    pub fn seed(&self, sim: &Simulator) -> Guild {
        sim.name_application_owner(&self.owner);
        let guild = sim.guild(&self.guild);
        for name in &self.channels {
            guild.channel(name);
        }
        for name in self.members.iter().filter(|name| **name != self.owner) {
            guild.member(name);
        }
        guild
    }

    /// Plays the script from the first step to the last, and hands over each line of the
    /// transcript, beginning with what was in it before.
    ///
    /// # Errors
    /// The first expectation that does not come true, or the stage's own error; what was to happen
    /// after it does not happen.
    pub async fn play<S: Stage + Sync>(
        &self,
        sim: &Simulator,
        stage: &mut S,
        mut on_line: impl FnMut(&Line) + Send,
    ) -> Result<(), PlayError<S::Error>> {
        let player = Player {
            script: self,
            guild: self.seed(sim),
        };
        let mut told = 0;
        let mut tell = |sim: &Simulator| {
            let lines = sim.transcript_since(told);
            lines.iter().for_each(&mut on_line);
            told += lines.len();
        };
        player.at(1, stage.settle().await)?;
        tell(sim);
        for step in &self.steps {
            let done = player.step(stage, step).await;
            tell(sim);
            done?;
        }
        Ok(())
    }
}

struct Player<'a> {
    script: &'a Script,
    guild: Guild,
}

impl Player<'_> {
    async fn step<S: Stage + Sync>(
        &self,
        stage: &mut S,
        step: &Step,
    ) -> Result<(), PlayError<S::Error>> {
        let channel = self.guild.channel(&step.channel);
        let mut answered = None;
        match &step.deed {
            None => {}
            Some(Deed::Wait(time)) => self.at(step.line, stage.advance(*time).await)?,
            Some(Deed::Say { who, text, times }) => {
                let person = self.person(who);
                for _ in 0..*times {
                    person.says_in(&channel, text).await;
                }
            }
            Some(Deed::Restart) => self.at(step.line, stage.restart().await)?,
            Some(Deed::Slash { who, text, expect }) => {
                let answer = self.person(who).try_slash_in(&channel, text).await;
                answered = Some((expect, answer));
            }
            Some(Deed::Press {
                who,
                component,
                values,
                expect,
            }) => {
                let values: Vec<_> = values.iter().map(String::as_str).collect();
                let person = self.person(who);
                let answer = person.presses(&channel, component, &values).await;
                answered = Some((expect, answer));
            }
        }
        self.at(step.line, stage.settle().await)?;
        if let Some((expect, answer)) = answered {
            self.check_answer(step, expect, answer)?;
        }
        Ok(self.check_message(step, &channel)?)
    }

    /// Puts the line of the step to what the stage says.
    fn at<E: fmt::Display>(&self, line: usize, outcome: Result<(), E>) -> Result<(), PlayError<E>> {
        let place = self.script.place(line);
        outcome.map_err(|error| PlayError::Stage { place, error })
    }

    fn person(&self, name: &str) -> Person {
        if name == self.script.owner {
            return self.guild.owner();
        }
        self.guild.member(name)
    }

    fn mismatch(&self, line: usize, expected: String, found: String) -> Mismatch {
        let place = self.script.place(line);
        Mismatch {
            place,
            expected,
            found,
        }
    }

    fn check_answer(
        &self,
        step: &Step,
        expect: &Expect,
        answer: Result<Reply, SlashError>,
    ) -> Result<(), Mismatch> {
        let reply = match (answer, expect.refused) {
            (Ok(reply), false) => reply,
            (Err(SlashError::NotPermitted { .. } | SlashError::NoComponent { .. }), true) => {
                return Ok(());
            }
            (Ok(reply), true) => {
                let found = format!("the answer {:?}", reply.text());
                let expected = "the command to be refused".to_owned();
                return Err(self.mismatch(step.line, expected, found));
            }
            (Err(error), refused) => {
                let expected = if refused {
                    "the command to be refused"
                } else {
                    "an answer"
                };
                return Err(self.mismatch(step.line, expected.to_owned(), error.to_string()));
            }
        };
        self.check_texts("the answer", &reply.text(), &expect.texts)?;
        let text = reply.text();
        if let Some(unwanted) = expect.not_texts.iter().find(|it| text.contains(&it.value)) {
            let expected = format!("the answer not to contain {:?}", unwanted.value);
            return Err(self.mismatch(unwanted.line, expected, format!("{text:?}")));
        }
        self.check_ephemeral(expect, &reply)
    }

    fn check_ephemeral(&self, expect: &Expect, reply: &Reply) -> Result<(), Mismatch> {
        let Some(wanted) = &expect.ephemeral else {
            return Ok(());
        };
        let words = |is_ephemeral| {
            let words = ["an answer for everybody", "an answer that only they see"];
            words[usize::from(is_ephemeral)].to_owned()
        };
        if wanted.value == reply.is_ephemeral() {
            return Ok(());
        }
        let found = words(reply.is_ephemeral());
        Err(self.mismatch(wanted.line, words(wanted.value), found))
    }

    fn check_message(&self, step: &Step, channel: &Channel) -> Result<(), Mismatch> {
        if step.expect_message.is_empty() {
            return Ok(());
        }
        let newest = channel.messages().pop();
        let text = newest.map(|it| it.text().to_owned()).unwrap_or_default();
        let what = format!("the newest message of #{}", step.channel);
        self.check_texts(&what, &text, &step.expect_message)
    }

    fn check_texts(&self, what: &str, text: &str, wanted: &[At<String>]) -> Result<(), Mismatch> {
        let missing = wanted.iter().find(|it| !text.contains(&it.value));
        missing.map_or(Ok(()), |missing| {
            let expected = format!("{what} to contain {:?}", missing.value);
            Err(self.mismatch(missing.line, expected, format!("{text:?}")))
        })
    }
}
