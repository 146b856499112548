//! A request as the handlers see it, and their answer.

use std::collections::HashMap;
use std::str::FromStr;

use serde_json::Value;

use crate::error_codes::ApiError;
use crate::rest::body::{File, Read};
use crate::rest::form::Form;
use crate::snowflake::{Snowflake, mix};
use crate::world::audit::By;

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// The path without the prefix, each part decoded: `["channels", "1", "messages"]`.
    pub(crate) parts: Vec<String>,
    pub(crate) query: HashMap<String, String>,
    /// `null` when there was none.
    pub(crate) body: Value,
    pub(crate) files: Vec<File>,
    pub(crate) is_multipart: bool,
    /// What the audit log should say about it.
    pub(crate) reason: Option<String>,
    /// Who asks.
    pub(crate) actor: Snowflake,
    pub(crate) gateway_url: String,
}

impl Call {
    /// The part of the path at `index`.
    pub(crate) fn part(&self, index: usize) -> &str {
        self.parts.get(index).map_or("", String::as_str)
    }

    /// The path without the prefix: `channels/1/messages`.
    pub(crate) fn path(&self) -> String {
        self.parts.join("/")
    }

    /// A user in the path at `index`; `@me` is the actor.
    ///
    /// # Errors
    /// 50035 when it is not a number.
    pub(crate) fn user(&self, index: usize) -> Result<Snowflake, ApiError> {
        match self.part(index) {
            "@me" => Ok(self.actor),
            _ => self.id(index),
        }
    }

    /// The `limit` of a page.
    ///
    /// # Errors
    /// 50035 when it is not between 1 and `most`.
    pub(crate) fn limit(&self, usual: usize, most: usize) -> Result<usize, ApiError> {
        let limit = self.query("limit")?.unwrap_or(usual);
        let message = format!("int value should be between 1 and {most}.");
        match (1..=most).contains(&limit) {
            true => Ok(limit),
            false => Err(ApiError::form(&["limit"], "NUMBER_TYPE_MAX", &message)),
        }
    }

    /// The body as one that describes a message.
    pub(crate) fn form(&self) -> Form<'_> {
        Form {
            body: &self.body,
            files: &self.files,
        }
    }

    /// Who asks, and why, for the audit log.
    pub(crate) fn by(&self) -> By<'_> {
        By {
            actor: self.actor,
            reason: self.reason.as_deref(),
        }
    }

    /// Takes in the body.
    pub(crate) fn take(&mut self, read: Read) {
        self.body = read.json;
        self.files = read.files;
        self.is_multipart = read.is_multipart;
    }

    /// The id in the path at `index`.
    ///
    /// # Errors
    /// 50035 when it is not a number.
    pub(crate) fn id(&self, index: usize) -> Result<Snowflake, ApiError> {
        let text = self.part(index);
        text.parse().map_err(|_| {
            let message = format!("Value \"{text}\" is not snowflake.");
            ApiError::form(&["id"], "NUMBER_TYPE_COERCE", &message)
        })
    }

    /// A query parameter, when it is there.
    ///
    /// # Errors
    /// 50035 when it cannot be read.
    pub(crate) fn query<T: FromStr>(&self, key: &str) -> Result<Option<T>, ApiError> {
        let Some(text) = self.query.get(key) else {
            return Ok(None);
        };
        let value = text.parse().map_err(|_| {
            let message = format!("Value \"{text}\" is not valid.");
            ApiError::form(&[key], "NUMBER_TYPE_COERCE", &message)
        })?;
        Ok(Some(value))
    }

    /// A query parameter that may have several values; none when it is not there.
    ///
    /// # Errors
    /// 50035 when one of them cannot be read.
    pub(crate) fn list<T: FromStr>(&self, key: &str) -> Result<Vec<T>, ApiError> {
        let text = self.query.get(key).map_or("", String::as_str);
        let values = text.split(',').filter(|it| !it.is_empty());
        let values = values.map(|value| {
            let message = format!("Value \"{value}\" is not valid.");
            let wrong = |_| ApiError::form(&[key], "NUMBER_TYPE_COERCE", &message);
            value.parse().map_err(wrong)
        });
        values.collect()
    }

    /// A query parameter that is true or false, and false when it is not there. Clients write `1`
    /// as well as `true`.
    ///
    /// # Errors
    /// 50035 when it is neither.
    pub(crate) fn flag(&self, key: &str) -> Result<bool, ApiError> {
        let text = self.query.get(key).map_or("false", String::as_str);
        match text.to_lowercase().as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => self.query::<bool>(key).map(|flag| flag == Some(true)),
        }
    }

    /// What kind of request this is, without ids, tokens and emojis: `POST webhooks/{id}/{token}`.
    pub(crate) fn shape(&self) -> String {
        let has_token = self.has_token();
        let parts = self.parts.iter().enumerate().map(|(index, part)| {
            let part = part.as_str();
            if part.parse::<u64>().is_ok() {
                "{id}"
            } else if index == 2 && has_token {
                "{token}"
            } else if index == 5 && self.part(4) == "reactions" {
                "{emoji}"
            } else {
                part
            }
        });
        format!("{} {}", self.method, parts.collect::<Vec<_>>().join("/"))
    }

    /// Names the route, as clients see it: the same for each resource.
    pub(crate) fn bucket(&self) -> String {
        let shape = self.shape();
        let spread = shape
            .bytes()
            .fold(0, |sum, byte| mix(sum ^ u64::from(byte)));
        format!("{spread:016x}")
    }

    /// The top-level resource, for which limits are counted apart: its id, and with webhooks their
    /// token.
    pub(crate) fn resource(&self) -> String {
        match self.has_token() {
            true => self.parts[1..].iter().take(2).cloned().collect(),
            false => self.part(1).to_owned(),
        }
    }

    fn has_token(&self) -> bool {
        matches!(self.part(0), "interactions" | "webhooks")
    }
}

/// A part of a URL without its escapes: `%40me` is `@me`. What is no escape stays.
pub(crate) fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).filter(|_| *first == b'%');
        let digits = digits.and_then(|it| std::str::from_utf8(it).ok());
        match digits.and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The parameters of a query; several values of one are separated by commas.
pub(crate) fn query_of(query: &str) -> HashMap<String, String> {
    let mut parameters = HashMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(&value.replace('+', " "));
        let known: &mut String = parameters.entry(decoded(key)).or_default();
        if !known.is_empty() {
            known.push(',');
        }
        known.push_str(&value);
    }
    parameters
}

/// A status and perhaps a body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
}

impl Answer {
    pub(crate) fn ok(body: impl Into<Value>) -> Self {
        Self {
            status: 200,
            body: Some(body.into()),
        }
    }

    pub(crate) fn created(body: impl Into<Value>) -> Self {
        Self {
            status: 201,
            body: Some(body.into()),
        }
    }

    pub(crate) const fn nothing() -> Self {
        Self {
            status: 204,
            body: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(part: &str, expected: &str) {
        assert_eq!(decoded(part), expected);
    }

    #[test]
    fn several_values_of_a_parameter_stand_side_by_side() {
        let query = query_of("a=1&b=x%20y&a=2&c");
        let value = |key: &str| query.get(key).map(String::as_str);
        assert_eq!(
            (value("a"), value("b"), value("c")),
            (Some("1,2"), Some("x y"), Some(""))
        );
    }

    #[test]
    fn escapes_are_undone_and_everything_else_stays() {
        check("%40me", "@me");
        check("%F0%9F%94%A5", "🔥");
        check("100%", "100%");
        check("%4", "%4");
        check("%zz%2", "%zz%2");
        check("%FF", "\u{fffd}");
    }
}
