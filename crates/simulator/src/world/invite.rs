//! Invites: a code with which people join.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload::{self, timestamp};
use crate::rest::fields::moment;
use crate::snowflake::{Snowflake, mix};
use crate::world::World;
use crate::world::audit::{By, Deed, action};

#[derive(Clone, Debug)]
pub(crate) struct Invite {
    pub(crate) code: String,
    pub(crate) guild: Snowflake,
    pub(crate) channel: Snowflake,
    pub(crate) inviter: Snowflake,
    /// In seconds; 0 is for ever.
    pub(crate) max_age: u64,
    /// 0 is as often as people like.
    pub(crate) max_uses: u64,
    pub(crate) uses: u64,
    pub(crate) is_temporary: bool,
    pub(crate) created_at: DateTime<Utc>,
    /// What who comes gets.
    pub(crate) roles: Vec<Snowflake>,
}

/// How an invite is wanted.
#[derive(Clone, Debug)]
pub(crate) struct NewInvite {
    pub(crate) max_age: u64,
    pub(crate) max_uses: u64,
    pub(crate) is_temporary: bool,
    /// A new code, even when one of the same kind is there.
    pub(crate) is_unique: bool,
    pub(crate) roles: Vec<Snowflake>,
}

impl Invite {
    fn expires_at(&self) -> Option<DateTime<Utc>> {
        let age = i64::try_from(self.max_age).ok().filter(|age| *age > 0)?;
        Some(self.created_at + TimeDelta::seconds(age))
    }

    fn is_open(&self, now: DateTime<Utc>) -> bool {
        let is_left = self.max_uses == 0 || self.uses < self.max_uses;
        is_left && self.expires_at().is_none_or(|end| now < end)
    }
}

impl World {
    /// Makes an invite, or finds the one that was made the same way.
    pub(crate) fn invite_to(
        &mut self,
        channel: Snowflake,
        guild: Snowflake,
        new: NewInvite,
        by: By<'_>,
    ) -> String {
        let now = self.now();
        let same = self.invites.values().find(|it| {
            let kind = (it.max_age, it.max_uses, it.is_temporary);
            it.channel == channel
                && it.inviter == by.actor
                && kind == (new.max_age, new.max_uses, new.is_temporary)
                && it.roles == new.roles
                && it.is_open(now)
        });
        if let Some(same) = same.filter(|_| !new.is_unique) {
            return same.code.clone();
        }
        let id = self.next_id();
        let code = code_of(id);
        let invite = Invite {
            code: code.clone(),
            guild,
            channel,
            inviter: by.actor,
            max_age: new.max_age,
            max_uses: new.max_uses,
            uses: 0,
            is_temporary: new.is_temporary,
            created_at: now,
            roles: new.roles,
        };
        let data = self.invite_event(&invite);
        self.invites.insert(code.clone(), invite);
        self.tell(guild, "INVITE_CREATE", data.clone());
        let changes = [
            "code",
            "channel_id",
            "max_age",
            "max_uses",
            "temporary",
            "uses",
        ];
        let changes = changes.map(|key| json!({ "key": key, "new_value": data[key] }));
        self.audit(
            guild,
            by,
            Deed::new(action::INVITE_CREATE, id).changes(changes.to_vec()),
        );
        code
    }

    /// An invite that still holds.
    ///
    /// # Errors
    /// 10006 when there is none.
    pub(crate) fn invite(&self, code: &str) -> Result<&Invite, ApiError> {
        let known = self.invites.get(code).filter(|it| it.is_open(self.now()));
        known.ok_or_else(ApiError::unknown_invite)
    }

    /// The invites of a guild that still hold.
    pub(crate) fn invites_of(&self, guild: Snowflake) -> impl Iterator<Item = &Invite> {
        let now = self.now();
        let known = self.invites.values();
        known.filter(move |it| it.guild == guild && it.is_open(now))
    }

    /// # Errors
    /// 10006 when there is none.
    pub(crate) fn drop_invite(&mut self, code: &str, by: By<'_>) -> Result<(), ApiError> {
        let invite = self
            .invites
            .remove(code)
            .ok_or_else(ApiError::unknown_invite)?;
        let (guild, channel) = (invite.guild, invite.channel);
        let data = json!({ "guild_id": guild, "channel_id": channel, "code": code });
        self.tell(guild, "INVITE_DELETE", data);
        let change = json!({ "key": "code", "old_value": code });
        self.audit(
            guild,
            by,
            Deed::new(action::INVITE_DELETE, channel).changes(vec![change]),
        );
        Ok(())
    }

