//! The table of operations: everything that REST does here.

use crate::error_codes::ApiError;
use crate::rest::call::{Answer, Call};
use crate::rest::{applications, channels, commands, guilds, interactions, messages};
use crate::rest::{users, webhooks};
use crate::world::World;

type Handler = fn(&mut World, &Call) -> Result<Answer, ApiError>;

pub(crate) struct Route {
    pub(crate) handler: Handler,
    /// Whether the bot's token is needed.
    pub(crate) is_authorized: bool,
}

/// Finds the operation of a request.
///
/// # Errors
/// A gap when there is none.
pub(crate) fn find(call: &Call) -> Result<Route, ApiError> {
    let parts: Vec<_> = call.path.split('/').collect();
    let open = |handler| Route {
        handler,
        is_authorized: false,
    };
    if let Some(handler) = by_token(&call.method, &parts) {
        return Ok(open(handler));
    }
    let handler = by_bot(&call.method, &parts);
    let handler = handler.ok_or_else(|| ApiError::gap("unknown route"))?;
    Ok(Route {
        handler,
        is_authorized: true,
    })
}

/// Routes that need no bot: open ones, and those whose path holds the token of an interaction.
fn by_token(method: &str, parts: &[&str]) -> Option<Handler> {
    Some(match (method, parts) {
        ("GET", ["gateway"]) => applications::gateway,
        ("POST", ["interactions", _, _, "callback"]) => interactions::answer,
        ("POST", ["webhooks", _, _]) => webhooks::follow_up,
        ("GET", ["webhooks", _, _, "messages", _]) => webhooks::read,
        ("PATCH", ["webhooks", _, _, "messages", _]) => webhooks::edit,
        ("DELETE", ["webhooks", _, _, "messages", _]) => webhooks::delete,
        _ => return None,
    })
}

#[rustfmt::skip]
fn by_bot(method: &str, parts: &[&str]) -> Option<Handler> {
    Some(match (method, parts) {
        ("GET", ["gateway", "bot"]) => applications::gateway_bot,
        ("GET", ["applications", "@me"] | ["oauth2", "applications", "@me"]) => applications::own,

        ("GET", ["applications", _, "commands"]) => commands::list,
        ("PUT", ["applications", _, "commands"]) => commands::replace,
        ("POST", ["applications", _, "commands"]) => commands::create,
        ("GET", ["applications", _, "commands", _]) => commands::read,
        ("PATCH", ["applications", _, "commands", _]) => commands::edit,
        ("DELETE", ["applications", _, "commands", _]) => commands::delete,
        ("GET", ["applications", _, "guilds", _, "commands"]) => commands::list,
        ("PUT", ["applications", _, "guilds", _, "commands"]) => commands::replace,
        ("POST", ["applications", _, "guilds", _, "commands"]) => commands::create,
        ("GET", ["applications", _, "guilds", _, "commands", _]) => commands::read,
        ("PATCH", ["applications", _, "guilds", _, "commands", _]) => commands::edit,
        ("DELETE", ["applications", _, "guilds", _, "commands", _]) => commands::delete,

        ("GET", ["users", "@me"]) => users::own,
        ("GET", ["users", "@me", "guilds"]) => users::guilds,
        ("POST", ["users", "@me", "channels"]) => users::open_direct,
        ("GET", ["users", _]) => users::read,

        ("GET", ["channels", _]) => channels::read,
        ("POST", ["channels", _, "typing"]) => channels::typing,
        ("GET", ["channels", _, "messages"]) => messages::list,
        ("POST", ["channels", _, "messages"]) => messages::create,
        ("GET", ["channels", _, "messages", _]) => messages::read,
        ("PATCH", ["channels", _, "messages", _]) => messages::edit,
        ("DELETE", ["channels", _, "messages", _]) => messages::delete,

        ("GET", ["guilds", _]) => guilds::read,
        ("GET", ["guilds", _, "channels"]) => guilds::channels,
        ("GET", ["guilds", _, "roles"]) => guilds::roles,
        ("GET", ["guilds", _, "members"]) => guilds::members,
        ("GET", ["guilds", _, "members", _]) => guilds::member,
        ("PUT", ["guilds", _, "members", _, "roles", _]) => guilds::give_role,
        ("DELETE", ["guilds", _, "members", _, "roles", _]) => guilds::take_role,
        _ => return None,
    })
}
