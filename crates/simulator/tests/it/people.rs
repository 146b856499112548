//! People: what they type is held against what is registered, and what they see.

use std::time::Duration;

use cogsmith_simulator::traffic::{Happening, Traffic};
use cogsmith_simulator::{Guild, Permissions, Simulator, SlashError};
use serde_json::{Value, json};

use crate::client::{Gateway, Rest};

/// Commands of every shape.
fn commands() -> Value {
    let option = |name: &str, kind: u64| json!({ "name": name, "description": "x", "type": kind });
    let with = |mut option: Value, key: &str, value: Value| {
        option[key] = value;
        option
    };
    let choices = json!([{ "name": "Small", "value": 1 }, { "name": "Large", "value": 2 }]);
    let options = json!([
        with(option("text", 3), "required", json!(true)),
        with(option("count", 4), "max_value", json!(10)),
        option("flag", 5),
        option("who", 6),
        option("where", 7),
        option("role", 8),
        option("ratio", 10),
        with(option("size", 4), "choices", choices),
    ]);
    let view =
        json!({ "name": "view", "description": "x", "type": 1, "options": [option("page", 4)] });
    let group = json!({ "name": "group", "description": "x", "type": 2, "options": [view] });
    let secret = json!({
        "name": "secret", "description": "x",
        "default_member_permissions": Permissions::MANAGE_GUILD,
    });
    json!([
        { "name": "all", "description": "x", "options": options },
        { "name": "tree", "description": "x", "options": [view, group] },
        { "name": "guild", "description": "x", "contexts": [0] },
        { "name": "private", "description": "x", "contexts": [1] },
        secret,
        { "name": "Look", "type": 2 },
    ])
}

async fn world() -> (Guild, Gateway) {
    let builder = Simulator::builder().patience(Duration::from_millis(50));
    let sim = builder.start().await.unwrap();
    let rest = Rest::new(&sim);
    let path = format!("applications/{}/commands", sim.application_id());
    rest.put(&path, commands()).await.with(200);
    let guild = sim.guild("Rustaceans");
    guild.member("ann");
    guild.member("ben");
    let bot = Gateway::identified(&sim, 0).await;
    (guild, bot)
}

/// The options that the bot is given for what ann types. She waits in vain for an answer.
async fn check(guild: &Guild, bot: &mut Gateway, text: &str, options: &Value) -> Value {
    let outcome = guild.member("ann").try_slash(text).await;
    assert!(
        matches!(outcome, Err(SlashError::NoAnswer(_))),
        "{text}: {outcome:?}"
    );
    let mut used = bot.event("INTERACTION_CREATE").await;
    assert_eq!(used["data"]["options"], *options, "{text}");
    used["data"].take()
}

fn option(name: &str, kind: u64, value: impl Into<Value>) -> Value {
    json!({ "name": name, "type": kind, "value": value.into() })
}

