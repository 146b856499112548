//! Sessions, and who gets which event.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::{Notify, mpsc};

use crate::gateway::backlog::Backlog;
use crate::gateway::event::{self, Listener, Written};
use crate::gateway::members::Chunks;
use crate::gateway::starts::{StartLimits, Starts};
use crate::snowflake::Snowflake;

pub(crate) use crate::gateway::event::Event;

/// How many sessions without a socket are kept per shard.
const ABANDONED_KEPT: usize = 4;

/// What a test or a newer socket tells a socket to do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Control {
    /// Close frame with this code, or without one.
    Close(Option<u16>),
    /// No close frame: the connection just ends.
    Cut,
    /// The connection ends within a frame.
    Tear,
    /// Op 7.
    Reconnect,
    /// Op 9; whether the session may be resumed.
    Invalid(bool),
    /// Op 1: the client must send a heartbeat now.
    Beat,
}

/// The socket that carries a session at the moment.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) socket: u64,
    pub(crate) wake: Arc<Notify>,
    pub(crate) control: mpsc::UnboundedSender<Control>,
    /// The number of the last event that is with the client's system.
    pub(crate) sent: Arc<AtomicU64>,
}

impl Link {
    /// Tells the socket to do something. One that is gone has nothing left to be told.
    pub(crate) fn tell(&self, control: Control) {
        let _ = self.control.send(control);
    }
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) listener: Listener,
    pub(crate) identified_at: DateTime<Utc>,
    /// Whether it was ever resumed.
    pub(crate) resumed: bool,
    /// What the client sent last.
    pub(crate) presence: Option<Value>,
    pub(crate) backlog: Backlog,
    /// Lists of members that were asked for and are not all sent yet.
    pub(crate) requests: VecDeque<Chunks>,
    pub(crate) link: Option<Link>,
    /// `READY` as it was sent, to send it again.
    pub(crate) ready: Option<Arc<str>>,
}

impl Session {
    /// How much the client, if there is one, was not sent yet: events, and lists of members.
    pub(crate) fn unsent(&self) -> u64 {
        let Some(link) = &self.link else {
            return 0;
        };
        let sent = link.sent.load(Ordering::Acquire);
        let events = self.backlog.sequence().saturating_sub(sent);
        events + self.requests.len() as u64
    }

    /// Gives an event the next number and wakes the socket.
    pub(crate) fn push(&mut self, event: Arc<str>) {
        self.backlog.push(event);
        if let Some(link) = &self.link {
            link.wake.notify_one();
        }
    }

    /// Notes that the client is back.
    pub(crate) fn resume(&mut self) {
        self.resumed = true;
        self.push(event::write(
            "RESUMED",
            &serde_json::json!({ "_trace": [] }),
        ));
    }

    fn tell(&self, control: Control) {
        if let Some(link) = &self.link {
            link.tell(control);
        }
    }
}

/// Every session that could still be resumed.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    /// By id, which grows: the newest is last.
    all: BTreeMap<String, Session>,
    /// By application.
    starts: BTreeMap<Snowflake, Starts>,
    pub(crate) start_limits: StartLimits,
    pub(crate) identifies: u64,
    pub(crate) resumes: u64,
    /// Sockets that were ever opened; the number of the last one.
    pub(crate) sockets: u64,
}

impl Sessions {
    /// Adds a session; of those that nobody came back to, only the newest of its shard stay.
    pub(crate) fn insert(&mut self, session: Session) {
        let place = |it: &Session| (it.listener.application, it.listener.shard);
        let alone = self.all.values().filter(|it| it.link.is_none());
        let alone = alone.filter(|it| place(it) == place(&session));
        let alone: Vec<_> = alone.map(|it| it.id.clone()).collect();
        for id in alone.iter().rev().skip(ABANDONED_KEPT) {
            self.all.remove(id);
        }
        self.all.insert(session.id.clone(), session);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Session> {
        self.all.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Session> {
        self.all.get_mut(id)
    }

    /// Ends a session for good.
    pub(crate) fn remove(&mut self, id: &str) {
        self.all.remove(id);
    }

    /// How an application started its sessions.
    pub(crate) fn starts(&mut self, application: Snowflake) -> &mut Starts {
        self.starts.entry(application).or_default()
    }

    /// Ends every session of an application for good, telling their clients this code.
    pub(crate) fn end_all(&mut self, application: Snowflake, code: u16) {
        self.all.retain(|_, session| {
            let ends = session.listener.application == application;
            if ends {
                session.tell(Control::Close(Some(code)));
            }
            !ends
        });
    }

    /// Sessions with a socket, by shard.
    pub(crate) fn connected(&self) -> Vec<&Session> {
        let linked = self.all.values().filter(|it| it.link.is_some());
        let mut linked: Vec<_> = linked.collect();
        linked.sort_by_key(|it| it.listener.shard);
        linked
    }

    pub(crate) fn connected_mut(&mut self) -> impl Iterator<Item = &mut Session> {
        self.all.values_mut().filter(|it| it.link.is_some())
    }

    /// The session of an application's shard that was made last.
    pub(crate) fn newest(&self, application: Snowflake, shard: u64) -> Option<&Session> {
        let mut newest_first = self.all.values().rev();
        newest_first.find(|session| {
            let Listener {
                application: own,
                shard: (number, _),
                ..
            } = session.listener;
            own == application && number == shard
        })
    }

    /// Gives an event to every session that hears it, of these applications or of all.
    pub(crate) fn dispatch(&mut self, event: &Event, audience: Option<&[Snowflake]>) {
        let mut written = Written::new(event);
        for session in self.all.values_mut() {
            let listener = session.listener;
            let is_meant = audience.is_none_or(|it| it.contains(&listener.application));
            if is_meant && event.reaches(&listener) && !event.leaves_out(&session.id) {
                session.push(written.form_for(&listener));
            }
        }
    }

    /// Gives an event to every session, wanted or not.
    pub(crate) fn dispatch_to_all(&mut self, kind: &str, data: &Value) {
        let written = event::write(kind, data);
        for session in self.all.values_mut() {
            session.push(Arc::clone(&written));
        }
    }

    /// Tells every connected socket of an application to do something.
    pub(crate) fn control_of(&self, application: Snowflake, control: Control) {
        let all = self.all.values();
        let own = all.filter(|session| session.listener.application == application);
        own.for_each(|session| session.tell(control));
    }

    /// Tells every connected socket to do something.
    pub(crate) fn control(&self, control: Control) {
        self.all.values().for_each(|session| session.tell(control));
    }
}
