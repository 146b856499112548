//! Discord's errors: an HTTP status, a JSON code, a message, and for forms the path of each fault.

use serde_json::{Map, Value, json};

/// A refusal in Discord's form, or a gap: something the simulator does not do.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    code: u32,
    message: String,
    errors: Option<Value>,
    /// In seconds.
    retry_after: Option<f64>,
    /// What is missing here, when this is not a refusal but a gap.
    pub(crate) gap: Option<String>,
}

/// One fault of a form.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    path: Vec<String>,
    code: String,
    message: String,
}

impl Fault {
    pub(crate) fn new(path: &[&str], code: &str, message: &str) -> Self {
        Self {
            path: path.iter().map(|step| (*step).to_owned()).collect(),
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }
}

impl ApiError {
    const fn new(status: u16, code: u32, message: String) -> Self {
        Self {
            status,
            code,
            message,
            errors: None,
            retry_after: None,
            gap: None,
        }
    }

    /// 501: the simulator does not know this, and says so instead of pretending.
    pub(crate) fn gap(what: impl Into<String>) -> Self {
        let what = what.into();
        let mut error = Self::new(501, 0, format!("not simulated: {what}"));
        error.gap = Some(what);
        error
    }

    /// 400 with code 50035 and one fault at `path`, such as `["embeds", "0", "title"]`.
    pub(crate) fn form(path: &[&str], code: &str, message: &str) -> Self {
        Self::form_of(vec![Fault::new(path, code, message)])
    }

    /// 400 with code 50035 and each of these faults at its path.
    pub(crate) fn form_of(faults: Vec<Fault>) -> Self {
        let mut errors = Value::Object(Map::new());
        for fault in faults {
            let mut place = &mut errors;
            for step in &fault.path {
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                place = &mut place[step.as_str()];
            }
            let entry = json!({ "code": fault.code, "message": fault.message });
            match place["_errors"].as_array_mut() {
                Some(known) => known.push(entry),
                None => *place = json!({ "_errors": [entry] }),
            }
        }
        let mut error = Self::new(400, 50035, "Invalid Form Body".to_owned());
        error.errors = Some(errors);
        error
    }

    /// The faults of a form, when it is that of a field of another.
    pub(crate) fn within(mut self, field: &str) -> Self {
        self.errors = self.errors.map(|errors| json!({ field: errors }));
        self
    }

    /// 429 with code 20016: the channel is in slow mode, for so many more seconds.
    pub(crate) fn slowed(seconds: f64) -> Self {
        let message = "This action cannot be performed due to slowmode rate limit.";
        let mut error = Self::new(429, 20016, message.to_owned());
        error.retry_after = Some(seconds);
        error
    }

    /// 400 with code 50109: the body is not JSON.
    pub(crate) fn not_json() -> Self {
        let message = "The request body contains invalid JSON.";
        Self::new(400, 50109, message.to_owned())
    }

    /// The body of the answer.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({ "message": self.message, "code": self.code });
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        if let Some(seconds) = self.retry_after {
            body["retry_after"] = json!(seconds);
            body["global"] = json!(false);
        }
        body
    }
}

macro_rules! errors {
    ($($name:ident = $status:literal $code:literal $message:literal;)*) => {
        impl ApiError {
            $(pub(crate) fn $name() -> Self {
                Self::new($status, $code, $message.to_owned())
            })*
        }
    };
}

