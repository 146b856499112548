//! Users on the wire.

use serde_json::{Value, json};

use crate::world::user::User;

pub(crate) fn user(user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.name,
        "discriminator": "0",
        "global_name": if user.bot { Value::Null } else { json!(user.name) },
        "avatar": user.avatar,
        "avatar_decoration_data": null,
        "primary_guild": null,
        "banner": user.banner,
        "accent_color": null,
        "bot": user.bot,
        "system": false,
        "public_flags": 0,
        "flags": 0,
    })
}

/// The bot as it sees itself.
pub(crate) fn current(user: &User) -> Value {
    let mut own = self::user(user);
    own["verified"] = json!(true);
    own["mfa_enabled"] = json!(false);
    own["locale"] = json!(user.locale);
    own["premium_type"] = json!(0);
    own["email"] = Value::Null;
    own
}
