//! Where Discord's file differs from what Discord does: each row with its reason.
//!
//! A row replaces one value of the file, so that everything around it stays held.

use serde_json::Value;

struct Correction {
    /// A JSON pointer to what is replaced.
    pointer: &'static str,
    /// JSON.
    value: &'static str,
    reason: &'static str,
}

const WORDS: &str = "Faults of a form have words for codes, such as BASE_TYPE_REQUIRED.";
const BITS: &str = "Permissions are strings on the wire, and every library sends them so.";
const BITS_OF: &str = r#"["integer", "string", "null"]"#;

const fn bits(pointer: &'static str) -> Correction {
    Correction {
        pointer,
        value: BITS_OF,
        reason: BITS,
    }
}

const MEDIA: &str = "A media channel is of type 16, as Discord's page on channels says.";

const fn media(pointer: &'static str) -> Correction {
    Correction {
        pointer,
        value: "[0, 2, 4, 5, 13, 14, 15, 16]",
        reason: MEDIA,
    }
}

const CORRECTIONS: &[Correction] = &[
    Correction {
        pointer: "/components/schemas/Error/properties/code/type",
        value: r#"["integer", "string"]"#,
        reason: WORDS,
    },
    bits(
        "/components/schemas/ApplicationCommandCreateRequest/properties/default_member_permissions/type",
    ),
    bits(
        "/components/schemas/ApplicationCommandPatchRequestPartial/properties/default_member_permissions/type",
    ),
    bits(
        "/components/schemas/ApplicationCommandUpdateRequest/properties/default_member_permissions/type",
    ),
    bits(
        "/paths/~1channels~1{channel_id}~1permissions~1{overwrite_id}/put/requestBody/content/application~1json/schema/properties/allow/type",
    ),
    bits(
        "/paths/~1channels~1{channel_id}~1permissions~1{overwrite_id}/put/requestBody/content/application~1json/schema/properties/deny/type",
    ),
    bits("/components/schemas/ChannelPermissionOverwriteRequest/properties/allow/type"),
    bits("/components/schemas/ChannelPermissionOverwriteRequest/properties/deny/type"),
    bits("/components/schemas/CreateRoleRequest/properties/permissions/type"),
    bits("/components/schemas/UpdateRoleRequestPartial/properties/permissions/type"),
    Correction {
        pointer: "/paths/~1guilds~1{guild_id}~1bans~1{user_id}/delete/requestBody/required",
        value: "false",
        reason: "Lifting a ban has nothing to say, and no library sends a body with it.",
    },
    Correction {
        pointer: "/paths/~1guilds~1{guild_id}~1bans~1{user_id}/put/requestBody/required",
        value: "false",
        reason: "discord.py bans without a body, and says in the address what it would hold.",
    },
    Correction {
        pointer: "/components/schemas/MessageAttachmentRequest/properties/id",
        value: r#"{ "type": ["integer", "string"], "pattern": "^(0|[1-9][0-9]*)$" }"#,
        reason: "A new file is named by its number, as in Discord's own examples.",
    },
    Correction {
        pointer: "/components/schemas/ApplicationFormPartial/properties/description/type",
        value: r#"["string", "object", "null"]"#,
        reason: "A description is a text, as Discord's page on applications says.",
    },
    Correction {
        pointer: "/components/schemas/ChannelTypes/oneOf",
        value: r#"[{ "enum": [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16] }]"#,
        reason: MEDIA,
    },
    media("/components/schemas/GuildChannelResponse/properties/type/enum"),
    media("/components/schemas/CreateGuildChannelRequest/properties/type/oneOf/1/enum"),
    media("/components/schemas/UpdateGuildChannelRequestPartial/properties/type/oneOf/1/enum"),
    Correction {
        pointer: "/components/schemas/MessageReferenceType/oneOf",
        value: r#"[{ "const": 0 }, { "const": 1 }]"#,
        reason: "Forwarding is type 1, as Discord's page on messages says.",
    },
    Correction {
        pointer: "/components/schemas/RatelimitedResponse/allOf/0",
        value: r#"{ "type": "object", "required": ["message"] }"#,
        reason: "A refusal by rate has a code only sometimes, as Discord's page on rate limits says.",
    },
];

/// What Discord takes, and does not give.
const OF_REQUESTS: &[Correction] = &[Correction {
    pointer: "/components/schemas/SnowflakeType",
    value: r#"{ "type": ["integer", "string"], "pattern": "^(0|[1-9][0-9]*)$" }"#,
    reason: "Ids are taken as numbers too, and discord.py writes most of them so.",
}];

/// Applies every row.
///
/// # Errors
/// A row that points nowhere: the file has changed, and the row must be looked at again.
pub(crate) fn apply(document: &mut Value) -> Result<(), String> {
    apply_rows(CORRECTIONS, document)
}

/// Applies the rows that hold only for requests.
///
/// # Errors
/// As [`apply`].
pub(crate) fn apply_to_requests(document: &mut Value) -> Result<(), String> {
    apply_rows(OF_REQUESTS, document)
}

fn apply_rows(rows: &[Correction], document: &mut Value) -> Result<(), String> {
    for row in rows {
        let Some(place) = document.pointer_mut(row.pointer) else {
            return Err(format!(
                "{}: expected to correct it: {}",
                row.pointer, row.reason
            ));
        };
        *place =
            serde_json::from_str(row.value).map_err(|error| format!("{}: {error}", row.pointer))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_points_nowhere_is_an_error_with_its_reason() {
        let error = apply(&mut Value::Null).unwrap_err();
        assert!(error.ends_with(CORRECTIONS[0].reason), "{error}");
    }
}
