//! A flag for each variable that is no secret: `--drain-seconds 60` is `DRAIN_SECONDS=60`, and wins. One that is yes
//! or no needs no value: `--propagate-interrupts` says yes.

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::config::{Row, TABLE, Variables};

/// What was given as flags.
#[derive(Debug, Default)]
pub(super) struct Flags(Vec<(&'static Row, String)>);

impl Flags {
    pub(super) fn give(&self, variables: &mut Variables) {
        for (row, value) in &self.0 {
            let place = format!("--{}", flag(row));
            variables.give(row.name, value.clone(), &place);
        }
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = rows().filter_map(|row| {
            let value = matches.get_one::<String>(row.name)?;
            Some((row, value.clone()))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.extend(Self::from_arg_matches(matches)?.0);
        Ok(())
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        rows().fold(command, |command, row| command.arg(argument(row)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// Everybody on a machine sees the flags of a process.
fn rows() -> impl Iterator<Item = &'static Row> {
    TABLE.iter().filter(|row| !row.is_secret())
}

fn argument(row: &'static Row) -> Arg {
    let argument = Arg::new(row.name)
        .long(flag(row))
        .value_name("VALUE")
        .help(row.sentence())
        .help_heading(format!("Settings: {}", row.group))
        .hide_short_help(true);
    match row.is_switch() {
        // Given alone it is switched on, and what follows is another flag.
        true => argument.num_args(0..=1).default_missing_value("yes"),
        false => argument.allow_hyphen_values(true),
    }
}

fn flag(row: &Row) -> String {
    row.name.to_lowercase().replace('_', "-")
}
