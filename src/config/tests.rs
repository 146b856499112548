//! What is accepted, and how each wrong value is named.

use super::*;

mod several;

fn known() -> Known {
    Known {
        modules: vec!["leaderboard", "welcome"],
        bots: Vec::new(),
    }
}

fn read(variables: &Variables) -> Result<Config, Problems> {
    Config::read(variables, &known())
}

/// Of a single bot.
fn read_bot(variables: &Variables) -> Result<Bot, Problems> {
    let bots = read(variables)?.bots;
    assert_eq!(bots.len(), 1);
    Ok(bots.into_iter().next().unwrap())
}

fn problems<const N: usize>(pairs: [(&str, &str); N]) -> Vec<String> {
    let read = read(&Variables::from(pairs));
    read.unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn only_the_token_is_mandatory() {
    let variables = Variables::from([("DISCORD_TOKEN", "Bot abc")]);
    let address = read(&variables).unwrap().http_address;
    assert_eq!(address.to_string(), "127.0.0.1:8080");
    let Bot { config, database } = read_bot(&variables).unwrap();
    assert_eq!((config.token.expose(), &config.name), ("abc", &None));
    assert_eq!(database.to_string(), "sqlite://data/cogsmith.db");
    assert_eq!((config.api_url, config.modules), (None, None));
}

#[test]
fn every_problem_is_listed_at_once() {
    let found = problems([
        ("DISCORD_API_URL", "localhost:4000"),
        ("DATABASE_URL", "mysql://root:hunter2@db/bot"),
        ("OWNER_IDS", "7, ann"),
        ("MODULES", "leaderbord,welcome"),
        ("HTTP_ADDRESS", "8080"),
        ("DRAIN_SECONDS", "-1"),
        ("BLOCKING_THREADS", "0"),
    ]);
    assert_eq!(
        found,
        [
            "DISCORD_TOKEN: found nothing, expected the bot's token, from the application's page at Discord, \
             in `.env` (see .env.example) or the environment; `cogsmith simulate` needs none",
            "DISCORD_API_URL: found \"localhost:4000\", expected an address such as http://127.0.0.1:4000",
            "OWNER_IDS: found \"ann\", expected user ids separated by commas",
            "MODULES: found \"leaderbord\", expected names from: leaderboard, welcome",
            "DRAIN_SECONDS: found \"-1\", expected whole seconds from 0 to 3600",
            "BLOCKING_THREADS: found \"0\", expected a whole number from 1 to 256",
            "DATABASE_URL: found an address with the scheme \"mysql\", expected sqlite://PATH or postgres://USER@HOST/DATABASE",
            "HTTP_ADDRESS: found \"8080\", expected an address such as 127.0.0.1:8080",
        ]
    );
}

#[test]
fn the_api_address_is_taken_with_or_without_its_path() {
    for given in [
        "http://127.0.0.1:4000",
        "http://127.0.0.1:4000/api/v10",
        "http://127.0.0.1:4000/api/",
    ] {
        let variables = Variables::from([("DISCORD_TOKEN", "abc"), ("DISCORD_API_URL", given)]);
        let config = read_bot(&variables).unwrap();
        assert_eq!(
            config.config.api_url.as_deref(),
            Some("http://127.0.0.1:4000")
        );
    }
}

#[test]
fn a_secret_comes_from_a_file_and_is_never_shown() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "s3cret.token\n").unwrap();
    let variables = Variables::from([("DISCORD_TOKEN_FILE", file.path().to_str().unwrap())]);
    let config = read_bot(&variables).unwrap();
    assert_eq!(config.config.token.expose(), "s3cret.token");
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn a_token_that_is_none_is_told_by_its_setting_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let path = file.to_str().unwrap();
    let direct = |text: &'static str| [("DISCORD_TOKEN", text)];
    let bad = "a text with characters no token has";
    let check = |given: &[(&str, &str)], content: &[u8], expected: &str| {
        std::fs::write(&file, content).unwrap();
        let variables: Variables = given.iter().copied().collect();
        let problem = read(&variables).unwrap_err().to_string();
        assert!(problem.contains(expected), "{expected}: {problem}");
        assert!(!problem.contains("s3cret"), "{problem}");
    };
    check(&direct("s3cret\0x"), b"", bad);
    check(&direct("s3cret\nx"), b"", bad);
    check(&direct("s3cret x"), b"", bad);
    let from_file = [("DISCORD_TOKEN_FILE", path)];
    check(&from_file, b"s3cret\0x", bad);
    check(&from_file, b"s3cret\nx\n", bad);
    check(&from_file, b"s3cret\xff", "DISCORD_TOKEN_FILE: found /");
    check(&from_file, b" \n", "(it is empty)");
    let a_folder = [("DISCORD_TOKEN_FILE", folder.path().to_str().unwrap())];
    check(&a_folder, b"", "Is a directory");
    let in_its_place = [("DISCORD_TOKEN_FILE", "s3cret.token")];
    check(
        &in_its_place,
        b"",
        "DISCORD_TOKEN_FILE: found a file (No such file",
    );
    let both = [("DISCORD_TOKEN", "s3cret"), ("DISCORD_TOKEN_FILE", path)];
    check(
        &both,
        b"s3cret",
        "found a file beside DISCORD_TOKEN, expected one of the two",
    );
}

