//! What a plan must be, so that it can be planted as it stands.

use std::ops::RangeInclusive;

use crate::permissions::Permissions;
use crate::seed::{GuildPlan, MemberPlan, Plan, RolePlan, SeedError};

/// As Discord limits them, in characters; people of one letter are let through.
const PERSON: RangeInclusive<usize> = 1..=32;
const GUILD: RangeInclusive<usize> = 2..=100;
const OTHER: RangeInclusive<usize> = 1..=100;
/// What fits into memory.
const CROWD_MAX: u64 = 1_000_000;

impl Plan {
    /// # Errors
    /// The first value that cannot be planted.
    pub(crate) fn check(&self) -> Result<(), SeedError> {
        for (key, name) in [("bot", &self.bot), ("owner", &self.owner)] {
            name.iter().try_for_each(|name| length(key, name, PERSON))?;
        }
        if self.guilds.is_empty() {
            return Err(wrong("guild", "none", "at least one"));
        }
        let names: Vec<_> = self.guilds.iter().map(|it| it.name.as_str()).collect();
        unlike("guild", ".name", &names)?;
        for (index, guild) in self.guilds.iter().enumerate() {
            guild.check(&format!("guild[{index}]"), self.bot().unwrap_or("bot"))?;
        }
        Ok(())
    }
}

impl GuildPlan {
    fn check(&self, key: &str, bot: &str) -> Result<(), SeedError> {
        length(&format!("{key}.name"), &self.name, GUILD)?;
        self.check_channels(key)?;
        if self.crowd > CROWD_MAX {
            let expected = format!("0 to {CROWD_MAX}");
            return Err(wrong(
                &format!("{key}.crowd"),
                &self.crowd.to_string(),
                &expected,
            ));
        }
        let roles: Vec<_> = self.roles.iter().map(|it| it.name.as_str()).collect();
        unlike(&format!("{key}.role"), ".name", &roles)?;
        for (index, role) in self.roles.iter().enumerate() {
            role.check(&format!("{key}.role[{index}]"), bot)?;
        }
        let members: Vec<_> = self.members.iter().map(|it| it.name.as_str()).collect();
        unlike(&format!("{key}.member"), ".name", &members)?;
        for (index, member) in self.members.iter().enumerate() {
            member.check(&format!("{key}.member[{index}]"), bot, &roles)?;
        }
        Ok(())
    }

    fn check_channels(&self, key: &str) -> Result<(), SeedError> {
        for (list, names) in [
            ("channels", &self.channels),
            ("voice_channels", &self.voice_channels),
        ] {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let key = format!("{key}.{list}");
            unlike(&key, "", &names)?;
            for (index, name) in names.iter().enumerate() {
                length(&format!("{key}[{index}]"), name, OTHER)?;
            }
        }
        let is_odd =
            |name: &String| name.contains(|it: char| it.is_whitespace() || it.is_uppercase());
        match self.channels.iter().position(is_odd) {
            Some(index) => {
                let expected = "small letters, without spaces, as text channels have";
                Err(wrong(
                    &format!("{key}.channels[{index}]"),
                    &quoted(&self.channels[index]),
                    expected,
                ))
            }
            None => Ok(()),
        }
    }
}

impl RolePlan {
    fn check(&self, key: &str, bot: &str) -> Result<(), SeedError> {
        let name = format!("{key}.name");
        length(&name, &self.name, OTHER)?;
        if self.name == "@everyone" || self.name == bot {
            let expected = "another name than @everyone and that of the bot, whose roles are there";
            return Err(wrong(&name, &quoted(&self.name), expected));
        }
        let is_unknown = |name: &String| Permissions::named(name).is_none();
        match self.permissions.iter().position(is_unknown) {
            Some(index) => {
                let found = quoted(&self.permissions[index]);
                let expected = "a permission by Discord's name, such as KICK_MEMBERS";
                Err(wrong(
                    &format!("{key}.permissions[{index}]"),
                    &found,
                    expected,
                ))
            }
            None => Ok(()),
        }
    }

