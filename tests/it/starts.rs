//! A start while Discord is out of order: it goes on until it has succeeded, or is told to stop.

use std::process::Output;

use cogsmith::prelude::*;
use cogsmith_simulator::{FaultRule, Intents, Simulator};
use serde_json::{Value, json};
use serenity::model::event::GuildMemberAddEvent;

use crate::{
    process::{Bot, Folder, output, run_at},
    threads,
};

/// More often than anybody asks in a test.
const ALWAYS: u32 = 1_000_000;

async fn simulator_with(faults: impl IntoIterator<Item = FaultRule>) -> Simulator {
    let simulator = Simulator::builder().start().await.unwrap();
    for fault in faults {
        simulator.fail_next(fault);
    }
    simulator
}

#[tokio::test]
async fn a_start_outlives_what_passes_and_ends_with_every_command() {
    async fn check(status: u16) {
        let paths = ["applications/@me", "gateway/bot", "/commands"];
        let faults = paths.map(|path| FaultRule::new(status).path(path).times(6));
        let (simulator, folder) = (simulator_with(faults).await, Folder::new());
        let ann = simulator.guild("Rustaceans").member("ann");
        let bot = Bot::start(&simulator, &folder.database()).await;
        assert_eq!(ann.slash("/rank").await.text(), "You have no XP yet.");
        let (code, log) = bot.terminate().await;
        assert_eq!(code.code(), Some(0), "{log}");
    }
    tokio::join!(check(429), check(500), check(502));
}

/// The body of `/readyz`, whose address the log has named.
async fn readyz(line: &str) -> Value {
    let url = &line[line.find("http://").unwrap()..];
    let answer = reqwest::get(url).await.unwrap();
    let is_ok = answer.status() == 200;
    let body = answer.text().await.unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["ready"], is_ok, "{body}");
    body
}

#[tokio::test]
async fn a_bot_without_its_commands_works_and_says_that_it_is_not_ready() {
    let fault = FaultRule::new(502).path("/commands").times(ALWAYS);
    let (simulator, folder) = (simulator_with([fault]).await, Folder::new());
    let mut bot = Bot::spawn(&simulator, &folder.database());
    let line = bot.until_logged("/readyz").await;
    let told =
        "syncing the command list failed and is tried again until it succeeds: 502: injected fault";
    bot.until_logged(told).await;

    let body = readyz(&line).await;
    assert_eq!(
        (&body["ready"], &body["commands"]),
        (&false.into(), &false.into())
    );
    assert_eq!(body["open"], true, "tasks run, events are handled: {body}");

    let (code, log) = bot.terminate().await;
    assert_eq!(code.code(), Some(0), "{log}");
}

#[tokio::test]
async fn a_command_list_that_is_refused_is_told_plainly_and_not_sent_again() {
    let fault = FaultRule::new(403).path("/commands").times(ALWAYS);
    let (simulator, folder) = (simulator_with([fault]).await, Folder::new());
    let mut bot = Bot::spawn(&simulator, &folder.database());
    let line = bot.until_logged("/readyz").await;
    let told = bot.until_logged("403: injected fault").await;
    assert!(told.contains("refused the command list"), "{told}");
    let body = readyz(&line).await;
    assert_eq!(
        (&body["open"], &body["commands"]),
        (&true.into(), &false.into())
    );
    assert_eq!(
        (&body["invalid_requests"], &body["requests_paused"]),
        (&1.into(), &false.into())
    );
    let requests = simulator.requests();
    let asked = requests.iter().filter(|it| it.path.ends_with("/commands"));
    assert_eq!(asked.count(), 1);
    bot.terminate().await;
}

#[tokio::test]
async fn a_signal_ends_a_start_that_still_tries() {
    for (path, told) in [
        ("applications/@me", "about the application failed"),
        ("gateway/bot", "for the gateway failed"),
        ("/commands", "the command list failed"),
    ] {
        let fault = FaultRule::new(500).path(path).times(ALWAYS);
        let (simulator, folder) = (simulator_with([fault]).await, Folder::new());
        let mut bot = Bot::spawn(&simulator, &folder.database());
        let line = bot.until_logged_with(told).await;
        assert!(line.contains("until it succeeds"), "{line}");
        let ended = tokio::time::timeout(Duration::from_secs(20), bot.terminate()).await;
        let (code, log) = ended.unwrap_or_else(|_| panic!("it goes on after SIGTERM: {path}"));
        assert_eq!(code.code(), Some(0), "{log}");
    }
}

