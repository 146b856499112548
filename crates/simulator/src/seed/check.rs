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
    /// Every value that cannot be planted.
    pub(crate) fn check(&self) -> Vec<SeedError> {
        let mut wrong = Wrong::default();
        for (key, name) in [("bot", &self.bot), ("owner", &self.owner)] {
            name.iter().for_each(|name| wrong.length(key, name, PERSON));
        }
        if self.guilds.is_empty() {
            wrong.note("guild", "none", "at least one");
        }
        let names: Vec<_> = self.guilds.iter().map(|it| it.name.as_str()).collect();
        wrong.alike("guild", ".name", &names);
        for (index, guild) in self.guilds.iter().enumerate() {
            let bot = self.bot().unwrap_or("bot");
            guild.check(&format!("guild[{index}]"), bot, &mut wrong);
        }
        wrong.0
    }
}

impl GuildPlan {
    fn check(&self, key: &str, bot: &str, wrong: &mut Wrong) {
        wrong.length(&format!("{key}.name"), &self.name, GUILD);
        self.check_channels(key, wrong);
        if self.crowd > CROWD_MAX {
            let (key, expected) = (format!("{key}.crowd"), format!("0 to {CROWD_MAX}"));
            wrong.note(&key, &self.crowd.to_string(), &expected);
        }
        let roles: Vec<_> = self.roles.iter().map(|it| it.name.as_str()).collect();
        wrong.alike(&format!("{key}.role"), ".name", &roles);
        for (index, role) in self.roles.iter().enumerate() {
            role.check(&format!("{key}.role[{index}]"), bot, wrong);
        }
        let members: Vec<_> = self.members.iter().map(|it| it.name.as_str()).collect();
        wrong.alike(&format!("{key}.member"), ".name", &members);
        for (index, member) in self.members.iter().enumerate() {
            member.check(&format!("{key}.member[{index}]"), bot, &roles, wrong);
        }
    }

    fn check_channels(&self, key: &str, wrong: &mut Wrong) {
        for (list, names) in [
            ("channels", &self.channels),
            ("voice_channels", &self.voice_channels),
        ] {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let key = format!("{key}.{list}");
            wrong.alike(&key, "", &names);
            for (index, name) in names.iter().enumerate() {
                wrong.length(&format!("{key}[{index}]"), name, OTHER);
            }
        }
        let is_odd =
            |name: &String| name.contains(|it: char| it.is_whitespace() || it.is_uppercase());
        let expected = "small letters, without spaces, as text channels have";
        wrong.each(&format!("{key}.channels"), &self.channels, is_odd, expected);
    }
}

impl RolePlan {
    fn check(&self, key: &str, bot: &str, wrong: &mut Wrong) {
        let name = format!("{key}.name");
        wrong.length(&name, &self.name, OTHER);
        if self.name == "@everyone" || self.name == bot {
            let expected = "another name than @everyone and that of the bot, whose roles are there";
            wrong.note(&name, &quoted(&self.name), expected);
        }
        let is_unknown = |name: &String| Permissions::named(name).is_none();
        let expected = "a permission by Discord's name, such as KICK_MEMBERS";
        let key = format!("{key}.permissions");
        wrong.each(&key, &self.permissions, is_unknown, expected);
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
    fn check(&self, key: &str, bot: &str, roles: &[&str], wrong: &mut Wrong) {
        let name = format!("{key}.name");
        wrong.length(&name, &self.name, PERSON);
        if self.name == bot {
            let expected = "another name than that of the bot";
            wrong.note(&name, &quoted(&self.name), expected);
        }
        let is_unknown = |name: &String| !roles.contains(&name.as_str());
        let expected = format!("a role of the guild, of [{}]", roles.join(", "));
        let key = format!("{key}.roles");
        wrong.each(&key, &self.roles, is_unknown, &expected);
    }
}

/// What was found wrong so far.
#[derive(Default)]
struct Wrong(Vec<SeedError>);

impl Wrong {
    fn note(&mut self, key: &str, found: &str, expected: &str) {
        self.0.push(SeedError::Value {
            key: key.to_owned(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        });
    }

    fn length(&mut self, key: &str, name: &str, limits: RangeInclusive<usize>) {
        if !limits.contains(&name.chars().count()) {
            let expected = format!("{} to {} characters", limits.start(), limits.end());
            self.note(key, &quoted(name), &expected);
        }
    }

    /// No two of a list have the same name.
    fn alike(&mut self, list: &str, key: &str, names: &[&str]) {
        for (index, name) in names.iter().enumerate() {
            if names[..index].contains(name) {
                let key = format!("{list}[{index}]{key}");
                self.note(&key, &quoted(name), "another name than those before it");
            }
        }
    }

    fn each(
        &mut self,
        list: &str,
        values: &[String],
        is_wrong: impl Fn(&String) -> bool,
        expected: &str,
    ) {
        for (index, value) in values.iter().enumerate() {
            if is_wrong(value) {
                self.note(&format!("{list}[{index}]"), &quoted(value), expected);
            }
        }
    }
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rest: &str, key: &str, expected: &str) {
        let text = format!("bot = \"robo\"\n[[guild]]\nname = \"G1\"\n{rest}");
        let errors = Plan::parse(&text).unwrap_err();
        let error = errors[0].to_string();
        assert_eq!(errors.len(), 1, "{errors:?}");
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
    }
}
