//! Every variable that is read, a row for each, in the order of `.env.example`.
//!
//! A row is all that a variable needs: parsing, help, `.env.example`, `cogsmith config`, the flags and
//! docs/CONFIGURATION.md come from it.

use std::{collections::BTreeSet, net::SocketAddr, path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use reqwest::Certificate;
use serenity::{gateway::ActivityData, model::user::OnlineStatus};

use super::{
    Banner, BotName, BotsPolicy, DatabaseUrl, LogFormat, ProxyUrl, Token, banner, bots, reading,
    rest,
    row::{Group, Kind, Row},
    shards,
    variable::Variable,
};

/// Of the largest bots there are.
pub(super) const MOST_SHARDS: u32 = 16_000;

/// Every name that a variable, or the file of a secret, is read from.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().flat_map(Row::names)
}

pub(super) const SWITCH: &[&str] = &["yes", "no"];

macro_rules! table {
    ($($name:ident: $type:ty = $variable:expr;)*) => {
        $(pub(super) const $name: Variable<$type> =
            $variable.named(stringify!($name), concat!(stringify!($name), "_FILE"));)*

        /// Every variable, in the order of `.env.example`.
        pub const TABLE: &[Row] = &[$(Row {
            accepts: |text| ($name.read)(&$name.row, text).is_ok(),
            ..$name.row
        }),*];
    };
}

