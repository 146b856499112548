//! Messages over REST.

use cogsmith_simulator::{Guild, Simulator};
use serde_json::{Value, json};

use crate::client::{Gateway, INTENTS, Rest};

async fn world() -> (Guild, Rest, String) {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let path = format!("channels/{}/messages", guild.channel("general").id());
    (guild, Rest::new(&sim), path)
}

fn contents(page: &Value) -> Vec<&str> {
    let page = page.as_array().unwrap().iter();
    page.map(|it| it["content"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_message_is_posted_read_edited_and_deleted_and_each_is_heard() {
    let (guild, rest, path) = world().await;
    let mut bot = Gateway::identified(guild.simulator(), INTENTS & !1).await;
    let posted = rest
        .post(&path, json!({ "content": " hello " }))
        .await
        .with(200);
    let _: serenity::model::channel::Message = serde_json::from_value(posted.clone()).unwrap();
    assert_eq!(posted["content"], "hello");
    assert_eq!(bot.event("MESSAGE_CREATE").await["id"], posted["id"]);
    let one = format!("{path}/{}", posted["id"].as_str().unwrap());
    assert_eq!(rest.get(&one).await.with(200), posted);
    let edited = rest
        .patch(&one, json!({ "content": "changed" }))
        .await
        .with(200);
    assert!(edited["edited_timestamp"].is_string());
    assert_eq!(bot.event("MESSAGE_UPDATE").await["content"], "changed");
    rest.delete(&one).await.with(204);
    assert_eq!(bot.event("MESSAGE_DELETE").await["id"], posted["id"]);
    rest.get(&one).await.refused(404, 10008);
    rest.delete(&one).await.refused(404, 10008);
}

#[tokio::test]
async fn pages_go_before_after_and_around_a_message_newest_first() {
    let (guild, rest, path) = world().await;
    let ann = guild.member("ann");
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(ann.says(&number.to_string()).await.id());
    }
    let page = async |query: String| rest.get(&format!("{path}?{query}")).await.with(200);
    assert_eq!(contents(&page("limit=2".into()).await), ["6", "5"]);
    assert_eq!(
        contents(&page(format!("limit=2&before={}", ids[3])).await),
        ["2", "1"]
    );
    assert_eq!(
        contents(&page(format!("limit=2&after={}", ids[3])).await),
        ["5", "4"]
    );
    assert_eq!(
        contents(&page(format!("limit=3&around={}", ids[3])).await),
        ["4", "3", "2"]
    );
    rest.get(&format!("{path}?limit=101"))
        .await
        .refused(400, 50035);
}

#[tokio::test]
async fn an_enforced_nonce_gives_the_first_message_again() {
    let (guild, rest, path) = world().await;
    let body = json!({ "content": "once", "nonce": "n-1", "enforce_nonce": true });
    let first = rest.post(&path, body.clone()).await.with(200);
    let second = rest.post(&path, body).await.with(200);
    assert_eq!(first["id"], second["id"]);
    assert_eq!(first["nonce"], "n-1");
    assert_eq!(guild.channel("general").messages().len(), 1);
    let loose = json!({ "content": "twice", "nonce": "n-1" });
    rest.post(&path, loose.clone()).await.with(200);
    rest.post(&path, loose).await.with(200);
    assert_eq!(guild.channel("general").messages().len(), 3);
    assert_eq!(guild.simulator().transcript_len(), 3);
}

#[tokio::test]
async fn white_space_around_the_texts_of_an_embed_does_not_count() {
    let (_guild, rest, path) = world().await;
    let refused = async |embed: Value, fault: &str| {
        let body = json!({ "content": "x", "embeds": [embed] });
        let answer = rest.post(&path, body).await.refused(400, 50035);
        let code = answer["errors"].pointer(&format!("/embeds/0/{fault}/_errors/0/code"));
        assert_eq!(code, Some(&json!("BASE_TYPE_REQUIRED")), "{answer:#}");
    };
    let field = |name: &str, value: &str| json!({ "fields": [{ "name": name, "value": value }] });
    refused(field(" ", "v"), "fields/0/name").await;
    refused(field("n", "\n \t"), "fields/0/value").await;
    refused(json!({ "title": "  " }), "description").await;
    refused(json!({ "color": 7, "fields": [] }), "description").await;

    let embed = json!({ "title": " t ", "fields": [{ "name": "\u{200b}", "value": " v\n" }] });
    let sent = rest.post(&path, json!({ "embeds": [embed] })).await;
    let kept = sent.with(200)["embeds"][0].clone();
    assert_eq!(kept["title"], "t");
    let field = json!({ "name": "\u{200b}", "value": "v", "inline": false });
    assert_eq!(kept["fields"][0], field);
}

#[tokio::test]
async fn limits_are_discords_and_name_their_path() {
    let (_guild, rest, path) = world().await;
    let refused = async |body: Value, fault: &str| {
        let answer = rest.post(&path, body).await.refused(400, 50035);
        assert!(answer["errors"].pointer(fault).is_some(), "{answer:#}");
    };
    let long = |length| "x".repeat(length);
    let embed = |embed: Value| json!({ "embeds": [embed] });
    let field = json!({ "name": "n", "value": "v" });
    refused(json!({ "content": long(2001) }), "/content/_errors/0/code").await;
    refused(embed(json!({ "title": long(257) })), "/embeds/0/title").await;
    refused(
        embed(json!({ "description": long(4097) })),
        "/embeds/0/description",
    )
    .await;
    refused(
        embed(json!({ "fields": [{ "name": "n" }] })),
        "/embeds/0/fields/0/value",
    )
    .await;
    refused(
        embed(json!({ "fields": vec![field; 26] })),
        "/embeds/0/fields",
    )
    .await;
    refused(
        embed(json!({ "footer": { "text": long(2049) } })),
        "/embeds/0/footer/text",
    )
    .await;
    let two = json!({ "embeds": [{ "description": long(4000) }, { "description": long(2001) }] });
    refused(two, "/embeds/_errors").await;
    refused(json!({ "content": 7 }), "/content").await;
    refused(json!({ "content": "x", "nonce": long(26) }), "/nonce").await;
    let nameless = json!({ "type": 1, "components": [{ "type": 2, "style": 1 }] });
    let place = "/components/0/components/0/custom_id";
    refused(json!({ "components": [nameless] }), place).await;
    rest.post(&path, json!({})).await.refused(400, 50006);
    rest.post(&path, json!({ "content": "  " }))
        .await
        .refused(400, 50006);
    rest.post(&path, json!({ "content": long(2000) }))
        .await
        .with(200);
}

#[tokio::test]
async fn a_field_that_is_not_honoured_is_a_gap_and_an_empty_one_is_not() {
    let (guild, rest, path) = world().await;
    let harmless = json!({
        "content": "x", "tts": false, "sticker_ids": [], "attachments": [],
        "allowed_mentions": { "parse": [], "users": [], "roles": [] },
    });
    rest.post(&path, harmless).await.with(200);
    let themed = json!({ "content": "x", "shared_client_theme": { "colors": ["ff0000"] } });
    let body = rest.post(&path, themed).await.with(501);
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .contains("field `shared_client_theme`")
    );
    let gaps = guild.simulator().gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(
        gaps[0].ends_with("/messages: field `shared_client_theme`"),
        "{gaps:?}"
    );
}

#[tokio::test]
async fn a_reply_carries_what_it_replies_to() {
    let (guild, rest, path) = world().await;
    let mut bot = Gateway::identified(guild.simulator(), INTENTS & !1).await;
    let question = guild.member("ann").says("why?").await;
    bot.event("GUILD_MEMBER_ADD").await;
    assert_eq!(bot.event("MESSAGE_CREATE").await["type"], 7);
    assert_eq!(bot.event("MESSAGE_CREATE").await["type"], 0);
    let reference = json!({ "message_id": question.id() });
    let body = json!({ "content": "because", "message_reference": reference });
    rest.post(&path, body).await.with(200);
    let reply = bot.event("MESSAGE_CREATE").await;
    assert_eq!(reply["type"], 19);
    assert_eq!(reply["referenced_message"]["content"], "why?");
    let nothing = json!({ "content": "x", "message_reference": { "message_id": "17" } });
    rest.post(&path, nothing).await.refused(400, 50035);
}

#[tokio::test]
async fn only_the_author_edits() {
    let (guild, rest, path) = world().await;
    let said = guild.member("ann").says("mine").await;
    let one = format!("{path}/{}", said.id());
    rest.patch(&one, json!({ "content": "yours" }))
        .await
        .refused(403, 50005);
    rest.delete(&one).await.with(204);
}

#[tokio::test]
async fn direct_messages_are_opened_and_carried() {
    let (guild, rest, _path) = world().await;
    let sim = guild.simulator();
    let ann = guild.member("ann");
    let mut bot = Gateway::identified(sim, 1 << 12).await;
    let open = json!({ "recipient_id": ann.id() });
    let channel = rest.post("users/@me/channels", open).await.with(200);
    assert_eq!(channel["id"], ann.direct().id().to_string());
    let path = format!("channels/{}/messages", channel["id"].as_str().unwrap());
    rest.post(&path, json!({ "content": "psst" }))
        .await
        .with(200);
    let message = bot.event("MESSAGE_CREATE").await;
    assert!(message.get("guild_id").is_none());
    assert_eq!(ann.reads(&ann.direct())[0].text(), "psst");
    assert!(guild.member("ben").reads(&ann.direct()).is_empty());
    let own = json!({ "recipient_id": sim.bot_user_id() });
    rest.post("users/@me/channels", own)
        .await
        .refused(400, 50007);
}

#[tokio::test]
async fn messages_are_found_by_words_authors_and_what_is_in_them() {
    let (guild, rest, path) = world().await;
    let (ann, ben) = (guild.member("ann"), guild.member("ben"));
    let said = ann.says("a crab, look https://example.com").await;
    ben.says("another crab").await;
    guild.channel("spare");
    rest.post(&path, json!({ "content": "no crabs" }))
        .await
        .with(200);
    let found = async |query: &str| {
        let path = format!("guilds/{}/messages/search?{query}", guild.id());
        let found = rest.get(&path).await.with(200);
        let messages = found["messages"].as_array().unwrap().iter();
        let contents = messages.map(|it| it[0]["content"].as_str().unwrap().to_owned());
        contents.collect::<Vec<_>>()
    };
    let look = "a crab, look https://example.com";
    assert_eq!(
        found("content=crab&sort_order=asc").await,
        [look, "another crab", "no crabs"]
    );
    assert_eq!(
        found("content=CRAB&limit=1&offset=1").await,
        ["another crab"]
    );
    assert_eq!(found("content=crab&author_type=bot").await, ["no crabs"]);
    let both = format!("content=crab&author_id={}&author_id={}", ann.id(), ben.id());
    assert_eq!(found(&both).await, ["another crab", look]);
    assert_eq!(found("has=link").await, [look]);
    assert_eq!(
        found(&format!(
            "content=crab&author_type=user&min_id={}",
            said.id()
        ))
        .await,
        ["another crab"]
    );
    assert_eq!(found("content=crab&pinned=true").await, [""; 0]);
}
