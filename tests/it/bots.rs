//! Several bots in one process, on one simulator.

mod inside;

use std::{net::SocketAddr, time::Duration};

use cogsmith_simulator::{Bot as Registered, FaultRule, Guild, Simulator};
use serde_json::Value;
use tokio::process::Command;

use cogsmith::testing::Database;

use crate::process::{Bot, Folder, address, cogsmith, output, victim};

const NAMES: [&str; 3] = ["alpha", "beta", "gamma"];

/// A Discord that knows three bots, all of which are in one guild.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) guild: Guild,
    pub(crate) bots: [Registered; 3],
}

impl World {
    pub(crate) async fn new() -> Self {
        let simulator = Simulator::builder().start().await.unwrap();
        let guild = simulator.guild("Rustaceans");
        let bots = NAMES.map(|name| simulator.other_bot(name));
        bots.iter().for_each(|bot| guild.invites(bot));
        Self {
            simulator,
            guild,
            bots,
        }
    }

    /// This program as these bots, each with the token that it was given at its registration.
    fn run(&self, mut command: Command, names: &str) -> Command {
        command
            .arg("run")
            .env("BOTS", names)
            .env("DISCORD_API_URL", self.simulator.api_url())
            .env("HTTP_ADDRESS", "127.0.0.1:0")
            .env("NO_COLOR", "1");
        for (name, bot) in NAMES.iter().zip(&self.bots) {
            let variable = format!("{}_DISCORD_TOKEN", name.to_uppercase());
            command.env(variable, bot.token());
        }
        command
    }
}

/// The answer of `/readyz`, and whether it is 200.
pub(crate) async fn readyz(address: &str) -> (bool, Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(format!("http://{address}/readyz")).send().await;
    let answer = answer.unwrap();
    let is_ready = answer.status() == 200;
    let body = answer.text().await.unwrap();
    (is_ready, serde_json::from_str(&body).unwrap())
}

/// Asks `/readyz` until its answer is so.
pub(crate) async fn until(address: SocketAddr, is_so: impl Fn(&Value) -> bool) {
    let so = async {
        while !is_so(&readyz(&address.to_string()).await.1) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), so)
        .await
        .expect("it comes");
}

