//! Verbs, exit codes, and what is said when something is wrong.

use cogsmith_simulator::{Intents, Simulator};

use crate::process::{Bot, Folder, cogsmith, output, run_at};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn every_wrong_setting_is_named_at_once() {
    let folder = Folder::new();
    let mut command = cogsmith(folder.path());
    command
        .arg("run")
        .env("DISCORD_API_URL", "localhost")
        .env(
            "DATABASE_URL",
            format!("sqlite://{}", folder.path().display()),
        )
        .env("MODULES", "leaderboard,leaderbord")
        .env("HTTP_ADDRESS", "127.0.0.1:0");
    let ended = output(&mut command).await;

    let said = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    for expected in [
        "the configuration has 4 problems:",
        "DISCORD_TOKEN: found nothing, expected the bot's token",
        "DISCORD_API_URL: found \"localhost\", expected an address such as http://127.0.0.1:4000",
        "MODULES: found \"leaderbord\", expected names from: steward, leaderboard, welcome, challenges, members, help",
        "DATABASE_URL: found sqlite://",
    ] {
        assert!(said.contains(expected), "{expected:?} is missing:\n{said}");
    }
}

#[tokio::test]
async fn config_shows_what_holds_and_every_problem() {
    let folder = Folder::new();
    std::fs::write(
        folder.path().join(".env"),
        "DRAIN_SECONDS=30\nRUST_LOG=warn\n",
    )
    .unwrap();
    let config = |arguments: &[&str], token: &str| {
        let mut command = cogsmith(folder.path());
        command.arg("config").args(arguments);
        command.env("DISCORD_TOKEN", token).env("RUST_LOG", "debug");
        command
    };
    let flags = ["--json", "--drain-seconds", "60"];
    let ended = output(&mut config(&flags, "s3cret")).await;
    let said = text(&ended.stdout);
    assert_eq!(ended.status.code(), Some(0), "{said}");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&said).unwrap();
    for (name, value, source) in [
        ("DISCORD_TOKEN", "(hidden)", "the environment"),
        ("DRAIN_SECONDS", "60", "--drain-seconds"),
        ("RUST_LOG", "debug", "the environment"),
        ("LOG_FORMAT", "pretty", "default"),
    ] {
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        assert_eq!(
            (&row["value"], &row["source"]),
            (&value.into(), &source.into())
        );
    }
    assert!(!said.contains("s3cret"), "{said}");

    let wrong = ["--drain-seconds", "soon", "--http-address", "8080"];
    let ended = output(&mut config(&wrong, "s3cret")).await;
    assert_eq!(ended.status.code(), Some(2));
    assert!(text(&ended.stdout).contains("--drain-seconds"));
    let said = text(&ended.stderr);
    for expected in [
        "has 2 problems:",
        "DRAIN_SECONDS: found \"soon\"",
        "HTTP_ADDRESS: found",
    ] {
        assert!(said.contains(expected), "{said}");
    }
}

#[tokio::test]
async fn what_is_empty_hides_nothing_and_the_environment_wins_over_a_file() {
    let folder = Folder::new();
    let env = "DRAIN_SECONDS=60\nDISCORD_TOKEN_FILE=/nowhere\n";
    std::fs::write(folder.path().join(".env"), env).unwrap();
    let mut command = cogsmith(folder.path());
    command.args(["config", "--json"]);
    command.env("DRAIN_SECONDS", "").env("DISCORD_TOKEN", "abc");
    let ended = output(&mut command).await;
    let said = text(&ended.stdout);
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    let rows: Vec<serde_json::Value> = serde_json::from_str(&said).unwrap();
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(row("DRAIN_SECONDS")["value"], "60");
    assert_eq!(row("DISCORD_TOKEN")["source"], "the environment");
}

#[tokio::test]
async fn health_says_in_a_sentence_that_no_bot_is_there() {
    let folder = Folder::new();
    let mut command = cogsmith(folder.path());
    command.arg("health").env("HTTP_ADDRESS", "127.0.0.1:1");
    let ended = output(&mut command).await;

    let expected = "cogsmith: no bot answers at http://127.0.0.1:1/readyz: Connection refused";
    let said = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.starts_with(expected), "{said}");
}

#[tokio::test]
async fn a_second_process_on_the_same_file_is_refused() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let _first = Bot::start(&simulator, &folder.database()).await;
    let mut second = run_at(&simulator, folder.path());
    second.env("DATABASE_WAIT_SECONDS", "0").env(
        "DATABASE_URL",
        format!("sqlite://{}", folder.database().display()),
    );
    let ended = output(&mut second).await;

    let said = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("is in use by another process"), "{said}");
    assert_eq!(simulator.identifies(), 1);
}

#[tokio::test]
async fn a_refused_token_exits_3_and_is_never_shown() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let mut command = run_at(&simulator, folder.path());
    command
        .env("DISCORD_TOKEN", "wrong.token.here")
        .env("RUST_LOG", "trace");
    let ended = output(&mut command).await;

    let said = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(3), "{said}");
    assert!(!said.contains("wrong.token.here"), "the token was shown");
}

#[tokio::test]
async fn refused_intents_exit_4() {
    let builder = Simulator::builder().refuse_intents(Intents::GUILD_MESSAGES);
    let (simulator, folder) = (builder.start().await.unwrap(), Folder::new());
    let ended = output(&mut run_at(&simulator, folder.path())).await;

    let said = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(4), "{said}");
    assert!(said.contains("4014"), "{said}");
}

