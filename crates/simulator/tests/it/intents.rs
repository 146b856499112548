//! Who hears what.

use cogsmith_simulator::{Intents, Permissions, Simulator};
use serde_json::json;

use crate::client::{Gateway, Rest};

const GUILDS: u64 = 1;
const MEMBERS: u64 = 1 << 1;
const MODERATION: u64 = 1 << 2;
const MESSAGES: u64 = 1 << 9;
const TYPING: u64 = 1 << 11;
const DIRECT: u64 = 1 << 12;
const CONTENT: u64 = 1 << 15;

/// What a session with these intents hears of: a guild founded, a member and the notice of them, a
/// channel, a message in the guild, typing of the bot, and a direct message.
async fn check(intents: u64, expected: &[&str]) {
    let sim = Simulator::builder().start().await.unwrap();
    let mut bot = Gateway::identified(&sim, intents).await;
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let news = guild.channel("news");
    ann.says("hello").await;
    let rest = crate::client::Rest::new(&sim);
    let typing = format!("channels/{}/typing", news.id());
    rest.post(&typing, json!({})).await.with(204);
    sim.application_owner().says("direct").await;
    assert_eq!(bot.events().await, expected, "{intents:#b}");
}

#[tokio::test]
async fn an_event_needs_its_intent() {
    check(0, &[]).await;
    check(GUILDS, &["GUILD_CREATE", "CHANNEL_CREATE"]).await;
    check(MEMBERS, &["GUILD_MEMBER_ADD"]).await;
    check(MESSAGES, &["MESSAGE_CREATE", "MESSAGE_CREATE"]).await;
    check(TYPING, &["TYPING_START"]).await;
    check(DIRECT, &["MESSAGE_CREATE"]).await;
}

#[tokio::test]
async fn content_needs_its_intent_except_when_it_concerns_the_bot() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let mut blind = Gateway::identified(&sim, MESSAGES | DIRECT).await;
    let mut sighted = Gateway::identified(&sim, MESSAGES | DIRECT | CONTENT).await;
    let rest = crate::client::Rest::new(&sim);
    let path = format!("channels/{}/messages", guild.channel("general").id());
    let mention = format!("hello <@{}>", sim.bot_user_id());

    ann.says("hello").await;
    assert_eq!(blind.event("MESSAGE_CREATE").await["content"], "");
    assert_eq!(sighted.event("MESSAGE_CREATE").await["content"], "hello");

    ann.says(&mention).await;
    assert_eq!(blind.event("MESSAGE_CREATE").await["content"], mention);
    sighted.event("MESSAGE_CREATE").await;

    let embeds = json!({ "embeds": [{ "title": "news" }] });
    rest.post(&path, embeds).await.with(200);
    let own = blind.event("MESSAGE_CREATE").await;
    assert_eq!(own["embeds"][0]["title"], "news");

    sim.application_owner().says("direct").await;
    assert_eq!(blind.event("MESSAGE_CREATE").await["content"], "direct");
}

#[tokio::test]
async fn polls_and_what_is_passed_on_are_content_too() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let said = ann.says("hello").await;
    let mut blind = Gateway::identified(&sim, MESSAGES).await;
    let person = Rest::with_token(&sim, &format!("user {}", ann.id()));
    let path = format!("channels/{}/messages", said.channel_id());
    let answer = json!({ "poll_media": { "text": "yes" } });
    let poll = json!({ "question": { "text": "Tea?" }, "answers": [answer] });
    person.post(&path, json!({ "poll": poll })).await.with(200);
    let heard = blind.event("MESSAGE_CREATE").await;
    assert_eq!(heard.get("poll"), None);
    let place = json!({ "type": 1, "channel_id": said.channel_id(), "message_id": said.id() });
    let passed = person
        .post(&path, json!({ "message_reference": place }))
        .await
        .with(200);
    assert_eq!(
        passed["message_snapshots"][0]["message"]["content"],
        "hello"
    );
    let heard = blind.event("MESSAGE_CREATE").await;
    assert_eq!(heard["message_snapshots"][0]["message"]["content"], "");
}

#[tokio::test]
async fn members_are_listed_in_guild_create_only_with_presences() {
    let sim = Simulator::builder().start().await.unwrap();
    sim.guild("Rustaceans").member("ann");
    let count = async |intents| {
        let mut bot = Gateway::identified(&sim, intents).await;
        let home = bot.event("GUILD_CREATE").await;
        assert_eq!(home["member_count"], 3);
        home["members"].as_array().unwrap().len()
    };
    assert_eq!(count(GUILDS | MEMBERS).await, 1);
    assert_eq!(count(GUILDS | 1 << 8).await, 3);
}

#[tokio::test]
async fn what_happens_in_a_channel_is_heard_by_those_who_see_it() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let rest = Rest::new(&sim);
    let mut bot = Gateway::identified(&sim, MESSAGES | MODERATION).await;
    let overwrite = format!(
        "channels/{}/permissions/{}",
        guild.channel("general").id(),
        sim.bot_user_id()
    );
    let hidden = json!({ "type": 1, "deny": Permissions::VIEW_CHANNEL });
    rest.put(&overwrite, hidden).await.with(204);
    bot.events().await;
    let allow = |permissions| guild.allow(guild.bot_role(), permissions);

    ann.says("to an administrator").await;
    assert_eq!(bot.events().await, ["MESSAGE_CREATE"]);
    allow(Permissions::VIEW_CHANNEL | Permissions::VIEW_AUDIT_LOG);
    bot.events().await;
    ann.says("behind a door").await;
    assert_eq!(bot.events().await, [""; 0]);
    guild.allow(guild.id(), Permissions::NONE);
    assert_eq!(bot.events().await, ["GUILD_AUDIT_LOG_ENTRY_CREATE"]);
    allow(Permissions::VIEW_CHANNEL);
    guild.allow(guild.id(), Permissions::EVERYONE_DEFAULT);
    assert_eq!(bot.events().await, [""; 0]);
}

#[tokio::test]
async fn members_are_listed_for_an_application_with_the_intent_and_searched_for_by_any() {
    let builder = Simulator::builder().refuse_intents(Intents::GUILD_MEMBERS);
    let sim = builder.start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let members = format!("guilds/{}/members", guild.id());
    let rest = Rest::new(&sim);
    rest.get(&members).await.refused(403, 50001);
    rest.get(&format!("{members}/{}", ann.id())).await.with(200);
    let found = rest.get(&format!("{members}/search?query=an")).await;
    assert_eq!(found.with(200)[0]["user"]["username"], "ann");
}
