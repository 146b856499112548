//! `INTERACTION_CREATE` on the wire.

use serde_json::{Map, Value, json};

use crate::payload;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::guild::Guild;
use crate::world::interaction::Interaction;
use crate::world::upload::Attachment;
use crate::world::user::LOCALE;

/// 10 MiB: what a person without a subscription may upload.
const ATTACHMENT_SIZE_LIMIT: u64 = 10 * 1024 * 1024;

pub(crate) fn event(world: &World, interaction: &Interaction) -> Value {
    let channel = &world.channels[&interaction.channel];
    let guild = channel.guild.and_then(|id| world.guilds.get(&id));
    let bot = interaction.application;
    let mut object = json!({
        "id": interaction.id,
        "application_id": bot,
        "type": interaction.kind as u8,
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": channel.id,
        "channel": payload::channel::channel(world, channel),
        "app_permissions": world.permissions_in(bot, channel),
        "locale": world.users.get(&interaction.user).map_or(LOCALE, |it| &it.locale),
        "attachment_size_limit": ATTACHMENT_SIZE_LIMIT,
        "authorizing_integration_owners": { "0": guild.map_or("0".to_owned(), |it| it.id.to_string()) },
        "context": if guild.is_some() { 0 } else { 1 },
    });
    let owned = world.profiles.get(&bot);
    let owned = owned.into_iter().flat_map(|it| it.entitlements.values());
    let owned = owned.filter(|it| it.is_for(interaction.user, channel.guild));
    let owned: Vec<_> = owned.collect();
    object["entitlements"] = owned.iter().map(|it| it.object(bot)).collect();
    object["entitlement_sku_ids"] = owned.iter().map(|it| json!(it.sku)).collect();
    let may = world.permissions_in(interaction.user, channel);
    match guild {
        Some(guild) => place(world, guild, interaction.user, may, &mut object),
        None => object["user"] = json!(world.users.get(&interaction.user).map(payload::user::user)),
    }
    let message = interaction.message.and_then(|id| channel.messages.get(&id));
    if let Some(message) = message {
        object["message"] = payload::message::message(world, message);
    }
    object
}

fn place(world: &World, guild: &Guild, user: Snowflake, may: Permissions, object: &mut Value) {
    object["guild_id"] = json!(guild.id);
    let whole = payload::guild::guild(guild);
    let (locale, features) = (&whole["preferred_locale"], &whole["features"]);
    object["guild_locale"] = locale.clone();
    object["guild"] = json!({ "id": guild.id, "locale": locale, "features": features });
    if let Some(member) = guild.members.get(&user) {
        object["member"] = payload::guild::acting_member(world, member, may);
    }
}

/// The objects that the options of a command point at.
#[derive(Default)]
pub(crate) struct Resolved {
    users: Map<String, Value>,
    members: Map<String, Value>,
    roles: Map<String, Value>,
    channels: Map<String, Value>,
    messages: Map<String, Value>,
    attachments: Map<String, Value>,
}

impl Resolved {
    /// Adds a user, and the member when they are one.
    pub(crate) fn user(&mut self, world: &World, guild: Option<&Guild>, id: Snowflake) {
        if let Some(user) = world.users.get(&id) {
            self.users.insert(id.to_string(), payload::user::user(user));
        }
        if let Some(guild) = guild
            && let Some(member) = guild.members.get(&id)
        {
            let mut object = payload::guild::partial_member(member);
            object["permissions"] = json!(guild.base_permissions(id));
            self.members.insert(id.to_string(), object);
        }
    }

    pub(crate) fn role(&mut self, guild: &Guild, id: Snowflake) {
        if let Some(role) = guild.roles.get(&id) {
            self.roles
                .insert(id.to_string(), payload::guild::role(role));
        }
    }

    /// Adds a channel, with what `user` may do there.
    pub(crate) fn channel(&mut self, world: &World, user: Snowflake, id: Snowflake) {
        if let Some(channel) = world.channels.get(&id) {
            let may = world.permissions_in(user, channel);
            let object = payload::channel::resolved(channel, may);
            self.channels.insert(id.to_string(), object);
        }
    }

    pub(crate) fn message(&mut self, world: &World, channel: Snowflake, id: Snowflake) {
        let channel = world.channels.get(&channel);
        if let Some(message) = channel.and_then(|it| it.messages.get(&id)) {
            let object = payload::message::message(world, message);
            self.messages.insert(id.to_string(), object);
        }
    }

    pub(crate) fn attachment(&mut self, world: &World, file: &Attachment) {
        let object = world.attachment(file);
        self.attachments.insert(file.id.to_string(), object);
    }

    /// The `resolved` field; `None` when nothing was pointed at.
    pub(crate) fn into_json(self) -> Option<Value> {
        let kinds = [
            ("users", self.users),
            ("members", self.members),
            ("roles", self.roles),
            ("channels", self.channels),
            ("messages", self.messages),
            ("attachments", self.attachments),
        ];
        let filled = kinds.into_iter().filter(|(_, objects)| !objects.is_empty());
        let filled: Map<_, _> = filled
            .map(|(key, objects)| (key.to_owned(), Value::Object(objects)))
            .collect();
        (!filled.is_empty()).then(|| filled.into())
    }
}
