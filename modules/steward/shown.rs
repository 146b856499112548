//! Tasks and runs as owners see them.

use cogsmith::{prelude::*, tasks::RunRecord};

/// Code points of an error in a list of runs.
const ERROR: usize = 300;

/// Answers with everything about a task.
pub(super) async fn answer(ctx: Context<'_>, status: &Status) -> Result<()> {
    let instant = |at: Option<DateTime<Utc>>| at.map_or("never".to_owned(), relative);
    let trigger = match status.overridden {
        true => format!(
            "{} (set by hand; in the code: {})",
            status.trigger, status.default_trigger
        ),
        false => status.trigger.to_string(),
    };
    let fields = [
        ("State", status.state.to_string()),
        ("Due", trigger),
        ("Next run", instant(status.next_run_at)),
        ("Last run", instant(status.last_run_at)),
        ("Last success", instant(status.last_ok_at)),
        (
            "Runs",
            format!("{} ({} in this life)", status.runs_total, status.loop_index),
        ),
        ("Failures in a row", status.fails.to_string()),
        (
            "Last error",
            status.last_error.as_deref().unwrap_or("none").to_owned(),
        ),
    ];
    let embed = Embed::new(&*status.name);
    let embed = fields
        .into_iter()
        .fold(embed, |embed, (name, value)| embed.field(name, value));
    ctx.answer(embed).await
}

/// A task in a list.
pub(super) fn line(status: &Status) -> String {
    let next = status
        .next_run_at
        .map_or(String::new(), |at| format!(", next {}", relative(at)));
    format!(
        "`{}` {}, {}{next}",
        status.name, status.state, status.trigger
    )
}

fn relative(at: DateTime<Utc>) -> String {
    format!("<t:{}:R>", at.timestamp())
}

/// A run in a list.
pub(super) fn run(run: &RunRecord) -> String {
    let took = run.duration().map_or(String::new(), |took| {
        format!(", {} ms", took.num_milliseconds())
    });
    let error = run.error.as_deref().map_or(String::new(), |error| {
        format!(": {}", shorten(error, ERROR))
    });
    format!(
        "{} {} ({}, attempt {}){took}{error}",
        relative(run.slot_at),
        run.state,
        run.cause,
        run.attempt
    )
}
