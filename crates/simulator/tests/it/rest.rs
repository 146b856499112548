//! REST beside messages, commands and interactions: who the bot is, guilds, members, roles, faults.

use cogsmith_simulator::{FaultRule, Permissions, Simulator};
use serde_json::json;

use crate::client::{Gateway, Rest};

async fn world() -> (Simulator, Rest) {
    let sim = Simulator::builder().start().await.unwrap();
    let rest = Rest::new(&sim);
    (sim, rest)
}

#[tokio::test]
async fn the_gateway_is_where_both_routes_say() {
    let (sim, rest) = world().await;
    let open = rest.get("gateway").await.with(200);
    assert_eq!(open, json!({ "url": sim.gateway_url() }));
    let bot = rest.get("gateway/bot").await.with(200);
    assert_eq!(bot["url"], sim.gateway_url());
    assert_eq!(bot["shards"], 1);
    assert!(bot["session_start_limit"]["remaining"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn the_application_knows_its_owner_on_both_routes() {
    let (sim, rest) = world().await;
    sim.name_application_owner("olivia");
    for path in ["applications/@me", "oauth2/applications/@me"] {
        let own = rest.get(path).await.with(200);
        let parsed: serenity::model::application::CurrentApplicationInfo =
            serde_json::from_value(own).unwrap();
        assert_eq!(parsed.id.get(), sim.application_id().get());
        let owner = parsed.owner.unwrap();
        assert_eq!(owner.name, "olivia");
        assert_eq!(owner.id.get(), sim.application_owner().id().get());
    }
}

#[tokio::test]
async fn users_are_found_and_unknown_ones_are_10013() {
    let (sim, rest) = world().await;
    let own = rest.get("users/@me").await.with(200);
    assert_eq!(own["id"], sim.bot_user_id().to_string());
    assert_eq!(own["bot"], true);
    let ann = sim.guild("Rustaceans").member("ann");
    let path = format!("users/{}", ann.id());
    assert_eq!(rest.get(&path).await.with(200)["username"], "ann");
    rest.get("users/17").await.refused(404, 10013);
    rest.get("users/x").await.refused(400, 50035);
    let guilds = rest.get("users/@me/guilds").await.with(200);
    assert_eq!(guilds[0]["name"], "Rustaceans");
}

#[tokio::test]
async fn guilds_channels_roles_and_members_can_be_read() {
    let (sim, rest) = world().await;
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let path = format!("guilds/{}", guild.id());
    let home = rest.get(&path).await.with(200);
    let home: serenity::model::guild::PartialGuild = serde_json::from_value(home).unwrap();
    assert_eq!(home.roles.len(), 2);
    let channels = rest.get(&format!("{path}/channels")).await.with(200);
    assert_eq!(channels[0]["name"], "general");
    let channel = format!("channels/{}", channels[0]["id"].as_str().unwrap());
    assert_eq!(rest.get(&channel).await.with(200), channels[0]);
    let roles = rest.get(&format!("{path}/roles")).await.with(200);
    assert_eq!(roles.as_array().unwrap().len(), 2);
    let member = format!("{path}/members/{}", ann.id());
    let member = rest.get(&member).await.with(200);
    assert_eq!(member["user"]["username"], "ann");
    let page = rest.get(&format!("{path}/members?limit=2")).await.with(200);
    let last = page[1]["user"]["id"].as_str().unwrap();
    let next = format!("{path}/members?limit=1000&after={last}");
    let next = rest.get(&next).await.with(200);
    assert_eq!(next.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_does_not_exist_has_its_own_code() {
    let (sim, rest) = world().await;
    let guild = sim.guild("Rustaceans").id();
    rest.get("guilds/1").await.refused(404, 10004);
    rest.get("channels/1").await.refused(404, 10003);
    rest.get(&format!("guilds/{guild}/members/1"))
        .await
        .refused(404, 10013);
    let stranger = sim.guild("Elsewhere").member("ben").id();
    let path = format!("guilds/{guild}/members/{stranger}");
    rest.get(&path).await.refused(404, 10007);
    let role = format!("guilds/{guild}/members/{stranger}/roles/1");
    rest.put(&role, json!({})).await.refused(404, 10011);
    rest.get(&format!("guilds/{guild}/members?limit=0"))
        .await
        .refused(400, 50035);
}

#[tokio::test]
async fn roles_are_given_and_taken_and_the_bot_hears_of_it_once() {
    let (sim, rest) = world().await;
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let helper = guild.role("helper", Permissions::NONE);
    let mut bot = Gateway::identified(&sim, 1 << 1).await;
    let path = format!("guilds/{}/members/{}/roles/{helper}", guild.id(), ann.id());
    rest.put(&path, json!({})).await.with(204);
    rest.put(&path, json!({})).await.with(204);
    let event = bot.event("GUILD_MEMBER_UPDATE").await;
    assert_eq!(event["roles"], json!([helper]));
    rest.delete(&path).await.with(204);
    assert_eq!(bot.event("GUILD_MEMBER_UPDATE").await["roles"], json!([]));
    assert_eq!(bot.events().await, [""; 0]);
}

#[tokio::test]
async fn the_role_of_a_bot_cannot_be_given() {
    let (sim, rest) = world().await;
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let roles = rest
        .get(&format!("guilds/{}/roles", guild.id()))
        .await
        .with(200);
    let managed = roles
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["managed"] == true);
    let managed = managed.unwrap()["id"].as_str().unwrap();
    let path = format!("guilds/{}/members/{}/roles/{managed}", guild.id(), ann.id());
    rest.put(&path, json!({})).await.refused(403, 50013);
}

#[tokio::test]
async fn a_wrong_token_is_401_except_where_none_is_needed() {
    let (sim, _) = world().await;
    for token in ["", "Bot x", "Bearer x", &sim.token()] {
        let stranger = Rest::with_token(&sim, token);
        stranger.get("users/@me").await.refused(401, 0);
        stranger.get("gateway/bot").await.refused(401, 0);
        stranger.get("gateway").await.with(200);
    }
}

#[tokio::test]
async fn an_unknown_route_is_501_and_remembered_once() {
    let (sim, rest) = world().await;
    for _ in 0..2 {
        let body = rest.get("lobbies/1/messages").await.with(501);
        assert!(body["message"].as_str().unwrap().contains("unknown route"));
    }
    rest.delete("users/@me").await.with(501);
    assert_eq!(
        sim.gaps(),
        [
            "GET lobbies/{id}/messages: unknown route",
            "DELETE users/@me: unknown route"
        ]
    );
}

#[tokio::test]
async fn answers_have_discords_headers() {
    let (_sim, rest) = world().await;
    let answer = rest.get("users/@me").await;
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json");
    for name in ["limit", "remaining", "reset", "reset-after", "bucket"] {
        assert!(!header(&format!("x-ratelimit-{name}")).is_empty());
    }
}

#[tokio::test]
async fn the_prefix_may_leave_the_version_out() {
    let (sim, _rest) = world().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/api/gateway", sim.api_url());
    assert_eq!(client.get(url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn faults_strike_as_often_as_told_and_only_where_told() {
    let (sim, rest) = world().await;
    let body = json!({ "message": "no" });
    let rule = FaultRule::new(503).method("GET").path("users/").times(2);
    sim.fail_next(rule.body(body.clone()));
    rest.get("gateway").await.with(200);
    assert_eq!(rest.get("users/@me").await.with(503), body);
    rest.get("users/@me").await.with(503);
    rest.get("users/@me").await.with(200);
}

#[tokio::test]
async fn requests_are_written_down() {
    let (sim, rest) = world().await;
    rest.post("users/@me/channels", json!({ "recipient_id": "17" }))
        .await;
    let requests = sim.requests();
    let request = &requests[0];
    assert_eq!(request.method, "POST");
    assert_eq!(request.path, "users/@me/channels");
    assert_eq!(request.body["recipient_id"], "17");
    assert_eq!(request.status, 404);
}

#[tokio::test]
async fn the_page_shows_where_to_look_and_the_transcript() {
    let (sim, _rest) = world().await;
    sim.guild("Rustaceans").member("ann").says("hello").await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let read = async |path: &str| {
        let url = format!("{}{path}", sim.api_url());
        client.get(url).send().await.unwrap().text().await.unwrap()
    };
    assert!(read("/_sim/").await.contains("/_sim/transcript"));
    assert!(
        read("/_sim/transcript")
            .await
            .contains("#general ann: hello\n")
    );
}

#[tokio::test]
async fn garbage_is_refused_in_discords_form_and_hurts_nobody() {
    let (sim, rest) = world().await;
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let said = ann.says("hello").await;
    let (app, channel) = (sim.application_id(), guild.channel("general").id());
    let mut bot = Gateway::identified(&sim, 0).await;
    let paths = [
        format!("channels/{channel}/messages"),
        format!("applications/{app}/commands"),
        "users/@me/channels".to_owned(),
        "interactions/1/x/callback".to_owned(),
        format!("webhooks/{app}/x"),
    ];
    let bodies = [
        json!(null),
        json!(7),
        json!("x"),
        json!([]),
        json!([7]),
        json!({ "content": {} }),
        json!({ "embeds": 7 }),
        json!({ "embeds": [7] }),
        json!({ "embeds": [{ "title": {}, "fields": [7] }] }),
        json!({ "components": [7] }),
        json!({ "components": [{ "type": 1, "components": [7] }] }),
        json!({ "content": "x", "allowed_mentions": { "users": [{}] } }),
        json!({ "content": "x", "message_reference": { "message_id": [] } }),
        json!({ "content": "x", "nonce": {} }),
        json!({ "content": "x", "flags": -1 }),
        json!({ "name": 7 }),
        json!({ "name": "x", "description": "x", "options": [[7]] }),
        json!({ "recipient_id": 7 }),
    ];
    for path in &paths {
        for body in &bodies {
            let answer = rest.post(path, body.clone()).await;
            assert!(
                (400..=501).contains(&answer.status),
                "{path} {body}: {}",
                answer.status
            );
            assert!(
                answer.body["code"].is_number(),
                "{path} {body}: {}",
                answer.body
            );
            assert!(
                answer.body["message"].is_string(),
                "{path} {body}: {}",
                answer.body
            );
        }
    }
    rest.delete(&format!("channels/{channel}/messages/{}", said.id()))
        .await
        .with(204);
    assert_eq!(bot.events().await, [""; 0]);
}
