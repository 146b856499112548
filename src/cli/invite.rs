//! `cogsmith invite`: the address that adds the bot to a server, with what its modules need and no more.

use std::fmt::Write;

use serde_json::{Value, json};
use serenity::model::{Permissions, id::GuildId};

use super::{bot::Bot, flags::Flags, out, settings::Settings};
use crate::{
    error::Result,
    module::{Manifest, Modules, invite as address, permissions},
};

const EXAMPLES: &str = "\
Examples:
  cogsmith invite
  cogsmith invite --guild 613425648685547541 --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The id of the server that the bot is added to; chosen on the page when left out
    #[arg(long, value_name = "ID")]
    guild: Option<GuildId>,
    /// One JSON object, with each permission and what it is for
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(super) flags: Flags,
}

/// A permission, and the modules that need it with their reasons.
struct Explained {
    name: String,
    needed_by: Vec<(&'static str, String)>,
}

/// The address is on standard output, and what it asks for on standard error.
pub(super) async fn invite(
    arguments: &Arguments,
    mut settings: Settings,
    modules: Modules,
) -> Result<()> {
    let bot = Bot::ask(&mut settings, modules).await?;
    let needs = bot.manifest.modules().flat_map(|module| &module.needs);
    let permissions = permissions(needs);
    let url = address(bot.application.id, permissions, arguments.guild);
    let explained = explained(permissions, &bot.manifest);
    if arguments.json {
        out::text(machine(&url, permissions, &explained))?;
        return Ok(());
    }
    out::line(url)?;
    out::aside(table(&explained));
    if bot.application.needs_code_grant {
        out::aside(
            "warning: the application requires an OAuth2 code grant, so the address alone does not do; switch that \
             off on the application's page\n",
        );
    }
    if !bot.application.is_public {
        out::aside("The bot is not public: only whoever owns its application can add it.\n");
    }
    Ok(())
}

fn explained(permissions: Permissions, manifest: &Manifest) -> Vec<Explained> {
    let each = permissions.iter();
    let each = each.map(|permission| {
        let modules = manifest.modules().flat_map(|module| {
            let needs = module.needs.iter();
            let needs = needs.filter(move |need| need.permissions.contains(permission));
            needs.map(|need| (module.name, need.why.to_string()))
        });
        Explained {
            name: permission.to_string(),
            needed_by: modules.collect(),
        }
    });
    each.collect()
}

fn table(explained: &[Explained]) -> String {
    let width = explained.iter().map(|it| it.name.len()).max().unwrap_or(0);
    let mut table = String::new();
    for Explained { name, needed_by } in explained {
        let reasons = needed_by
            .iter()
            .map(|(module, why)| format!("{module} {why}"));
        let reasons = reasons.collect::<Vec<_>>().join("; ");
        // Writing to a string cannot fail.
        let _ = writeln!(table, "  {name:width$}  {reasons}");
    }
    table
}

fn machine(url: &str, permissions: Permissions, explained: &[Explained]) -> String {
    let each = explained.iter().map(|it| {
        let needed_by = it.needed_by.iter();
        let needed_by = needed_by.map(|(module, why)| json!({ "module": module, "why": why }));
        json!({ "name": it.name, "needed_by": needed_by.collect::<Vec<Value>>() })
    });
    let object = json!({
        "url": url,
        // As Discord writes it: a number that is larger than those of JSON.
        "permissions": permissions.bits().to_string(),
        "explained": each.collect::<Vec<Value>>(),
    });
    format!("{object:#}\n")
}
