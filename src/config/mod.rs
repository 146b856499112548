//! The environment, read once into a validated [`Config`].
//!
//! Nothing else in the project reads the environment.
//! Every problem is found in one pass and reported together, each naming the value and what was expected.
//! A secret also comes from a file when `<NAME>_FILE` names one, as Docker and Kubernetes secrets do.
//! The [`TABLE`] has a row for each variable.

mod banner;
mod bots;
mod colour;
mod database;
mod env_file;
mod example;
mod name;
mod page;
mod presence;
mod problem;
mod reading;
mod rest;
mod row;
mod shards;
mod shown;
mod sockets;
mod table;
mod token;
mod unknown;
mod variable;
mod variables;

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

pub use banner::{BANNER_NAMES, Banner};
pub use bots::{BotDatabase, BotsPolicy, Known};
pub use colour::is_coloured;
pub use database::DatabaseUrl;
pub use example::example;
pub use name::BotName;
pub use page::page;
pub use presence::Presence;
pub use problem::{Problem, Problems};
pub use rest::{ProxyUrl, RestConfig};
pub use row::{Group, Kind, Row, Scope};
pub use shards::Shards;
pub use shown::{Section, Setting};
pub use sockets::Sockets;
pub use table::TABLE;
pub use token::Token;
pub use unknown::Unknown;
pub use variable::Variable;
pub use variables::Variables;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people: coloured on a terminal.
    Pretty,
    /// For machines: one JSON object a line.
    Json,
}

/// What one bot is: who it is, whom it obeys, what it does.
#[derive(Debug, Clone)]
pub struct BotConfig {
    /// What it is called among several of one process.
    pub name: Option<BotName>,
    /// The bot's token. Never printed.
    pub token: Token,
    /// Where the API is when it is not Discord's own: the base address, without `/api/v10`.
    pub api_url: Option<String>,
    /// How Discord's REST API is reached.
    pub rest: RestConfig,
    /// In guilds of more members Discord leaves those who are offline out of what it tells of a guild at first: 50 to
    /// 250.
    pub large_threshold: u64,
    /// The shards to run; `None` runs as many as Discord recommends.
    pub shards: Option<Shards>,
    /// Whether to start with fewer new sessions left than there are shards without one.
    pub ignores_start_limit: bool,
    /// What people see of the bot.
    pub presence: Presence,
    /// People who may use owner-only commands, beside the application's owner and team.
    pub owner_ids: BTreeSet<u64>,
    /// The guild that alone has the owner-only commands; `None` registers them everywhere.
    pub owner_guild: Option<u64>,
    /// Modules to load; `None` loads all.
    pub modules: Option<BTreeSet<String>>,
    /// How long it is kept who changed what.
    pub audit: Duration,
    /// How long shutdown waits for running work.
    pub drain: Duration,
    /// Where a running bot is asked by a shell; `None` opens no socket.
    pub sockets: Option<Sockets>,
    /// How much blocking work runs at once; `None` lets the number of cores decide.
    pub blocking_threads: Option<usize>,
}

impl LogFormat {
    /// Reads `LOG_FORMAT`.
    ///
    /// # Errors
    /// It is neither `pretty` nor `json`.
    pub fn read(variables: &Variables) -> Result<Self, Problems> {
        variables.need(&table::LOG_FORMAT)
    }
}

/// Everything that can be set, validated, but for the log, which is there before.
#[derive(Debug, Clone)]
pub struct Config {
    /// The bots of this process, at least one; either there is one without a name, or all have one.
    pub bots: Vec<Bot>,
    /// What becomes of them when one is refused.
    pub bots_policy: BotsPolicy,
    /// Where health is served.
    pub http_address: SocketAddr,
}

/// One bot, and where its state is kept.
#[derive(Debug, Clone)]
pub struct Bot {
    /// The bot.
    pub config: BotConfig,
    /// Its database, which no other bot has.
    pub database: DatabaseUrl,
}

impl Config {
    /// Reads where health is served, and nothing else.
    ///
    /// # Errors
    /// The address is none.
    pub fn read_http_address(variables: &Variables) -> Result<SocketAddr, Problems> {
        variables.need(&table::HTTP_ADDRESS)
    }

    /// Reads which bots the process has: a single one without a name, or those that have one, with what is wrong.
    pub fn read_names(variables: &Variables, known: &Known) -> (Vec<Option<BotName>>, Problems) {
        bots::of_process(variables, known)
    }

    /// Reads how long a start waits for another process that owns the database.
    ///
    /// # Errors
    /// It is no number of seconds.
    pub fn read_database_wait(variables: &Variables) -> Result<Duration, Problems> {
        let wait = variables.need(&table::DATABASE_WAIT_SECONDS);
        wait.map_err(|problems| problems.renamed(|name| variables.name_of(name)))
    }

    /// Reads whether a signal that ended `cogsmith run` in order is told by the exit code.
    ///
    /// # Errors
    /// It is neither `yes` nor `no`.
    pub fn read_propagates_interrupts(variables: &Variables) -> Result<bool, Problems> {
        variables.need(&table::PROPAGATE_INTERRUPTS)
    }

    /// Reads how long a job may take, and nothing else; `None` is as long as it takes.
    ///
    /// # Errors
    /// It is no time.
    pub fn read_job_timeout(variables: &Variables) -> Result<Option<Duration>, Problems> {
        let limit = variables.need(&table::JOB_TIMEOUT)?;
        Ok(Some(limit).filter(|limit| !limit.is_zero()))
    }

