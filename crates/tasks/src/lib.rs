#![doc = include_str!("../README.md")]

mod backoff;
mod call;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod core;
mod crew;
mod cursor;
mod decision;
mod directory;
mod dispatcher;
mod duration;
mod engine;
mod entry;
mod error;
mod error_chain;
mod error_text;
mod event;
mod family;
mod gate;
mod handle;
mod instant;
mod mail;
mod memory;
mod outcome;
mod payload;
mod plan;
mod policy;
mod pool;
mod presence;
mod pulse;
mod run;
mod scribe;
mod spec;
mod spread;
mod status;
mod store;
mod timeline;
mod transient;
mod trigger;

pub use clock::{Clock, Sleep};
pub use cursor::{Backfill, Cursor, State};
pub use decision::Decision;
pub use duration::{format_duration, hours, mins, parse_duration, secs};
pub use engine::{Engine, EngineBuilder};
pub use error::Error;
pub use error_chain::ErrorChain;
pub use event::{Event, EventKind};
pub use family::Family;
pub use gate::Gate;
pub use handle::TaskHandle;
pub use memory::MemoryStore;
pub use outcome::{Cause, EndReason, Failure, Stage};
pub use policy::{First, History, Misfire, OnCrash, Overlap};
pub use pulse::{Beat, NoPulse, OnBeat, Pulse, WallPulse};
pub use run::Run;
pub use spec::{BlockingBody, Body, ErrorHook, TaskSpec};
pub use status::{Phase, Status};
pub use store::{
    Change, Epoch, Opened, Registration, Retention, RunRecord, RunState, Store, StoreError, TaskId,
    TaskRow,
};
pub use transient::Transient;
pub use trigger::{MAX_INTERVAL, MIN_INTERVAL, Trigger, at, cron, every, manual, once};

#[cfg(doctest)]
#[doc = include_str!("../TESTING.md")]
struct Testing;
