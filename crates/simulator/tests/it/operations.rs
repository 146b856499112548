//! Every operation of a guild: refused without its permission, done with it and nothing else, in
//! the form of Discord's own file where that is at hand.

use cogsmith_simulator::{Guild, Permissions, Simulator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Rest;

/// A pixel.
pub(crate) const IMAGE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

struct Place {
    sim: Simulator,
    rest: Rest,
    guild: Guild,
    /// Words of paths and bodies, with what they stand for here.
    words: Vec<(&'static str, String)>,
}

impl Place {
    /// A guild with one of everything, made by its bot while it is an administrator.
    async fn new() -> Self {
        let sim = Simulator::builder().start().await.unwrap();
        let rest = Rest::new(&sim);
        let guild = sim.guild("Rustaceans");
        let (ann, ben) = (guild.member("ann"), guild.member("ben"));
        let stranger = sim.guild("Elsewhere").member("zoe").id();
        let role = guild.role("helper", Permissions::NONE);
        let said = ann.says("hello").await;
        let other = ann.says("again").await;
        let third = ann.says("and again").await;
        ann.reacts(&said, "🔥");
        let (home, general) = (guild.id(), guild.channel("general").id());
        let id = |value: Value| value["id"].as_str().unwrap().to_owned();
        let emoji = json!({ "name": "crab", "image": IMAGE });
        let emoji = rest
            .post(&format!("guilds/{home}/emojis"), emoji)
            .await
            .with(201);
        let hook = json!({ "name": "news" });
        let hook = rest
            .post(&format!("channels/{general}/webhooks"), hook)
            .await
            .with(200);
        let event = json!({
            "name": "Party",
            "privacy_level": 2,
            "entity_type": 3,
            "entity_metadata": { "location": "here" },
            "scheduled_start_time": "2126-03-02T09:00:00Z",
            "scheduled_end_time": "2126-03-02T10:00:00Z",
        });
        let event = rest
            .post(&format!("guilds/{home}/scheduled-events"), event)
            .await
            .with(200);
        let invite = rest
            .post(&format!("channels/{general}/invites"), json!({}))
            .await
            .with(200);
        let ban = format!("guilds/{home}/bans/{stranger}");
        rest.put(&ban, json!({})).await.with(204);
        let thread = json!({ "name": "Talk" });
        let path = format!("channels/{general}/messages/{}/threads", third.id());
        rest.post(&path, thread).await.with(201);
        let overwrite = format!("channels/{general}/permissions/{}", ben.id());
        rest.put(&overwrite, json!({ "type": 1 })).await.with(204);
        let words = vec![
            ("GUILD", home.to_string()),
            ("GENERAL", general.to_string()),
            ("SPARE", guild.channel("spare").id().to_string()),
            ("ANN", ann.id().to_string()),
            ("BEN", ben.id().to_string()),
            ("STRANGER", stranger.to_string()),
            ("ROLE", role.to_string()),
            ("SAID", said.id().to_string()),
            ("OTHER", other.id().to_string()),
            ("THREAD", third.id().to_string()),
            ("EMOJI", id(emoji)),
            ("HOOK", id(hook)),
            ("EVENT", id(event)),
            ("INVITE", invite["code"].as_str().unwrap().to_owned()),
        ];
        Self {
            sim,
            rest,
            guild,
            words,
        }
    }

    fn filled(&self, text: &str) -> String {
        let fill = |text: String, (word, value): &(&str, String)| {
            text.replace(&format!("{{{word}}}"), value)
        };
        self.words.iter().fold(text.to_owned(), fill)
    }

    async fn call(&self, row: &Row) -> (u16, Value) {
        let (method, path) = row.request.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        let body = (!row.body.is_null()).then(|| self.filled(&row.body.to_string()));
        let body = body.map(|body| serde_json::from_str(&body).unwrap());
        let answer = self.rest.call(method, &self.filled(path), body).await;
        (answer.status, answer.body)
    }
}

/// A request, the permission that it needs, and the status with it.
struct Row {
    request: &'static str,
    body: Value,
    needs: Permissions,
    status: u16,
}

fn row(request: &'static str, body: Value, needs: Permissions, status: u16) -> Row {
    Row {
        request,
        body,
        needs,
        status,
    }
}

/// What every row has besides its own permission, so that it is that one which is missing.
fn ground() -> Permissions {
    Permissions::VIEW_CHANNEL
        | Permissions::READ_MESSAGE_HISTORY
        | Permissions::USE_APPLICATION_COMMANDS
}

fn rows() -> Vec<Row> {
    use Permissions as P;
    let none = || Value::Null;
    vec![
        row(
            "PATCH guilds/{GUILD}",
            json!({ "name": "Crabs", "description": "x", "icon": IMAGE }),
            P::MANAGE_GUILD,
            200,
        ),
        row(
            "POST guilds/{GUILD}/channels",
            json!({ "name": "Big News", "topic": "x" }),
            P::MANAGE_CHANNELS,
            201,
        ),
        row(
            "PATCH guilds/{GUILD}/channels",
            json!([{ "id": "{SPARE}", "position": 0 }]),
            P::MANAGE_CHANNELS,
            204,
        ),
        row(
            "PATCH channels/{GENERAL}",
            json!({ "topic": "all", "rate_limit_per_user": 5 }),
            P::MANAGE_CHANNELS,
            200,
        ),
        row("DELETE channels/{SPARE}", none(), P::MANAGE_CHANNELS, 200),
        row(
            "GET channels/{GENERAL}/invites",
            none(),
            P::MANAGE_CHANNELS,
            200,
        ),
        row(
            "PUT channels/{GENERAL}/permissions/{ROLE}",
            json!({ "type": 0, "deny": "1024" }),
            P::MANAGE_ROLES,
            204,
        ),
        row(
            "DELETE channels/{GENERAL}/permissions/{BEN}",
            none(),
            P::MANAGE_ROLES,
            204,
        ),
        row(
            "POST channels/{GENERAL}/invites",
            json!({ "max_age": 0, "unique": true }),
            P::CREATE_INSTANT_INVITE,
            200,
        ),
        row("GET guilds/{GUILD}/invites", none(), P::MANAGE_GUILD, 200),
        row("DELETE invites/{INVITE}", none(), P::MANAGE_GUILD, 200),
        row(
            "POST channels/{GENERAL}/webhooks",
            json!({ "name": "more" }),
            P::MANAGE_WEBHOOKS,
            200,
        ),
        row(
            "GET channels/{GENERAL}/webhooks",
            none(),
            P::MANAGE_WEBHOOKS,
            200,
        ),
        row(
            "GET guilds/{GUILD}/webhooks",
            none(),
            P::MANAGE_WEBHOOKS,
            200,
        ),
        row("GET webhooks/{HOOK}", none(), P::MANAGE_WEBHOOKS, 200),
        row(
            "PATCH webhooks/{HOOK}",
            json!({ "name": "old", "avatar": IMAGE }),
            P::MANAGE_WEBHOOKS,
            200,
        ),
        row("DELETE webhooks/{HOOK}", none(), P::MANAGE_WEBHOOKS, 204),
        row(
            "POST channels/{GENERAL}/messages",
            json!({ "content": "x" }),
            P::SEND_MESSAGES,
            200,
        ),
        row(
            "POST channels/{GENERAL}/typing",
            none(),
            P::SEND_MESSAGES,
            204,
        ),
        row(
            "DELETE channels/{GENERAL}/messages/{SAID}",
            none(),
            P::MANAGE_MESSAGES,
            204,
        ),
        row(
            "POST channels/{GENERAL}/messages/bulk-delete",
            json!({ "messages": ["{SAID}", "{OTHER}"] }),
            P::MANAGE_MESSAGES,
            204,
        ),
        row(
            "PATCH channels/{GENERAL}/messages/{SAID}",
            json!({ "flags": 4 }),
            P::MANAGE_MESSAGES,
            200,
        ),
        row(
            "PUT channels/{GENERAL}/messages/pins/{SAID}",
            none(),
            P::PIN_MESSAGES,
            204,
        ),
        row(
            "DELETE channels/{GENERAL}/messages/pins/{SAID}",
            none(),
            P::PIN_MESSAGES,
            204,
        ),
        row(
            "PUT channels/{GENERAL}/pins/{SAID}",
            none(),
            P::PIN_MESSAGES,
            204,
        ),
        row(
            "DELETE channels/{GENERAL}/pins/{SAID}",
            none(),
            P::PIN_MESSAGES,
            204,
        ),
        row(
            "PUT channels/{GENERAL}/messages/{OTHER}/reactions/%F0%9F%A6%80/@me",
            none(),
            P::ADD_REACTIONS,
            204,
        ),
        row(
            "DELETE channels/{GENERAL}/messages/{SAID}/reactions/%F0%9F%94%A5/{ANN}",
            none(),
            P::MANAGE_MESSAGES,
            204,
        ),
        row(
            "DELETE channels/{GENERAL}/messages/{SAID}/reactions/%F0%9F%94%A5",
            none(),
            P::MANAGE_MESSAGES,
            204,
        ),
        row(
            "DELETE channels/{GENERAL}/messages/{SAID}/reactions",
            none(),
            P::MANAGE_MESSAGES,
            204,
        ),
        row(
            "POST channels/{GENERAL}/messages/{SAID}/threads",
            json!({ "name": "Hello" }),
            P::CREATE_PUBLIC_THREADS,
            201,
        ),
        row(
            "POST channels/{GENERAL}/threads",
            json!({ "name": "Hush", "type": 12 }),
            P::CREATE_PRIVATE_THREADS,
            201,
        ),
        row(
            "POST channels/{GENERAL}/threads",
            json!({ "name": "Loud", "type": 11 }),
            P::CREATE_PUBLIC_THREADS,
            201,
        ),
        row(
            "POST channels/{THREAD}/messages",
            json!({ "content": "x" }),
            P::SEND_MESSAGES_IN_THREADS,
            200,
        ),
        row(
            "PUT channels/{THREAD}/thread-members/{BEN}",
            none(),
            P::SEND_MESSAGES_IN_THREADS,
            204,
        ),
        row(
            "DELETE channels/{THREAD}/thread-members/{ANN}",
            none(),
            P::MANAGE_THREADS,
            204,
        ),
        row("DELETE channels/{THREAD}", none(), P::MANAGE_THREADS, 200),
        row(
            "GET channels/{GENERAL}/threads/archived/private",
            none(),
            P::MANAGE_THREADS,
            200,
        ),
        row(
            "POST guilds/{GUILD}/roles",
            json!({ "name": "new", "permissions": "0" }),
            P::MANAGE_ROLES,
            200,
        ),
        row(
            "PATCH guilds/{GUILD}/roles",
            json!([{ "id": "{ROLE}", "position": 1 }]),
            P::MANAGE_ROLES,
            200,
        ),
        row(
            "PATCH guilds/{GUILD}/roles/{ROLE}",
            json!({ "color": 255, "hoist": true }),
            P::MANAGE_ROLES,
            200,
        ),
        row(
            "DELETE guilds/{GUILD}/roles/{ROLE}",
            none(),
            P::MANAGE_ROLES,
            204,
        ),
        row(
            "PUT guilds/{GUILD}/members/{ANN}/roles/{ROLE}",
            none(),
            P::MANAGE_ROLES,
            204,
        ),
        row(
            "DELETE guilds/{GUILD}/members/{ANN}/roles/{ROLE}",
            none(),
            P::MANAGE_ROLES,
            204,
        ),
        row(
            "PATCH guilds/{GUILD}/members/{ANN}",
            json!({ "nick": "Annie" }),
            P::MANAGE_NICKNAMES,
            200,
        ),
        row(
            "PATCH guilds/{GUILD}/members/{ANN}",
            json!({ "roles": ["{ROLE}"] }),
            P::MANAGE_ROLES,
            200,
        ),
        row(
            "PATCH guilds/{GUILD}/members/{ANN}",
            json!({ "mute": true }),
            P::MUTE_MEMBERS,
            200,
        ),
        row(
            "PATCH guilds/{GUILD}/members/{ANN}",
            json!({ "deaf": true }),
            P::DEAFEN_MEMBERS,
            200,
        ),
        row(
            "PATCH guilds/{GUILD}/members/{ANN}",
            json!({ "communication_disabled_until": null }),
            P::MODERATE_MEMBERS,
            200,
        ),
        row(
            "PATCH guilds/{GUILD}/members/@me",
            json!({ "nick": "Bot" }),
            P::CHANGE_NICKNAME,
            200,
        ),
        row(
            "DELETE guilds/{GUILD}/members/{ANN}",
            none(),
            P::KICK_MEMBERS,
            204,
        ),
        row(
            "GET guilds/{GUILD}/prune?days=7",
            none(),
            P::KICK_MEMBERS,
            200,
        ),
        row(
            "POST guilds/{GUILD}/prune",
            json!({ "days": 7 }),
            P::KICK_MEMBERS,
            200,
        ),
        row("GET guilds/{GUILD}/bans", none(), P::BAN_MEMBERS, 200),
        row(
            "GET guilds/{GUILD}/bans/{STRANGER}",
            none(),
            P::BAN_MEMBERS,
            200,
        ),
        row(
            "PUT guilds/{GUILD}/bans/{ANN}",
            json!({ "delete_message_seconds": 3600 }),
            P::BAN_MEMBERS,
            204,
        ),
        row(
            "DELETE guilds/{GUILD}/bans/{STRANGER}",
            none(),
            P::BAN_MEMBERS,
            204,
        ),
        row(
            "POST guilds/{GUILD}/bulk-ban",
            json!({ "user_ids": ["{ANN}", "{BEN}"] }),
            P::BAN_MEMBERS | P::MANAGE_GUILD,
            200,
        ),
        row(
            "GET guilds/{GUILD}/audit-logs",
            none(),
            P::VIEW_AUDIT_LOG,
            200,
        ),
        row(
            "POST guilds/{GUILD}/emojis",
            json!({ "name": "crab2", "image": IMAGE }),
            P::CREATE_GUILD_EXPRESSIONS,
            201,
        ),
        row(
            "PATCH guilds/{GUILD}/emojis/{EMOJI}",
            json!({ "name": "lobster" }),
            P::CREATE_GUILD_EXPRESSIONS,
            200,
        ),
        row(
            "DELETE guilds/{GUILD}/emojis/{EMOJI}",
            none(),
            P::MANAGE_GUILD_EXPRESSIONS,
            204,
        ),
        row(
            "POST guilds/{GUILD}/scheduled-events",
            json!({
                "name": "Ball", "privacy_level": 2, "entity_type": 3,
                "entity_metadata": { "location": "there" },
                "scheduled_start_time": "2126-03-02T09:00:00Z",
                "scheduled_end_time": "2126-03-02T10:00:00Z",
            }),
            P::CREATE_EVENTS,
            200,
        ),
        row(
            "PATCH guilds/{GUILD}/scheduled-events/{EVENT}",
            json!({ "status": 2 }),
            P::CREATE_EVENTS,
            200,
        ),
        row(
            "DELETE guilds/{GUILD}/scheduled-events/{EVENT}",
            none(),
            P::MANAGE_EVENTS,
            204,
        ),
        row("GET channels/{GENERAL}/messages", none(), P::NONE, 200),
        row("GET channels/{GENERAL}/messages/pins", none(), P::NONE, 200),
        row("GET channels/{GENERAL}/pins", none(), P::NONE, 200),
        row(
            "GET channels/{GENERAL}/messages/{SAID}/reactions/%F0%9F%94%A5?limit=5",
            none(),
            P::NONE,
            200,
        ),
        row(
            "GET channels/{GENERAL}/threads/archived/public",
            none(),
            P::NONE,
            200,
        ),
        row(
            "GET channels/{GENERAL}/users/@me/threads/archived/private",
            none(),
            P::NONE,
            200,
        ),
        row("GET channels/{THREAD}", none(), P::NONE, 200),
        row(
            "GET channels/{THREAD}/thread-members?with_member=true",
            none(),
            P::NONE,
            200,
        ),
        row(
            "GET channels/{THREAD}/thread-members/@me",
            none(),
            P::NONE,
            200,
        ),
        row(
            "PUT channels/{THREAD}/thread-members/@me",
            none(),
            P::NONE,
            204,
        ),
        row(
            "DELETE channels/{THREAD}/thread-members/@me",
            none(),
            P::NONE,
            204,
        ),
        row(
            "GET invites/{INVITE}?with_counts=true",
            none(),
            P::NONE,
            200,
        ),
        row("GET guilds/{GUILD}?with_counts=true", none(), P::NONE, 200),
        row("GET guilds/{GUILD}/preview", none(), P::NONE, 200),
        row("GET guilds/{GUILD}/regions", none(), P::NONE, 200),
        row("GET guilds/{GUILD}/channels", none(), P::NONE, 200),
        row("GET guilds/{GUILD}/roles", none(), P::NONE, 200),
        row("GET guilds/{GUILD}/roles/{ROLE}", none(), P::NONE, 200),
        row(
            "GET guilds/{GUILD}/roles/member-counts",
            none(),
            P::NONE,
            200,
        ),
        row("GET guilds/{GUILD}/members?limit=10", none(), P::NONE, 200),
        row(
            "GET guilds/{GUILD}/members/search?query=an&limit=5",
            none(),
            P::NONE,
            200,
        ),
        row("GET guilds/{GUILD}/emojis", none(), P::NONE, 200),
        row("GET guilds/{GUILD}/emojis/{EMOJI}", none(), P::NONE, 200),
        row("GET guilds/{GUILD}/threads/active", none(), P::NONE, 200),
        row(
            "GET guilds/{GUILD}/scheduled-events?with_user_count=true",
            none(),
            P::NONE,
            200,
        ),
        row(
            "GET guilds/{GUILD}/scheduled-events/{EVENT}",
            none(),
            P::NONE,
            200,
        ),
        row(
            "GET guilds/{GUILD}/scheduled-events/{EVENT}/users?with_member=true",
            none(),
            P::NONE,
            200,
        ),
        row(
            "GET users/@me/guilds?with_counts=true",
            none(),
            P::NONE,
            200,
        ),
        row("GET users/@me/guilds/{GUILD}/member", none(), P::NONE, 200),
        row(
            "PATCH users/@me",
            json!({ "username": "robot", "avatar": IMAGE }),
            P::NONE,
            200,
        ),
        row("DELETE users/@me/guilds/{GUILD}", none(), P::NONE, 204),
        row("GET voice/regions", none(), P::NONE, 200),
    ]
}

#[tokio::test]
async fn each_needs_its_permission_and_nothing_else() {
    let mut failed = Vec::new();
    for row in rows() {
        let request = row.request;
        if tokio::spawn(check(row)).await.is_err() {
            failed.push(request);
        }
    }
    assert_eq!(failed, [""; 0]);
}

async fn check(row: Row) {
    let place = Place::new().await;
    let (everyone, bot) = (place.guild.id(), place.guild.bot_role());
    place.guild.allow(everyone, Permissions::NONE);
    if row.needs != Permissions::NONE {
        place.guild.allow(bot, ground());
        let (status, body) = place.call(&row).await;
        assert_eq!(status, 403, "{}: {body:#}", row.request);
        assert_eq!(body["code"], 50013, "{}", row.request);
    }
    place.guild.allow(bot, ground() | row.needs);
    let (status, body) = place.call(&row).await;
    assert_eq!(status, row.status, "{}: {body:#}", row.request);
    assert_eq!(place.sim.gaps(), [""; 0], "{}", row.request);
}

#[tokio::test]
async fn nothing_is_done_in_a_guild_or_channel_that_is_not_seen() {
    let place = Place::new().await;
    place.guild.allow(place.guild.id(), Permissions::NONE);
    place.guild.allow(
        place.guild.bot_role(),
        Permissions::MANAGE_GUILD | Permissions::MANAGE_CHANNELS | Permissions::SEND_MESSAGES,
    );
    for row in rows()
        .iter()
        .filter(|row| row.request.contains("channels/{GENERAL}"))
    {
        let (status, body) = place.call(row).await;
        assert_eq!(
            (status, &body["code"]),
            (403, &json!(50001)),
            "{}: {body}",
            row.request
        );
    }
    for row in rows()
        .iter()
        .filter(|row| row.request.contains("guilds/{GUILD}"))
    {
        let request = row.request.replace("{GUILD}", "17");
        let (method, path) = request.split_once(' ').unwrap();
        let body = (!row.body.is_null()).then(|| row.body.clone());
        let path = place.filled(path);
        let answer = place.rest.call(method.parse().unwrap(), &path, body).await;
        assert_eq!(
            answer.body["code"], 10004,
            "{}: {}",
            row.request, answer.body
        );
    }
}
