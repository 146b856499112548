//! The environment, read once into a validated [`Config`].
//!
//! Nothing else in the project reads the environment.
//! Every problem is found in one pass and reported together, each naming the value and what was expected.
//! A secret also comes from a file when `<NAME>_FILE` names one, as Docker and Kubernetes secrets do.

mod database;
mod env_file;
mod problem;
mod reading;
mod token;
mod unknown;
mod variable;

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

pub use database::DatabaseUrl;
pub use problem::{Problem, Problems};
pub use token::Token;
pub use unknown::Unknown;
pub use variable::{VARIABLES, Variable, Variables};

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
    /// The bot's token. Never printed.
    pub token: Token,
    /// Where the API is when it is not Discord's own: the base address, without `/api/v10`.
    pub api_url: Option<String>,
    /// People who may use owner-only commands, beside the application's owner and team.
    pub owner_ids: BTreeSet<u64>,
    /// The guild that alone has the owner-only commands; `None` registers them everywhere.
    pub owner_guild: Option<u64>,
    /// Modules to load; `None` loads all.
    pub modules: Option<BTreeSet<String>>,
    /// How long shutdown waits for running work.
    pub drain: Duration,
    /// How much blocking work runs at once; `None` lets the number of cores decide.
    pub blocking_threads: Option<usize>,
}

impl LogFormat {
    /// Reads `LOG_FORMAT`.
    ///
    /// # Errors
    /// It is neither `pretty` nor `json`.
    pub fn read(variables: &Variables) -> Result<Self, Problem> {
        reading::log_format(variables)
    }
}

/// Everything that can be set, validated, but for the log, which is there before.
#[derive(Debug, Clone)]
pub struct Config {
    /// The bot.
    pub bot: BotConfig,
    /// Where state is kept.
    pub database: DatabaseUrl,
    /// Where health is served.
    pub http_address: SocketAddr,
}

impl Config {
    /// Reads where health is served, and nothing else.
    ///
    /// # Errors
    /// The address is none.
    pub fn read_http_address(variables: &Variables) -> Result<SocketAddr, Problem> {
        reading::http_address(variables)
    }

    /// Reads and validates everything.
    ///
    /// `known_modules` are the names that `MODULES` may list.
    ///
    /// # Errors
    /// Every problem found, not only the first.
    pub fn read(variables: &Variables, known_modules: &[&str]) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let token = problems.keep(Token::read(variables));
        let api_url = problems.keep(reading::api_url(variables));
        let database = problems.keep(DatabaseUrl::read(variables));
        let owner_ids = problems.keep(reading::owner_ids(variables));
        let owner_guild = problems.keep(reading::owner_guild(variables));
        let modules = problems.keep(reading::modules(variables, known_modules));
        let http_address = problems.keep(reading::http_address(variables));
        let drain = problems.keep(reading::drain(variables));
        let blocking_threads = problems.keep(reading::blocking_threads(variables));

        let (
            Some(token),
            Some(api_url),
            Some(database),
            Some(owner_ids),
            Some(owner_guild),
            Some(modules),
            Some(http_address),
            Some(drain),
            Some(blocking_threads),
        ) = (
            token,
            api_url,
            database,
            owner_ids,
            owner_guild,
            modules,
            http_address,
            drain,
            blocking_threads,
        )
        else {
            return Err(problems);
        };
        let bot = BotConfig {
            token,
            api_url,
            owner_ids,
            owner_guild,
            modules,
            drain,
            blocking_threads,
        };
        Ok(Self {
            bot,
            database,
            http_address,
        })
    }
}

#[cfg(test)]
mod tests;