async fn run_once(simulator: &Simulator) -> Output {
    let folder = Folder::new();
    output(&mut run_at(simulator, folder.path())).await
}

#[tokio::test]
async fn a_refusal_at_start_ends_it_at_once_and_says_what_was_refused() {
    for (path, status, code, told) in [
        ("applications/@me", 401, 3, "refused the token (401)"),
        (
            "applications/@me",
            403,
            1,
            "refused to tell about the application",
        ),
        ("gateway/bot", 401, 3, "the token was refused"),
        ("gateway/bot", 400, 1, "status 400, expected 200"),
        ("/commands", 401, 3, "refused the token (401)"),
    ] {
        let fault = FaultRule::new(status).path(path).times(ALWAYS);
        let simulator = simulator_with([fault]).await;
        let ended = run_once(&simulator).await;
        let last = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{path} {status}: {last}");
        assert!(last.contains(told), "{path} {status}: {last}");
    }
}

#[tokio::test]
async fn a_bot_shows_the_presence_and_runs_the_shards_that_are_set() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let settings = [
        ("BOT_STATUS", "dnd"),
        ("BOT_ACTIVITY", "watching the clock"),
        ("SHARD_IDS", "1"),
        ("SHARD_COUNT", "2"),
    ];
    let mut bot = Bot::spawn_with(&simulator, &folder.database(), &settings);
    let shows = |simulator: &Simulator| {
        let connections = simulator.connections();
        let shown = connections.first().and_then(|it| it.presence.clone());
        shown.is_some_and(|shown| {
            let activity = &shown["activities"][0];
            shown["status"] == "dnd" && activity["name"] == "the clock" && activity["type"] == 3
        })
    };
    simulator.until(shows).await;
    bot.until_logged("cogsmith::app: ready").await;
    let shards: Vec<_> = simulator
        .connections()
        .iter()
        .map(|it| (it.shard, it.shard_count))
        .collect();
    assert_eq!(shards, [(1, 2)]);
    let (status, log) = bot.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");
}

#[tokio::test]
async fn too_few_new_sessions_exit_6_unless_that_is_ignored() {
    let limit = json!({"total": 1000, "remaining": 0, "reset_after": 60_000, "max_concurrency": 1});
    for (ignore, expected) in [("no", Some(6)), ("yes", Some(0))] {
        let simulator = simulator_with([]).await;
        let url = simulator.api_url().replace("http", "ws");
        let body = json!({"url": url, "shards": 1, "session_start_limit": limit});
        simulator.fail_next(FaultRule::new(200).path("gateway/bot").body(body));
        let folder = Folder::new();
        let settings = [("IGNORE_SESSION_START_LIMIT", ignore)];
        let mut bot = Bot::spawn_with(&simulator, &folder.database(), &settings);
        let (status, log) = match ignore {
            "no" => bot.end().await,
            _ => {
                bot.until_logged("cogsmith::app: ready").await;
                bot.terminate().await
            }
        };
        assert_eq!(status.code(), expected, "{ignore}: {log}");
    }
}

/// Greets whoever joins, which is privileged.
struct Greeter;

impl Module for Greeter {
    const NAME: &'static str = "greeter";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.on(Self::greet);
        setup.message_content("it looks for greetings");
    }
}

impl Greeter {
    async fn greet(&self, _event: Event<GuildMemberAddEvent>) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_privileged_intent_that_is_not_granted_is_not_asked_for_and_told_by_name() {
    let builder = Simulator::builder().refuse_intents(Intents::GUILD_MEMBERS);
    let simulator = builder.start().await.unwrap();
    let modules = Modules::default().with::<Greeter>();
    let bot = threads::Bot::start(&simulator, 1, secs(5), modules).await;
    let (_, lines) = bot.stop().await;
    let said = lines.join("\n");
    assert!(said.contains("MESSAGE_CONTENT (greeter)"), "{said}");
    let off = "switched off on the application's page, so that what needs them does nothing: \
               GUILD_MEMBERS (greeter)";
    assert!(said.contains(off), "{said}");
    assert_eq!(simulator.identifies(), 1);
}
