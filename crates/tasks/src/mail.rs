//! Everything that reaches the dispatcher, one letter after the other.

use std::{
    collections::HashSet,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot};

use crate::{
    call::Ended,
    cursor::State,
    directory::Key,
    error::Error,
    handle::TaskHandle,
    outcome::{Outcome, Stage},
    pulse::Beat,
    spec::TaskSpec,
    status::Status,
    store::{RunRecord, Store, StoreError, TaskId, TaskRow},
    trigger::Trigger,
};

/// Answers a command.
pub(crate) type Reply = oneshot::Sender<Result<Status, Error>>;

/// Answers a registration.
pub(crate) type HandleReply = oneshot::Sender<Result<TaskHandle, Error>>;

pub(crate) enum Mail {
    Register {
        spec: Box<TaskSpec>,
        /// Whether a task of this key that is there already is as good.
        joins: bool,
        reply: HandleReply,
    },
    Registered {
        ticket: u64,
        found: Result<Box<Found>, StoreError>,
    },
    /// Registers every member of a family that the store knows.
    Enroll {
        family: Box<TaskSpec>,
        reply: oneshot::Sender<Result<(), Error>>,
    },
    Enrolled {
        ticket: u64,
        found: Result<Vec<Found>, StoreError>,
    },
    /// Takes over every row of the store that is not registered, without its code.
    Adopt {
        reply: oneshot::Sender<Result<(), Error>>,
    },
    Unregister {
        name: String,
        reply: oneshot::Sender<()>,
    },
    Remove {
        which: Which,
        reply: oneshot::Sender<Result<u64, Error>>,
    },
    Purge {
        among: HashSet<TaskId>,
        reply: oneshot::Sender<Result<u64, Error>>,
    },
    Start {
        reply: oneshot::Sender<Result<(), Error>>,
    },
    Opened {
        result: Result<(), StoreError>,
    },
    Command {
        task: TaskId,
        command: Command,
        by: Option<Arc<str>>,
        reply: Reply,
    },
    RunEnded {
        task: TaskId,
        run: u64,
        ended: Ended,
        duration: Duration,
    },
    HookEnded {
        task: TaskId,
        hook: u64,
        stage: Stage,
        outcome: Outcome,
    },
    /// So many more writes are in the store.
    Committed(usize),
    /// Another job of the scribe is done.
    Done,
    /// The store has been told that the engine is alive.
    Beaten,
    /// A write was refused for good: this engine is over.
    Lost(StoreError),
    /// A gate was opened or closed.
    Gate,
    /// The pulse of the wall clock.
    Beat(Beat),
    Settle {
        reply: oneshot::Sender<()>,
    },
    ShutDown {
        drain: Duration,
        reply: oneshot::Sender<()>,
    },
    Kill {
        reply: oneshot::Sender<()>,
    },
}

/// What a handle asks for.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    Start,
    EnsureStarted,
    Stop,
    Cancel,
    Restart,
    TriggerNow,
    Change(Trigger),
    Reset,
    Backfill { span: Span, max: u32 },
    Save(Option<Arc<str>>),
}

/// Tasks that are to be deleted.
#[derive(Clone, Debug)]
pub(crate) enum Which {
    Task(Key),
    Scope(Arc<str>),
}

/// From the one instant to the other, both included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
}

/// A task as the store has it, and what a crash cut off.
pub(crate) struct Found {
    pub(crate) row: TaskRow,
    pub(crate) abandoned: Vec<RunRecord>,
}

/// An answer that waits for its write.
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    pub(crate) changed_from: State,
}

/// Posts mail. Clones are cheap.
#[derive(Clone)]
pub(crate) struct Mailbox(Arc<Shared>);

/// A mailbox that does not keep its engine's store open.
pub(crate) struct FaintMailbox(Weak<Shared>);

struct Shared {
    sender: mpsc::UnboundedSender<Mail>,
    store: Arc<dyn Store>,
    fate: OnceLock<Error>,
}

impl Mailbox {
    pub(crate) fn new(store: Arc<dyn Store>) -> (Self, mpsc::UnboundedReceiver<Mail>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let fate = OnceLock::new();
        (
            Self(Arc::new(Shared {
                sender,
                store,
                fate,
            })),
            receiver,
        )
    }

    /// Posts a letter. Once the dispatcher has ended it is dropped, and with it the reply in it, so
    /// that whoever waits for an answer learns of the end.
    pub(crate) fn post(&self, mail: Mail) {
        drop(self.0.sender.send(mail));
    }

    /// Notes why the dispatcher ends; the first reason stands.
    pub(crate) fn seal(&self, why: Error) {
        drop(self.0.fate.set(why));
    }

    /// Why nobody answers any more.
    pub(crate) fn fate(&self) -> Error {
        self.0.fate.get().cloned().unwrap_or(Error::ShutDown)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.0.fate.get().is_some() || self.0.sender.is_closed()
    }

    /// Waits until the dispatcher has ended, and tells why.
    pub(crate) async fn ended(&self) -> Error {
        self.0.sender.closed().await;
        self.fate()
    }

    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    pub(crate) fn faint(&self) -> FaintMailbox {
        FaintMailbox(Arc::downgrade(&self.0))
    }
}

impl FaintMailbox {
    /// As [`Mailbox::post`], while the engine lives.
    pub(crate) fn post(&self, mail: Mail) {
        if let Some(shared) = self.0.upgrade() {
            Mailbox(shared).post(mail);
        }
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.0.strong_count() > 0
    }

    pub(crate) fn is(&self, mailbox: &Mailbox) -> bool {
        std::ptr::eq(self.0.as_ptr(), Arc::as_ptr(&mailbox.0))
    }
}
