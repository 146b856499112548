//! The table of operations: everything that REST does here.
//!
//! Each row names Discord's operation, so the parity table of the documentation is made of it.

use crate::error_codes::ApiError;
use crate::rest::call::{Answer, Call};
use crate::rest::{applications, channels, commands, guilds, interactions, messages};
use crate::rest::{users, webhooks};
use crate::world::World;

type Handler = fn(&mut World, &Call) -> Result<Answer, ApiError>;

/// One operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// `*` stands for any part.
    pub(crate) path: &'static str,
    /// The `operationId` in Discord's own file.
    pub(crate) operation: &'static str,
    pub(crate) handler: Handler,
    /// Whether the bot's token is needed.
    pub(crate) needs_bot: bool,
    /// The query parameters that are honoured.
    pub(crate) query: &'static [&'static str],
    /// What is missing of the operation; empty when nothing is.
    pub(crate) missing: &'static str,
}

const fn route(
    method: &'static str,
    path: &'static str,
    operation: &'static str,
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        operation,
        handler,
        needs_bot: true,
        query: &[],
        missing: "",
    }
}

impl Route {
    /// The token stands in the path, or none is needed.
    const fn open(mut self) -> Self {
        self.needs_bot = false;
        self
    }

    const fn query(mut self, names: &'static [&'static str]) -> Self {
        self.query = names;
        self
    }

    const fn without(mut self, missing: &'static str) -> Self {
        self.missing = missing;
        self
    }

    fn fits(&self, call: &Call) -> bool {
        let own = self.path.split('/');
        self.method == call.method
            && own.clone().count() == call.parts.len()
            && own
                .zip(&call.parts)
                .all(|(own, part)| own == "*" || own == part)
    }

    /// # Errors
    /// A gap that names the first query parameter that is not honoured.
    pub(crate) fn check_query(&self, call: &Call) -> Result<(), ApiError> {
        let mut names: Vec<_> = call.query.keys().collect();
        names.sort();
        let unknown = names
            .into_iter()
            .find(|name| !self.query.contains(&name.as_str()));
        unknown.map_or(Ok(()), |name| {
            Err(ApiError::gap(format!("query parameter `{name}`")))
        })
    }
}

/// Finds the operation of a request.
///
/// # Errors
/// A gap when there is none.
pub(crate) fn find(call: &Call) -> Result<&'static Route, ApiError> {
    let mut fits = ROUTES.iter().filter(|route| route.fits(call));
    fits.next().ok_or_else(|| ApiError::gap("unknown route"))
}

/// Of two rows that fit, the first counts.
#[rustfmt::skip]
pub(crate) const ROUTES: &[Route] = &[
    route("GET", "gateway", "get_gateway", applications::gateway).open(),
    route("GET", "gateway/bot", "get_bot_gateway", applications::gateway_bot),
    route("GET", "applications/@me", "get_my_application", applications::own),
    route("GET", "oauth2/applications/@me", "get_my_oauth2_application", applications::own),

    route("GET", "applications/*/commands", "list_application_commands", commands::list)
        .query(&["with_localizations"]),
    route("PUT", "applications/*/commands", "bulk_set_application_commands", commands::replace),
    route("POST", "applications/*/commands", "create_application_command", commands::create),
    route("GET", "applications/*/commands/*", "get_application_command", commands::read),
    route("PATCH", "applications/*/commands/*", "update_application_command", commands::edit),
    route("DELETE", "applications/*/commands/*", "delete_application_command", commands::delete),
    route("GET", "applications/*/guilds/*/commands", "list_guild_application_commands", commands::list)
        .query(&["with_localizations"]),
    route("PUT", "applications/*/guilds/*/commands", "bulk_set_guild_application_commands", commands::replace),
    route("POST", "applications/*/guilds/*/commands", "create_guild_application_command", commands::create),
    route("GET", "applications/*/guilds/*/commands/*", "get_guild_application_command", commands::read),
    route("PATCH", "applications/*/guilds/*/commands/*", "update_guild_application_command", commands::edit),
    route("DELETE", "applications/*/guilds/*/commands/*", "delete_guild_application_command", commands::delete),

    route("POST", "interactions/*/*/callback", "create_interaction_response", interactions::answer)
        .open().query(&["with_response"]),
    route("POST", "webhooks/*/*", "execute_webhook", webhooks::follow_up)
        .open().query(&["wait"]),
    route("GET", "webhooks/*/*/messages/@original", "get_original_webhook_message", webhooks::read).open(),
    route("PATCH", "webhooks/*/*/messages/@original", "update_original_webhook_message", webhooks::edit).open(),
    route("DELETE", "webhooks/*/*/messages/@original", "delete_original_webhook_message", webhooks::delete).open(),
    route("GET", "webhooks/*/*/messages/*", "get_webhook_message", webhooks::read).open(),
    route("PATCH", "webhooks/*/*/messages/*", "update_webhook_message", webhooks::edit).open(),
    route("DELETE", "webhooks/*/*/messages/*", "delete_webhook_message", webhooks::delete).open(),

    route("GET", "users/@me", "get_my_user", users::own),
    route("GET", "users/@me/guilds", "list_my_guilds", users::guilds)
        .query(&["after", "limit"]),
    route("POST", "users/@me/channels", "create_dm", users::open_direct),
    route("GET", "users/*", "get_user", users::read),

    route("GET", "channels/*", "get_channel", channels::read),
    route("POST", "channels/*/typing", "trigger_typing_indicator", channels::typing),
    route("GET", "channels/*/messages", "list_messages", messages::list)
        .query(&["around", "before", "after", "limit"]),
    route("POST", "channels/*/messages", "create_message", messages::create),
    route("GET", "channels/*/messages/*", "get_message", messages::read),
    route("PATCH", "channels/*/messages/*", "update_message", messages::edit),
    route("DELETE", "channels/*/messages/*", "delete_message", messages::delete),

    route("GET", "guilds/*", "get_guild", guilds::read)
        .query(&["with_counts"]),
    route("GET", "guilds/*/channels", "list_guild_channels", guilds::channels),
    route("GET", "guilds/*/roles", "list_guild_roles", guilds::roles),
    route("GET", "guilds/*/members", "list_guild_members", guilds::members)
        .query(&["limit", "after"]),
    route("GET", "guilds/*/members/*", "get_guild_member", guilds::member),
    route("PUT", "guilds/*/members/*/roles/*", "add_guild_member_role", guilds::give_role),
    route("DELETE", "guilds/*/members/*/roles/*", "delete_guild_member_role", guilds::take_role),
];