/// Reads the log until each of these bots has said this, in any order.
async fn until_each(bot: &mut Bot, names: &[&str], said: &str) {
    let mut left = names.to_vec();
    while !left.is_empty() {
        let line = bot.until_logged_with(said).await;
        left.retain(|name| !line.contains(&format!("bot{{bot.name={name}}}")));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn one_is_refused_one_is_cut_off_and_one_closes_and_none_disturbs_the_others() {
    let (world, folder) = (World::new().await, Folder::new());
    let mut command = world.run(victim(folder.path()), "alpha,beta,gamma");
    command
        .env("BOTS_POLICY", "best-effort")
        .env("MODULES", "closer")
        .env("BETA_MODULES", "holder")
        .env("GAMMA_DISCORD_TOKEN", "wrong.token.here");
    let mut process = Bot::of(command);
    let address = process.http_address().await;
    let refused = process.until_logged_with("does not run").await;
    assert!(refused.contains("bot.name=gamma"), "{refused}");
    assert!(refused.contains("refused the token (401)"), "{refused}");
    until_each(&mut process, &["alpha", "beta"], "cogsmith::app: ready").await;
    let (is_ready, told) = readyz(&address).await;
    assert!(is_ready, "{told}");
    assert_eq!(told["bots"]["alpha"]["state"], "running", "{told}");
    assert_eq!(told["bots"]["gamma"]["state"], "failed", "{told}");

    world.bots[1].close(Some(4004));
    let failed = process.until_logged_with("is not started again").await;
    assert!(failed.contains("bot.name=beta"), "{failed}");
    let (is_ready, told) = readyz(&address).await;
    assert!(is_ready, "{told}");
    assert_eq!(told["bots"]["beta"]["state"], "failed", "{told}");

    let ann = world.guild.member("ann");
    assert_eq!(ann.slash("/close").await.text(), "I am leaving.");
    let (status, log) = process.end().await;
    assert_eq!(status.code(), Some(3), "{log}");
    for expected in [
        "2 bots failed:",
        "- gamma: Discord refused",
        "- beta: the token was refused",
    ] {
        assert!(log.contains(expected), "{log}");
    }
    assert!(!log.contains("wrong.token.here"), "{log}");
    assert_eq!(world.simulator.identifies(), 2);
}

#[tokio::test]
async fn where_all_are_needed_a_refused_token_lets_none_connect() {
    let (world, folder) = (World::new().await, Folder::new());
    let mut command = world.run(cogsmith(folder.path()), "alpha,beta,gamma");
    command.env("BETA_DISCORD_TOKEN", "wrong.token.here");
    let ended = output(&mut command).await;
    let log = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(3), "{log}");
    assert!(log.contains("no bot connects"), "{log}");
    assert!(
        log.contains("1 bot failed:\n  - beta: Discord refused the token"),
        "{log}"
    );
    assert_eq!(world.simulator.identifies(), 0);
}

#[tokio::test]
async fn a_bot_that_has_crashed_is_started_again_and_the_others_go_on() {
    let (world, folder) = (World::new().await, Folder::new());
    world
        .simulator
        .fail_next(FaultRule::new(400).path("gateway/bot"));
    let mut process = Bot::of(world.run(cogsmith(folder.path()), "alpha,beta"));
    let address = process.http_address().await;
    let crashed = process
        .until_logged_with("crashed, and is started again in")
        .await;
    assert!(crashed.contains("status 400, expected 200"), "{crashed}");
    let name = ["alpha", "beta"]
        .into_iter()
        .find(|name| crashed.contains(&format!("bot.name={name}")));
    until_each(&mut process, &[name.unwrap()], "cogsmith::app: ready").await;
    let (_, told) = readyz(&address).await;
    assert_eq!(told["bots"][name.unwrap()]["restarts"], 1, "{told}");
    let (status, log) = process.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert_eq!(world.simulator.identifies(), 2);
}

#[tokio::test]
async fn a_module_that_holds_every_thread_of_its_bot_holds_up_no_other() {
    let (world, folder) = (World::new().await, Folder::new());
    let mut command = world.run(victim(folder.path()), "alpha,beta");
    command
        .env("ALPHA_MODULES", "holder")
        .env("BETA_MODULES", "closer")
        .env("DRAIN_SECONDS", "2");
    let mut process = Bot::of(command);
    let address = process.http_address().await;
    until_each(&mut process, &["alpha", "beta"], "cogsmith::app: ready").await;
    let ann = world.guild.member("ann");
    for guild in 0..=std::thread::available_parallelism().unwrap().get() {
        let guild = world.simulator.guild(&format!("Guild {guild}"));
        guild.invites(&world.bots[0]);
        guild.member("ann").says("everybody is at work").await;
    }
    let held = process
        .until_logged_with("has held its thread for 1s")
        .await;
    assert!(held.contains("bot.name=alpha"), "{held}");
    assert_eq!(ann.slash("/close").await.text(), "I am leaving.");
    let is_closed = |told: &Value| told["bots"]["beta"]["state"] == "closed";
    until(address.parse().unwrap(), is_closed).await;
    let (status, log) = process.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");
}

#[tokio::test]
async fn the_process_ends_in_order_when_its_last_bot_has_closed() {
    let (world, folder) = (World::new().await, Folder::new());
    let mut command = world.run(victim(folder.path()), "alpha");
    command.env("MODULES", "closer");
    let mut process = Bot::of(command);
    until_each(&mut process, &["alpha"], "cogsmith::app: ready").await;
    world.guild.member("ann").slash("/close").await;
    let (status, log) = process.end().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(folder.path().join("data/alpha.db").exists());
}

#[tokio::test]
async fn a_single_bot_may_close_itself() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let mut command = crate::process::victim_at(&simulator, folder.path());
    command.env("MODULES", "closer").env("NO_COLOR", "1");
    let mut process = Bot::of(command);
    process.until_logged("cogsmith::app: ready").await;
    simulator
        .guild("Rustaceans")
        .member("ann")
        .slash("/close")
        .await;
    let (status, log) = process.end().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("bot.name"), "{log}");
}

