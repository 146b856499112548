//! Several bots at once, each with its own token, guilds, commands and direct messages.

use cogsmith_simulator::{Bot, Guild, Person, Simulator};
use serde_json::{Value, json};

use crate::client::{Gateway, Heard, INTENTS, Rest, identify};

/// A guild with ann in it, and a second bot that is not.
async fn world() -> (Simulator, Guild, Person, Bot) {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let (ann, helper) = (guild.member("ann"), sim.other_bot("helper"));
    (sim, guild, ann, helper)
}

fn rest_of(sim: &Simulator, bot: &Bot) -> Rest {
    Rest::with_token(sim, &format!("Bot {}", bot.token()))
}

async fn connected(sim: &Simulator, token: &str, intents: u64) -> Gateway {
    let mut gateway = Gateway::connect(sim).await;
    gateway.send(&identify(token, intents)).await;
    let ready = gateway.event("READY").await;
    ready["session_id"]
        .as_str()
        .unwrap()
        .clone_into(&mut gateway.session);
    gateway
}

#[tokio::test]
async fn a_bot_hears_of_a_guild_from_when_it_is_invited_until_it_leaves() {
    let (sim, guild, ann, helper) = world().await;
    assert_eq!(sim.other_bot("helper").id(), helper.id());
    let mut first = connected(&sim, &sim.token(), INTENTS).await;
    first.event("GUILD_CREATE").await;
    let mut second = connected(&sim, &helper.token(), INTENTS).await;
    ann.says("before").await;
    assert_eq!(first.event("MESSAGE_CREATE").await["content"], "before");
    assert_eq!(second.events().await, [""; 0]);

    guild.invites(&helper);
    guild.invites(&helper);
    assert_eq!(
        first.events().await,
        ["GUILD_ROLE_CREATE", "GUILD_MEMBER_ADD"]
    );
    let home = second.event("GUILD_CREATE").await;
    assert_eq!(home["members"][0]["user"]["username"], "helper");
    ann.says("both").await;
    for bot in [&mut first, &mut second] {
        assert_eq!(bot.event("MESSAGE_CREATE").await["content"], "both");
    }

    let rest = rest_of(&sim, &helper);
    let path = format!("users/@me/guilds/{}", guild.id());
    rest.delete(&path).await.with(204);
    ann.says("after").await;
    assert_eq!(second.events().await, ["GUILD_DELETE"]);
    let removed = first.event("GUILD_MEMBER_REMOVE").await;
    assert_eq!(removed["user"]["id"], helper.id().to_string());
}

#[tokio::test]
async fn a_token_is_that_of_one_bot() {
    let (sim, guild, _ann, helper) = world().await;
    let rest = rest_of(&sim, &helper);
    let own = rest.get("users/@me").await.with(200);
    assert_eq!(own["id"], helper.id().to_string());
    let application = rest.get("applications/@me").await.with(200);
    assert_eq!(application["id"], helper.id().to_string());
    assert_eq!(rest.get("users/@me/guilds").await.with(200), json!([]));
    let path = format!("channels/{}/messages", guild.channel("general").id());
    let body = json!({ "content": "hello" });
    rest.post(&path, body.clone()).await.refused(403, 50001);
    guild.invites(&helper);
    let posted = rest.post(&path, body).await.with(200);
    assert_eq!(posted["author"]["username"], "helper");

    let first = connected(&sim, &sim.token(), INTENTS).await;
    let mut thief = Gateway::connect(&sim).await;
    let resume = json!({ "token": helper.token(), "session_id": first.session, "seq": 1 });
    thief.send(&json!({ "op": 6, "d": resume })).await;
    assert_eq!(
        thief.hear().await,
        Heard::Frame(json!({ "op": 9, "d": false }))
    );
    assert_eq!(sim.connections()[0].application_id, sim.application_id());
}

#[tokio::test]
async fn content_is_for_the_bot_that_is_meant() {
    let (sim, guild, ann, helper) = world().await;
    guild.invites(&helper);
    let blind = 1 << 9;
    let mut first = connected(&sim, &sim.token(), blind).await;
    let mut second = connected(&sim, &helper.token(), blind).await;
    let mention = format!("hello <@{}>", helper.id());
    ann.says(&mention).await;
    assert_eq!(first.event("MESSAGE_CREATE").await["content"], "");
    assert_eq!(second.event("MESSAGE_CREATE").await["content"], mention);
}

