//! `cogsmith commands`: what the modules declare beside what Discord has. It works beside a running bot.

use std::fmt::Write;

use anyhow::bail;
use serde_json::{Value, json};
use serenity::model::id::GuildId;

use super::{
    bot::Bot, command_list::CommandList, flags::Flags, out, paint::Paint, settings::Settings,
};
use crate::{
    config::Problem,
    discord::{Difference, register},
    error::Result,
    module::Modules,
};

const LIST: &str = "\
Examples:
  cogsmith commands list
  cogsmith commands list --guild 613425648685547541 --json";

const DIFF: &str = "\
Exit code 0 when Discord has just what is declared, 1 when it has not.

Examples:
  cogsmith commands diff
  cogsmith commands diff --guild 613425648685547541";

const SYNC: &str = "\
Example:
  cogsmith commands sync";

const CLEAR: &str = "\
Example:
  cogsmith commands clear --guild 613425648685547541 --yes";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Show the commands that the modules declare, and whether Discord has them
    #[command(after_help = LIST)]
    List(Which),
    /// Show how Discord's list differs from what the modules declare
    #[command(after_help = DIFF)]
    Diff(Which),
    /// Make Discord's list what the modules declare
    #[command(after_help = SYNC)]
    Sync(Which),
    /// Take every command out of Discord's list; a bot that runs puts them back when it connects anew
    #[command(after_help = CLEAR)]
    Clear {
        /// Do it, and do not only say what would be done
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        which: Which,
    },
}

/// Which list, and for whom.
#[derive(Debug, clap::Args)]
struct Which {
    /// The list that this server has of its own: commands of modules that are switched on there, and the owner's
    #[arg(long, value_name = "ID")]
    guild: Option<GuildId>,
    /// One JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

impl Arguments {
    pub(super) fn flags(&self) -> &Flags {
        &self.which().flags
    }

    fn which(&self) -> &Which {
        match &self.verb {
            Verb::List(which) | Verb::Diff(which) | Verb::Sync(which) => which,
            Verb::Clear { which, .. } => which,
        }
    }
}

pub(super) async fn commands(
    arguments: &Arguments,
    mut settings: Settings,
    modules: Modules,
) -> Result<()> {
    let Which { guild, json, .. } = *arguments.which();
    let bot = Bot::ask(&mut settings, modules).await?;
    let switches = match guild {
        Some(_) => Some(bot.switches(&settings).await?),
        None => None,
    };
    let is_on = |module: &str, guild| {
        let switches = switches.as_ref();
        switches.is_some_and(|switches| switches.is_on(module, Some(guild)))
    };
    let list = CommandList::read(&bot, guild, is_on).await?;
    match arguments.verb {
        Verb::List(_) => out::text(match json {
            true => format!("{:#}\n", list.machine()),
            false => list.table(Paint::stdout()),
        }),
        Verb::Diff(_) => diff(&list, json),
        Verb::Sync(_) => sync(&bot, &list, json).await,
        Verb::Clear { yes, .. } => clear(&bot, &list, guild, yes, json).await,
    }
}

fn diff(list: &CommandList, json: bool) -> Result<()> {
    let difference = &list.difference;
    out::text(match json {
        true => format!("{:#}\n", told(difference)),
        false => lines(difference, Paint::stdout()),
    })?;
    if !difference.is_empty() {
        bail!(
            "Discord's list {} is not what the modules declare; `cogsmith commands sync` makes it so",
            list.place()
        );
    }
    Ok(())
}

async fn sync(bot: &Bot, list: &CommandList, json: bool) -> Result<()> {
    let difference = &list.difference;
    if !difference.is_empty() {
        list.sync(bot).await?;
    }
    if json {
        out::text(format!("{:#}\n", told(difference)))?;
        return Ok(());
    }
    out::text(lines(difference, Paint::stdout()))?;
    out::line(match difference.is_empty() {
        true => format!(
            "nothing to do: Discord has just what is declared {}",
            list.place()
        ),
        false => format!("done: Discord has what is declared {}", list.place()),
    })?;
    Ok(())
}

async fn clear(
    bot: &Bot,
    list: &CommandList,
    guild: Option<GuildId>,
    yes: bool,
    json: bool,
) -> Result<()> {
    let names: Vec<_> = list.theirs.iter().map(crate::discord::title).collect();
    let what = match &names[..] {
        [] => format!("nothing, as there are no commands {}", list.place()),
        names => format!("{} {}", names.join(", "), list.place()),
    };
    if !yes {
        let fault = format!("is needed to remove {what}");
        return Err(Problem::within("--yes", fault).into());
    }
    if !names.is_empty() {
        register(&bot.rest.http, guild, &[]).await?;
    }
    match json {
        true => out::text(format!("{:#}\n", json!({ "removed": names }))),
        false => out::line(format!("removed {what}")),
    }
}

/// What syncing does to Discord's list.
fn lines(difference: &Difference, paint: Paint) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for name in &difference.missing {
        let _ = writeln!(text, "{}", paint.good(&format!("+ {name}")));
    }
    for changed in &difference.changed {
        let _ = writeln!(text, "{}", paint.doubtful(&format!("~ {}", changed.name)));
        for place in &changed.places {
            let _ = writeln!(text, "    {place}");
        }
    }
    for name in &difference.extra {
        let _ = writeln!(text, "{}", paint.bad(&format!("- {name}")));
    }
    text
}

fn told(difference: &Difference) -> Value {
    let changed = difference.changed.iter();
    let changed = changed.map(|it| json!({ "name": it.name, "places": it.places }));
    json!({
        "missing": difference.missing,
        "changed": changed.collect::<Vec<_>>(),
        "extra": difference.extra,
    })
}
