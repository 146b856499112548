//! Which bots this process runs: `BOTS`, and what becomes of them when one is refused: `BOTS_POLICY`.

use std::time::Duration;

use super::{
    Bot, BotName, Config, DatabaseUrl, Problem, Problems, Token, Variables, reading, row::Row,
    table,
};

/// What becomes of the bots of a process when the token of one is refused at the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BotsPolicy {
    /// None connects.
    #[default]
    All,
    /// The others connect.
    BestEffort,
}

/// What the settings may name: the modules of each bot that the program is built with.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Modules of a bot that is not among `bots`.
    pub modules: Vec<&'static str>,
    /// The bots that there may be, and their modules; when empty, any name will do.
    pub bots: Vec<(BotName, Vec<&'static str>)>,
}

impl Known {
    pub(super) fn modules_of(&self, bot: Option<&BotName>) -> &[&'static str] {
        let mut bots = self.bots.iter();
        let own = bots.find(|(name, _)| Some(name) == bot);
        own.map_or(&self.modules, |(_, modules)| modules)
    }

    fn check(&self, name: BotName) -> Result<BotName, Problem> {
        let is_known = self.bots.is_empty() || self.bots.iter().any(|(known, _)| *known == name);
        if is_known {
            return Ok(name);
        }
        let names: Vec<_> = self.bots.iter().map(|(name, _)| name.as_str()).collect();
        let expected = format!("names from: {}", names.join(", "));
        Err(Problem::quoting(
            table::BOTS.row.name,
            name.as_str(),
            expected,
        ))
    }
}

/// Where the state of one bot is kept.
#[derive(Debug, Clone)]
pub struct BotDatabase {
    /// The bot, where there are several.
    pub bot: Option<BotName>,
    /// The variable that says so, or may.
    pub variable: String,
    /// The database.
    pub url: DatabaseUrl,
    /// How long another process that owns it is waited for.
    pub wait: Duration,
}

impl BotDatabase {
    /// Reads where the state of each bot is kept, and nothing else: every database once, and what is wrong.
    pub fn read_all(variables: &Variables, known: &Known) -> (Vec<Self>, Problems) {
        let (names, mut problems) = of_process(variables, known);
        let mut databases = Vec::<Self>::new();
        for bot in names {
            let of = variables.of_bot(bot.as_ref());
            let wait = problems.keep(Config::read_database_wait(&of));
            let (Some(url), Some(wait)) = (problems.keep(DatabaseUrl::read(&of)), wait) else {
                continue;
            };
            let is_new = |other: &Self| other.url.identity() != url.identity();
            if databases.iter().all(is_new) {
                let variable = of.name_in_use(&table::DATABASE_URL.row);
                databases.push(Self {
                    bot,
                    variable,
                    url,
                    wait,
                });
            }
        }
        (databases, problems)
    }
}

/// The bots of this process, and what is wrong with their names; those whose names are right are there all the
/// same. A single one without a name where there are no names.
pub(super) fn of_process(variables: &Variables, known: &Known) -> (Vec<Option<BotName>>, Problems) {
    let mut problems = Problems::default();
    let given = problems.keep(variables.read(&table::BOTS));
    let names = match (given, known.bots.is_empty()) {
        (Some(None), true) => return (vec![None], problems),
        (Some(None), false) => known.bots.iter().map(|(name, _)| name.clone()).collect(),
        (Some(Some(names)), _) => names,
        (None, _) => right_ones(variables.text(&table::BOTS.row).unwrap_or_default()),
    };
    let checked = names.into_iter().map(|name| known.check(name));
    let names = checked.filter_map(|checked| problems.keep(checked));
    (names.map(Some).collect(), problems)
}

/// No two bots have one token or one database. `bots` are those with which nothing else is wrong.
pub(super) fn apart(
    names: &[Option<BotName>],
    bots: &[Bot],
    variables: &Variables,
) -> Result<(), Problems> {
    let names = names.iter().flatten();
    let each: Vec<_> = names.map(|name| Owned::of(name, bots, variables)).collect();
    let mut problems = Problems::default();
    for (at, owned) in each.iter().enumerate() {
        for other in &each[..at] {
            if owned.token.is_some() && owned.token == other.token {
                problems.push(owned.shares(&table::DISCORD_TOKEN.row, other));
            }
            if owned.database.is_some() && owned.database == other.database {
                problems.push(owned.shares(&table::DATABASE_URL.row, other));
            }
        }
    }
    problems.into_result()
}

/// What a bot must have for itself, as far as it can be read.
struct Owned<'a> {
    name: &'a BotName,
    variables: Variables,
    token: Option<Token>,
    database: Option<String>,
}

impl<'a> Owned<'a> {
    /// A file is read once: it may be a pipe.
    fn of(name: &'a BotName, bots: &[Bot], variables: &Variables) -> Self {
        let variables = variables.of(name);
        let right = bots
            .iter()
            .find(|bot| bot.config.name.as_ref() == Some(name));
        let given = || variables.text(&table::DISCORD_TOKEN.row).map(Token::new);
        Self {
            name,
            token: right.map(|bot| bot.config.token.clone()).or_else(given),
            database: DatabaseUrl::read(&variables).ok().map(|url| url.identity()),
            variables,
        }
    }

    fn shares(&self, row: &Row, other: &Self) -> Problem {
        let (name, prefix) = (self.name, self.name.prefix());
        let found = format!("the same for {} and {name}", other.name);
        let expected = format!("another one for {name}, such as {prefix}{} gives", row.name);
        Problem::new(self.variables.name_in_use(row), found, expected)
    }
}

pub(super) fn names(row: &Row, text: &str) -> Result<Vec<BotName>, Problems> {
    let (mut names, mut problems) = (Vec::new(), Problems::default());
    for word in words(text) {
        match BotName::new(word) {
            Ok(name) if names.contains(&name) => {
                let found = format!("{name} twice");
                problems.push(Problem::new(row.name, found, "each name once"));
            }
            Ok(name) => names.push(name),
            Err(expected) => problems.push(Problem::quoting(row.name, word, expected)),
        }
    }
    problems.into_result()?;
    if names.is_empty() {
        return Err(row.problem(text).into());
    }
    Ok(names)
}

fn right_ones(text: &str) -> Vec<BotName> {
    let mut names: Vec<_> = words(text).filter_map(|it| BotName::new(it).ok()).collect();
    names.sort();
    names.dedup();
    names
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(',').map(str::trim);
    words.filter(|word| !word.is_empty())
}

pub(super) fn policy(row: &Row, text: &str) -> Result<BotsPolicy, Problems> {
    reading::chosen(row, text, &[BotsPolicy::All, BotsPolicy::BestEffort])
}
