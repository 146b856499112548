//! The dozen names that a module needs.

pub use std::time::Duration;

pub use chrono::{DateTime, Utc};
pub use chrono_tz::Tz;
pub use clap;
pub use cogsmith_tasks::{
    Decision, ErrorChain, Failure, First, Gate, History, Misfire, OnCrash, Overlap, Run, State,
    Status, TaskHandle, Trigger, at, cron, every, hours, manual, mins, once, secs,
};
pub use poise::{CreateReply, command};

pub use crate::{
    audit::By,
    bus::{Event, WaitError},
    error::{Error, Result, UserError},
    events::{LeanMessage, Positions},
    host::Host,
    job::{Format, Job},
    module::{
        Command, Context, ContextExt, CustomId, Form, IdPart, Json, Module, Modules, Press, Setup,
        Stores, Waits,
    },
    reply::{Embed, Reply, counted, relative, shorten},
    settings::Setting,
    store::{Db, Rows, Transaction},
};