#[tokio::test]
async fn what_is_typed_reaches_the_bot_by_type() {
    let (guild, mut bot) = world().await;
    let (bot, guild) = (&mut bot, &guild);
    let hi = || option("text", 3, "hi there");
    check(guild, bot, "/all text:hi there", &json!([hi()])).await;
    check(guild, bot, r#"/all text:"hi there""#, &json!([hi()])).await;
    let quoted = json!([option("text", 3, "a count:3")]);
    check(
        guild,
        bot,
        r#"/all text:a "count:3""#,
        &json!([option("text", 3, "a"), option("count", 4, 3)]),
    )
    .await;
    check(guild, bot, r#"/all text:"a count:3""#, &quoted).await;
    let numbers = json!([hi(), option("count", 4, 10), option("ratio", 10, 0.5)]);
    check(
        guild,
        bot,
        "/all text:hi there count:10 ratio:0.5",
        &numbers,
    )
    .await;
    let small = json!([hi(), option("size", 4, 1), option("flag", 5, true)]);
    check(
        guild,
        bot,
        "/all text:hi there size:Small flag:true",
        &small,
    )
    .await;
    check(guild, bot, "/all text:hi there size:1 flag:True", &small).await;
}

#[tokio::test]
async fn people_channels_and_roles_are_meant_by_name_and_resolved() {
    let (guild, mut bot) = world().await;
    let role = guild.role("helper", Permissions::NONE);
    let (ben, general) = (guild.member("ben").id(), guild.channel("general").id());
    let options = json!([
        option("text", 3, "x"),
        option("who", 6, ben.to_string()),
        option("where", 7, general.to_string()),
        option("role", 8, role.to_string()),
    ]);
    for text in [
        "/all text:x who:@ben where:#general role:@helper".to_owned(),
        "/all text:x who:ben where:general role:helper".to_owned(),
        format!("/all text:x who:<@{ben}> where:<#{general}> role:<@&{role}>"),
    ] {
        let data = check(&guild, &mut bot, &text, &options).await;
        let resolved = &data["resolved"];
        assert_eq!(resolved["users"][ben.to_string()]["username"], "ben");
        assert!(resolved["members"][ben.to_string()]["roles"].is_array());
        assert_eq!(resolved["channels"][general.to_string()]["name"], "general");
        assert_eq!(resolved["roles"][role.to_string()]["name"], "helper");
    }
}

#[tokio::test]
async fn subcommands_and_groups_are_followed() {
    let (guild, mut bot) = world().await;
    let page = option("page", 4, 2);
    let view = json!({ "name": "view", "type": 1, "options": [page] });
    check(&guild, &mut bot, "/tree view page:2", &json!([view])).await;
    let group = json!([{ "name": "group", "type": 2, "options": [view] }]);
    check(&guild, &mut bot, "/tree group view page:2", &group).await;
}

#[tokio::test]
async fn what_cannot_be_typed_is_refused_and_says_why() {
    let (guild, mut bot) = world().await;
    let ann = guild.member("ann");
    let refused = async |text: &str, why: &str| {
        let error = ann.try_slash(text).await.unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    };
    refused("hello", "is no command").await;
    refused("/", "is no command").await;
    refused("/all text:\"open", "is no command").await;
    refused(
        "/nothing",
        "/nothing is not registered: expected one of [/all, /tree,",
    )
    .await;
    refused("/Look", "/Look is not registered").await;
    refused(
        "/tree",
        "/tree is not registered: expected one of [/tree view, /tree group]",
    )
    .await;
    refused("/tree group down", "expected one of [/tree group view]").await;
    refused("/all", "option text: is required").await;
    refused("/all text:x text:y", "option text: is given twice").await;
    refused(
        "/all stuff:x",
        "option stuff: is unknown, expected one of [text, count,",
    )
    .await;
    refused(
        "/all text:x count:many",
        "found \"many\", expected a whole number",
    )
    .await;
    refused("/all text:x count:11", "found 11, expected -inf to 10").await;
    refused("/all text:x flag:maybe", "expected true or false").await;
    refused("/all text:x size:Huge", "expected one of [Small, Large]").await;
    refused("/all text:x who:@nobody", "expected the name of a person").await;
    refused("/private", "not offered in guilds").await;
    refused(
        "/secret",
        "ann may not use /secret: it needs permissions 32",
    )
    .await;
    assert_eq!(bot.events().await, [""; 0]);
    let last = guild.simulator().transcript().pop().unwrap().to_string();
    assert!(
        last.contains("ann is refused: ann may not use /secret"),
        "{last}"
    );
}

#[tokio::test]
async fn a_permission_may_come_from_a_role_or_from_owning_the_guild() {
    let (guild, mut bot) = world().await;
    let moderators = guild.role("moderators", Permissions::MANAGE_GUILD);
    guild.give_role(&guild.member("ann"), moderators);
    check(&guild, &mut bot, "/secret", &Value::Null).await;
    let owner = guild.owner().try_slash("/secret").await;
    assert!(matches!(owner, Err(SlashError::NoAnswer(_))));
}

#[tokio::test]
async fn in_direct_messages_only_what_is_offered_there_can_be_used() {
    let (guild, mut bot) = world().await;
    let owner = guild.simulator().application_owner();
    assert!(matches!(
        owner.try_slash("/guild").await,
        Err(SlashError::NotPermitted { .. })
    ));
    let unanswered = owner.try_slash("/private").await;
    assert!(matches!(unanswered, Err(SlashError::NoAnswer(_))));
    let used = bot.event("INTERACTION_CREATE").await;
    assert_eq!(used["user"]["username"], "owner");
    assert!(used.get("member").is_none() && used.get("guild_id").is_none());
}

#[tokio::test]
async fn who_waits_in_vain_is_told_what_is_pending() {
    let (guild, _bot) = world().await;
    let error = guild
        .member("ann")
        .try_slash("/tree view")
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("an answer to /tree view did not happen within 50ms"),
        "{text}"
    );
    assert!(text.contains("pending: [/tree view unanswered]"), "{text}");
    let sim = guild.simulator();
    let error = sim
        .try_until("a second bot", |sim| sim.connections().len() == 2)
        .await;
    assert!(
        error
            .unwrap_err()
            .to_string()
            .starts_with("a second bot did not happen")
    );
}

#[tokio::test]
async fn a_test_that_waits_in_vain_is_told_its_own_line() {
    let (guild, _bot) = world().await;
    let sim = guild.simulator().clone();
    let waiting = tokio::spawn(async move { sim.until(|sim| sim.resumes() == 1).await });
    let panic = waiting.await.unwrap_err().into_panic();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(
        text.contains(file!()) && text.contains("1 connected"),
        "{text}"
    );
}

#[tokio::test]
async fn names_stand_for_the_same_people_and_places_in_every_run() {
    let (first, _) = world().await;
    let (second, _) = world().await;
    assert_eq!(first.id(), second.id());
    assert_eq!(first.member("ann").id(), second.member("ann").id());
    assert_eq!(first.channel("news").id(), second.channel("news").id());
    assert_eq!(first.simulator().token(), second.simulator().token());
}

#[tokio::test]
async fn the_transcript_tells_what_happened_in_order() {
    let (guild, _bot) = world().await;
    let ann = guild.member("ann");
    ann.says("hello").await;
    ann.try_slash("/tree view").await.unwrap_err();
    ann.leaves();
    let lines = guild.simulator().transcript_since(2);
    let told: Vec<_> = lines
        .iter()
        .map(|line| line.to_string()[20..].to_owned())
        .collect();
    let expected = [
        "#general ann: hello",
        "#general ann uses /tree view",
        "ann left Rustaceans",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_traffic_and_another_another() {
    async fn life(seed: u64) -> Vec<String> {
        let (guild, _bot) = world().await;
        let mut traffic = Traffic::new(&guild, seed);
        for _ in 0..30 {
            traffic.next_step().await.unwrap();
        }
        let lines = guild.simulator().transcript_since(2).into_iter();
        lines
            .map(|line| format!("{} {}", line.who, line.text))
            .collect()
    }
    let (first, again, other) = tokio::join!(life(7), life(7), life(8));
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[tokio::test]
async fn traffic_talks_mostly_and_uses_what_needs_no_options_and_no_permission() {
    let (guild, _bot) = world().await;
    let mut traffic = Traffic::new(&guild, 1);
    let (mut said, mut used) = (0, std::collections::BTreeSet::new());
    for _ in 0..120 {
        match traffic.next_step().await.unwrap() {
            Happening::Said(_) => said += 1,
            Happening::Used { command, .. } => {
                used.insert(command);
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(said > 80, "{said}");
    let used: Vec<_> = used.iter().map(String::as_str).collect();
    assert_eq!(used, ["/guild", "/tree group view", "/tree view"]);
}

#[tokio::test]
async fn who_joins_is_announced_once_and_the_founder_is_not() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let general = guild.channel("general");
    assert_eq!(general.messages(), []);
    guild.member("ann");
    guild.member("ann");
    guild.owner();
    let notices = general.messages();
    assert_eq!(notices.len(), 1);
    let notice = &notices[0];
    assert_eq!((notice.kind(), notice.author()), (7, "ann"));
    assert_eq!((notice.content(), notice.text()), ("", ""));
    assert_eq!(sim.transcript_len(), 1);
}
