//! Sessions, their buffers, and who gets which event.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::{Notify, mpsc};

use crate::intents::Intents;
use crate::snowflake::Snowflake;

/// How many events a session keeps for a resume.
const EVENTS_KEPT: usize = 100_000;

/// How many sessions without a socket are kept per shard.
const ABANDONED_KEPT: usize = 4;

/// Something that happened, before anybody is chosen to hear it.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    kind: Cow<'static, str>,
    data: Value,
    /// Another form of the data, for sessions with the intent.
    full: Option<(Intents, Value)>,
    guild: Option<Snowflake>,
    needs: Intents,
}

impl Event {
    pub(crate) fn new(kind: impl Into<Cow<'static, str>>, data: Value) -> Self {
        Self {
            kind: kind.into(),
            data,
            full: None,
            guild: None,
            needs: Intents::NONE,
        }
    }

    /// Goes to the shard of this guild only; without, to shard 0.
    pub(crate) const fn guild(mut self, guild: Snowflake) -> Self {
        self.guild = Some(guild);
        self
    }

    pub(crate) const fn guild_if(mut self, guild: Option<Snowflake>) -> Self {
        self.guild = guild;
        self
    }

    /// Goes only to sessions with this intent.
    pub(crate) const fn needs(mut self, intent: Intents) -> Self {
        self.needs = intent;
        self
    }

    /// Sessions with `intent` get `data` instead.
    pub(crate) fn full_for(mut self, intent: Intents, data: Value) -> Self {
        self.full = Some((intent, data));
        self
    }
}

/// An event in a session's buffer, with its number.
#[derive(Clone, Debug)]
pub(crate) struct Dispatch {
    pub(crate) sequence: u64,
    pub(crate) kind: Arc<str>,
    /// The `d` of the frame, already written out; shared between sessions.
    pub(crate) data: Arc<str>,
}

impl Dispatch {
    pub(crate) fn frame(&self) -> String {
        let Self {
            sequence,
            kind,
            data,
        } = self;
        format!(r#"{{"op":0,"t":"{kind}","s":{sequence},"d":{data}}}"#)
    }
}

/// What a test or a newer socket tells a socket to do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Control {
    /// Close frame with this code, or without one.
    Close(Option<u16>),
    /// No close frame: the connection just ends.
    Cut,
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
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    /// Number of the shard, and how many there are.
    pub(crate) shard: (u64, u64),
    pub(crate) intents: Intents,
    pub(crate) identified_at: DateTime<Utc>,
    pub(crate) resumed: bool,
    /// The last presence that the client set.
    pub(crate) presence: Option<Value>,
    pub(crate) sequence: u64,
    pub(crate) buffer: VecDeque<Dispatch>,
    /// Up to here nothing can be replayed any more.
    pub(crate) forgotten: u64,
    pub(crate) link: Option<Link>,
    /// The data of `READY`, to send it again.
    pub(crate) ready: Option<Arc<str>>,
}

impl Session {
    fn hears(&self, event: &Event) -> bool {
        let (shard, count) = self.shard;
        let at_home = event.guild.map_or(0, |guild| guild.shard(count)) == shard;
        let wanted = event.needs == Intents::NONE || self.intents.intersects(event.needs);
        at_home && wanted
    }

    /// Gives an event the next number and wakes the socket.
    pub(crate) fn push(&mut self, kind: Arc<str>, data: Arc<str>) {
        self.sequence += 1;
        let sequence = self.sequence;
        self.buffer.push_back(Dispatch {
            sequence,
            kind,
            data,
        });
        if self.buffer.len() > EVENTS_KEPT
            && let Some(oldest) = self.buffer.pop_front()
        {
            self.forgotten = oldest.sequence;
        }
        if let Some(link) = &self.link {
            link.wake.notify_one();
        }
    }

    /// Whether everything after `cursor` is still here.
    pub(crate) const fn reaches_back_to(&self, cursor: u64) -> bool {
        cursor >= self.forgotten
    }

