//! Several bots in one process.

use super::*;

const TOKENS: [(&str, &str); 3] = [
    ("BOTS", "alpha, beta"),
    ("ALPHA_DISCORD_TOKEN", "a"),
    ("BETA_DISCORD_TOKEN", "b"),
];

fn given(pairs: &[(&'static str, &'static str)]) -> Variables {
    TOKENS.iter().chain(pairs).copied().collect()
}

fn problems(pairs: &[(&'static str, &'static str)]) -> Vec<String> {
    let problems = read(&given(pairs)).unwrap_err();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn what_begins_with_a_bots_name_wins_over_what_is_given_for_all() {
    let variables = given(&[
        ("MODULES", "welcome"),
        ("ALPHA_MODULES", "leaderboard"),
        ("BOT_ACTIVITY", "chess"),
        ("BETA_BLOCKING_THREADS", "3"),
        ("BOTS_POLICY", "best-effort"),
    ]);
    let Config {
        bots, bots_policy, ..
    } = read(&variables).unwrap();
    assert_eq!(bots_policy, BotsPolicy::BestEffort);
    let [alpha, beta] = bots.try_into().unwrap();
    let (of_alpha, of_beta) = (alpha.config, beta.config);
    assert_eq!(of_alpha.name, BotName::new("alpha").ok());
    assert_eq!(
        (of_alpha.token.expose(), of_beta.token.expose()),
        ("a", "b")
    );
    let modules = |module: &str| Some([module.to_owned()].into());
    assert_eq!(of_alpha.modules, modules("leaderboard"));
    assert_eq!(of_beta.modules, modules("welcome"));
    assert_eq!(of_alpha.presence, of_beta.presence);
    let threads = (of_alpha.blocking_threads, of_beta.blocking_threads);
    assert_eq!(threads, (None, Some(3)));
    let databases = [alpha.database, beta.database].map(|it| it.to_string());
    assert_eq!(
        databases,
        ["sqlite://data/alpha.db", "sqlite://data/beta.db"]
    );
}

#[test]
fn a_file_of_one_bot_wins_over_a_secret_of_all() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "from.file\n").unwrap();
    let path = file.path().to_str().unwrap();
    let variables = Variables::from([
        ("BOTS", "alpha"),
        ("DISCORD_TOKEN", "for.all"),
        ("ALPHA_DISCORD_TOKEN_FILE", path),
    ]);
    let config = read_bot(&variables).unwrap().config;
    assert_eq!(config.token.expose(), "from.file");
}

#[test]
fn a_database_of_ones_own_is_as_it_is_given() {
    let variables = given(&[
        ("DATABASE_URL", "postgres://u:p@h/d"),
        ("BETA_DATABASE_URL", "sqlite://mine.db"),
    ]);
    let bots = read(&variables).unwrap().bots;
    let databases: Vec<_> = bots.iter().map(|bot| bot.database.to_string()).collect();
    assert_eq!(
        databases,
        ["postgres://h/d, schema alpha", "sqlite://mine.db"]
    );
}

