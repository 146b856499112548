//! Automatic moderation: rules of a guild, and what they do about messages.
//!
//! Words and regular expressions (`trigger_type` 1, words with `*` at either end) and mentions (5) are looked for.
//! Spam (3), Discord's own lists of words (4) and names of members (6) are kept as rules, but find
//! nothing: what they look for is not published.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{By, Deed, action};
use crate::world::draft::Draft;
use crate::world::guild::change_one;

const KEYWORDS: u64 = 1;
const MENTIONS: u64 = 5;

/// Discord's numbers for what a rule does.
const BLOCK: u64 = 1;
const ALERT: u64 = 2;
const TIME_OUT: u64 = 3;

/// A rule as it stands on the wire, which is how it is kept.
pub(crate) type ModerationRule = Value;

/// What a rule found: the word of the rule, and the words of the message.
struct Found {
    keyword: Option<String>,
    content: Option<String>,
}

impl World {
    pub(crate) fn add_moderation_rule(
        &mut self,
        guild: Snowflake,
        rule: &ModerationRule,
        by: By<'_>,
    ) {
        let Some(id) = rule["id"].as_str().and_then(|id| id.parse().ok()) else {
            return;
        };
        if let Some(home) = self.guilds.get_mut(&guild) {
            home.moderation.insert(id, rule.clone());
        }
        self.tell(guild, "AUTO_MODERATION_RULE_CREATE", rule.clone());
        let deed = Deed::new(action::MODERATION_RULE_CREATE, id);
        self.audit(guild, by, deed.between(&Value::Null, rule));
    }

    /// # Errors
    /// 404 for an unknown rule, for which Discord documents no code.
    pub(crate) fn change_moderation_rule(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        by: By<'_>,
        change: impl FnOnce(&mut ModerationRule),
    ) -> Result<Value, ApiError> {
        let own = self.guilds.get_mut(&guild).map(|home| &mut home.moderation);
        let (old, new) = change_one(own, id, ApiError::not_found, change)?;
        self.tell(guild, "AUTO_MODERATION_RULE_UPDATE", new.clone());
        let deed = Deed::new(action::MODERATION_RULE_UPDATE, id);
        self.audit(guild, by, deed.between(&old, &new));
        Ok(new)
    }

    /// # Errors
    /// 404 for an unknown rule, for which Discord documents no code.
    pub(crate) fn drop_moderation_rule(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        by: By<'_>,
    ) -> Result<(), ApiError> {
        let home = self.guilds.get_mut(&guild);
        let rule = home.and_then(|home| home.moderation.remove(&id));
        let rule = rule.ok_or_else(ApiError::not_found)?;
        self.tell(guild, "AUTO_MODERATION_RULE_DELETE", rule.clone());
        let deed = Deed::new(action::MODERATION_RULE_DELETE, id);
        self.audit(guild, by, deed.between(&rule, &Value::Null));
        Ok(())
    }

    /// Looks at what somebody wants to say; bots, and those who manage the guild, are not looked at.
    ///
    /// # Errors
    /// 200000 when a rule forbids it.
    pub(crate) fn moderate(
        &mut self,
        channel: Snowflake,
        author: Snowflake,
        content: &str,
    ) -> Result<(), ApiError> {
        let guild = self.channels.get(&channel).and_then(|it| it.guild);
        let Some(guild) = guild.and_then(|id| self.guilds.get(&id)) else {
            return Ok(());
        };
        if guild.moderation.is_empty() {
            return Ok(());
        }
        let is_bot = self.users.get(&author).is_none_or(|it| it.bot);
        let may = guild.base_permissions(author);
        if is_bot || may.allows(Permissions::MANAGE_GUILD) {
            return Ok(());
        }
        let roles = guild.members.get(&author).map_or(&[][..], |it| &it.roles);
        let rules = guild.moderation.values();
        let broken =
            rules.filter(|rule| rule["enabled"] == true && !is_exempt(rule, channel, roles));
        let broken = broken.filter_map(|rule| Some((rule.clone(), find(rule, content)?)));
        let (broken, guild): (Vec<_>, _) = (broken.collect(), guild.id);
        let mut is_blocked = false;
        for (rule, found) in broken {
            for deed in rule["actions"].as_array().into_iter().flatten() {
                is_blocked |= deed["type"] == BLOCK;
                self.act(guild, &rule, deed, (channel, author), (content, &found));
            }
        }
        match is_blocked {
            true => Err(ApiError::blocked_by_moderation()),
            false => Ok(()),
        }
    }