    /// Notes that the client is back; an earlier return is not told again.
    pub(crate) fn resume(&mut self) {
        self.resumed = true;
        self.buffer.retain(|event| event.kind.as_ref() != "RESUMED");
        self.push("RESUMED".into(), r#"{"_trace":[]}"#.into());
    }

    /// The events after `cursor`, at most `limit` of them.
    pub(crate) fn after(&self, cursor: u64, limit: usize) -> Vec<Dispatch> {
        let start = self.buffer.partition_point(|it| it.sequence <= cursor);
        self.buffer.range(start..).take(limit).cloned().collect()
    }
}

/// Every session that could still be resumed.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    /// By id, which grows: the newest is last.
    all: BTreeMap<String, Session>,
    pub(crate) identifies: u64,
    pub(crate) resumes: u64,
    /// Sockets that were ever opened; the number of the last one.
    pub(crate) sockets: u64,
}

impl Sessions {
    /// Adds a session; of those that nobody came back to, only the newest of its shard stay.
    pub(crate) fn insert(&mut self, session: Session) {
        let shard = session.shard;
        let alone = self
            .all
            .values()
            .filter(|it| it.link.is_none() && it.shard == shard);
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

    /// Sessions with a socket, by shard.
    pub(crate) fn connected(&self) -> Vec<&Session> {
        let linked = self.all.values().filter(|it| it.link.is_some());
        let mut linked: Vec<_> = linked.collect();
        linked.sort_by_key(|it| it.shard);
        linked
    }

    pub(crate) fn connected_mut(&mut self) -> impl Iterator<Item = &mut Session> {
        self.all.values_mut().filter(|it| it.link.is_some())
    }

    /// The session of a shard that was made last.
    pub(crate) fn newest(&self, shard: u64) -> Option<&Session> {
        let mut newest_first = self.all.values().rev();
        newest_first.find(|session| session.shard.0 == shard)
    }

    /// Gives an event to every session that hears it, each form written out once at most.
    pub(crate) fn dispatch(&mut self, event: &Event) {
        let kind: Arc<str> = event.kind.as_ref().into();
        let (mut plain, mut full) = (None, None);
        for session in self.all.values_mut().filter(|it| it.hears(event)) {
            let (data, written) = match &event.full {
                Some((intent, data)) if session.intents.contains(*intent) => (data, &mut full),
                _ => (&event.data, &mut plain),
            };
            let written = written.get_or_insert_with(|| Arc::<str>::from(data.to_string()));
            session.push(Arc::clone(&kind), Arc::clone(written));
        }
    }

    /// Gives an event to every session, wanted or not.
    pub(crate) fn dispatch_to_all(&mut self, kind: &str, data: &Value) {
        let (kind, data): (Arc<str>, Arc<str>) = (kind.into(), data.to_string().into());
        for session in self.all.values_mut() {
            session.push(Arc::clone(&kind), Arc::clone(&data));
        }
    }

    /// Tells every connected socket to do something.
    pub(crate) fn control(&self, control: Control) {
        for session in self.connected() {
            if let Some(link) = &session.link {
                // A socket that is gone has nothing left to be told.
                let _ = link.control.send(control);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session {
            id: "s".to_owned(),
            shard: (0, 1),
            intents: Intents::GUILDS,
            identified_at: DateTime::UNIX_EPOCH,
            resumed: false,
            presence: None,
            sequence: 0,
            buffer: VecDeque::new(),
            forgotten: 0,
            link: None,
            ready: None,
        }
    }

    #[test]
    fn a_buffer_is_bounded_and_knows_how_far_it_reaches() {
        let mut session = session();
        for _ in 0..EVENTS_KEPT + 2 {
            session.push("X".into(), "{}".into());
        }
        assert_eq!(session.buffer.len(), EVENTS_KEPT);
        assert!(!session.reaches_back_to(1));
        assert!(session.reaches_back_to(2));
        let next: Vec<_> = session.after(2, 2).iter().map(|it| it.sequence).collect();
        assert_eq!(next, [3, 4]);
    }

    #[test]
    fn a_session_hears_its_shard_and_its_intents() {
        let mut session = session();
        let guild = Snowflake::new(1 << 22);
        let event = Event::new("X", Value::Null).guild(guild);
        assert!(session.hears(&event.clone().needs(Intents::GUILDS)));
        assert!(!session.hears(&event.clone().needs(Intents::GUILD_MEMBERS)));
        session.shard = (0, 2);
        assert!(!session.hears(&event));
        session.shard = (1, 2);
        assert!(session.hears(&event));
    }
}
