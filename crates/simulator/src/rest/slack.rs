//! What Slack's webhooks take, as a message of Discord's.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::payload::timestamp;
use crate::rest::fields::{self, Rule};

const BODY: [(&str, Rule); 4] = [
    ("text", Rule::Text(0, 2000)),
    ("username", Rule::Text(0, 80)),
    ("icon_url", Rule::Text(0, 2048)),
    ("attachments", Rule::Any),
];
const ATTACHMENT: &[&str] = &[
    "title",
    "title_link",
    "text",
    "color",
    "ts",
    "pretext",
    "footer",
    "footer_icon",
    "author_name",
    "author_link",
    "author_icon",
    "image_url",
    "thumb_url",
    "fields",
    "fallback",
    "mrkdwn_in",
];

/// Reads a message of Slack's.
///
/// # Errors
/// 50035 for a text that is too long.
pub(super) fn translated(body: &Value) -> Result<Value, ApiError> {
    let body = fields::checked(body, &BODY)?;
    let attachments = fields::list(&body, "attachments")?.unwrap_or_default();
    let embeds = attachments
        .iter()
        .map(embed)
        .collect::<Result<Vec<_>, _>>()?;
    let mut message = json!({ "content": body.get("text"), "embeds": embeds });
    for (own, theirs) in [("username", "username"), ("avatar_url", "icon_url")] {
        message[own] = body.get(theirs).cloned().unwrap_or_default();
    }
    Ok(message)
}

fn embed(attachment: &Value) -> Result<Value, ApiError> {
    let object = fields::object(attachment, ATTACHMENT)?;
    let mut embed = Map::new();
    for (own, theirs) in [
        ("title", "title"),
        ("url", "title_link"),
        ("description", "text"),
    ] {
        keep(&mut embed, own, object.get(theirs));
    }
    let color = object.get("color").and_then(Value::as_str).and_then(color);
    keep(&mut embed, "color", color.map(Value::from).as_ref());
    let at = object.get("ts").and_then(Value::as_i64);
    let at = at.and_then(|at| DateTime::<Utc>::from_timestamp(at, 0));
    let at = at.map(|at| Value::from(timestamp(at)));
    keep(&mut embed, "timestamp", at.as_ref());
    for (part, fields) in PARTS {
        let mut inner = Map::new();
        for (own, theirs) in *fields {
            keep(&mut inner, own, object.get(*theirs));
        }
        if !inner.is_empty() {
            embed.insert((*part).to_owned(), inner.into());
        }
    }
    let lines = fields::list(object, "fields")?.unwrap_or_default();
    let lines = lines.iter().map(|it| {
        json!({
            "name": it.get("title").or_else(|| it.get("name")),
            "value": it["value"],
            "inline": it["short"] == true || it["inline"] == true,
        })
    });
    embed.insert("fields".to_owned(), lines.collect());
    Ok(Value::Object(embed))
}

type Part = (&'static str, &'static [(&'static str, &'static str)]);

/// Parts of an embed, and what of an attachment they are made of.
const PARTS: &[Part] = &[
    (
        "author",
        &[
            ("name", "author_name"),
            ("url", "author_link"),
            ("icon_url", "author_icon"),
        ],
    ),
    ("footer", &[("text", "footer"), ("icon_url", "footer_icon")]),
    ("image", &[("url", "image_url")]),
    ("thumbnail", &[("url", "thumb_url")]),
];

fn keep(object: &mut Map<String, Value>, key: &str, value: Option<&Value>) {
    if let Some(value) = value.filter(|it| !it.is_null()) {
        object.insert(key.to_owned(), value.clone());
    }
}

/// A color by its digits, or one of Slack's three words.
fn color(text: &str) -> Option<u64> {
    match text {
        "good" => Some(0x2e_b8_86),
        "warning" => Some(0xda_a0_38),
        "danger" => Some(0xa3_02_00),
        digits => u64::from_str_radix(digits.trim_start_matches('#'), 16).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attachment_becomes_an_embed() {
        let body = json!({
            "text": "hello",
            "username": "ci",
            "attachments": [{
                "title": "Build",
                "title_link": "https://example.com",
                "color": "good",
                "footer": "now",
                "fields": [{ "title": "Took", "value": "1 s", "short": true }],
            }],
        });
        let message = translated(&body).unwrap();
        let embed = &message["embeds"][0];
        assert_eq!(
            (&message["content"], &message["username"]),
            (&json!("hello"), &json!("ci"))
        );
        assert_eq!(
            (&embed["url"], &embed["color"]),
            (&json!("https://example.com"), &json!(0x2e_b8_86))
        );
        assert_eq!(
            (&embed["footer"]["text"], &embed["fields"][0]["inline"]),
            (&json!("now"), &json!(true))
        );
        assert_eq!((color("#00ff00"), color("blue-ish")), (Some(0xff00), None));
    }
}