#[test]
fn every_problem_of_every_bot_is_told_at_once_and_by_the_name_that_was_given() {
    let found = problems(&[
        ("ALPHA_DISCORD_TOKEN", ""),
        ("BETA_MODULES", "welcom"),
        ("OWNER_IDS", "ann"),
        ("BETA_SHARD_IDS", "0"),
        ("BETA_DATABASE_URL", "mysql://x"),
        ("BOTS_POLICY", "some"),
        ("HTTP_ADDRESS", "8080"),
    ]);
    let expected = [
        "ALPHA_DISCORD_TOKEN: found nothing, expected the bot's token",
        "OWNER_IDS: found \"ann\", expected user ids",
        "BETA_SHARD_COUNT: found nothing, expected a whole number",
        "BETA_MODULES: found \"welcom\", expected names from",
        "BETA_DATABASE_URL: found an address with the scheme \"mysql\"",
        "BOTS_POLICY: found \"some\", expected all or best-effort",
        "HTTP_ADDRESS: found \"8080\"",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn two_bots_of_one_token_or_one_database_are_refused() {
    for (pairs, expected) in [
        (
            &[("BETA_DISCORD_TOKEN", "a")][..],
            "BETA_DISCORD_TOKEN: found the same for alpha and beta, expected another one for beta, \
             such as BETA_DISCORD_TOKEN gives",
        ),
        (
            &[
                ("ALPHA_DATABASE_URL", "sqlite:a.db"),
                ("BETA_DATABASE_URL", "sqlite://./a.db"),
            ],
            "BETA_DATABASE_URL: found the same for alpha and beta",
        ),
        (
            &[
                ("DATABASE_URL", "sqlite://data/x.db"),
                ("BETA_DATABASE_URL", "sqlite://data/alpha.db"),
            ],
            "BETA_DATABASE_URL: found the same for alpha and beta",
        ),
    ] {
        let found = problems(pairs);
        assert!(
            found.len() == 1 && found[0].starts_with(expected),
            "{found:?}"
        );
    }
    let variables = Variables::from([("BOTS", "alpha,beta"), ("DISCORD_TOKEN", "a")]);
    let found = read(&variables).unwrap_err().to_string();
    assert!(found.contains("- DISCORD_TOKEN: found the same"), "{found}");
}

#[test]
fn names_that_are_none_are_told_beside_what_else_is_wrong() {
    let variables = Variables::from([("BOTS", "Alpha,bot,beta,beta")]);
    let found = read(&variables).unwrap_err();
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    for expected in [
        "BOTS: found \"Alpha\", expected lower-case letters and digits",
        "BOTS: found \"bot\", expected a name that no setting begins with, as BOT_",
        "BOTS: found beta twice, expected each name once",
        "BETA_DISCORD_TOKEN: found nothing",
    ] {
        let is_told = found.iter().any(|it| it.starts_with(expected));
        assert!(is_told, "{expected}: {found:#?}");
    }
    assert_eq!(found.len(), 4, "{found:#?}");
}

#[test]
fn a_program_that_names_its_bots_runs_all_of_them_or_those_of_the_setting() {
    let name = |name| BotName::new(name).unwrap();
    let known = Known {
        modules: Vec::new(),
        bots: vec![(name("alpha"), vec!["welcome"]), (name("beta"), vec![])],
    };
    let names = |bots: &'static str| {
        let variables = given(&[("BOTS", bots)]);
        let bots = Config::read(&variables, &known).map(|config| config.bots);
        bots.map(|bots| bots.into_iter().filter_map(|bot| bot.config.name).collect())
    };
    assert_eq!(names(""), Ok(vec![name("alpha"), name("beta")]));
    assert_eq!(names("beta"), Ok(vec![name("beta")]));
    let found = names("gamma").unwrap_err().to_string();
    let expected = "BOTS: found \"gamma\", expected names from: alpha, beta";
    assert!(found.contains(expected), "{found}");
    let variables = given(&[("BETA_MODULES", "welcome")]);
    let found = Config::read(&variables, &known).unwrap_err().to_string();
    assert!(found.contains("BETA_MODULES: found \"welcome\""), "{found}");
}

#[test]
fn what_holds_is_told_for_the_process_and_for_each_bot() {
    let variables = given(&[("ALPHA_BOT_STATUS", "idle"), ("MODULES", "welcome")]);
    let told = variables.sections(&known());
    let of = |bot: Option<&str>, name: &str| {
        let mut all = told.iter();
        let section = all.find(|it| it.bot.as_ref().map(BotName::as_str) == bot);
        let mut settings = section.unwrap().settings.iter();
        let found = settings.find(|(row, _)| row.name == name);
        found.map(|(_, it)| (it.value.clone().unwrap_or_default(), it.place.clone()))
    };
    let pair = |value: &str, place: &str| Some((value.to_owned(), place.to_owned()));
    for (bot, name, expected) in [
        (None, "BOTS", pair("alpha, beta", "the environment")),
        (None, "MODULES", None),
        (Some("alpha"), "LOG_FORMAT", None),
        (
            Some("alpha"),
            "BOT_STATUS",
            pair("idle", "ALPHA_BOT_STATUS, the environment"),
        ),
        (Some("beta"), "BOT_STATUS", pair("online", "default")),
        (Some("beta"), "MODULES", pair("welcome", "the environment")),
        (
            Some("beta"),
            "DATABASE_URL",
            pair("sqlite://data/beta.db", "default"),
        ),
        (
            Some("beta"),
            "DISCORD_TOKEN",
            pair("(hidden)", "BETA_DISCORD_TOKEN, the environment"),
        ),
    ] {
        assert_eq!(of(bot, name), expected, "{bot:?} {name}");
    }
}
