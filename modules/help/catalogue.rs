//! The commands that somebody may use where they ask.

use cogsmith::prelude::*;
use serenity::model::permissions::Permissions;

/// A command of no group, with the names of its groups before its own.
pub(super) struct Usable<'c> {
    pub(super) name: String,
    pub(super) command: &'c Command,
}

/// All of them, by name.
pub(super) fn usable(ctx: Context<'_>) -> Vec<Usable<'_>> {
    let mut found = Vec::new();
    gather(ctx, &ctx.framework().options().commands, &mut found);
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

fn gather<'c>(ctx: Context<'_>, commands: &'c [Command], found: &mut Vec<Usable<'c>>) {
    for command in commands.iter().filter(|command| may_use(ctx, command)) {
        gather(ctx, &command.subcommands, found);
        if command.subcommands.is_empty() {
            let name = called(command);
            found.push(Usable { name, command });
        }
    }
}

/// As it is used: with a slash, or from a menu.
fn called(command: &Command) -> String {
    let menu = || command.context_menu_name.as_deref();
    match command.slash_action {
        Some(_) => format!("/{}", command.qualified_name),
        None => menu().unwrap_or(&command.qualified_name).to_owned(),
    }
}

fn may_use(ctx: Context<'_>, command: &Command) -> bool {
    let is_owner = ctx.host().is_owner(ctx.author().id);
    let guild = ctx.guild_id();
    let is_here = match guild {
        Some(_) => !command.dm_only,
        None => !command.guild_only,
    };
    let mut groups = command.qualified_name.split(' ');
    let whole = groups.next().unwrap_or_default();
    let is_on = ctx.data().registry.is_usable(whole, guild);
    let needed = command.default_member_permissions | command.required_permissions;
    !command.hide_in_help
        && is_here
        && is_on
        && (is_owner || !command.owners_only)
        && permissions(ctx).is_none_or(|has| has.contains(needed))
}

/// Those of the member, with what the channel changes; none in direct messages, where nothing is withheld.
fn permissions(ctx: Context<'_>) -> Option<Permissions> {
    let Context::Application(ctx) = ctx else {
        return None;
    };
    let has = ctx.interaction.member.as_ref()?.permissions?;
    let is_administrator = has.administrator();
    Some(if is_administrator {
        Permissions::all()
    } else {
        has
    })
}
