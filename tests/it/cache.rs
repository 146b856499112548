//! What modules have asked to be kept of guilds: as events tell it, over new sessions and new processes.

use cogsmith::{
    cache::{Cache, Cached, Kind},
    prelude::*,
    testing::{Guild, TestBot},
};
use serde_json::json;
use serenity::{
    builder::{CreateChannel, EditChannel, EditGuild, EditRole},
    model::id::{GuildId, UserId},
};

use crate::gateway::bench::eventually;

/// A module that wants everything kept, and five members.
struct Keeper;

impl Module for Keeper {
    const NAME: &'static str = "keeper";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.cache([Cached::Guilds, Cached::Channels, Cached::Roles]);
        setup.cache([Cached::Members(3), Cached::Members(5)]);
    }
}

async fn bot() -> TestBot {
    TestBot::start(Modules::default().with::<Keeper>()).await
}

fn id(guild: &Guild) -> GuildId {
    GuildId::new(guild.id().get())
}

fn entries(cache: &Cache, kind: Kind) -> usize {
    let usage = cache.usage().into_iter().find(|usage| usage.kind == kind);
    let usage = usage.expect("it is kept");
    assert_eq!(usage.entries == 0, usage.bytes == 0, "{usage:?}");
    usage.entries
}

fn channel_names(cache: &Cache, guild: GuildId) -> Vec<String> {
    let channels = cache.channels(guild).into_iter();
    channels.map(|channel| channel.name.clone()).collect()
}

