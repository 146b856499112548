//! Guilds, channels and roles, given by id or by name.

use serenity::{
    http::GuildPagination,
    model::{
        guild::Role,
        id::{ChannelId, GuildId, RoleId},
    },
};

use super::Job;
use crate::{config::Problem, error::Result};

/// Shorter numbers are names: Discord's ids have 17 digits and more.
const SHORTEST_ID: usize = 15;
/// Names that an error lists.
const LISTED: usize = 10;
/// A page of guilds; see Discord docs/Resources/User, Get Current User Guilds.
const PAGE: u64 = 200;

/// A name, what it is the name of, and where that is.
struct Candidate {
    id: u64,
    name: String,
    place: String,
}

impl Job {
    /// The guild of this id or name. An id is taken as it is, without a request.
    ///
    /// # Errors
    /// No guild of the bot's has the name, or several have: the error lists them, and the exit code is 2.
    pub async fn guild(&self, guild: &str) -> Result<GuildId> {
        if let Some(id) = id(guild) {
            return Ok(GuildId::new(id));
        }
        let guilds = self.guilds().await?;
        let candidates = guilds
            .into_iter()
            .map(|(id, name)| Candidate::new(id, name, ""));
        let found = find("guild", guild, &candidates.collect::<Vec<_>>())?;
        Ok(GuildId::new(found))
    }

    /// Every guild that the bot is in, with its name, in the order of their ids.
    ///
    /// # Errors
    /// Discord refused to list them.
    pub async fn guilds(&self) -> Result<Vec<(GuildId, String)>> {
        let mut guilds = Vec::new();
        let mut after = None;
        loop {
            let page = self.http().get_guilds(after, Some(PAGE)).await?;
            let is_last = (page.len() as u64) < PAGE;
            after = page.last().map(|last| GuildPagination::After(last.id));
            guilds.extend(page.into_iter().map(|guild| (guild.id, guild.name)));
            if is_last {
                return Ok(guilds);
            }
        }
    }

    /// The channel of this id or name, in any guild of the bot's: with many of them [`Job::channel_of`] takes less
    /// time. A `#` before the name is left out.
    ///
    /// # Errors
    /// As [`Job::guild`].
    pub async fn channel(&self, channel: &str) -> Result<ChannelId> {
        if let Some(id) = id(channel) {
            return Ok(ChannelId::new(id));
        }
        let mut candidates = Vec::new();
        for (guild, name) in self.guilds().await? {
            candidates.extend(self.channels(guild, &name).await?);
        }
        let found = find("channel", bare(channel, '#'), &candidates)?;
        Ok(ChannelId::new(found))
    }

    /// The channel of this id or name in a guild, as [`Job::channel`].
    ///
    /// # Errors
    /// As [`Job::guild`].
    pub async fn channel_of(&self, guild: GuildId, channel: &str) -> Result<ChannelId> {
        if let Some(id) = id(channel) {
            return Ok(ChannelId::new(id));
        }
        let candidates = self.channels(guild, "").await?;
        let found = find("channel", bare(channel, '#'), &candidates)?;
        Ok(ChannelId::new(found))
    }

    async fn channels(&self, guild: GuildId, place: &str) -> Result<Vec<Candidate>> {
        let channels = guild.channels(self.http()).await?.into_values();
        let channels = channels.map(|channel| Candidate::new(channel.id, channel.name, place));
        Ok(channels.collect())
    }

    /// The role of this id or name in a guild. An `@` before the name is left out.
    ///
    /// # Errors
    /// As [`Job::guild`].
    pub async fn role(&self, guild: GuildId, role: &str) -> Result<RoleId> {
        if let Some(id) = id(role) {
            return Ok(RoleId::new(id));
        }
        let roles = guild.roles(self.http()).await?.into_values();
        let name = |role: &Role| bare(&role.name, '@').to_owned();
        let roles = roles.map(|role| Candidate::new(role.id, name(&role), ""));
        let found = find("role", bare(role, '@'), &roles.collect::<Vec<_>>())?;
        Ok(RoleId::new(found))
    }
}

impl Candidate {
    fn new(id: impl Into<u64>, name: String, place: &str) -> Self {
        let (id, place) = (id.into(), place.to_owned());
        Self { id, name, place }
    }