#[test]
fn a_value_that_may_be_a_secret_in_the_wrong_place_is_not_shown() {
    let token = "MTA5ODc2NTQzMjEwOTg3NjU0Mw.s3cret.s3cret-s3cret-s3cret";
    for name in [
        "DISCORD_API_URL",
        "OWNER_IDS",
        "OWNER_GUILD",
        "MODULES",
        "HTTP_ADDRESS",
    ] {
        let found = problems([("DISCORD_TOKEN", "abc"), (name, token)]);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].contains("found a text of 54 characters"),
            "{found:?}"
        );
    }
    let found = problems([
        ("DISCORD_TOKEN", "abc"),
        ("DISCORD_API_URL", "ftp://me:s3cret@host"),
    ]);
    assert!(!found[0].contains("s3cret"), "{found:?}");
}

#[test]
fn a_database_password_is_never_shown() {
    let variables = Variables::from([
        ("DISCORD_TOKEN", "abc"),
        (
            "DATABASE_URL",
            "postgres://bot:hunter2@db.example/bot?sslmode=require",
        ),
    ]);
    let config = read_bot(&variables).unwrap();
    assert_eq!(config.database.to_string(), "postgres://db.example/bot");
    assert!(!format!("{config:?}").contains("hunter2"));
}

fn setting(pairs: &[(&str, &str)], name: &str) -> (Option<String>, String) {
    let variables: Variables = pairs.iter().copied().collect();
    let mut settings = variables.settings();
    let (_, found) = settings.find(|(row, _)| row.name == name).unwrap();
    (found.value, found.place)
}

#[test]
fn what_holds_is_told_with_its_place_and_without_secrets() {
    let given = [
        ("DISCORD_TOKEN", "s3cret"),
        ("DATABASE_URL", "postgres://bot:s3cret@db/bot"),
        ("DRAIN_SECONDS", "60"),
        (
            "OWNER_IDS",
            "MTA5ODc2NTQzMjEwOTg3NjU0Mw.s3cret.s3cret-s3cret-s3cret",
        ),
    ];
    for (name, value, place) in [
        ("DISCORD_TOKEN", Some("(hidden)"), "the environment"),
        ("DATABASE_URL", Some("postgres://db/bot"), "the environment"),
        ("DRAIN_SECONDS", Some("60"), "the environment"),
        ("HTTP_ADDRESS", Some("127.0.0.1:8080"), "default"),
        ("MODULES", None, "default"),
        (
            "OWNER_IDS",
            Some("a text of 54 characters"),
            "the environment",
        ),
    ] {
        let expected = (value.map(str::to_owned), place.to_owned());
        assert_eq!(setting(&given, name), expected, "{name}");
    }
    let bad = setting(&[("DATABASE_URL", "mysql://a:s3cret@b")], "DATABASE_URL");
    assert_eq!(bad.0.as_deref(), Some("(hidden)"));
    let token = "MTA5ODc2NTQzMjEwOTg3NjU0Mw.s3cret.s3cret-s3cret-s3cret";
    for (given, name) in [
        ("DISCORD_TOKEN_FILE", "DISCORD_TOKEN"),
        ("MODULES", "MODULES"),
        ("RUST_LOG", "RUST_LOG"),
        ("BOT_ACTIVITY", "BOT_ACTIVITY"),
    ] {
        let shown = format!("{:?}", setting(&[(given, token)], name));
        assert!(!shown.contains("s3cret"), "{shown}");
    }
    let url = "http://me:s3cret@127.0.0.1:4000";
    let shown = format!(
        "{:?}",
        setting(&[("DISCORD_API_URL", url)], "DISCORD_API_URL")
    );
    assert!(!shown.contains("s3cret"), "{shown}");
    for (url, expected) in [
        (
            "postgres://db/bot?user=u&password=p@s3cret",
            "postgres://db/bot",
        ),
        ("postgres://u:s3cret@db/bot?x=y", "postgres://db/bot"),
        ("postgres://db/bot", "postgres://db/bot"),
    ] {
        let shown = setting(&[("DATABASE_URL", url)], "DATABASE_URL").0;
        assert_eq!(shown.as_deref(), Some(expected));
    }
    let file = setting(&[("DISCORD_TOKEN_FILE", "/run/token")], "DISCORD_TOKEN");
    let expected = "/run/token, named by the environment".to_owned();
    assert_eq!(file, (Some("(hidden)".to_owned()), expected));
}