    fn act(
        &mut self,
        guild: Snowflake,
        rule: &ModerationRule,
        deed: &Value,
        (channel, author): (Snowflake, Snowflake),
        (content, found): (&str, &Found),
    ) {
        let mut data = json!({
            "guild_id": guild,
            "action": deed,
            "rule_id": rule["id"],
            "rule_trigger_type": rule["trigger_type"],
            "user_id": author,
            "channel_id": channel,
            "content": content,
            "matched_keyword": found.keyword,
            "matched_content": found.content,
        });
        let target = || deed["metadata"]["channel_id"].as_str()?.parse().ok();
        if deed["type"] == ALERT
            && let Some(target) = target()
            && let Ok(alert) = self.alert(target, author, rule, content)
        {
            data["alert_system_message_id"] = json!(alert);
        }
        let seconds = deed["metadata"]["duration_seconds"].as_i64();
        if deed["type"] == TIME_OUT
            && let Some(seconds) = seconds.and_then(TimeDelta::try_seconds)
        {
            self.time_out(guild, author, seconds);
        }
        let event = Event::new("AUTO_MODERATION_ACTION_EXECUTION", data).guild(guild);
        let event = event.needs(Intents::AUTO_MODERATION_EXECUTION);
        let event = event.blank_without(Intents::MESSAGE_CONTENT, |data| {
            let mut data = data.clone();
            data["content"] = json!("");
            data["matched_content"] = json!("");
            data
        });
        self.emit(&event);
    }

    fn alert(
        &mut self,
        channel: Snowflake,
        author: Snowflake,
        rule: &ModerationRule,
        content: &str,
    ) -> Result<Snowflake, ApiError> {
        let name = rule["name"].as_str().unwrap_or("");
        let field =
            |name: &str, value: &str| json!({ "name": name, "value": value, "inline": false });
        let embed = json!({
            "type": "auto_moderation_message",
            "description": content,
            "fields": [field("rule_name", name), field("channel_id", &channel.to_string())],
        });
        let notice = Draft {
            embeds: vec![embed],
            ..Draft::notice(crate::world::message::Notice::Moderated)
        };
        self.post(channel, author, notice)
    }

    fn time_out(&mut self, guild: Snowflake, user: Snowflake, time: TimeDelta) {
        let end = self.now() + time;
        let member = self.guilds.get(&guild).and_then(|it| it.members.get(&user));
        if let Some(mut member) = member.cloned() {
            member.timed_out_until = Some(end);
            // The guild is there, since the member is.
            let _ = self.change_member(guild, &member);
        }
    }
}

fn is_exempt(rule: &ModerationRule, channel: Snowflake, roles: &[Snowflake]) -> bool {
    let named = |key: &str| rule[key].as_array().into_iter().flatten();
    let mut roles = roles.iter();
    named("exempt_channels").any(|it| *it == json!(channel))
        || roles.any(|role| named("exempt_roles").any(|it| *it == json!(role)))
}

fn find(rule: &ModerationRule, content: &str) -> Option<Found> {
    let metadata = &rule["trigger_metadata"];
    match rule["trigger_type"].as_u64() {
        Some(KEYWORDS) => find_word(metadata, content),
        Some(MENTIONS) => {
            let limit = metadata["mention_total_limit"].as_u64().unwrap_or(u64::MAX);
            let count = content.matches("<@").count() as u64;
            (count > limit).then_some(Found {
                keyword: None,
                content: None,
            })
        }
        _ => None,
    }
}

fn find_word(metadata: &Value, content: &str) -> Option<Found> {
    let texts = |key: &str| {
        let texts = metadata[key].as_array().into_iter().flatten();
        texts
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (forbidden, allowed) = (texts("keyword_filter"), texts("allow_list"));
    let found = texts("regex_patterns").into_iter().find_map(|pattern| {
        // Discord's flavour is that of Rust.
        let fitting = regex::Regex::new(&pattern)
            .ok()?
            .find(content)?
            .as_str()
            .to_owned();
        Some((pattern, fitting))
    });
    if let Some((pattern, fitting)) = found {
        return Some(Found {
            keyword: Some(pattern),
            content: Some(fitting),
        });
    }
    let mut words = content.split_whitespace().map(str::to_lowercase);
    words.find_map(|word| {
        let fits = |pattern: &&String| matches(pattern, &word);
        if allowed.iter().any(|pattern| matches(pattern, &word)) {
            return None;
        }
        let keyword = forbidden.iter().find(fits)?;
        Some(Found {
            keyword: Some(keyword.clone()),
            content: Some(word.clone()),
        })
    })
}

/// Whether a word is the pattern, which may have `*` at either end.
fn matches(pattern: &str, word: &str) -> bool {
    let pattern = pattern.to_lowercase();
    let word = word.trim_matches(|it: char| it.is_ascii_punctuation());
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(inner), Some(_)) => word.contains(inner.trim_end_matches('*')),
        (Some(end), None) => word.ends_with(end),
        (None, Some(start)) => word.starts_with(start),
        (None, None) => word == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, word: &str, fits: bool) {
        assert_eq!(matches(pattern, word), fits, "{pattern} {word}");
    }

    #[test]
    fn stars_stand_for_anything_at_the_ends_of_a_word() {
        check("cat", "cat", true);
        check("Cat", "cat!", true);
        check("cat", "cats", false);
        check("cat*", "cats", true);
        check("*cat", "bobcat", true);
        check("*cat", "cats", false);
        check("*cat*", "bobcats", true);
    }
}