#[tokio::test]
async fn everything_that_is_wrong_with_any_bot_is_told_at_once() {
    let (world, folder) = (World::new().await, Folder::new());
    let mut command = world.run(cogsmith(folder.path()), "alpha,beta,gamma,Delta");
    let nowhere = format!("sqlite://{}", folder.path().display());
    command
        .env("GAMMA_DISCORD_TOKEN", world.bots[0].token())
        .env("ALPHA_MODULES", "leaderbord")
        .env("BETA_DATABASE_URL", nowhere)
        .env("GAMMA_DATABASE_URL", "sqlite://data/alpha.db")
        .env("ALPHA_LOG_FORMAT", "json");
    let ended = output(&mut command).await;
    let said = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    for expected in [
        "the configuration has 5 problems:",
        "BOTS: found \"Delta\", expected lower-case letters and digits",
        "ALPHA_MODULES: found \"leaderbord\"",
        "GAMMA_DISCORD_TOKEN: found the same for alpha and gamma",
        "GAMMA_DATABASE_URL: found the same for alpha and gamma",
        "BETA_DATABASE_URL: found sqlite://",
        "ALPHA_LOG_FORMAT (the environment) is not a setting and has no effect; did you mean LOG_FORMAT?",
    ] {
        assert!(said.contains(expected), "{expected:?} is missing:\n{said}");
    }
    assert_eq!(world.simulator.identifies(), 0);
}

#[tokio::test]
async fn a_verb_is_about_the_bot_that_is_named() {
    let (world, folder) = (World::new().await, Folder::new());
    let invite = |arguments: &[&str]| {
        let mut command = cogsmith(folder.path());
        command.arg("invite").args(arguments);
        command.env("BOTS", "alpha,beta");
        command.env("DISCORD_API_URL", world.simulator.api_url());
        command.env("BETA_DISCORD_TOKEN", world.bots[1].token());
        command
    };
    let ended = output(&mut invite(&["--bot", "beta"])).await;
    let address = text(&ended.stdout);
    let id = format!("client_id={}", world.bots[1].id());
    assert!(address.contains(&id), "{ended:?}");
    for (arguments, found) in [(&[][..], "nothing"), (&["--bot", "delta"], "\"delta\"")] {
        let ended = output(&mut invite(arguments)).await;
        let said = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{said}");
        let expected =
            format!("--bot: found {found}, expected one of the bots of BOTS: alpha, beta");
        assert!(said.contains(&expected), "{said}");
    }
}

#[tokio::test]
async fn on_postgresql_each_bot_has_a_schema_of_its_own() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let (world, folder) = (World::new().await, Folder::new());
    let marks = format!("{:x}", rand::random::<u64>());
    let names = ["a", "b"].map(|letter| format!("{letter}{marks}"));
    let command = || {
        let mut command = world.run(cogsmith(folder.path()), &names.join(","));
        for (name, bot) in names.iter().zip(&world.bots) {
            command.env(
                format!("{}_DISCORD_TOKEN", name.to_uppercase()),
                bot.token(),
            );
        }
        command.env("DATABASE_URL", address(database.url()));
        command
    };
    let each = names.each_ref().map(String::as_str);
    for _ in 0..2 {
        let mut process = Bot::of(command());
        until_each(&mut process, &each, "cogsmith::app: ready").await;
        let (status, log) = process.terminate().await;
        assert_eq!(status.code(), Some(0), "{log}");
    }
    // The second start has found the sessions of the first.
    assert_eq!(
        (world.simulator.identifies(), world.simulator.resumes()),
        (2, 2)
    );
    drop_schemas(&address(database.url()), &names).await;
}

async fn drop_schemas(url: &str, names: &[String]) {
    use sqlx::{AssertSqlSafe, Connection, PgConnection};
    let mut connection = PgConnection::connect(url).await.unwrap();
    for name in names {
        let sql = AssertSqlSafe(format!("drop schema {name} cascade"));
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }
}
