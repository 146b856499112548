//! Application commands on the wire.

use serde_json::{Value, json};

use crate::world::command::Command;

/// A command as Discord gives it back: what was registered, with the defaults filled in.
pub(crate) fn command(command: &Command) -> Value {
    let mut object = json!({
        "id": command.id,
        "application_id": command.application,
        "version": command.version,
        "type": command.kind(),
        "description": "",
        "default_member_permissions": null,
        "dm_permission": command.is_in_direct_messages(),
        "nsfw": false,
        "integration_types": [0],
        "contexts": null,
        "name_localizations": null,
        "description_localizations": null,
    });
    for (key, value) in &command.body {
        object[key] = value.clone();
    }
    if let Some(guild) = command.guild {
        object["guild_id"] = json!(guild);
    }
    object
}
