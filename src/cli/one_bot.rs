//! The one bot that a verb is about, where the settings have several.

use super::settings::Settings;
use crate::{
    bots::Bots,
    config::{BotName, Config, Problem, Problems},
    module::Modules,
};

/// What holds for the bot that `--bot` names, and its modules.
///
/// # Errors
/// There are several and none is named, or there is none of this name.
pub(super) fn one_bot(
    mut settings: Settings,
    bots: &Bots,
    named: Option<&str>,
) -> Result<(Settings, Modules), Problems> {
    let (names, problems) = Config::read_names(&settings.variables, &bots.known());
    settings.problems.keep(problems.into_result());
    let names: Vec<_> = names.into_iter().flatten().collect();
    let chosen = names.iter().find(|name| Some(name.as_str()) == named);
    if chosen.is_none() && (named.is_some() || !names.is_empty()) {
        settings.problems.push(unknown(named, &names));
        return Err(settings.problems);
    }
    if let Some(name) = chosen {
        settings.variables = settings.variables.of(name);
    }
    Ok((settings, bots.modules(chosen).clone()))
}

fn unknown(named: Option<&str>, names: &[BotName]) -> Problem {
    let names: Vec<_> = names.iter().map(BotName::as_str).collect();
    let expected = match names.is_empty() {
        true => "none, as BOTS names no bots".to_owned(),
        false => format!("one of the bots of BOTS: {}", names.join(", ")),
    };
    match named {
        Some(named) => Problem::quoting("--bot", named, expected),
        None => Problem::new("--bot", "nothing", expected),
    }
}
