//! A request as the handlers see it, and their answer.

use std::collections::HashMap;
use std::str::FromStr;

use serde_json::Value;

use crate::error_codes::ApiError;
use crate::snowflake::{Snowflake, mix};

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// Without the prefix and without slashes at the ends: `channels/1/messages`.
    pub(crate) path: String,
    pub(crate) query: HashMap<String, String>,
    /// `null` when there was none.
    pub(crate) body: Value,
    pub(crate) gateway_url: String,
}

impl Call {
    /// The part of the path at `index`.
    pub(crate) fn part(&self, index: usize) -> &str {
        self.path.split('/').nth(index).unwrap_or("")
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

    /// What kind of request this is, without ids and tokens: `POST webhooks/{id}/{token}`.
    pub(crate) fn shape(&self) -> String {
        let has_token = matches!(self.part(0), "interactions" | "webhooks");
        let parts = self.path.split('/').enumerate().map(|(index, part)| {
            if part.parse::<u64>().is_ok() {
                "{id}"
            } else if index == 2 && has_token {
                "{token}"
            } else {
                part
            }
        });
        format!("{} {}", self.method, parts.collect::<Vec<_>>().join("/"))
    }

    /// Names the requests that share a limit: the route with its top-level resource.
    pub(crate) fn bucket(&self) -> String {
        let route = self.path.split('/').enumerate().map(|(index, part)| {
            let is_minor = index > 1 && part.parse::<u64>().is_ok();
            if is_minor { "*" } else { part }
        });
        let route = route.collect::<Vec<_>>().join("/");
        let text = format!("{} {route}", self.method);
        let spread = text.bytes().fold(0, |sum, byte| mix(sum ^ u64::from(byte)));
        format!("{spread:016x}")
    }
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