    fn shown(&self) -> String {
        let Self { id, name, place } = self;
        match place.is_empty() {
            true => format!("{name} ({id})"),
            false => format!("{name} of {place} ({id})"),
        }
    }
}

fn id(text: &str) -> Option<u64> {
    let is_id = text.len() >= SHORTEST_ID && text.bytes().all(|c| c.is_ascii_digit());
    is_id.then(|| text.parse().ok())?.filter(|id| *id > 0)
}

/// The name without its sign, unless there is nothing else.
fn bare(name: &str, sign: char) -> &str {
    let bare = name.strip_prefix(sign).filter(|bare| !bare.is_empty());
    bare.unwrap_or(name)
}

/// The one of this name; small and capital letters are alike, unless that makes the difference.
fn find(what: &'static str, name: &str, candidates: &[Candidate]) -> Result<u64, Problem> {
    let small = name.to_lowercase();
    let exact = |it: &&Candidate| it.name == name;
    let alike = |it: &&Candidate| it.name.to_lowercase() == small;
    let mut found: Vec<_> = candidates.iter().filter(exact).collect();
    if found.is_empty() {
        found = candidates.iter().filter(alike).collect();
    }
    found.sort_by_key(|it| it.id);
    match &*found {
        [one] => Ok(one.id),
        [] => Err(Problem::quoting(
            what,
            name,
            among(what, &nearest(name, candidates)),
        )),
        several => Err(Problem::new(
            what,
            format!("{name:?}, which is the name of {}", several.len()),
            format!("one of the ids: {}", listed(several)),
        )),
    }
}

fn among(what: &str, candidates: &[&Candidate]) -> String {
    match candidates.is_empty() {
        true => format!("the id or name of a {what}, and the bot sees none"),
        false => format!("an id or name such as {}", listed(candidates)),
    }
}

/// Those whose names are most like it come first.
fn nearest<'c>(name: &str, candidates: &'c [Candidate]) -> Vec<&'c Candidate> {
    let likeness =
        |it: &Candidate| strsim::jaro_winkler(&name.to_lowercase(), &it.name.to_lowercase());
    let mut nearest: Vec<_> = candidates.iter().collect();
    nearest.sort_by(|one, other| {
        let by_likeness = likeness(other).total_cmp(&likeness(one));
        by_likeness.then(one.id.cmp(&other.id))
    });
    nearest
}

fn listed(candidates: &[&Candidate]) -> String {
    let shown = candidates.iter().take(LISTED).map(|it| it.shown());
    let shown = shown.collect::<Vec<_>>().join(", ");
    match candidates.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(names: &[&str]) -> Vec<Candidate> {
        let numbered = (1_u64..).zip(names);
        let candidates = numbered.map(|(id, name)| Candidate::new(id, (*name).to_owned(), ""));
        candidates.collect()
    }

    fn check(names: &[&str], name: &str, expected: Result<u64, &str>) {
        let found = find("guild", name, &candidates(names)).map_err(|it| it.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{name}");
    }

    #[test]
    fn a_name_is_found_or_the_candidates_are_told() {
        let names = ["Rustaceans", "Gophers", "gophers", "GOPHERS", "Ärzte"];
        check(&names, "Rustaceans", Ok(1));
        check(&names, "rustACEANS", Ok(1));
        check(&names, "ärzte", Ok(5));
        check(&names, "gophers", Ok(3));
        let ambiguous = "guild: found \"gOPHERS\", which is the name of 3, expected one of the ids: \
                         Gophers (2), gophers (3), GOPHERS (4)";
        check(&names, "gOPHERS", Err(ambiguous));
        let unknown =
            "guild: found \"Rust\", expected an id or name such as Rustaceans (1), Crabs (2)";
        check(&["Rustaceans", "Crabs"], "Rust", Err(unknown));
        let none =
            "guild: found \"Rust\", expected the id or name of a guild, and the bot sees none";
        check(&[], "Rust", Err(none));
    }

    #[test]
    fn long_numbers_are_ids_and_short_ones_may_be_names() {
        assert_eq!(id("1152921504606846976"), Some(1 << 60));
        for name in [
            "2026",
            "",
            "000000000000000000",
            "99999999999999999999999",
            "12345678901234567x",
        ] {
            assert_eq!(id(name), None, "{name}");
        }
        assert_eq!((bare("#general", '#'), bare("#", '#')), ("general", "#"));
    }
}
