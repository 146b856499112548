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
//! Planting is quiet: nobody is announced, and the transcript stays empty. Unknown keys, unknown
//! permissions and unknown roles are errors.

mod plant;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::permissions::Permissions;
use crate::simulator::Simulator;
use crate::snowflake::Snowflake;

/// Why a world could not be read.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum SeedError {
    /// It is not in the form of a world file; the text says where.
    #[error("{0}")]
    Form(String),
    /// There must be one.
    #[error("found no guild, expected at least one")]
    NoGuild,
    /// A role has a permission that Discord does not have.
    #[error("role {role:?}: found permission {found:?}, expected a name such as KICK_MEMBERS")]
    UnknownPermission {
        /// Name of the role.
        role: String,
        /// What stands there.
        found: String,
    },
    /// A member has a role that the guild does not have.
    #[error("member {member:?}: found role {found:?}, expected one of [{}]", known.join(", "))]
    UnknownRole {
        /// Name of the member.
        member: String,
        /// What stands there.
        found: String,
        /// The roles of the guild.
        known: Vec<String>,
    },
}

/// A world that was understood, and can be planted.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    bot: Option<String>,
    owner: Option<String>,
    #[serde(rename = "guild")]
    guilds: Vec<GuildPlan>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct GuildPlan {
    name: String,
    #[serde(default)]
    channels: Vec<String>,
    #[serde(default)]
    voice_channels: Vec<String>,
    #[serde(default, rename = "role")]
    roles: Vec<RolePlan>,
    #[serde(default, rename = "member")]
    members: Vec<MemberPlan>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct RolePlan {
    name: String,
    #[serde(default)]
    permissions: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct MemberPlan {
    name: String,
    #[serde(default)]
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
    /// What it does not understand, with its place.
    pub fn parse(text: &str) -> Result<Self, SeedError> {
        let plan: Self =
            toml::from_str(text).map_err(|error| SeedError::Form(error.to_string()))?;
        plan.check()?;
        Ok(plan)
    }

    /// The bot's name, for [`crate::Builder::bot`].
    pub fn bot(&self) -> Option<&str> {
        self.bot.as_deref()
    }

    /// Makes the world. What is there already, by its name, is found and not made again.
    pub fn plant(&self, simulator: &Simulator) -> Seed {
        self.plant_in(simulator.core())
    }

    /// # Errors
    /// No guild, or a name that means nothing.
    pub(crate) fn check(&self) -> Result<(), SeedError> {
        if self.guilds.is_empty() {
            return Err(SeedError::NoGuild);
        }
        self.guilds.iter().try_for_each(GuildPlan::check)
    }
}

impl GuildPlan {
    fn check(&self) -> Result<(), SeedError> {
        for role in &self.roles {
            role.permissions()?;
        }
        let known: Vec<_> = self.roles.iter().map(|role| role.name.clone()).collect();
        for member in &self.members {
            if let Some(found) = member.roles.iter().find(|role| !known.contains(role)) {
                return Err(SeedError::UnknownRole {
                    member: member.name.clone(),
                    found: found.clone(),
                    known,
                });
            }
        }
        Ok(())
    }
}

impl RolePlan {
    fn permissions(&self) -> Result<Permissions, SeedError> {
        let mut sum = Permissions::NONE;
        for name in &self.permissions {
            let known = Permissions::named(name);
            sum = sum
                | known.ok_or_else(|| SeedError::UnknownPermission {
                    role: self.name.clone(),
                    found: name.clone(),
                })?;
        }
        Ok(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let error = Plan::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn the_usual_world_is_one_that_can_be_read() {
        assert_eq!(Plan::test_bed().bot(), Some("testbot"));
    }

    #[test]
    fn what_is_not_understood_is_an_error_that_names_it() {
        check("guild = []", "found no guild");
        check("[[guild]]\nname = \"G\"\ncolour = 7", "line 3");
        let role = "[[guild]]\nname = \"G\"\n[[guild.role]]\nname = \"r\"\n";
        check(&format!("{role}permissions = [\"FLY\"]"), "\"FLY\"");
        let member = "[[guild.member]]\nname = \"m\"\nroles = [\"s\"]";
        check(
            &format!("{role}{member}"),
            "found role \"s\", expected one of [r]",
        );
    }
}
