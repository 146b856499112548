//! Whoever is shown a command may use it.
//!
//! Discord shows an administrator every command that is registered in the server, so the commands for owners must be
//! registered elsewhere: in `OWNER_GUILD`.

use cogsmith::testing::{Guild, Permissions, Person, SlashError, TestBot};
use serde_json::Value;

use super::bot;

/// What a refusal for want of a right begins with.
const REFUSALS: [&str; 3] = [
    "Only the bot's owner",
    "You need more permissions",
    "You may not use this command",
];

/// Types of options. See Discord docs/Interactions/Application Commands.
const SUBCOMMAND: u64 = 1;
const GROUP: u64 = 2;

/// A command of no group as somebody types it, with values for the options that it needs.
fn typed(command: &Value, before: &str, found: &mut Vec<String>) {
    let name = format!("{before}{}", command["name"].as_str().unwrap());
    let options = command["options"].as_array().cloned().unwrap_or_default();
    let is_group = |option: &&Value| matches!(option["type"].as_u64(), Some(SUBCOMMAND | GROUP));
    if options.iter().any(|option| is_group(&option)) {
        let inner = options.iter().filter(is_group);
        return inner.for_each(|option| typed(option, &format!("{name} "), found));
    }
    let needed = options.iter().filter(|option| option["required"] == true);
    let values = needed.map(|option| {
        let value = option["choices"][0]["value"].to_string();
        let value = match (&*value, option["type"].as_u64().unwrap()) {
            ("null", 6) => "@ann",
            ("null", 7) => "#general",
            ("null", 8) => "@managers",
            ("null", 11) => "file.csv",
            ("null", 5) => "true",
            ("null", _) => "1",
            (choice, _) => choice.trim_matches('"'),
        };
        format!(" {}:{value}", option["name"].as_str().unwrap())
    });
    found.push(format!("{name}{}", values.collect::<String>()));
}

/// Every command that Discord has, of whatever module.
fn commands(bot: &TestBot) -> Vec<String> {
    let requests = bot.simulator().requests();
    let lists = requests
        .iter()
        .filter(|it| it.method == "PUT" && it.path.ends_with("/commands"));
    let mut found = Vec::new();
    for list in lists {
        let list = list.body.as_array().unwrap().iter();
        // Those of menus have no description.
        let slash = list.filter(|command| command["type"].as_u64().is_none_or(|kind| kind == 1));
        slash.for_each(|command| typed(command, "/", &mut found));
    }
    found.sort();
    found.dedup();
    found
}

fn with_role(guild: &Guild, name: &str, permissions: Permissions) -> Person {
    let person = guild.member(name);
    let role = guild.role(&format!("{name}s"), permissions);
    guild.give_role(&person, role);
    person
}

/// Those that are shown to somebody in their server, and refused for want of a right.
async fn refused(person: &Person, commands: &[String]) -> (Vec<String>, usize) {
    let (mut refused, mut shown) = (Vec::new(), 0);
    for command in commands {
        person.picks("file.csv", b"user,day,sport,minutes\n");
        match person.try_slash(command).await {
            Ok(reply) => {
                shown += 1;
                let text = reply.text();
                if REFUSALS.iter().any(|refusal| text.contains(refusal)) {
                    refused.push(command.clone());
                }
            }
            Err(SlashError::NotPermitted { .. } | SlashError::NotRegistered { .. }) => {}
            Err(error) => panic!("{command}: {error}"),
        }
    }
    (refused, shown)
}

#[tokio::test]
async fn whoever_is_shown_a_command_may_use_it() {
    let mut bot = bot().await;
    let home = bot.guild("Home");
    bot.set_owner_guild(&home);
    bot.restart().await;
    let (home, guild) = (bot.guild("Home"), bot.guild("Rustaceans"));
    bot.simulator()
        .until(|simulator| {
            let requests = simulator.requests();
            let mut puts = requests.iter().filter(|it| it.method == "PUT");
            puts.any(|it| it.path.contains("/guilds/"))
        })
        .await;
    let commands = commands(&bot);
    for name in [
        "/task stop",
        "/audit list",
        "/challenge_config import",
        "/server_data delete",
    ] {
        let is_there = commands.iter().any(|command| command.starts_with(name));
        assert!(is_there, "{name} in {commands:?}");
    }
    let manager = with_role(&guild, "manager", Permissions::MANAGE_GUILD);
    let administrator = with_role(&guild, "administrator", Permissions::ADMINISTRATOR);
    home.member("ann");
    let mut counts = Vec::new();
    for person in [
        &guild.member("ann"),
        &manager,
        &administrator,
        &home.owner(),
    ] {
        let (refused, shown) = refused(person, &commands).await;
        assert_eq!(refused, [""; 0], "{} is shown these", person.name());
        counts.push(shown);
    }
    assert!(counts.is_sorted_by(|few, many| few < many), "{counts:?}");
    assert_eq!(counts[3], commands.len(), "the owner is shown all at home");
}

#[tokio::test]
async fn without_an_owner_guild_administrators_alone_are_shown_what_is_the_owners() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let commands = commands(&bot);
    let manager = with_role(&guild, "manager", Permissions::MANAGE_GUILD);
    for person in [&guild.member("ann"), &manager, &guild.owner()] {
        let (refused, _) = refused(person, &commands).await;
        assert_eq!(refused, [""; 0], "{} is shown these", person.name());
    }
    let administrator = with_role(&guild, "administrator", Permissions::ADMINISTRATOR);
    let (refused, _) = refused(&administrator, &commands).await;
    assert!(!refused.is_empty());
    let groups = [
        "/task ",
        "/module_everywhere ",
        "/presence ",
        "/user_data ",
        "/leaderboard_config ",
        "/bot ",
    ];
    for command in refused {
        let is_owners = groups.iter().any(|group| command.starts_with(group));
        assert!(is_owners, "{command} is refused to administrators");
    }
}