errors! {
    owner_cannot_leave = 400 50055 "Invalid Guild";
    failed_to_ban = 400 500000 "Failed to ban users";
    wrong_count_to_delete = 400 50016 "Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 messages to delete";
    unauthorized = 401 0 "401: Unauthorized";
    only_bots = 403 20002 "Only bots can use this endpoint";
    not_found = 404 0 "404: Not Found";
    unknown_application = 404 10002 "Unknown Application";
    unknown_channel = 404 10003 "Unknown Channel";
    unknown_guild = 404 10004 "Unknown Guild";
    unknown_member = 404 10007 "Unknown Member";
    unknown_integration = 404 10005 "Unknown Integration";
    unknown_invite = 404 10006 "Unknown Invite";
    unknown_message = 404 10008 "Unknown Message";
    unknown_overwrite = 404 10009 "Unknown Overwrite";
    unknown_role = 404 10011 "Unknown Role";
    unknown_user = 404 10013 "Unknown User";
    unknown_emoji = 404 10014 "Unknown Emoji";
    unknown_reaction = 400 10014 "Unknown Emoji";
    unknown_webhook = 404 10015 "Unknown Webhook";
    unknown_entitlement = 404 10029 "Unknown Entitlement";
    unknown_ban = 404 10026 "Unknown Ban";
    unknown_template = 404 10057 "Unknown guild template";
    unknown_sticker = 404 10060 "Unknown sticker";
    unknown_sticker_pack = 404 10061 "Unknown sticker pack";
    unknown_sound = 404 10097 "Unknown sound";
    unknown_tag = 404 10087 "Unknown Tag";
    unknown_interaction = 404 10062 "Unknown interaction";
    unknown_command = 404 10063 "Unknown application command";
    unknown_command_permissions = 404 10066 "Unknown application command permissions";
    unknown_voice_state = 404 10065 "Unknown Voice State";
    unknown_stage = 404 10067 "Unknown Stage Instance";
    unknown_welcome_screen = 404 10069 "Unknown Guild Welcome Screen";
    unknown_scheduled_event = 404 10070 "Unknown Guild Scheduled Event";
    too_many_pins = 400 30003 "Maximum number of pins reached for the channel (250)";
    too_many_roles = 400 30005 "Maximum number of guild roles reached (250)";
    too_many_webhooks = 400 30007 "Maximum number of webhooks reached (15)";
    too_many_emojis = 400 30008 "Maximum number of emojis reached (50)";
    too_many_reactions = 400 30010 "Maximum number of reactions reached (20)";
    too_many_channels = 400 30013 "Maximum number of guild channels reached (500)";
    too_many_thread_members = 400 30033 "Maximum number of thread participants has been reached (1000)";
    too_many_moderation_rules = 400 30034 "Maximum number of Auto Moderation rules reached";
    too_many_sounds = 400 30045 "Maximum number of soundboard sounds reached (8)";
    too_many_stickers = 400 30039 "Maximum number of stickers reached (5)";
    template_exists = 400 30031 "A server template already exists";
    too_many_commands = 400 30032 "Maximum number of application commands reached (100).";
    too_large = 413 40005 "Request entity too large";
    banned = 403 40007 "The user is banned from this guild.";
    already_crossposted = 400 40033 "This message has already been crossposted.";
    not_in_voice = 400 40032 "Target user is not connected to voice.";
    tag_required = 400 40067 "A tag is required to create a forum post in this channel";
    already_acknowledged = 400 40060 "Interaction has already been acknowledged.";
    missing_access = 403 50001 "Missing Access";
    widget_disabled = 403 50004 "Widget Disabled";
    edit_by_other = 403 50005 "Cannot edit a message authored by another user";
    empty_message = 400 50006 "Cannot send an empty message";
    cannot_message_user = 400 50007 "Cannot send messages to this user";
    nothing_written = 400 50008 "Cannot send messages in a non-text channel";
    missing_permissions = 403 50013 "Missing Permissions";
    wrong_channel_type = 400 50024 "Cannot execute action on this channel type";
    not_while_direct = 403 50003 "Cannot execute action on a DM channel";
    wrong_message_kind = 403 50021 "Cannot execute action on a system message";
    too_old_to_delete = 400 50034 "A message provided was too old to bulk delete";
    invalid_sticker = 400 50081 "Invalid sticker sent";
    boosts_required = 400 50101 "This server needs more boosts to perform this action";
    archived_thread = 400 50083 "Thread is archived";
    stage_is_open = 400 150006 "The Stage is already open";
    reply_unread = 400 160002 "Cannot reply without permission to read message history";
    thread_exists = 400 160004 "A thread has already been created for this message";
    forward_with_content = 400 160011 "Forward messages cannot have additional content";
    forward_unread = 400 160014 "Cannot forward a message whose content you cannot read";
    blocked_by_moderation = 400 200000 "Message was blocked by automatic moderation";
    webhook_without_thread = 400 220001 "Webhooks posted to forum channels must have a thread_name or thread_id";
    webhook_with_two_threads = 400 220002 "Webhooks posted to forum channels cannot have both a thread_name and thread_id";
    webhook_without_forum = 400 220003 "Webhooks can only create threads in forum channels";
    onboarding_lacks = 400 350000 "Cannot enable onboarding, requirements are not met";
    poll_expired = 400 520001 "Poll expired";
    poll_not_edited = 400 520003 "Cannot edit a poll message";
    no_poll = 400 520006 "Cannot expire a non-poll message";
    invalid_webhook_token = 401 50027 "Invalid Webhook Token";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_error_nests_its_path() {
        let error = ApiError::form(&["embeds", "0", "title"], "BASE_TYPE_REQUIRED", "Required");
        assert_eq!(
            error.body()["errors"]["embeds"]["0"]["title"]["_errors"][0]["code"],
            "BASE_TYPE_REQUIRED"
        );
        assert_eq!(error.body()["code"], 50035);
    }

    #[test]
    fn several_faults_each_have_their_path() {
        let fault = |path: &[&str]| Fault::new(path, "X", "x");
        let error = ApiError::form_of(vec![fault(&["a"]), fault(&["b", "0"]), fault(&["a"])]);
        let errors = &error.body()["errors"];
        assert_eq!(errors["a"]["_errors"].as_array().map(Vec::len), Some(2));
        assert_eq!(errors["b"]["0"]["_errors"][0]["code"], "X");
    }
}