    /// Reads and validates everything.
    ///
    /// # Errors
    /// Every problem found, not only the first.
    pub fn read(variables: &Variables, known: &Known) -> Result<Self, Problems> {
        let (names, mut problems) = bots::of_process(variables, known);
        let bots: Vec<_> = names
            .iter()
            .filter_map(|name| problems.keep(Bot::read(variables, name.as_ref(), known)))
            .collect();
        problems.keep(bots::apart(&names, &bots, variables));
        let bots_policy = problems.keep(variables.need(&table::BOTS_POLICY));
        let http_address = problems.keep(Self::read_http_address(variables));
        // The command line reads these.
        problems.keep(Self::read_propagates_interrupts(variables));
        problems.keep(Banner::read(variables));
        match (problems.is_empty(), bots_policy, http_address) {
            (true, Some(bots_policy), Some(http_address)) if bots.len() == names.len() => {
                Ok(Self {
                    bots,
                    bots_policy,
                    http_address,
                })
            }
            _ => Err(problems),
        }
    }
}

impl Bot {
    fn read(
        variables: &Variables,
        name: Option<&BotName>,
        known: &Known,
    ) -> Result<Self, Problems> {
        let variables = variables.of_bot(name);
        let mut problems = Problems::default();
        let config = problems.keep(BotConfig::read(&variables, known.modules_of(name)));
        let database = problems.keep(DatabaseUrl::read(&variables));
        let wait = problems.keep(Config::read_database_wait(&variables));
        match (config, database, wait) {
            (Some(config), Some(database), Some(_)) => Ok(Self { config, database }),
            _ => Err(problems),
        }
    }
}

impl BotConfig {
    /// A bot with the defaults of every setting but its token.
    #[must_use]
    pub fn new(token: Token) -> Self {
        Self {
            name: None,
            token,
            api_url: None,
            rest: RestConfig::default(),
            large_threshold: 250,
            shards: None,
            ignores_start_limit: false,
            presence: Presence::default(),
            owner_ids: BTreeSet::new(),
            owner_guild: None,
            modules: None,
            audit: days(365),
            drain: Duration::from_secs(25),
            sockets: None,
            blocking_threads: None,
        }
    }

    /// What Discord is called: its name, or another address.
    #[must_use]
    pub fn place(&self) -> &str {
        self.api_url.as_deref().unwrap_or("Discord")
    }

    /// Reads what is the bot's alone, as [`Config::read`] does.
    ///
    /// # Errors
    /// Every problem found.
    pub fn read(variables: &Variables, known_modules: &[&str]) -> Result<Self, Problems> {
        let read = Self::read_plainly(variables, known_modules);
        read.map_err(|problems| problems.renamed(|name| variables.name_of(name)))
    }

    fn read_plainly(variables: &Variables, known_modules: &[&str]) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let token = problems.keep(variables.need(&table::DISCORD_TOKEN));
        let api_url = problems.keep(variables.read(&table::DISCORD_API_URL));
        let rest = problems.keep(RestConfig::read(variables));
        let large_threshold = problems.keep(variables.need(&table::LARGE_THRESHOLD));
        let shards = problems.keep(Shards::read(variables));
        let ignores_start_limit = problems.keep(variables.need(&table::IGNORE_SESSION_START_LIMIT));
        let owner_ids = problems.keep(variables.read(&table::OWNER_IDS));
        let owner_guild = problems.keep(variables.read(&table::OWNER_GUILD));
        let modules = problems.keep(modules(variables, known_modules));
        let presence = problems.keep(Presence::read(variables));
        let audit = problems.keep(variables.need(&table::AUDIT_DAYS));
        let drain = problems.keep(variables.need(&table::DRAIN_SECONDS));
        let sockets = problems.keep(Sockets::read(variables));
        let blocking_threads = problems.keep(variables.read(&table::BLOCKING_THREADS));
        problems.into_result()?;
        // Without a problem every value is there, or the token may be in what could not be read.
        let (Some(token), Some(audit), Some(drain)) = (token, audit, drain) else {
            return Err(Problems::default());
        };
        Ok(Self {
            name: variables.bot().cloned(),
            token,
            api_url: api_url.flatten(),
            rest: rest.unwrap_or_default(),
            large_threshold: large_threshold.unwrap_or(250),
            shards: shards.flatten(),
            ignores_start_limit: ignores_start_limit.unwrap_or_default(),
            presence: presence.unwrap_or_default(),
            owner_ids: owner_ids.flatten().unwrap_or_default(),
            owner_guild: owner_guild.flatten(),
            modules: modules.flatten(),
            audit: days(audit),
            drain,
            sockets,
            blocking_threads: blocking_threads.flatten(),
        })
    }
}

fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 60 * 60)
}

fn modules(variables: &Variables, known: &[&str]) -> Result<Option<BTreeSet<String>>, Problems> {
    let Some(names) = variables.read(&table::MODULES)? else {
        return Ok(None);
    };
    let mut problems = Problems::default();
    for name in names.iter().filter(|name| !known.contains(&name.as_str())) {
        let expected = format!("names from: {}", known.join(", "));
        problems.push(Problem::quoting(table::MODULES.row.name, name, expected));
    }
    problems.into_result().map(|()| Some(names))
}

#[cfg(test)]
mod tests;
