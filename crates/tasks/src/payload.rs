//! What tasks carry: values as JSON text.

use std::{any::type_name, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

use crate::error::Error;

/// The longest text, in bytes.
const LONGEST: usize = 64 * 1024;

/// What is carried, for error messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    Payload,
    Checkpoint,
}

impl Carried {
    /// The text form of `value`; `None` for nothing at all, such as `()`.
    pub(crate) fn write<T: Serialize + ?Sized>(
        self,
        task: &Arc<str>,
        value: &T,
    ) -> Result<Option<Arc<str>>, Error> {
        let text = serde_json::to_string(value).map_err(|error| self.bad::<T>(task, &error))?;
        if text.len() > LONGEST {
            let length = format!("{} bytes, expected at most {LONGEST}", text.len());
            return Err(self.bad::<T>(task, &length));
        }
        Ok((text != "null").then(|| text.into()))
    }

    /// What [`write`](Self::write) was given.
    pub(crate) fn read<T: DeserializeOwned>(
        self,
        task: &Arc<str>,
        text: Option<&str>,
    ) -> Result<T, Error> {
        let text = text.unwrap_or("null");
        serde_json::from_str(text).map_err(|error| self.bad::<T>(task, &error))
    }

    fn bad<T: ?Sized>(self, task: &Arc<str>, why: &dyn ToString) -> Error {
        Error::BadPayload {
            task: task.clone(),
            what: match self {
                Self::Payload => "payload",
                Self::Checkpoint => "checkpoint",
            },
            expected: type_name::<T>(),
            why: why.to_string(),
        }
    }
}