#[test]
fn every_secret_comes_from_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "postgres://bot:s3cret@db/bot\n").unwrap();
    let path = file.path().to_str().unwrap();
    let variables = Variables::from([("DISCORD_TOKEN", "abc"), ("DATABASE_URL_FILE", path)]);
    let config = read_bot(&variables).unwrap();
    let expected = DatabaseUrl::Postgres("postgres://bot:s3cret@db/bot".to_owned());
    assert_eq!(config.database, expected);
    std::fs::write(file.path(), "mysql://bot:s3cret@db/bot\n").unwrap();
    let problem = read(&variables).unwrap_err().to_string();
    assert!(
        problem.contains("DATABASE_URL_FILE: found an address with"),
        "{problem}"
    );
    assert!(!problem.contains("s3cret"), "{problem}");
}

#[test]
fn every_default_is_accepted() {
    for row in TABLE {
        let default = row.default.unwrap_or_default();
        assert!(default.is_empty() || (row.accepts)(default), "{}", row.name);
        assert!(row.help.ends_with('.'), "{}", row.name);
        if let Kind::Choice(words) = row.kind {
            assert!(words.iter().all(|word| (row.accepts)(word)), "{}", row.name);
        }
    }
}

#[test]
fn what_is_given_later_wins() {
    let mut variables = Variables::from([("DRAIN_SECONDS", "60")]);
    variables.give("DRAIN_SECONDS", "70".to_owned(), "--drain-seconds");
    let drain = variables.need(&table::DRAIN_SECONDS).unwrap();
    assert_eq!(drain, Duration::from_secs(70));
}

#[test]
fn shards_are_both_given_or_neither() {
    let shards = |ids: &str, count: &str| {
        let variables = [
            ("DISCORD_TOKEN", "abc"),
            ("SHARD_IDS", ids),
            ("SHARD_COUNT", count),
        ];
        let config = read_bot(&Variables::from(variables));
        config.map(|config| config.config.shards)
    };
    let expected = Shards {
        ids: [0, 1, 2, 3, 7].into(),
        count: 16,
    };
    assert_eq!(shards("0-3,7, 2-3", "16").unwrap(), Some(expected));
    assert_eq!(shards("", "").unwrap(), None);
    for (ids, count, expected) in [
        (
            "0",
            "",
            "SHARD_COUNT: found nothing, expected a whole number from 1 to 16000, as SHARD_IDS is given",
        ),
        (
            "",
            "2",
            "SHARD_IDS: found nothing, expected ids of shards such as 0-3,7, as SHARD_COUNT is given",
        ),
        (
            "0-2",
            "2",
            "SHARD_IDS: found 2, expected ids below 2, which is SHARD_COUNT",
        ),
        (
            "3-1",
            "4",
            "SHARD_IDS: found \"3-1\", expected ids of shards such as 0-3,7",
        ),
        ("a,b", "4", "SHARD_IDS: found \"a\", expected"),
        (
            "0-99999999",
            "4",
            "SHARD_IDS: found \"0-99999999\", expected",
        ),
        (",", "4", "SHARD_IDS: found \",\", expected"),
        (
            "0",
            "0",
            "SHARD_COUNT: found \"0\", expected a whole number from 1 to 16000",
        ),
    ] {
        let problems = shards(ids, count).unwrap_err().to_string();
        assert!(problems.contains(expected), "{ids} of {count}: {problems}");
    }
}

