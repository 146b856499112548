//! What the modules so far have claimed of what a bot has once: names of commands, ids of components and forms.
//!
//! A module that declares what can never work claims nothing and is not loaded; the others go on.

use std::collections::BTreeSet;

use super::{
    Command,
    declaration::Declaration,
    handler::{self, Handled},
    validity,
    waits::CHOICE,
};
use crate::job;

/// How many commands of each kind Discord takes, by its number for the kind.
/// See Discord docs/Application Commands, Registering a Command.
const MOST: [(u64, &str, usize); 3] = [
    (1, "slash commands", 100),
    (2, "commands in the menu of a person", 15),
    (3, "commands in the menu of a message", 15),
];

#[derive(Default)]
pub(super) struct Claims {
    /// By kind and name.
    commands: BTreeSet<(u64, String)>,
    handled: Vec<Handled>,
    jobs: BTreeSet<&'static str>,
}

impl Claims {
    /// Takes what a module declares; one with faults is left with them alone.
    pub(super) fn take(&mut self, declared: &mut Declaration) {
        poise::set_qualified_names(&mut declared.commands);
        let faults = self.faults(declared);
        declared.problems.extend(faults);
        if declared.problems.is_empty() {
            declared.count_needs_of_commands();
            self.keep(declared);
        } else {
            declared.refuse();
        }
    }

    fn keep(&mut self, declared: &Declaration) {
        let commands = declared.commands.iter();
        self.commands.extend(commands.flat_map(names));
        let handlers = declared.handlers.iter();
        self.handled.extend(handlers.map(|handler| handler.handled));
        self.jobs.extend(declared.jobs.iter().map(|job| job.name));
    }

    fn faults(&self, declared: &Declaration) -> Vec<String> {
        let commands = self.command_faults(&declared.commands);
        let handlers = self.handler_faults(declared);
        let keys = declared.settings.iter().map(|setting| setting.key());
        let keys = repeated(keys).map(|key| format!("the setting {key:?} is declared twice"));
        let jobs = self.job_faults(declared);
        let faults = commands.into_iter().chain(handlers).chain(jobs);
        faults.chain(keys).collect()
    }

    fn command_faults(&self, commands: &[Command]) -> Vec<String> {
        let invalid = commands.iter().filter_map(|command| {
            let fault = validity::fault(command)?;
            Some(format!("the command {}: {fault}", command.qualified_name))
        });
        let own = repeated(commands.iter().flat_map(names));
        let taken = commands.iter().flat_map(names);
        let taken = taken.filter(|name| self.commands.contains(name));
        let clashes = own
            .chain(taken)
            .map(|(_, name)| format!("the command {name}: another command has its name"));
        let too_many = MOST.iter().filter_map(|(kind, called, most)| {
            let known = self.commands.iter().map(|(of, _)| *of);
            let own = commands.iter().flat_map(names).map(|(of, _)| of);
            let count = known.chain(own).filter(|of| of == kind).count();
            (count > *most)
                .then(|| format!("with it the bot has {count} {called}, and Discord takes {most}"))
        });
        invalid.chain(clashes).chain(too_many).collect()
    }

    fn handler_faults(&self, declared: &Declaration) -> Vec<String> {
        let handled: Vec<_> = declared.handlers.iter().map(|it| it.handled).collect();
        let faults = handled.iter().enumerate().filter_map(|(index, it)| {
            if it.is_within(CHOICE) {
                return Some(format!(
                    "{:?}: ids that begin with {CHOICE}: are those of ctx.choose",
                    it.pattern
                ));
            }
            handler::fault(it, self.handled.iter().chain(&handled[..index]))
        });
        faults.collect()
    }

    fn job_faults(&self, declared: &Declaration) -> Vec<String> {
        let invalid = declared.jobs.iter().filter_map(job::Declared::fault);
        let names = declared.jobs.iter().map(|job| job.name);
        let taken = names.clone().filter(|name| self.jobs.contains(name));
        let clashes = repeated(names).chain(taken);
        let clashes = clashes.map(|name| format!("the job {name}: another job has its name"));
        invalid.chain(clashes).collect()
    }
}

fn names(command: &Command) -> impl Iterator<Item = (u64, String)> {
    validity::built(command).map(|built| {
        let name = built["name"].as_str().unwrap_or_default();
        (validity::kind(&built), name.to_owned())
    })
}

fn repeated<T: Ord + Clone>(all: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let mut seen = BTreeSet::new();
    all.filter(move |one| !seen.insert(one.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{job::declared_for_tests, module::validity::tests::fine};

    fn declared(commands: Vec<Command>) -> Declaration {
        Declaration {
            commands,
            ..Declaration::default()
        }
    }

    #[test]
    fn a_name_belongs_to_the_first_module_that_claims_it() {
        let (mut first, mut second) = (declared(vec![fine()]), declared(vec![fine()]));
        let mut claims = Claims::default();
        claims.take(&mut first);
        claims.take(&mut second);
        assert_eq!((first.problems.len(), first.commands.len()), (0, 1));
        let clash = |name| format!("the command {name}: another command has its name");
        assert_eq!(second.problems, ["fine", "Look Closely"].map(clash));
        assert!(second.commands.is_empty());
        let mut twice = declared(vec![fine(), fine()]);
        Claims::default().take(&mut twice);
        assert_eq!(twice.problems, ["fine", "Look Closely"].map(clash));
    }

    #[test]
    fn a_job_belongs_to_the_first_module_that_claims_its_name() {
        let jobs = |names: &[&'static str]| Declaration {
            jobs: names.iter().map(|name| declared_for_tests(name)).collect(),
            ..Declaration::default()
        };
        let clash = ["the job ids: another job has its name"];
        let (mut first, mut second) = (jobs(&["ids", "tidy"]), jobs(&["ids"]));
        let mut claims = Claims::default();
        claims.take(&mut first);
        claims.take(&mut second);
        assert_eq!((first.problems.len(), first.jobs.len()), (0, 2));
        assert_eq!(second.problems, clash);
        assert!(second.jobs.is_empty());
        let mut twice = jobs(&["ids", "ids"]);
        Claims::default().take(&mut twice);
        assert_eq!(twice.problems, clash);
    }

    #[test]
    fn a_module_that_is_refused_claims_nothing() {
        let mut broken = declared(vec![fine()]);
        broken.problems.push("of its own".to_owned());
        let mut claims = Claims::default();
        claims.take(&mut broken);
        let mut other = declared(vec![fine()]);
        claims.take(&mut other);
        assert_eq!(other.problems, [""; 0]);
    }

    #[test]
    fn more_commands_of_a_kind_than_discord_takes_are_refused() {
        let named = |number: usize, has_menu: bool| {
            let mut command = fine();
            command.name = format!("fine-{number}").into();
            command.context_menu_name = Some(format!("Look {number}").into());
            if !has_menu {
                command.context_menu_action = None;
            }
            command
        };
        let mut claims = Claims::default();
        let full = (0..100).map(|number| named(number, number < 15));
        claims.take(&mut declared(full.collect()));
        let mut more = declared(vec![named(100, true)]);
        claims.take(&mut more);
        let expected = [
            "with it the bot has 101 slash commands, and Discord takes 100",
            "with it the bot has 16 commands in the menu of a message, and Discord takes 15",
        ];
        assert_eq!(more.problems, expected);
    }
}
