//! Times that are suggested while somebody types when a task is to be due.

use cogsmith::{
    prelude::*,
    reply::{completions, suggestions},
};
use poise::serenity_prelude::ResolvedValue;
use serenity::builder::CreateAutocompleteResponse;

const LENGTHS: [&str; 9] = ["30s", "1m", "5m", "10m", "30m", "1h", "6h", "12h", "1d"];
const OTHERS: [&str; 3] = [
    "at 09:00",
    "at 09:00 in Europe/Berlin",
    "cron 0 9 * * MON-FRI",
];

/// Lengths of time.
pub(super) async fn lengths(_: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    completions(typed, pairs(LENGTHS))
}

/// When the task whose name was typed before is due, what its code says, and usual times.
pub(super) async fn times(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let Context::Application(application) = ctx else {
        return suggestions([]);
    };
    let mut options = application.args.iter();
    let name = options.find_map(|option| match option.value {
        ResolvedValue::String(name) if option.name == "name" => Some(name.trim()),
        _ => None,
    });
    let mut tasks = ctx.host().tasks().into_iter();
    let task = name.and_then(|name| tasks.find(|task| *task.name() == *name));
    let own = task.map_or_else(Vec::new, |task| of(&task.status()));
    completions(
        typed,
        own.into_iter().chain(pairs(LENGTHS)).chain(pairs(OTHERS)),
    )
}

/// As they are written in an option: without the `every` of a length of time.
fn of(status: &Status) -> Vec<(String, String)> {
    let typed = |trigger: &Trigger| trigger.to_string().trim_start_matches("every ").to_owned();
    let (is, default) = (typed(&status.trigger), typed(&status.default_trigger));
    let mut own = vec![(format!("{is} (as it is)"), is.clone())];
    if is != default {
        own.push((format!("{default} (the code's own)"), default));
    }
    own
}

fn pairs<const N: usize>(times: [&str; N]) -> impl Iterator<Item = (String, String)> {
    times
        .into_iter()
        .map(|time| (time.to_owned(), time.to_owned()))
}
