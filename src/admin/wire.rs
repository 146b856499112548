//! What goes over the socket.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Hello, ModuleRequest};
use crate::steering;

/// What somebody asks for, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// What is asked for.
    pub what: What,
    /// Why, in the words of whoever asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Who is there.
    Hello,
    /// Something of the tasks.
    Task(steering::Request),
    /// Something of the modules.
    Module(ModuleRequest),
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// To [`What::Hello`].
    Hello(Hello),
    /// It is done, or has been looked up.
    Done {
        /// For people, without an end of line.
        text: String,
        /// For machines.
        facts: Value,
        /// How many of the tasks meant did not do what they were told.
        refused: usize,
    },
    /// It cannot be done; nothing has changed.
    Refused(String),
    /// It went wrong; the log of the bot says more.
    Failed(String),
}

impl What {
    /// Whether something may be changed by it.
    #[must_use]
    pub fn changes(&self) -> bool {
        match self {
            Self::Hello => false,
            Self::Task(request) => request.changes(),
            Self::Module(request) => request.changes(),
        }
    }
}
