//! The application on the wire.

use serde_json::{Value, json};

use crate::payload;
use crate::world::World;

/// Presences, members and message content, each with the switch of a small, unverified bot.
const PRIVILEGED: [(u64, u64); 3] = [(1 << 8, 1 << 13), (1 << 1, 1 << 15), (1 << 15, 1 << 19)];

/// The application's flags: the privileged intents that were switched on for it.
pub(crate) fn flags(world: &World) -> u64 {
    let refused = world.application.refused_intents;
    let allowed = PRIVILEGED
        .iter()
        .filter(|(intent, _)| refused & intent == 0);
    allowed.fold(0, |flags, (_, flag)| flags | flag)
}

/// The whole object, for `/applications/@me` and `/oauth2/applications/@me`.
pub(crate) fn application(world: &World) -> Value {
    let own = &world.application;
    let mut object = json!({
        "id": own.id,
        "name": world.name_of(own.id),
        "icon": null,
        "description": "",
        "summary": "",
        "type": null,
        "hook": true,
        "bot_public": true,
        "bot_require_code_grant": false,
        "is_monetized": false,
        "is_verified": false,
        "is_discoverable": false,
        "storefront_available": false,
        "integration_types_config": { "0": {} },
        "verify_key": "0".repeat(64),
        "flags": flags(world),
        "flags_new": flags(world).to_string(),
        "eligible_oauth2_scopes": [],
        "owner": world.users.get(&own.owner).map(payload::user::user),
        "bot": world.users.get(&own.id).map(payload::user::user),
        "team": null,
        "rpc_origins": [],
        "redirect_uris": [],
        "interactions_endpoint_url": null,
        "role_connections_verification_url": null,
        "approximate_guild_count": world.guilds.len(),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
    });
    for (key, value) in world.profile().into_iter().flat_map(|it| &it.settings) {
        object[key] = value.clone();
    }
    object
}
