//! The table of operations: everything that REST does here.
//!
//! Each row names Discord's operation, so the parity table of the documentation is made of it.

use crate::error_codes::ApiError;
use crate::rest::call::{Answer, Call};
use crate::rest::{
    applications, audit_log, bans, channels, commands, emojis, entitlements, guilds, integrations,
    interactions, invites, members, messages, moderation, overwrites, pins, polls, profile, prune,
    reactions, roles, scheduled_events, search, sounds, stages, stickers, templates, thread_lists,
    thread_members, threads, users, webhook_messages, webhooks, welcome, widget,
};
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

pub(crate) const fn route(
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

    pub(crate) fn fits(&self, call: &Call) -> bool {
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
    route("PATCH", "applications/@me", "update_my_application", profile::edit)
        .without("flags, addresses that Discord calls"),
    route("GET", "applications/*", "get_application", profile::read),
    route("PATCH", "applications/*", "update_application", profile::edit)
        .without("flags, addresses that Discord calls"),
    route("POST", "applications/*/attachment", "upload_application_attachment", profile::attach),
    route("GET", "applications/*/emojis", "list_application_emojis", profile::emojis),
    route("POST", "applications/*/emojis", "create_application_emoji", profile::create_emoji),
    route("GET", "applications/*/emojis/*", "get_application_emoji", profile::read_emoji),
    route("PATCH", "applications/*/emojis/*", "update_application_emoji", profile::edit_emoji),
    route("DELETE", "applications/*/emojis/*", "delete_application_emoji", profile::delete_emoji),
    route("GET", "applications/*/role-connections/metadata", "get_application_role_connections_metadata", profile::connections),
    route("PUT", "applications/*/role-connections/metadata", "update_application_role_connections_metadata", profile::set_connections),
    route("GET", "applications/*/entitlements", "get_entitlements", entitlements::list)
        .query(&["user_id", "guild_id", "sku_ids", "before", "after", "limit"])
        .without("those that were bought, or have ended"),
    route("POST", "applications/*/entitlements", "create_entitlement", entitlements::create)
        .without("the goods themselves"),
    route("GET", "applications/*/entitlements/*", "get_entitlement", entitlements::read),
    route("DELETE", "applications/*/entitlements/*", "delete_entitlement", entitlements::delete),
    route("POST", "applications/*/entitlements/*/consume", "consume_entitlement", entitlements::consume),
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
    route("GET", "applications/*/guilds/*/commands/permissions", "list_guild_application_command_permissions", commands::permissions),
    route("GET", "applications/*/guilds/*/commands/*/permissions", "get_guild_application_command_permissions", commands::permissions_of),
    route("GET", "applications/*/guilds/*/commands/*", "get_guild_application_command", commands::read),
    route("PATCH", "applications/*/guilds/*/commands/*", "update_guild_application_command", commands::edit),
    route("DELETE", "applications/*/guilds/*/commands/*", "delete_guild_application_command", commands::delete),

    route("POST", "interactions/*/*/callback", "create_interaction_response", interactions::answer)
        .open().query(&["with_response"])
        .without("activities"),
    route("POST", "webhooks/*/*", "execute_webhook", webhook_messages::execute)
        .open().query(&["wait", "thread_id", "with_components"]),
    route("POST", "webhooks/*/*/slack", "execute_slack_compatible_webhook", webhook_messages::execute_slack)
        .open().query(&["wait", "thread_id"]),
    route("GET", "webhooks/*/*", "get_webhook_by_token", webhooks::read_by_token).open(),
    route("PATCH", "webhooks/*/*", "update_webhook_by_token", webhooks::change_by_token).open(),
    route("DELETE", "webhooks/*/*", "delete_webhook_by_token", webhooks::drop_by_token).open(),
    route("GET", "webhooks/*/*/messages/@original", "get_original_webhook_message", webhook_messages::read)
        .open().query(&["thread_id"]),
    route("PATCH", "webhooks/*/*/messages/@original", "update_original_webhook_message", webhook_messages::edit)
        .open().query(&["thread_id", "with_components"]),
    route("DELETE", "webhooks/*/*/messages/@original", "delete_original_webhook_message", webhook_messages::delete)
        .open().query(&["thread_id"]),
    route("GET", "webhooks/*/*/messages/*", "get_webhook_message", webhook_messages::read)
        .open().query(&["thread_id"]),
    route("PATCH", "webhooks/*/*/messages/*", "update_webhook_message", webhook_messages::edit)
        .open().query(&["thread_id", "with_components"]),
    route("DELETE", "webhooks/*/*/messages/*", "delete_webhook_message", webhook_messages::delete)
        .open().query(&["thread_id"]),
    route("GET", "webhooks/*", "get_webhook", webhooks::read_own),
    route("PATCH", "webhooks/*", "update_webhook", webhooks::change_own),
    route("DELETE", "webhooks/*", "delete_webhook", webhooks::drop_own),

    route("GET", "users/@me", "get_my_user", users::own),
    route("PATCH", "users/@me", "update_my_user", users::edit_own),
    route("GET", "users/@me/guilds", "list_my_guilds", users::guilds)
        .query(&["before", "after", "limit", "with_counts"]),
    route("DELETE", "users/@me/guilds/*", "leave_guild", guilds::leave),
    route("GET", "users/@me/guilds/*/member", "get_my_guild_member", members::read_own),
    route("POST", "users/@me/channels", "create_dm", users::open_direct)
        .without("group messages"),
    route("GET", "users/*", "get_user", users::read),

    route("GET", "channels/*", "get_channel", channels::read),
    route("PATCH", "channels/*", "update_channel", channels::edit)
        .without("group messages"),
    route("DELETE", "channels/*", "delete_channel", channels::delete),
    route("POST", "channels/*/typing", "trigger_typing_indicator", channels::typing),
    route("PUT", "channels/*/permissions/*", "set_channel_permission_overwrite", overwrites::set),
    route("DELETE", "channels/*/permissions/*", "delete_channel_permission_overwrite", overwrites::delete),
    route("GET", "channels/*/invites", "list_channel_invites", invites::of_channel),
    route("POST", "channels/*/invites", "create_channel_invite", invites::create),
    route("GET", "channels/*/webhooks", "list_channel_webhooks", webhooks::of_channel),
    route("POST", "channels/*/webhooks", "create_webhook", webhooks::create),

    route("GET", "channels/*/messages", "list_messages", messages::list)
        .query(&["around", "before", "after", "limit"]),
    route("POST", "channels/*/messages", "create_message", messages::create),
    route("POST", "channels/*/messages/bulk-delete", "bulk_delete_messages", messages::delete_many),
    route("GET", "channels/*/messages/pins", "list_pins", pins::list)
        .query(&["before", "limit"]),
    route("PUT", "channels/*/messages/pins/*", "create_pin", pins::add),
    route("DELETE", "channels/*/messages/pins/*", "delete_pin", pins::take),
    route("GET", "channels/*/pins", "deprecated_list_pins", pins::list_all),
    route("PUT", "channels/*/pins/*", "deprecated_create_pin", pins::add),
    route("DELETE", "channels/*/pins/*", "deprecated_delete_pin", pins::take),
    route("GET", "channels/*/messages/*", "get_message", messages::read),
    route("PATCH", "channels/*/messages/*", "update_message", messages::edit),
    route("DELETE", "channels/*/messages/*", "delete_message", messages::delete),
    route("POST", "channels/*/followers", "follow_channel", channels::follow),
    route("POST", "channels/*/messages/*/crosspost", "crosspost_message", messages::crosspost),
    route("GET", "channels/*/polls/*/answers/*", "get_answer_voters", polls::voters)
        .query(&["after", "limit"]),
    route("POST", "channels/*/polls/*/expire", "poll_expire", polls::expire),
    route("DELETE", "channels/*/messages/*/reactions", "delete_all_message_reactions", reactions::clear),
    route("GET", "channels/*/messages/*/reactions/*", "list_message_reactions_by_emoji", reactions::list)
        .query(&["after", "limit", "type"]),
    route("DELETE", "channels/*/messages/*/reactions/*", "delete_all_message_reactions_by_emoji", reactions::clear_emoji),
    route("PUT", "channels/*/messages/*/reactions/*/@me", "add_my_message_reaction", reactions::add),
    route("DELETE", "channels/*/messages/*/reactions/*/@me", "delete_my_message_reaction", reactions::take),
    route("DELETE", "channels/*/messages/*/reactions/*/*", "delete_user_message_reaction", reactions::take),

    route("POST", "channels/*/messages/*/threads", "create_thread_from_message", threads::create_at),
    route("POST", "channels/*/threads", "create_thread", threads::create_alone),
    route("GET", "channels/*/thread-members", "list_thread_members", thread_members::list)
        .query(&["with_member", "limit", "after"]),
    route("PUT", "channels/*/thread-members/@me", "join_thread", thread_members::add),
    route("DELETE", "channels/*/thread-members/@me", "leave_thread", thread_members::delete),
    route("GET", "channels/*/thread-members/*", "get_thread_member", thread_members::read)
        .query(&["with_member"]),
    route("PUT", "channels/*/thread-members/*", "add_thread_member", thread_members::add),
    route("DELETE", "channels/*/thread-members/*", "delete_thread_member", thread_members::delete),
    route("GET", "channels/*/threads/search", "thread_search", search::posts)
        .query(&["name", "tag", "tag_setting", "archived", "sort_by", "sort_order", "limit", "offset", "min_id", "max_id"])
        .without("words that are nearly the same, order by relevance"),
    route("GET", "guilds/*/messages/search", "guild_search", search::messages)
        .query(&["content", "author_id", "author_type", "channel_id", "mentions", "mentions_role_id", "mention_everyone", "replied_to_message_id", "pinned", "has", "attachment_extension", "min_id", "max_id", "sort_by", "sort_order", "limit", "offset"])
        .without("words that are nearly the same, order by relevance, hosts of links, kinds of embeds, names of files"),
    route("GET", "channels/*/threads/archived/public", "list_public_archived_threads", thread_lists::archived_public)
        .query(&["before", "limit"]),
    route("GET", "channels/*/threads/archived/private", "list_private_archived_threads", thread_lists::archived_private)
        .query(&["before", "limit"]),
    route("GET", "channels/*/users/@me/threads/archived/private", "list_my_private_archived_threads", thread_lists::archived_own)
        .query(&["before", "limit"]),

    route("GET", "invites/*", "invite_resolve", invites::read)
        .query(&["with_counts", "guild_scheduled_event_id", "with_expiration"]),
    route("DELETE", "invites/*", "invite_revoke", invites::delete),
    route("GET", "voice/regions", "list_voice_regions", guilds::regions),

    route("GET", "guilds/templates/*", "get_guild_template", templates::read).open(),
    route("GET", "guilds/*/templates", "list_guild_templates", templates::list),
    route("POST", "guilds/*/templates", "create_guild_template", templates::create),
    route("PUT", "guilds/*/templates/*", "sync_guild_template", templates::sync),
    route("PATCH", "guilds/*/templates/*", "update_guild_template", templates::edit),
    route("DELETE", "guilds/*/templates/*", "delete_guild_template", templates::delete),
    route("GET", "guilds/*/welcome-screen", "get_guild_welcome_screen", welcome::screen),
    route("PATCH", "guilds/*/welcome-screen", "update_guild_welcome_screen", welcome::edit_screen),
    route("GET", "guilds/*/new-member-welcome", "get_guild_new_member_welcome", welcome::guide),
    route("GET", "guilds/*/onboarding", "get_guilds_onboarding", welcome::onboarding),
    route("PUT", "guilds/*/onboarding", "put_guilds_onboarding", welcome::set_onboarding),
    route("GET", "guilds/*/widget", "get_guild_widget_settings", widget::settings),
    route("PATCH", "guilds/*/widget", "update_guild_widget_settings", widget::edit),
    route("GET", "guilds/*/widget.json", "get_guild_widget", widget::read).open(),
    route("GET", "guilds/*/vanity-url", "get_guild_vanity_url", widget::vanity),
    route("GET", "guilds/*/integrations", "list_guild_integrations", integrations::list),
    route("DELETE", "guilds/*/integrations/*", "delete_guild_integration", integrations::delete),
    route("PUT", "guilds/*/incident-actions", "update_guild_incident_actions", guilds::set_incidents),
    route("GET", "guilds/*", "get_guild", guilds::read)
        .query(&["with_counts"]),
    route("PATCH", "guilds/*", "update_guild", guilds::edit),
    route("GET", "guilds/*/preview", "get_guild_preview", guilds::preview),
    route("GET", "guilds/*/regions", "list_guild_voice_regions", guilds::own_regions),
    route("GET", "guilds/*/channels", "list_guild_channels", channels::list),
    route("POST", "guilds/*/channels", "create_guild_channel", channels::create),
    route("PATCH", "guilds/*/channels", "bulk_update_guild_channels", channels::reorder),
    route("GET", "guilds/*/roles", "list_guild_roles", roles::list),
    route("POST", "guilds/*/roles", "create_guild_role", roles::create),
    route("PATCH", "guilds/*/roles", "bulk_update_guild_roles", roles::reorder),
    route("GET", "guilds/*/roles/member-counts", "guild_role_member_counts", roles::counts),
    route("GET", "guilds/*/roles/*", "get_guild_role", roles::read),
    route("PATCH", "guilds/*/roles/*", "update_guild_role", roles::edit),
    route("DELETE", "guilds/*/roles/*", "delete_guild_role", roles::delete),
    route("GET", "guilds/*/members", "list_guild_members", members::list)
        .query(&["limit", "after"]),
    route("GET", "guilds/*/members/search", "search_guild_members", members::search)
        .query(&["limit", "query"]),
    route("PATCH", "guilds/*/members/@me", "update_my_guild_member", members::edit_own),
    route("GET", "guilds/*/members/*", "get_guild_member", members::read),
    route("PATCH", "guilds/*/members/*", "update_guild_member", members::edit),
    route("DELETE", "guilds/*/members/*", "delete_guild_member", members::kick),
    route("PUT", "guilds/*/members/*/roles/*", "add_guild_member_role", members::give_role),
    route("DELETE", "guilds/*/members/*/roles/*", "delete_guild_member_role", members::take_role),
    route("GET", "guilds/*/prune", "preview_prune_guild", prune::count)
        .query(&["days", "include_roles"]),
    route("POST", "guilds/*/prune", "prune_guild", prune::prune),
    route("GET", "guilds/*/bans", "list_guild_bans", bans::list)
        .query(&["limit", "before", "after"]),
    route("GET", "guilds/*/bans/*", "get_guild_ban", bans::read),
    route("PUT", "guilds/*/bans/*", "ban_user_from_guild", bans::create)
        .query(&["delete_message_seconds"]),
    route("DELETE", "guilds/*/bans/*", "unban_user_from_guild", bans::delete),
    route("POST", "guilds/*/bulk-ban", "bulk_ban_users_from_guild", bans::create_many),
    route("GET", "guilds/*/audit-logs", "list_guild_audit_log_entries", audit_log::list)
        .query(&["user_id", "target_id", "action_type", "before", "after", "limit"]),
    route("GET", "guilds/*/emojis", "list_guild_emojis", emojis::list),
    route("POST", "guilds/*/emojis", "create_guild_emoji", emojis::create),
    route("GET", "guilds/*/emojis/*", "get_guild_emoji", emojis::read),
    route("PATCH", "guilds/*/emojis/*", "update_guild_emoji", emojis::edit),
    route("DELETE", "guilds/*/emojis/*", "delete_guild_emoji", emojis::delete),
    route("GET", "guilds/*/auto-moderation/rules", "list_auto_moderation_rules", moderation::list),
    route("POST", "guilds/*/auto-moderation/rules", "create_auto_moderation_rule", moderation::create)
        .without("what spam, Discord's own lists and names of members would find"),
    route("GET", "guilds/*/auto-moderation/rules/*", "get_auto_moderation_rule", moderation::read),
    route("PATCH", "guilds/*/auto-moderation/rules/*", "update_auto_moderation_rule", moderation::edit)
        .without("what spam, Discord's own lists and names of members would find"),
    route("DELETE", "guilds/*/auto-moderation/rules/*", "delete_auto_moderation_rule", moderation::delete),
    route("GET", "soundboard-default-sounds", "get_soundboard_default_sounds", sounds::default),
    route("GET", "guilds/*/soundboard-sounds", "list_guild_soundboard_sounds", sounds::list),
    route("POST", "guilds/*/soundboard-sounds", "create_guild_soundboard_sound", sounds::create),
    route("GET", "guilds/*/soundboard-sounds/*", "get_guild_soundboard_sound", sounds::read),
    route("PATCH", "guilds/*/soundboard-sounds/*", "update_guild_soundboard_sound", sounds::edit),
    route("DELETE", "guilds/*/soundboard-sounds/*", "delete_guild_soundboard_sound", sounds::delete),
    route("POST", "stage-instances", "create_stage_instance", stages::create),
    route("GET", "stage-instances/*", "get_stage_instance", stages::read),
    route("PATCH", "stage-instances/*", "update_stage_instance", stages::edit),
    route("DELETE", "stage-instances/*", "delete_stage_instance", stages::delete),
    route("GET", "guilds/*/voice-states/@me", "get_self_voice_state", stages::voice_state),
    route("PATCH", "guilds/*/voice-states/@me", "update_self_voice_state", stages::edit_voice_state),
    route("GET", "guilds/*/voice-states/*", "get_voice_state", stages::voice_state),
    route("PATCH", "guilds/*/voice-states/*", "update_voice_state", stages::edit_voice_state),
    route("PUT", "channels/*/voice-status", "update_voice_channel_status", stages::set_status),
    route("GET", "sticker-packs", "list_sticker_packs", stickers::packs),
    route("GET", "sticker-packs/*", "get_sticker_pack", stickers::read_pack),
    route("GET", "stickers/*", "get_sticker", stickers::read_any),
    route("GET", "guilds/*/stickers", "list_guild_stickers", stickers::list),
    route("POST", "guilds/*/stickers", "create_guild_sticker", stickers::create),
    route("GET", "guilds/*/stickers/*", "get_guild_sticker", stickers::read),
    route("PATCH", "guilds/*/stickers/*", "update_guild_sticker", stickers::edit),
    route("DELETE", "guilds/*/stickers/*", "delete_guild_sticker", stickers::delete),
    route("GET", "guilds/*/invites", "list_guild_invites", invites::of_guild),
    route("GET", "guilds/*/webhooks", "get_guild_webhooks", webhooks::of_guild),
    route("GET", "guilds/*/threads/active", "get_active_guild_threads", thread_lists::active),
    route("GET", "guilds/*/scheduled-events", "list_guild_scheduled_events", scheduled_events::list)
        .query(&["with_user_count"]),
    route("POST", "guilds/*/scheduled-events", "create_guild_scheduled_event", scheduled_events::create),
    route("GET", "guilds/*/scheduled-events/*", "get_guild_scheduled_event", scheduled_events::read)
        .query(&["with_user_count"]),
    route("PATCH", "guilds/*/scheduled-events/*", "update_guild_scheduled_event", scheduled_events::edit),
    route("DELETE", "guilds/*/scheduled-events/*", "delete_guild_scheduled_event", scheduled_events::delete),
    route("GET", "guilds/*/scheduled-events/*/users/counts", "count_guild_scheduled_event_users", scheduled_events::count)
        .without("exceptions"),
    route("GET", "guilds/*/scheduled-events/*/users", "list_guild_scheduled_event_users", scheduled_events::users)
        .query(&["with_member", "limit", "before", "after"]),
];
