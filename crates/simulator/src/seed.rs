//! Seeds: a world as a file, and what a client must know about it.
//!
//! ```toml
//! bot = "testbot"                   # optional
//! owner = "olivia"                  # owns the application and every guild
//!
//! [[guild]]
//! name = "Test Bed"
//! channels = ["bot-test"]           # optional: `general` when there is none
//! voice_channels = ["lounge"]       # optional
//! crowd = 10000                     # optional: so many members more, called `person 17` and the like
//!
//! [[guild.role]]
//! name = "Mods"                     # later roles stand above earlier ones, the bot's above all
//! permissions = ["KICK_MEMBERS"]    # optional, by Discord's names
//!
//! [[guild.member]]
//! name = "max"
//! roles = ["Mods"]                  # optional
//! ```
//!
//! Planting a new guild is quiet: nobody is announced, the transcript stays empty, and a bot that is
//! connected hears of the whole at once. What joins a guild that is there already is announced.
//! Unknown keys, permissions and roles, and names that Discord would not take, are errors.

mod check;
mod plant;
mod read;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::simulator::Simulator;
use crate::snowflake::Snowflake;

/// Something in a world that could not be read.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum SeedError {
    /// It is not in the form of a world file.
    #[error("line {line}: {problem}")]
    Form {
        /// From 1.
        line: usize,
        /// What was found and what was expected.
        problem: String,
    },
    /// A value that cannot be planted.
    #[error("{key}: found {found}, expected {expected}")]
    Value {
        /// Where it stands, such as `guild[0].member[1].name`.
        key: String,
        /// What stands there.
        found: String,
        /// What would have been right.
        expected: String,
    },
}

/// A world that was understood, and can be planted.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    bot: Option<String>,
    owner: Option<String>,
    #[serde(rename = "guild")]
    guilds: Vec<GuildPlan>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
struct GuildPlan {
    name: String,
    channels: Vec<String>,
    voice_channels: Vec<String>,
    crowd: u64,
    #[serde(rename = "role")]
    roles: Vec<RolePlan>,
    #[serde(rename = "member")]
    members: Vec<MemberPlan>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
struct RolePlan {
    name: String,
    permissions: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
struct MemberPlan {
    name: String,
    roles: Vec<String>,
}

/// What a client needs to work in a world: addresses, ids and tokens of its first guild.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Seed {
    /// `http://127.0.0.1:PORT/api/v10`.
    pub api: String,
    /// The guild.
    pub guild_id: Snowflake,
    /// Its first text channel.
    pub channel_id: Snowflake,
    /// Its first role; that of everyone when it has no other.
    pub role_id: Snowflake,
    /// The application, and the bot's user.
    pub application_id: Snowflake,
    /// The bot's token, without `Bot `.
    pub bot_token: String,
    /// Code of an invite that never ends.
    pub invite: String,
    /// The owner of application and guild.
    pub owner: SeedPerson,
    /// The first member without a role; the owner when there is none.
    pub member: SeedPerson,
    /// The first member who may kick, ban or moderate; the owner when there is none.
    pub moderator: SeedPerson,
}

/// A person, and how a request acts as them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SeedPerson {
    /// The person's id.
    pub id: Snowflake,
    /// The whole `Authorization` header: `user <id>`.
    pub token: String,
    /// The person's name.
    pub username: String,
}

impl Plan {
    /// The usual world: a guild "Test Bed" with the bot, an owner, a member, a moderator, the roles
    /// `tester` and `Mods`, and one text channel `bot-test`.
    pub fn test_bed() -> Self {
        let plan = Self::parse(include_str!("seed/test-bed.toml"));
        plan.expect("a file of ours, which a test reads")
    }

    /// Reads a world file.
    ///
    /// # Errors
    /// Everything that it does not understand, with its place.
    pub fn parse(text: &str) -> Result<Self, Vec<SeedError>> {
        read::plan(text)
    }

    /// The bot's name, for [`crate::Builder::bot`].
    pub fn bot(&self) -> Option<&str> {
        self.bot.as_deref()
    }

    /// Makes the world. What is there already, by its name, is found and not made again.
    pub fn plant(&self, simulator: &Simulator) -> Seed {
        self.plant_in(simulator.core())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let errors = Plan::parse(text).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].to_string().contains(expected), "{errors:?}");
    }

    #[test]
    fn the_usual_world_is_one_that_can_be_read() {
        assert_eq!(Plan::test_bed().bot(), Some("testbot"));
    }

    #[test]
    fn what_is_not_understood_is_an_error_that_names_its_place() {
        check(
            "guild = 7",
            "line 1: invalid type: integer `7`, expected a sequence",
        );
        check("", "line 1: missing field `guild`");
        check("guild = []", "guild: found none, expected at least one");
        check(
            "[[guild]]\nname = \"G1\"\ncolour = 7",
            "line 3: unknown field `colour`",
        );
    }

    #[test]
    fn every_fault_is_told() {
        let text = "mood = 1\nowner = \"\"\n[[guild]]\ncolour = 7\ncrowd = \"many\"\n\
                    channels = [\"B\"]\n[[guild.role]]\nname = \"r\"\npermissions = [\"FLY\", \"SWIM\"]\n\
                    [[guild.member]]\nname = 7\nroles = [\"s\"]\n";
        let errors = Plan::parse(text).unwrap_err();
        let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
        for (told, expected) in told.iter().zip([
            "line 1: unknown field `mood`",
            "line 3: missing field `name`",
            "line 4: unknown field `colour`",
            "line 5: invalid type: string \"many\"",
            "line 11: invalid type: integer `7`",
            "owner: found \"\", expected 1 to 32",
            "guild[0].channels[0]: found \"B\"",
            "guild[0].role[0].permissions[0]: found \"FLY\"",
            "guild[0].role[0].permissions[1]: found \"SWIM\"",
            "guild[0].member[0].roles[0]: found \"s\"",
        ]) {
            assert!(told.starts_with(expected), "{expected}: {told}");
        }
        assert_eq!(told.len(), 10, "{told:#?}");
    }
}
