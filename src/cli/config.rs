//! `cogsmith config`: what holds, and where it comes from. No secret is shown.

use serde_json::json;

use super::{flags::Flags, out, paint::Paint, settings::Settings};
use crate::{
    bots::Bots,
    config::{self, Config, Group, Section, Setting},
    error::Result,
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
pub(super) fn config(arguments: &Arguments, mut settings: Settings, bots: &Bots) -> Result<()> {
    if arguments.example {
        out::text(config::example())?;
        return Ok(());
    }
    if arguments.page {
        out::text(config::page())?;
        return Ok(());
    }
    let known = bots.known();
    let shown = settings.variables.sections(&known);
    out::text(match arguments.json {
        true => machine(&shown),
        false => table(&shown, Paint::stdout()),
    })?;
    for unknown in settings.variables.unknown() {
        out::line(format_args!("warning: {unknown}"))?;
    }
    let config = Config::read(&settings.variables, &known);
    settings.problems.keep(config);
    Ok(settings.problems.into_result()?)
}

fn table(shown: &[Section], paint: Paint) -> String {
    let all = || shown.iter().flat_map(|section| &section.settings);
    let width = |of: fn(&Setting) -> usize| all().map(|(_, it)| of(it)).max().unwrap_or(0);
    let names = width(|it| it.name.len());
    let values = width(|it| text(it).chars().count());
    let mut table = String::new();
    for Section { bot, settings } in shown {
        let of = bot.as_ref().map_or(String::new(), |bot| format!("{bot}: "));
        for group in Group::ALL {
            let rows = settings.iter().filter(|(row, _)| row.group == group);
            let rows = rows.map(|(_, it)| {
                let (name, value, place) = (it.name, text(it), &it.place);
                format!("  {name:names$}  {value:values$}  {place}\n")
            });
            let rows: String = rows.collect();
            if !rows.is_empty() {
                let heading = paint.heading(&format!("{of}{group}"));
                table.push_str(&format!("{heading}\n{rows}"));
            }
        }
    }
    table
}

fn text(setting: &Setting) -> &str {
    setting.value.as_deref().unwrap_or("–")
}

fn machine(shown: &[Section]) -> String {
    let rows = shown.iter().flat_map(|Section { bot, settings }| {
        let rows = settings.iter();
        rows.map(move |(row, it)| {
            let mut line = json!({
                "name": it.name,
                "value": it.value,
                "source": it.place,
                "accepted": it.is_accepted,
                "secret": row.is_secret(),
                "default": row.default,
                "takes": row.kind.to_string(),
            });
            if let Some(bot) = bot {
                line["bot"] = json!(bot.as_str());
            }
            line
        })
    });
    let rows: Vec<_> = rows.collect();
    format!("{:#}\n", json!(rows))
}
