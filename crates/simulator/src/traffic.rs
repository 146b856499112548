//! Simulated everyday life: people talk, and now and then somebody uses a command.
//!
//! The same seed, the same people and the same commands give the same course of events. The pace
//! is the caller's: one call, one thing that somebody does.

use serde_json::Value;

use crate::people::{Guild, Message, Person, Reply};
use crate::slash::SlashError;
use crate::snowflake::mix;
use crate::world::command::{CHAT_INPUT, Command, options_of};

/// Every how many steps somebody uses a command, on average.
const COMMAND_EVERY: u64 = 8;
const SUBCOMMAND: u64 = 1;
const GROUP: u64 = 2;

const REMARKS: [&str; 16] = [
    "good morning",
    "has anybody tried the new release?",
    "it compiles, so it must be right",
    "I finally understood lifetimes",
    "lunch?",
    "who broke the build?",
    "the build was me, sorry",
    "nice work",
    "that is clever",
    "I would not have thought of that",
    "see the docs, second chapter",
    "coffee first",
    "ship it",
    "let me look",
    "works on my machine",
    "good night",
];

/// What somebody did.
#[derive(Debug)]
#[non_exhaustive]
pub enum Happening {
    /// Somebody said something.
    Said(Message),
    /// Somebody used a command, and this came of it.
    Used {
        /// What was typed.
        command: String,
        /// The answer, or why there was none.
        outcome: Result<Reply, SlashError>,
    },
}

/// A source of things that people do in a guild.
pub struct Traffic {
    guild: Guild,
    state: u64,
}

impl Traffic {
    /// Life in this guild, as the seed has it.
    pub fn new(guild: &Guild, seed: u64) -> Self {
        Self {
            guild: guild.clone(),
            state: seed,
        }
    }

    /// Lets one person do one thing; `None` while the guild has no people. A few people do most of
    /// the talking, as everywhere. Commands that need an option are left alone, and so are those
    /// that are not shown to everybody.
    ///
    /// Waits for the answer to a command, as long as the simulator does.
    pub async fn next_step(&mut self) -> Option<Happening> {
        let people = self.guild.people();
        let person = self.talker(&people)?;
        let commands = self.commands();
        if !commands.is_empty() && self.below(COMMAND_EVERY) == 0 {
            let command = self.pick(&commands).clone();
            let outcome = person.try_slash(&command).await;
            return Some(Happening::Used { command, outcome });
        }
        let remark = *self.pick(&REMARKS);
        Some(Happening::Said(person.says(remark).await))
    }

    /// The smaller of two draws is drawn from again: the first people of the list talk most.
    fn talker(&mut self, people: &[Person]) -> Option<Person> {
        let count = people.len() as u64;
        let first = self.below(count.max(1));
        let index = self.below(first + 1);
        people.get(usize::try_from(index).ok()?).cloned()
    }

    fn commands(&self) -> Vec<String> {
        let guild = self.guild.id();
        self.guild.simulator().read(|world| {
            let here = world.commands.values();
            let here = here.filter(|it| it.guild.is_none() || it.guild == Some(guild));
            let open = here.filter(|it| it.kind() == CHAT_INPUT && is_for_everybody(it));
            open.flat_map(|it| lines(&format!("/{}", it.name()), it.options()))
                .collect()
        })
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let index = self.below(items.len() as u64);
        &items[usize::try_from(index).unwrap_or(0)]
    }

    /// A number below `limit`, which is not 0.
    const fn below(&mut self, limit: u64) -> u64 {
        self.state = self.state.wrapping_add(1);
        mix(self.state) % limit
    }
}

fn is_for_everybody(command: &Command) -> bool {
    let limited = command.body.get("default_member_permissions");
    limited.is_none() && command.is_in_guilds()
}

/// What can be typed without giving an option.
fn lines(prefix: &str, options: &[Value]) -> Vec<String> {
    let is_step = |it: &&Value| matches!(it["type"].as_u64(), Some(SUBCOMMAND | GROUP));
    let steps: Vec<_> = options.iter().filter(is_step).collect();
    if steps.is_empty() {
        let needs_more = options.iter().any(|it| it["required"] == true);
        return if needs_more {
            vec![]
        } else {
            vec![prefix.to_owned()]
        };
    }
    let name = |step: &Value| step["name"].as_str().unwrap_or("").to_owned();
    let deeper = steps.into_iter().flat_map(|step| {
        let prefix = format!("{prefix} {}", name(step));
        lines(&prefix, options_of(step.get("options")))
    });
    deeper.collect()
}
