//! People over HTTP: a request that acts as a person, with the bodies that Discord's client sends.

use cogsmith_simulator::{Guild, Person, Simulator};
use serde_json::{Value, json};

use crate::client::{Gateway, INTENTS, Rest};

/// A guild with a bot, and ann at her client.
pub(crate) struct Place {
    pub(crate) sim: Simulator,
    pub(crate) guild: Guild,
    pub(crate) ann: Person,
    /// Requests of ann.
    pub(crate) client: Rest,
    /// Requests of the bot.
    pub(crate) rest: Rest,
}

impl Place {
    pub(crate) fn channel(&self) -> String {
        self.guild.channel("general").id().to_string()
    }

    /// The body of an interaction as a client sends it.
    pub(crate) fn body(&self, kind: u8, data: &Value) -> Value {
        json!({
            "type": kind,
            "application_id": self.sim.application_id(),
            "guild_id": self.guild.id(),
            "channel_id": self.channel(),
            "session_id": "abc",
            "nonce": "17",
            "analytics_location": "slash_ui",
            "data": data,
        })
    }

    pub(crate) async fn register(&self, command: Value) -> Value {
        let path = format!("applications/{}/commands", self.sim.application_id());
        self.rest.post(&path, command).await.with(201)
    }

    pub(crate) async fn answer(&self, interaction: &Value, body: Value) {
        let (id, token) = (text(&interaction["id"]), text(&interaction["token"]));
        let path = format!("interactions/{id}/{token}/callback");
        self.rest.post(&path, body).await.with(204);
    }
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub(crate) fn as_person(sim: &Simulator, person: &Person) -> Rest {
    Rest::with_token(sim, &format!("user {}", person.id()))
}

pub(crate) async fn place() -> Place {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    Place {
        client: as_person(&sim, &ann),
        rest: Rest::new(&sim),
        sim,
        guild,
        ann,
    }
}

#[tokio::test]
async fn a_person_posts_and_the_bot_hears_it_as_theirs() {
    let place = place().await;
    let mut bot = Gateway::identified(&place.sim, INTENTS).await;
    let path = format!("channels/{}/messages", place.channel());
    let body = json!({ "content": "hello", "nonce": "1", "tts": false, "flags": 0 });
    let said = place.client.post(&path, body).await.with(200);
    assert_eq!(said["author"]["username"], "ann");
    bot.event("GUILD_CREATE").await;
    let heard = bot.event("MESSAGE_CREATE").await;
    assert_eq!(
        (&heard["id"], &heard["content"]),
        (&said["id"], &json!("hello"))
    );
    let own = format!("{path}/{}/reactions/🔥/@me", text(&said["id"]));
    place.client.put(&own, Value::Null).await.with(204);
    let seen = place.client.get(&path).await.with(200);
    assert_eq!(seen[0]["reactions"][0]["me"], true);
    assert_eq!(
        place.rest.get(&path).await.with(200)[0]["reactions"][0]["me"],
        false
    );
}

#[tokio::test]
async fn a_person_is_held_to_their_own_permissions() {
    let place = place().await;
    let path = format!(
        "guilds/{}/members/{}",
        place.guild.id(),
        place.sim.bot_user_id()
    );
    place.client.delete(&path).await.refused(403, 50013);
    let commands = format!("applications/{}/commands", place.sim.application_id());
    place.client.get(&commands).await.refused(403, 20002);
    let stranger = Rest::with_token(&place.sim, "user 17");
    stranger.get("users/@me").await.with(401);
    let bot = Rest::with_token(&place.sim, &format!("user {}", place.sim.bot_user_id()));
    bot.get("users/@me").await.with(401);
    assert_eq!(
        place.client.get("users/@me").await.with(200)["username"],
        "ann"
    );
    assert_eq!(place.sim.requests().len(), 0);
}

#[tokio::test]
async fn a_command_by_its_ids_reaches_the_bot_and_the_answer_is_seen_by_who_asked() {
    let place = place().await;
    let ben = place.guild.member("ben");
    let mut bot = Gateway::identified(&place.sim, 0).await;
    let option = |name, kind| json!({ "type": kind, "name": name, "description": "d" });
    let options = [option("who", 6), option("page", 4)];
    let add = json!({ "type": 1, "name": "add", "description": "d", "options": options });
    let known = json!({ "name": "warn", "description": "d", "options": [add] });
    let known = place.register(known).await;
    let value = |name, kind, value: Value| json!({ "type": kind, "name": name, "value": value });
    let given = [value("who", 6, json!(ben.id())), value("page", 4, json!(2))];
    let step = json!({ "type": 1, "name": "add", "options": given });
    let data = json!({ "id": known["id"], "version": known["version"], "type": 1,
        "name": "warn", "options": [step], "attachments": [] });
    let sent = place
        .client
        .post("interactions", place.body(2, &data))
        .await;
    sent.with(204);
    let heard = bot.event("INTERACTION_CREATE").await;
    let options = &heard["data"]["options"][0]["options"];
    assert_eq!(options[0]["value"], json!(ben.id()));
    assert_eq!(options[1]["value"], 2);
    let resolved = &heard["data"]["resolved"]["users"][ben.id().to_string()];
    assert_eq!(resolved["username"], "ben");
    assert_eq!(heard["member"]["user"]["id"], json!(place.ann.id()));
    let data = json!({ "content": "done", "flags": 64 });
    place
        .answer(&heard, json!({ "type": 4, "data": data }))
        .await;

    let path = format!("channels/{}/messages", place.channel());
    let seen = place.client.get(&path).await.with(200);
    assert_eq!(
        (&seen[0]["content"], &seen[0]["flags"]),
        (&json!("done"), &json!(64))
    );
    let others = as_person(&place.sim, &ben).get(&path).await.with(200);
    assert_ne!(others[0]["content"], "done");
    let of_bot = place.rest.get(&path).await.with(200);
    assert_ne!(of_bot[0]["content"], "done");
}

#[tokio::test]
async fn what_a_client_could_not_send_is_refused() {
    let place = place().await;
    let page = json!({ "type": 4, "name": "page", "description": "d", "required": true });
    let known = json!({ "name": "rank", "description": "d", "options": [page] });
    let known = place.register(known).await;
    let check = async |data: Value, status, code| {
        let sent = place
            .client
            .post("interactions", place.body(2, &data))
            .await;
        sent.refused(status, code);
    };
    let id = &known["id"];
    check(json!({ "id": "17", "name": "rank" }), 404, 10063).await;
    check(json!({ "id": id, "name": "rank" }), 400, 50035).await;
    check(
        json!({ "id": id, "version": "1", "name": "rank" }),
        400,
        50035,
    )
    .await;
    let text = json!([{ "type": 4, "name": "page", "value": "2" }]);
    check(
        json!({ "id": id, "name": "rank", "options": text }),
        400,
        50035,
    )
    .await;
    let other = json!([{ "type": 4, "name": "side", "value": 2 }]);
    check(
        json!({ "id": id, "name": "rank", "options": other }),
        400,
        50035,
    )
    .await;
}

#[tokio::test]
async fn suggestions_come_for_the_option_in_focus() {
    let place = place().await;
    let mut bot = Gateway::identified(&place.sim, 0).await;
    let tag = json!({ "type": 3, "name": "tag", "description": "d", "required": true,
        "autocomplete": true });
    let known = json!({ "name": "tag", "description": "d", "options": [tag] });
    let known = place.register(known).await;
    let option = json!({ "type": 3, "name": "tag", "value": "ru", "focused": true });
    let data = json!({ "id": known["id"], "name": "tag", "type": 1, "options": [option] });
    place
        .client
        .post("interactions", place.body(4, &data))
        .await
        .with(204);
    let heard = bot.event("INTERACTION_CREATE").await;
    assert_eq!(heard["type"], 4);
    assert_eq!(heard["data"]["options"][0]["focused"], true);
    assert_eq!(heard["data"]["options"][0]["value"], "ru");
}

#[tokio::test]
async fn a_button_opens_a_form_and_the_form_comes_back() {
    let place = place().await;
    let mut bot = Gateway::identified(&place.sim, 0).await;
    let button = json!({ "type": 2, "style": 1, "label": "go", "custom_id": "go" });
    let rows = json!([{ "type": 1, "components": [button] }]);
    let path = format!("channels/{}/messages", place.channel());
    let body = json!({ "content": "press", "components": rows });
    let posted = place.rest.post(&path, body).await.with(200);
    let mut press = place.body(3, &json!({ "component_type": 2, "custom_id": "go" }));
    press["message_id"] = posted["id"].clone();
    place.client.post("interactions", press).await.with(204);
    let pressed = bot.event("INTERACTION_CREATE").await;
    assert_eq!(pressed["data"]["custom_id"], "go");
    let field = json!({ "type": 4, "custom_id": "why", "label": "Why", "style": 1,
        "min_length": 2 });
    let form = json!({ "custom_id": "form", "title": "Form",
        "components": [{ "type": 1, "components": [field] }] });
    place
        .answer(&pressed, json!({ "type": 9, "data": form }))
        .await;

    let filled = |value: &str| {
        let field = json!({ "type": 4, "custom_id": "why", "value": value });
        let rows = json!([{ "type": 1, "components": [field] }]);
        place.body(5, &json!({ "custom_id": "form", "components": rows }))
    };
    place
        .client
        .post("interactions", filled("x"))
        .await
        .refused(400, 50035);
    place
        .client
        .post("interactions", filled("because"))
        .await
        .with(204);
    let heard = bot.event("INTERACTION_CREATE").await;
    let field = &heard["data"]["components"][0]["components"][0];
    assert_eq!(
        (&field["value"], &field["id"]),
        (&json!("because"), &json!(2))
    );
    assert_eq!(heard["message"]["id"], posted["id"]);
}

#[tokio::test]
async fn an_invite_lets_a_person_in_and_they_may_write_to_the_bot() {
    let place = place().await;
    let zoe = place.sim.guild("Elsewhere").member("zoe");
    let client = as_person(&place.sim, &zoe);
    let path = format!("channels/{}/invites", place.channel());
    let invite = place.client.post(&path, json!({})).await.with(200);
    let mut bot = Gateway::identified(&place.sim, INTENTS).await;
    bot.event("GUILD_CREATE").await;
    bot.event("GUILD_CREATE").await;
    let joined = client
        .post(&format!("invites/{}", text(&invite["code"])), json!({}))
        .await;
    assert_eq!(joined.with(200)["guild"]["name"], "Rustaceans");
    let heard = bot.event("GUILD_MEMBER_ADD").await;
    assert_eq!(heard["user"]["id"], json!(zoe.id()));
    client
        .post("invites/nowhere", json!({}))
        .await
        .refused(404, 10006);

    let recipient = json!({ "recipient_id": place.sim.bot_user_id() });
    let direct = client.post("users/@me/channels", recipient).await.with(200);
    let path = format!("channels/{}/messages", text(&direct["id"]));
    client
        .post(&path, json!({ "content": "psst" }))
        .await
        .with(200);
    let mut heard = bot.event("MESSAGE_CREATE").await;
    while heard["content"] != "psst" {
        heard = bot.event("MESSAGE_CREATE").await;
    }
    assert_eq!(heard["channel_id"], direct["id"]);
}