table! {
    DISCORD_TOKEN: Token = Variable::new(
        Group::Discord,
        Kind::Text("the bot's token, from the application's page at Discord"),
        reading::token,
        "The bot's token, from the application's page at Discord.",
    )
    .secret(reading::hidden);

    DISCORD_API_URL: String = Variable::new(
        Group::Discord,
        Kind::Text("an address such as http://127.0.0.1:4000"),
        reading::api_url,
        "Another API than Discord's own, such as the simulator's: http://127.0.0.1:4000.",
    );

    DISCORD_PROXY: ProxyUrl = Variable::new(
        Group::Discord,
        Kind::Text("an address such as http://NAME:PASSWORD@proxy.example:3128"),
        rest::proxy,
        "The HTTP or HTTPS proxy that requests to Discord's REST API go through: http://NAME:PASSWORD@HOST:PORT. The \
         gateway's connections do not. HTTPS_PROXY and its like are not read.",
    )
    .secret(rest::shown_proxy);

    DISCORD_CA_BUNDLE: Vec<Certificate> = Variable::new(
        Group::Discord,
        Kind::Text("the path of a PEM file with certificates"),
        rest::certificates,
        "A PEM file of certificates that are trusted beside the built-in authorities by requests to Discord's REST API; \
         the gateway's connections trust the built-in ones alone.",
    );

    USER_AGENT_SUFFIX: String = Variable::new(
        Group::Discord,
        Kind::Text("1 to 200 visible characters of ASCII"),
        rest::user_agent,
        "What is said behind the bot's own user agent, such as (https://example.org, ops@example.org).",
    );

    CONNECT_SECONDS: Duration = Variable::new(
        Group::Discord,
        Kind::Seconds { least: 1, most: 300 },
        reading::seconds,
        "How long opening a connection to Discord's REST API may take.",
    )
    .or("5");

    REQUEST_SECONDS: Duration = Variable::new(
        Group::Discord,
        Kind::Seconds { least: 1, most: 600 },
        reading::seconds,
        "How long one attempt of a request may take, from connecting to the last byte of the answer; a body adds a \
         second for each 64 KiB. The first answer to a command has 1 s all the same, so that another attempt is in time.",
    )
    .or("30");

    // As far as a limit is believed.
    MAX_RATE_LIMIT: Duration = Variable::new(
        Group::Discord,
        Kind::Seconds { least: 1, most: 86_400 },
        reading::seconds,
        "How long a request waits for Discord's rate limits; one that would wait longer is an error at once.",
    )
    .or("300");

    MAX_RETRIES: usize = Variable::new(
        Group::Discord,
        Kind::Number { least: 0, most: 10 },
        reading::number,
        "How often a request that may be repeated is sent again after 500 to 599 or a lost connection, with growing \
         pauses, each up to a quarter longer by chance.",
    )
    .or("3");

    LARGE_THRESHOLD: u64 = Variable::new(
        Group::Discord,
        Kind::Number { least: 50, most: 250 },
        reading::number,
        "In servers of more members than this Discord leaves those who are offline out of what it tells at first.",
    )
    .or("250");

    SHARD_IDS: BTreeSet<u32> = Variable::new(
        Group::Discord,
        Kind::Text("ids of shards such as 0-3,7"),
        shards::ids,
        "The shards that this process runs, such as 0-3,7, with SHARD_COUNT. When both are empty, as many as \
         Discord recommends.",
    );

    SHARD_COUNT: u32 = Variable::new(
        Group::Discord,
        Kind::Number { least: 1, most: MOST_SHARDS as u64 },
        reading::number,
        "How many shards the bot has in all its processes, with SHARD_IDS.",
    );

    IGNORE_SESSION_START_LIMIT: bool = Variable::new(
        Group::Discord,
        Kind::Choice(SWITCH),
        reading::switch,
        "Whether to start although Discord has fewer new sessions left than there are shards without one. \
         Discord resets the token of a bot that exceeds its limit.",
    )
    .or("no");

    DATABASE_URL: DatabaseUrl = Variable::new(
        Group::Data,
        Kind::Text("sqlite://PATH or postgres://USER@HOST/DATABASE"),
        reading::database,
        "Where state is kept: sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE.",
    )
    .or("sqlite://data/cogsmith.db")
    .secret(reading::shown_database)
    .shared_out(DatabaseUrl::shared_out);

    DATABASE_WAIT_SECONDS: Duration = Variable::new(
        Group::Data,
        Kind::Seconds { least: 0, most: 3_600 },
        reading::seconds,
        "How long a start waits for another process that owns the database, as the one before it does while it stops. \
         At least DRAIN_SECONDS where a new process is started as soon as the old one is told to stop.",
    )
    .or("30");

    AUDIT_DAYS: u64 = Variable::new(
        Group::Data,
        Kind::Number { least: 1, most: 3_650 },
        reading::number,
        "For how many days it is kept who changed what: see /audit list.",
    )
    .or("365");

    ADMIN_SOCKET_DIR: PathBuf = Variable::new(
        Group::Data,
        Kind::Text("the path of a folder"),
        reading::path,
        "The folder of the sockets that `cogsmith task` and `cogsmith module` ask a running bot at. When empty, beside \
         a SQLite file, and else /tmp/cogsmith-UID.",
    );

    OWNER_IDS: BTreeSet<u64> = Variable::new(
        Group::Bot,
        Kind::Text("user ids separated by commas"),
        reading::owner_ids,
        "User ids, separated by commas, that may use owner-only commands beside the application's owner and team.",
    );

    OWNER_GUILD: u64 = Variable::new(
        Group::Bot,
        Kind::Id("a server"),
        reading::id,
        "The id of the server that alone has the owner-only commands; every server and direct messages when empty.",
    );

    MODULES: BTreeSet<String> = Variable::new(
        Group::Bot,
        Kind::Text("names of modules separated by commas"),
        reading::names,
        "The modules to load, separated by commas; all when empty.",
    );

    BOT_STATUS: OnlineStatus = Variable::new(
        Group::Bot,
        Kind::Choice(&["online", "idle", "dnd", "invisible"]),
        reading::status,
        "The dot beside the bot's name.",
    )
    .or("online");

    BOT_ACTIVITY: ActivityData = Variable::new(
        Group::Bot,
        Kind::Text("1 to 128 characters, such as playing chess"),
        reading::activity,
        "What stands below the bot's name: what it is playing, listening to, watching or competing in, such as \
         playing chess; any other text stands there as it is.",
    );

    BOT_AFK: bool = Variable::new(
        Group::Bot,
        Kind::Choice(SWITCH),
        reading::switch,
        "Whether the bot counts as away.",
    )
    .or("no");

    BOT_IDLE_SINCE: DateTime<Utc> = Variable::new(
        Group::Bot,
        Kind::Text("a time such as 2026-03-02T09:00:00Z"),
        reading::time,
        "Since when the bot is idle, such as 2026-03-02T09:00:00Z.",
    );

    BOTS: Vec<BotName> = Variable::new(
        Group::Process,
        Kind::Text("names of bots such as alpha,beta"),
        bots::names,
        "The bots of this process, such as alpha,beta: each with the variables that begin with its name in \
         capitals, such as ALPHA_DISCORD_TOKEN, and a database of its own. A single bot without a name when empty.",
    );

    BOTS_POLICY: BotsPolicy = Variable::new(
        Group::Process,
        Kind::Choice(&["all", "best-effort"]),
        bots::policy,
        "What becomes of the bots of BOTS when Discord refuses the token of one at the start: none connects, or \
         the others do.",
    )
    .or("all");

    HTTP_ADDRESS: SocketAddr = Variable::new(
        Group::Process,
        Kind::Text("an address such as 127.0.0.1:8080"),
        reading::address,
        "Where /livez and /readyz are served.",
    )
    .or("127.0.0.1:8080");

    DRAIN_SECONDS: Duration = Variable::new(
        Group::Process,
        Kind::Seconds { least: 0, most: 3_600 },
        reading::seconds,
        "How long a shutdown may take in all, which is to be less than its supervisor allows. The last fifth of \
         it (1 to 5 s) is for writing what is in memory; before that, running work is waited for.",
    )
    .or("25");

    PROPAGATE_INTERRUPTS: bool = Variable::new(
        Group::Process,
        Kind::Choice(SWITCH),
        reading::switch,
        "Whether `cogsmith run` ends with 130 after SIGINT and 143 after SIGTERM, once it has stopped in order, \
         and not with 0.",
    )
    .or("no");

    // Of the 512 threads of the runtime that files and look-ups of names take theirs from as well.
    BLOCKING_THREADS: usize = Variable::new(
        Group::Process,
        Kind::Number { least: 1, most: 256 },
        reading::number,
        "How many blocking tasks and blocking calls of modules run at once. When empty, as many as there are \
         cores, but 4 at the least.",
    )
    .per_bot();

    JOB_TIMEOUT: Duration = Variable::new(
        Group::Process,
        Kind::Text("a time such as 30s, 5m or 1h, or 0 for no limit"),
        reading::limit,
        "How long a job may take, such as 30s, 5m or 1h, before it is given up with exit code 5; 0 sets no limit. \
         For one job `--timeout` is shorter.",
    )
    .or("120s");

    BANNER: Option<Banner> = Variable::new(
        Group::Log,
        Kind::Text("on, off or a readable file"),
        banner::read,
        "What a start shows on a terminal: on, off, or the path of a file with $version, $modules and others to be \
         filled in.",
    )
    .or("on");

    LOG_FORMAT: LogFormat = Variable::new(
        Group::Log,
        Kind::Choice(&["pretty", "json"]),
        reading::log_format,
        "How log lines look: for people, coloured on a terminal, or a JSON object each.",
    )
    .or("pretty");

    RUST_LOG: String = Variable::new(
        Group::Log,
        Kind::Text("a filter such as info or cogsmith=debug,warn"),
        reading::text,
        "Which log lines are written, such as info or cogsmith=debug,warn.",
    )
    .or("info");
}