#[tokio::test]
async fn commands_and_what_comes_of_them_belong_to_their_bot() {
    let (sim, guild, ann, helper) = world().await;
    guild.invites(&helper);
    let rest = rest_of(&sim, &helper);
    let path = |id| format!("applications/{id}/commands");
    let help = json!({ "name": "help", "description": "x" });
    let made = rest.post(&path(helper.id()), help.clone()).await.with(201);
    assert_eq!(made["application_id"], helper.id().to_string());
    rest.post(&path(sim.application_id()), help)
        .await
        .refused(404, 10002);
    let of_first = Rest::new(&sim).get(&path(sim.application_id())).await;
    assert_eq!(of_first.with(200), json!([]));

    let mut first = connected(&sim, &sim.token(), 0).await;
    let mut second = connected(&sim, &helper.token(), 0).await;
    let asking = ann.clone();
    let waiting = tokio::spawn(async move { asking.slash("/help").await });
    let used = second.event("INTERACTION_CREATE").await;
    assert_eq!(used["application_id"], helper.id().to_string());
    let text = |key: &str| used[key].as_str().unwrap().to_owned();
    let callback = format!("interactions/{}/{}/callback", text("id"), text("token"));
    let components = json!([{ "type": 1, "components": [
        { "type": 2, "style": 1, "label": "go", "custom_id": "go" },
    ] }]);
    let data = json!({ "content": "helped", "components": components });
    let answer = json!({ "type": 4, "data": data });
    rest.post(&callback, answer).await.with(204);
    assert_eq!(waiting.await.unwrap().text(), "helped");
    let follow_up = format!("webhooks/{}/{}", helper.id(), text("token"));
    let more = rest
        .post(&follow_up, json!({ "content": "more" }))
        .await
        .with(200);
    assert_eq!(more["author"]["username"], "helper");
    assert_eq!(more["application_id"], helper.id().to_string());

    let message = guild.channel("general").messages();
    let message = message
        .into_iter()
        .find(|it| it.text() == "helped")
        .unwrap();
    assert_eq!(message.author(), "helper");
    let pressing = tokio::spawn(async move { ann.uses(&message, "go", &[]).await });
    let pressed = second.event("INTERACTION_CREATE").await;
    assert_eq!(pressed["data"]["custom_id"], "go");
    pressing.abort();
    assert_eq!(first.events().await, [""; 0]);
}

#[tokio::test]
async fn direct_messages_are_between_a_person_and_one_bot() {
    let (sim, _guild, ann, helper) = world().await;
    let direct = 1 << 12;
    let mut first = connected(&sim, &sim.token(), direct).await;
    let mut second = connected(&sim, &helper.token(), direct).await;
    let open = async |rest: &Rest| -> Value {
        let body = json!({ "recipient_id": ann.id() });
        rest.post("users/@me/channels", body).await.with(200)["id"].take()
    };
    let theirs = rest_of(&sim, &helper);
    let (one, other) = (open(&Rest::new(&sim)).await, open(&theirs).await);
    assert_ne!(one, other);
    assert_eq!(one, ann.direct().id().to_string());
    let path = |channel: &Value| format!("channels/{}/messages", channel.as_str().unwrap());
    let psst = json!({ "content": "psst" });
    theirs
        .post(&path(&one), psst.clone())
        .await
        .refused(403, 50001);
    theirs.post(&path(&other), psst).await.with(200);
    assert_eq!(second.event("MESSAGE_CREATE").await["content"], "psst");
    assert_eq!(first.events().await, [""; 0]);
}

#[tokio::test]
async fn a_bot_that_is_let_in_is_integrated() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let mut bot = Gateway::identified(&sim, 1 << 4).await;
    let other = sim.other_bot("helper");
    guild.invites(&other);
    let integrated = bot.event("INTEGRATION_CREATE").await;
    assert_eq!(integrated["application"]["id"], other.id().to_string());
    assert_eq!(integrated["guild_id"], guild.id().to_string());
    bot.event("GUILD_INTEGRATIONS_UPDATE").await;
}