#[test]
fn a_presence_is_read_from_its_four_variables() {
    let read = |pairs: &[(&str, &str)]| {
        let token = [("DISCORD_TOKEN", "abc")];
        let variables: Variables = token.iter().chain(pairs).copied().collect();
        read_bot(&variables).map(|bot| bot.config.presence)
    };
    assert_eq!(read(&[]).unwrap(), Presence::default());
    let given = [
        ("BOT_STATUS", "idle"),
        ("BOT_ACTIVITY", "playing chess"),
        ("BOT_AFK", "yes"),
        ("BOT_IDLE_SINCE", "2026-03-02T10:00:00+01:00"),
    ];
    let expected = Presence {
        status: serenity::model::user::OnlineStatus::Idle,
        activity: Some(serenity::gateway::ActivityData::playing("chess")),
        is_afk: true,
        idle_since: "2026-03-02T09:00:00Z".parse().ok(),
    };
    assert_eq!(read(&given).unwrap(), expected);
    let long = "x".repeat(129);
    let wrong = [
        ("BOT_STATUS", "away"),
        ("BOT_ACTIVITY", long.as_str()),
        ("BOT_AFK", "true"),
        ("BOT_IDLE_SINCE", "yesterday"),
    ];
    let problems = read(&wrong).unwrap_err();
    let named: Vec<_> = problems
        .iter()
        .map(|problem| problem.name.clone())
        .collect();
    assert_eq!(named, wrong.map(|(name, _)| name));
    let said = problems.to_string();
    assert!(
        said.contains("expected online, idle, dnd or invisible"),
        "{said}"
    );
    assert!(
        said.contains("BOT_AFK: found \"true\", expected yes or no"),
        "{said}"
    );
}

#[test]
fn a_list_of_nothing_and_an_address_with_more_than_a_base_are_refused() {
    for (name, value) in [
        ("MODULES", ","),
        ("DISCORD_API_URL", "http://h/?x"),
        ("DISCORD_API_URL", "http://h/#x"),
        ("DISCORD_API_URL", "http://me@h"),
    ] {
        let found = problems([("DISCORD_TOKEN", "abc"), (name, value)]);
        assert_eq!(found.len(), 1, "{name}={value}");
        assert!(found[0].starts_with(name), "{found:?}");
    }
}

#[test]
fn each_word_of_a_choice_has_its_own_value() {
    use serenity::model::user::OnlineStatus::{DoNotDisturb, Idle, Invisible, Online};
    let given = |name, word| Variables::from([(name, word)]);
    for (word, expected) in [
        ("online", Online),
        ("idle", Idle),
        ("dnd", DoNotDisturb),
        ("invisible", Invisible),
    ] {
        let status = given("BOT_STATUS", word).need(&table::BOT_STATUS);
        assert_eq!(status, Ok(expected));
    }
    for (word, expected) in [("yes", true), ("no", false)] {
        assert_eq!(given("BOT_AFK", word).need(&table::BOT_AFK), Ok(expected));
    }
    for (word, expected) in [("pretty", LogFormat::Pretty), ("json", LogFormat::Json)] {
        assert_eq!(LogFormat::read(&given("LOG_FORMAT", word)), Ok(expected));
    }
}

#[test]
fn requests_are_sent_as_is_configured() {
    let variables = Variables::from([
        ("DISCORD_TOKEN", "abc"),
        ("DISCORD_PROXY", "http://ann:hunter2@proxy.example:3128"),
        ("MAX_RATE_LIMIT", "60"),
        ("MAX_RETRIES", "0"),
        ("LARGE_THRESHOLD", "50"),
    ]);
    let bot = read_bot(&variables).unwrap().config;
    let rest = &bot.rest;
    let proxy = rest.proxy.clone().unwrap();
    assert_eq!(proxy.to_string(), "http://proxy.example:3128");
    assert!(!format!("{bot:?}").contains("hunter2"));
    assert_eq!(
        (rest.max_rate_limit, rest.max_retries),
        (Duration::from_secs(60), 0)
    );
    assert_eq!(
        (rest.connect, rest.attempt),
        (Duration::from_secs(5), Duration::from_secs(30))
    );
    assert_eq!(bot.large_threshold, 50);
}