    /// Of a plan that was checked.
    pub(super) fn sum(&self) -> Permissions {
        let known = self
            .permissions
            .iter()
            .filter_map(|it| Permissions::named(it));
        known.fold(Permissions::NONE, |sum, one| sum | one)
    }
}

impl MemberPlan {
    fn check(&self, key: &str, bot: &str, roles: &[&str]) -> Result<(), SeedError> {
        let name = format!("{key}.name");
        length(&name, &self.name, PERSON)?;
        if self.name == bot {
            return Err(wrong(
                &name,
                &quoted(&self.name),
                "another name than that of the bot",
            ));
        }
        match self
            .roles
            .iter()
            .position(|it| !roles.contains(&it.as_str()))
        {
            Some(index) => {
                let key = format!("{key}.roles[{index}]");
                let expected = format!("a role of the guild, of [{}]", roles.join(", "));
                Err(wrong(&key, &quoted(&self.roles[index]), &expected))
            }
            None => Ok(()),
        }
    }
}

fn length(key: &str, name: &str, limits: RangeInclusive<usize>) -> Result<(), SeedError> {
    if limits.contains(&name.chars().count()) {
        return Ok(());
    }
    let expected = format!("{} to {} characters", limits.start(), limits.end());
    Err(wrong(key, &quoted(name), &expected))
}

/// No two of a list have the same name.
fn unlike(list: &str, key: &str, names: &[&str]) -> Result<(), SeedError> {
    let again = (1..names.len()).find(|index| names[..*index].contains(&names[*index]));
    again.map_or(Ok(()), |index| {
        let key = format!("{list}[{index}]{key}");
        Err(wrong(
            &key,
            &quoted(names[index]),
            "another name than those before it",
        ))
    })
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}

fn wrong(key: &str, found: &str, expected: &str) -> SeedError {
    SeedError::Value {
        key: key.to_owned(),
        found: found.to_owned(),
        expected: expected.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rest: &str, key: &str, expected: &str) {
        let text = format!("bot = \"robo\"\n[[guild]]\nname = \"G1\"\n{rest}");
        let error = Plan::parse(&text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{key}: found ")), "{error}");
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_value_that_cannot_be_planted_is_named_with_what_was_expected() {
        let role = "[[guild.role]]\nname =";
        let member = "[[guild.member]]\nname =";
        let crowd = "crowd = 1000001";
        for (rest, key, expected) in [
            (
                "channels = [\"a\", \"B c\"]",
                "guild[0].channels[1]",
                "small letters",
            ),
            (
                "channels = [\"a\", \"a\"]",
                "guild[0].channels[1]",
                "another name",
            ),
            (
                "voice_channels = [\"\"]",
                "guild[0].voice_channels[0]",
                "1 to 100 characters",
            ),
            (crowd, "guild[0].crowd", "0 to 1000000"),
            (
                "[[guild]]\nname = \"G\"",
                "guild[1].name",
                "2 to 100 characters",
            ),
            ("[[guild]]\nname = \"G1\"", "guild[1].name", "another name"),
            (
                &format!("{role} \"@everyone\""),
                "guild[0].role[0].name",
                "another name",
            ),
            (
                &format!("{role} \"robo\""),
                "guild[0].role[0].name",
                "another name",
            ),
            (
                &format!("{role} \"r\"\n{role} \"r\""),
                "guild[0].role[1].name",
                "before it",
            ),
            (
                &format!("{role} \"r\"\npermissions = [\"FLY\"]"),
                "guild[0].role[0].permissions[0]",
                "\"FLY\", expected a permission",
            ),
            (
                &format!("{member} \"robo\""),
                "guild[0].member[0].name",
                "that of the bot",
            ),
            (
                &format!("{member} \"\""),
                "guild[0].member[0].name",
                "1 to 32 characters",
            ),
            (
                &format!("{role} \"r\"\n{member} \"m\"\nroles = [\"s\"]"),
                "guild[0].member[0].roles[0]",
                "\"s\", expected a role of the guild, of [r]",
            ),
        ] {
            check(rest, key, expected);
        }
        let nowhere = Plan::parse("guild = []").unwrap_err().to_string();
        assert_eq!(nowhere, "guild: found none, expected at least one");
    }
}
