//! Whether the bot may do in each server what its modules need. Single channels may forbid more, and are not looked at.

use cogsmith_tasks::ErrorChain;
use serenity::{
    http::{GuildPagination, Http},
    model::{Permissions, guild::GuildInfo, id::GuildId},
};

use super::{Bot, finding::Finding};
use crate::{
    module::{Brought, permissions},
    switches::{Availability, Switches},
};

const SUBJECT: &str = "permissions";
/// The most that Discord lists at once.
const PAGE: u64 = 200;
/// See Discord docs/Topics/Permissions: whoever has it has all others.
const ALL: Permissions = Permissions::ADMINISTRATOR;

/// Each server in which a module lacks something.
///
/// `switches` tells which modules are on; without it, those are that are on by default.
pub(super) async fn look(bot: &Bot, switches: Option<&Switches>) -> Vec<Finding> {
    for module in bot.manifest.modules() {
        switches.inspect(|switches| switches.declare(module.name, module.availability));
    }
    let guilds = match guilds(&bot.rest.http).await {
        Ok(guilds) => guilds,
        Err(error) => {
            let text = format!("listing the servers: {}", ErrorChain(&error.into()));
            return vec![Finding::problem(SUBJECT, text, "try again later")];
        }
    };
    let is_on = |module: &Brought, guild| match switches {
        Some(switches) => switches.is_on(module.name, Some(guild)),
        None => module.availability != Availability::OffByDefault,
    };
    let lacking = guilds.iter().filter_map(|guild| {
        let modules = bot.manifest.modules();
        lacking(guild, modules.filter(|module| is_on(module, guild.id)))
    });
    let lacking: Vec<_> = lacking.collect();
    match lacking.is_empty() {
        true => vec![Finding::ok(SUBJECT, nothing(guilds.len()))],
        false => lacking,
    }
}

fn nothing(guilds: usize) -> String {
    match guilds {
        1 => "nothing is lacking in the one server".to_owned(),
        guilds => format!("nothing is lacking in {guilds} servers"),
    }
}

async fn guilds(http: &Http) -> serenity::Result<Vec<GuildInfo>> {
    let mut guilds: Vec<GuildInfo> = Vec::new();
    loop {
        let after = guilds.last().map(|guild| GuildPagination::After(guild.id));
        let page = http.get_guilds(after, Some(PAGE)).await?;
        let is_last = (page.len() as u64) < PAGE;
        guilds.extend(page);
        if is_last {
            return Ok(guilds);
        }
    }
}

fn lacking<'m>(guild: &GuildInfo, modules: impl Iterator<Item = &'m Brought>) -> Option<Finding> {
    let has = guild.permissions;
    let each = modules.filter_map(|module| {
        let lacks = permissions(&module.needs) - has;
        let is_lacking = !lacks.is_empty() && !has.contains(ALL);
        is_lacking.then(|| format!("{} lacks {lacks}", module.name))
    });
    let each: Vec<_> = each.collect();
    let text = format!("{} ({}): {}", guild.name, guild.id, each.join("; "));
    let advice = advice(guild.id);
    (!each.is_empty()).then(|| Finding::warning(SUBJECT, text, advice))
}

fn advice(guild: GuildId) -> String {
    format!(
        "allow it to the bot's role there, or add the bot anew: cogsmith invite --guild {guild}"
    )
}
