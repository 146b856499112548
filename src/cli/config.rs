//! `cogsmith config`: what holds, and where it comes from. No secret is shown.

use std::fmt::Write;

use serde_json::json;

use super::{flags::Flags, out, paint::Paint, settings::Settings};
use crate::{
    config::{self, Config, Group, Row, Setting},
    error::Result,
    module::Modules,
};

const EXAMPLES: &str = "\
Examples:
  cogsmith config
  cogsmith config --json --drain-seconds 60";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// One JSON array instead of a table
    #[arg(long, conflicts_with_all = ["example", "page"])]
    json: bool,
    /// Print the text of .env.example
    #[arg(long)]
    example: bool,
    /// Print the text of docs/CONFIGURATION.md
    #[arg(long, conflicts_with = "example")]
    page: bool,
    #[command(flatten)]
    pub(super) flags: Flags,
}

/// Shows everything, also what is wrong; then every problem is the error.
pub(super) fn config(
    arguments: &Arguments,
    mut settings: Settings,
    modules: &Modules,
) -> Result<()> {
    if arguments.example {
        out::text(config::example());
        return Ok(());
    }
    if arguments.page {
        out::text(config::page());
        return Ok(());
    }
    let shown: Vec<_> = settings.variables.settings().collect();
    out::text(match arguments.json {
        true => machine(&shown),
        false => table(&shown, Paint::stdout()),
    });
    for unknown in settings.variables.unknown() {
        out::line(format_args!("warning: {unknown}"));
    }
    let config = Config::read(&settings.variables, &modules.names());
    settings.problems.keep(config);
    Ok(settings.problems.into_result()?)
}

fn table(shown: &[(&Row, Setting)], paint: Paint) -> String {
    let width = |of: fn(&Setting) -> usize| shown.iter().map(|(_, it)| of(it)).max().unwrap_or(0);
    let names = width(|it| it.name.len());
    let values = width(|it| text(it).chars().count());
    let mut table = String::new();
    for group in Group::ALL {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{}", paint.heading(&group.to_string()));
        for (_, it) in shown.iter().filter(|(row, _)| row.group == group) {
            let (name, value, place) = (it.name, text(it), &it.place);
            let _ = writeln!(table, "  {name:names$}  {value:values$}  {place}");
        }
    }
    table
}

fn text(setting: &Setting) -> &str {
    setting.value.as_deref().unwrap_or("–")
}

fn machine(shown: &[(&Row, Setting)]) -> String {
    let rows = shown.iter().map(|(row, it)| {
        json!({
            "name": it.name,
            "value": it.value,
            "source": it.place,
            "accepted": it.is_accepted,
            "secret": row.is_secret(),
            "default": row.default,
            "takes": row.kind.to_string(),
        })
    });
    let rows: Vec<_> = rows.collect();
    format!("{:#}\n", json!(rows))
}