fn role_names(cache: &Cache, guild: GuildId) -> Vec<String> {
    let mut names: Vec<_> = cache
        .roles(guild)
        .iter()
        .map(|role| role.name.clone())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn nothing_is_kept_that_nobody_asks_for() {
    let bot = TestBot::start(cogsmith::modules::all()).await;
    let guild = id(&bot.guild("Rustaceans"));
    bot.settle().await;
    let cache = bot.host().cache();
    assert_eq!(cache.usage(), []);
    assert!(cache.guild(guild).is_none() && cache.channels(guild).is_empty());
    assert!(!Kind::ALL.iter().any(|kind| cache.keeps(*kind)));
}

#[tokio::test]
async fn guilds_channels_and_roles_are_as_events_tell() {
    let bot = bot().await;
    let guild = id(&bot.guild("Rustaceans"));
    bot.settle().await;
    let (cache, http) = (bot.host().cache(), bot.host().http());
    assert_eq!(cache.guild(guild).unwrap().name, "Rustaceans");
    assert_eq!(channel_names(cache, guild), ["general"]);

    let role = guild
        .create_role(http, EditRole::new().name("crab"))
        .await
        .unwrap();
    let channel = guild
        .create_channel(http, CreateChannel::new("crabs"))
        .await
        .unwrap();
    guild
        .edit(http, EditGuild::new().name("Crustaceans"))
        .await
        .unwrap();
    bot.settle().await;
    assert_eq!(cache.guild(guild).unwrap().name, "Crustaceans");
    assert!(cache.guild(guild).unwrap().member_count.is_some());
    assert_eq!(cache.role(guild, role.id).unwrap().name, "crab");
    assert_eq!(cache.channel(guild, channel.id).unwrap().name, "crabs");

    guild
        .edit_role(http, role.id, EditRole::new().name("lobster"))
        .await
        .unwrap();
    channel
        .id
        .edit(http, EditChannel::new().name("lobsters"))
        .await
        .unwrap();
    bot.settle().await;
    assert_eq!(cache.role(guild, role.id).unwrap().name, "lobster");
    assert_eq!(cache.channel(guild, channel.id).unwrap().name, "lobsters");

    guild.delete_role(http, role.id).await.unwrap();
    channel.id.delete(http).await.unwrap();
    bot.settle().await;
    assert!(cache.role(guild, role.id).is_none());
    assert!(cache.channel(guild, channel.id).is_none());
    assert_eq!(entries(cache, Kind::Guilds), 1);
}

#[tokio::test]
async fn an_outage_keeps_a_guild_and_leaving_it_does_not() {
    let bot = bot().await;
    let guild = id(&bot.guild("Rustaceans"));
    bot.settle().await;
    let cache = bot.host().cache();
    let outage = json!({"id": guild, "unavailable": true});
    bot.simulator().dispatch_raw("GUILD_DELETE", &outage);
    bot.settle().await;
    assert!(!cache.guild(guild).unwrap().is_available);
    assert_eq!(channel_names(cache, guild), ["general"]);
    assert_eq!(bot.host().shards()[0].guilds, Some(1));

    guild.leave(bot.host().http()).await.unwrap();
    bot.settle().await;
    assert!(cache.guild(guild).is_none() && cache.channels(guild).is_empty());
    assert_eq!(entries(cache, Kind::Members), 0);
}

#[tokio::test]
async fn a_new_session_tells_all_again_and_what_was_left_is_gone() {
    let bot = bot().await;
    let (stays, goes) = (id(&bot.guild("Rustaceans")), GuildId::new(7 << 22));
    let gone = json!({"id": goes, "name": "Gone", "owner_id": "1", "roles": [], "channels": [],
        "members": [], "presences": [], "voice_states": [], "threads": [], "emojis": [], "features": [],
        "stickers": [], "stage_instances": [], "guild_scheduled_events": [], "joined_at": "2026-03-02T09:00:00Z",
        "large": false, "member_count": 1, "verification_level": 0, "default_message_notifications": 0,
        "explicit_content_filter": 0, "mfa_level": 0, "system_channel_flags": 0, "premium_tier": 0,
        "preferred_locale": "en-US", "nsfw_level": 0, "premium_progress_bar_enabled": false, "afk_timeout": 60});
    bot.simulator().dispatch_raw("GUILD_CREATE", &gone);
    bot.settle().await;
    let cache = bot.host().cache();
    assert_eq!(cache.guilds().len(), 2);
    bot.simulator().invalid_session(false);
    eventually(|| cache.guild(goes).is_none()).await;
    eventually(|| cache.guild(stays).is_some_and(|guild| guild.is_available)).await;
    assert_eq!(channel_names(cache, stays), ["general"]);
}

#[tokio::test]
async fn a_new_process_that_goes_on_with_a_session_asks_for_what_nobody_tells_it() {
    let mut bot = bot().await;
    let guild = id(&bot.guild("Rustaceans"));
    guild
        .create_role(bot.host().http(), EditRole::new().name("crab"))
        .await
        .unwrap();
    bot.settle().await;
    let roles = role_names(bot.host().cache(), guild);
    assert!(roles.contains(&"crab".to_owned()), "{roles:?}");
    bot.restart().await;
    assert_eq!(bot.simulator().resumes(), 1);
    let cache = bot.host().cache();
    eventually(|| cache.guild(guild).is_some()).await;
    assert_eq!(cache.guild(guild).unwrap().name, "Rustaceans");
    assert_eq!(channel_names(cache, guild), ["general"]);
    assert_eq!(role_names(cache, guild), roles);
}

#[tokio::test]
async fn members_are_bounded_and_the_last_ones_stay() {
    let bot = bot().await;
    let home = bot.guild("Rustaceans");
    let guild = id(&home);
    let people: Vec<_> = (0..9)
        .map(|n| home.member(&format!("member {n}")))
        .collect();
    bot.settle().await;
    let cache = bot.host().cache();
    assert_eq!(entries(cache, Kind::Members), 5);
    let member = |n: usize| {
        let user = UserId::new(people[n].id().get());
        (user, cache.member(guild, user))
    };
    assert!(member(0).1.is_none());
    let (asked, found) = member(4);
    assert_eq!(found.unwrap().user.name, "member 4");
    let _new = home.member("one more");
    bot.settle().await;
    assert!(cache.member(guild, asked).is_some(), "it was asked for");
    assert!(
        member(5).1.is_none(),
        "it was told of first, and not asked for"
    );

    let renamed = serenity::builder::EditMember::new().nickname("Ferris");
    guild
        .edit_member(bot.host().http(), asked, renamed)
        .await
        .unwrap();
    bot.settle().await;
    let nick = cache.member(guild, asked).unwrap().nick.clone();
    assert_eq!(nick.as_deref(), Some("Ferris"));
    let count = cache.guild(guild).unwrap().member_count.unwrap();
    guild.kick(bot.host().http(), asked).await.unwrap();
    bot.settle().await;
    assert!(cache.member(guild, asked).is_none());
    assert_eq!(cache.guild(guild).unwrap().member_count, Some(count - 1));
}

#[tokio::test]
async fn owners_see_what_is_kept() {
    let modules = cogsmith::modules::all().with::<Keeper>();
    let bot = TestBot::start(modules).await;
    let guild = bot.guild("Rustaceans");
    bot.settle().await;
    let status = guild.owner().slash("/bot status").await.text();
    assert!(status.contains("1 server, "), "{status}");
    assert!(status.contains(" KiB"), "{status}");
}