#[tokio::test]
async fn another_api_that_is_down_is_named_and_discord_is_not_tried() {
    let folder = Folder::new();
    let mut command = cogsmith(folder.path());
    command
        .arg("run")
        .env("DISCORD_TOKEN", "a.b.c")
        .env("DISCORD_API_URL", "http://127.0.0.1:9")
        .env("HTTP_ADDRESS", "127.0.0.1:0");
    let mut bot = Bot::of(command);
    let line = bot.until_logged_with("http://127.0.0.1:9").await;
    assert!(line.contains("tried again until it succeeds"), "{line}");
    bot.kill().await;
}

#[tokio::test]
async fn health_tells_ready_from_not_there() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let mut bot = Bot::spawn(&simulator, &folder.database());
    let address = bot.http_address().await;
    bot.until_logged("cogsmith::app: ready").await;

    let ask = async |arguments: &[&str]| {
        let mut command = cogsmith(folder.path());
        let command = command.arg("health").args(arguments);
        output(command.env("HTTP_ADDRESS", &address)).await
    };
    let healthy = ask(&[]).await;
    assert_eq!(healthy.status.code(), Some(0), "{}", text(&healthy.stderr));
    let said = text(&healthy.stdout);
    assert_eq!(
        said,
        format!("ready, says http://{address}/readyz: shards 1\n")
    );
    let healthy = ask(&["--json"]).await;
    let said: serde_json::Value = serde_json::from_slice(&healthy.stdout).unwrap();
    assert_eq!((&said["ready"], &said["shards"]), (&true.into(), &1.into()));

    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let alive = client.get(format!("http://{address}/livez")).send().await;
    assert_eq!(
        alive.unwrap().headers()["X-Content-Type-Options"],
        "nosniff"
    );

    bot.kill().await;
    let gone = ask(&["--json"]).await;
    assert_eq!(gone.status.code(), Some(1));
    let said: serde_json::Value = serde_json::from_slice(&gone.stdout).unwrap();
    assert_eq!(said["ready"], false);
    assert!(
        said["error"]
            .as_str()
            .unwrap()
            .starts_with("no bot answers at")
    );
}

#[tokio::test]
async fn migrate_makes_the_file_and_says_so() {
    let folder = Folder::new();
    let url = format!("sqlite://{}", folder.database().display());
    let ended = output(
        cogsmith(folder.path())
            .arg("migrate")
            .env("DATABASE_URL", &url),
    )
    .await;
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    assert_eq!(text(&ended.stdout), format!("{url} is up to date\n"));
    assert!(folder.database().exists());
}

async fn play(script: &str) -> (Option<i32>, String, String) {
    let folder = Folder::new();
    let file = folder.path().join("day.toml");
    std::fs::write(&file, script).unwrap();
    let ended = output(cogsmith(folder.path()).args(["simulate", "--script", "day.toml"])).await;
    (
        ended.status.code(),
        text(&ended.stdout),
        text(&ended.stderr),
    )
}

#[tokio::test]
async fn the_first_day_plays_to_its_end() {
    let (code, transcript, log) = play(include_str!("../../scripts/first-day.toml")).await;
    assert_eq!(code, Some(0), "{transcript}\n{log}");
    for expected in ["ann", "Good morning!", "/leaderboard view", "🥇"] {
        assert!(
            transcript.contains(expected),
            "{expected:?} is missing:\n{transcript}"
        );
    }
}

#[tokio::test]
async fn a_quiet_week_plays_to_its_end() {
    let (code, transcript, log) = play(include_str!("../../scripts/quiet-week.toml")).await;
    assert_eq!(code, Some(0), "{transcript}\n{log}");
    assert!(transcript.contains("It was."), "{transcript}");
}

#[tokio::test]
async fn a_module_that_is_switched_off_and_on_again_plays_to_its_end() {
    let (code, transcript, log) = play(include_str!("../../scripts/off-and-on.toml")).await;
    assert_eq!(code, Some(0), "{transcript}\n{log}");
    assert!(transcript.contains("This does."), "{transcript}");
}

#[tokio::test]
async fn a_button_works_after_a_restart() {
    let (code, transcript, log) = play(include_str!("../../scripts/pressed.toml")).await;
    assert_eq!(code, Some(0), "{transcript}\n{log}");
}

#[tokio::test]
async fn a_week_of_a_challenge_plays_to_its_end() {
    let (code, transcript, log) = play(include_str!("../../scripts/challenge-week.toml")).await;
    assert_eq!(code, Some(0), "{transcript}\n{log}");
    assert!(transcript.contains("2026-W10 is over"), "{transcript}");
}

#[tokio::test]
async fn a_wrong_expectation_exits_1_and_names_line_expected_and_found() {
    let script = "[world]\nguild = \"G\"\nowner = \"olivia\"\nmembers = [\"ann\"]\n\n\
        [[step]]\nwho = \"ann\"\nslash = \"/rank\"\nexpect = [\"number 1\"]\n";
    let (code, transcript, log) = play(script).await;
    assert_eq!(code, Some(1), "{transcript}\n{log}");
    assert!(log.contains("day.toml:"), "{log}");
    assert!(
        log.contains("number 1") && log.contains("You have no XP yet."),
        "{log}"
    );
}

#[tokio::test]
async fn a_script_that_is_none_exits_2() {
    let (code, _, log) = play("[world]\nguild = 7\n").await;
    assert_eq!(code, Some(2), "{log}");
    assert!(log.contains("day.toml:2"), "{log}");
}