    /// Lets a person join with an invite.
    ///
    /// # Errors
    /// 10006 when it does not hold, 40007 when they were put out for good.
    pub(crate) fn join_by_invite(
        &mut self,
        code: &str,
        user: Snowflake,
    ) -> Result<Snowflake, ApiError> {
        let invite = self.invite(code)?.clone();
        let guild = invite.guild;
        if self.guild(guild)?.bans.contains_key(&user) {
            return Err(ApiError::banned());
        }
        let home = self.guild(guild)?;
        let shut = home.settings.get("incidents_data");
        let shut = shut.and_then(|it| moment(&it["invites_disabled_until"]));
        if shut.is_some_and(|end| self.now() < end) {
            return Err(ApiError::unknown_invite());
        }
        let is_new = !self.guild(guild)?.members.contains_key(&user);
        if !is_new {
            return Ok(guild);
        }
        if let Some(known) = self.invites.get_mut(code) {
            known.uses += 1;
        }
        self.join(guild, user);
        for role in invite.roles {
            // A role may have been deleted since.
            let _ = self.set_role(guild, user, role, true);
        }
        let member = self.guilds.get_mut(&guild);
        if let Some(member) = member.and_then(|it| it.members.get_mut(&user)) {
            member.is_temporary = invite.is_temporary;
        }
        Ok(guild)
    }

    fn invite_event(&self, it: &Invite) -> Value {
        json!({
            "code": it.code,
            "guild_id": it.guild,
            "channel_id": it.channel,
            "inviter": self.users.get(&it.inviter).map(payload::user::user),
            "created_at": timestamp(it.created_at),
            "expires_at": it.expires_at().map(timestamp),
            "max_age": it.max_age,
            "max_uses": it.max_uses,
            "uses": it.uses,
            "temporary": it.is_temporary,
            "type": 0,
        })
    }

    /// An invite as REST gives it.
    pub(crate) fn invite_object(&self, it: &Invite) -> Value {
        let guild = self
            .guilds
            .get(&it.guild)
            .map(payload::guild::guild)
            .unwrap_or_default();
        let keys = [
            "id",
            "name",
            "splash",
            "banner",
            "description",
            "icon",
            "features",
            "verification_level",
            "vanity_url_code",
            "nsfw_level",
            "nsfw",
            "premium_subscription_count",
        ];
        let guild: serde_json::Map<_, _> = keys
            .iter()
            .map(|key| ((*key).to_owned(), guild[*key].clone()))
            .collect();
        let channel = self.channels.get(&it.channel);
        let roles = self.guilds.get(&it.guild).map(|home| {
            let roles = it.roles.iter().filter_map(|id| home.roles.get(id));
            roles.map(payload::guild::role).collect::<Vec<_>>()
        });
        let mut object = json!({
            "type": 0,
            "code": it.code,
            "guild": guild,
            "guild_id": it.guild,
            "channel": {
                "id": it.channel,
                "type": channel.map_or(0, |it| it.kind as u8),
                "name": channel.map(|it| &it.name),
            },
            "inviter": self.users.get(&it.inviter).map(payload::user::user),
            "expires_at": it.expires_at().map(timestamp),
        });
        if !it.roles.is_empty() {
            object["roles"] = json!(roles);
        }
        object
    }

    /// An invite for those who may manage it: with how often it was used.
    pub(crate) fn invite_details(&self, it: &Invite) -> Value {
        let mut object = self.invite_object(it);
        object["created_at"] = json!(timestamp(it.created_at));
        object["max_age"] = json!(it.max_age);
        object["max_uses"] = json!(it.max_uses);
        object["uses"] = json!(it.uses);
        object["temporary"] = json!(it.is_temporary);
        object
    }
}

/// Eight letters and digits, the same in every run.
fn code_of(id: Snowflake) -> String {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let spread = mix(id.get()).to_le_bytes();
    spread
        .map(|byte| LETTERS[usize::from(byte) % LETTERS.len()] as char)
        .iter()
        .collect()
}
