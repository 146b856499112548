//! Something that happened, before anybody is chosen to hear it.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use crate::intents::Intents;
use crate::snowflake::Snowflake;

/// An event as every session would get it that has all intents.
pub(crate) struct Event {
    kind: Cow<'static, str>,
    data: Value,
    blank: Option<Blank>,
    guild: Option<Snowflake>,
    needs: Intents,
    but_not: Option<String>,
    only: Option<Snowflake>,
    /// The application that it is about, and the intent that is enough for its sessions.
    own: Option<(Snowflake, Intents)>,
}

/// What sessions without an intent get in the place of the data.
struct Blank {
    intent: Intents,
    /// The applications that get the data nevertheless.
    spared: Vec<Snowflake>,
    make: Box<dyn Fn(&Value) -> Value>,
}

impl Event {
    pub(crate) fn new(kind: impl Into<Cow<'static, str>>, data: Value) -> Self {
        Self {
            kind: kind.into(),
            data,
            blank: None,
            guild: None,
            needs: Intents::NONE,
            but_not: None,
            only: None,
            own: None,
        }
    }

    /// Goes to the shard of this guild only; without, to shard 0.
    pub(crate) fn guild(self, guild: Snowflake) -> Self {
        self.guild_if(Some(guild))
    }

    pub(crate) fn guild_if(mut self, guild: Option<Snowflake>) -> Self {
        self.guild = guild;
        self
    }

    /// Goes only to sessions with this intent.
    pub(crate) fn needs(mut self, intent: Intents) -> Self {
        self.needs = intent;
        self
    }

    /// Does not go to this session.
    pub(crate) fn but_not(mut self, session: Option<&str>) -> Self {
        self.but_not = session.map(str::to_owned);
        self
    }

    /// Sessions without `intent` get what `make` leaves of the data. It is asked once, and only
    /// when there is such a session.
    pub(crate) fn blank_without(
        mut self,
        intent: Intents,
        make: impl Fn(&Value) -> Value + 'static,
    ) -> Self {
        self.blank = Some(Blank {
            intent,
            spared: Vec::new(),
            make: Box::new(make),
        });
        self
    }

    /// The sessions of these applications get all of the data.
    pub(crate) fn sparing(mut self, applications: Vec<Snowflake>) -> Self {
        if let Some(blank) = &mut self.blank {
            blank.spared = applications;
        }
        self
    }

    /// Goes only to the sessions of this application, whether or not it is in the guild.
    pub(crate) fn only_for(mut self, application: Snowflake) -> Self {
        self.only = Some(application);
        self
    }

    /// Goes to the sessions of this application with this intent too, whatever it may see.
    pub(crate) fn own_of(mut self, application: Snowflake, intent: Intents) -> Self {
        self.own = Some((application, intent));
        self
    }

    /// Whether it is about this application itself.
    pub(crate) fn is_own_of(&self, application: Snowflake) -> bool {
        self.own.is_some_and(|(own, _)| own == application)
    }

    pub(crate) const fn only(&self) -> Option<Snowflake> {
        self.only
    }

    pub(crate) const fn home(&self) -> Option<Snowflake> {
        self.guild
    }

    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }

    /// The id that the data has in this field.
    pub(crate) fn id_at(&self, key: &str) -> Option<Snowflake> {
        self.data[key].as_str()?.parse().ok()
    }

    /// Whether this session is left out.
    pub(crate) fn leaves_out(&self, session: &str) -> bool {
        self.but_not.as_deref() == Some(session)
    }

    /// Whether a listener hears of it.
    pub(crate) fn reaches(&self, listener: &Listener) -> bool {
        let (shard, count) = listener.shard;
        let at_home = self.guild.map_or(0, |guild| guild.shard(count)) == shard;
        let has = |intent| intent == Intents::NONE || listener.intents.intersects(intent);
        let own = self.own.filter(|_| self.is_own_of(listener.application));
        at_home && (has(self.needs) || own.is_some_and(|(_, intent)| has(intent)))
    }
}

impl Blank {
    fn is_for(&self, listener: &Listener) -> bool {
        let sees = listener.intents.contains(self.intent);
        !sees && !self.spared.contains(&listener.application)
    }
}

/// What a session is, as far as events are concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listener {
    pub(crate) application: Snowflake,
    /// Its number, and how many there are.
    pub(crate) shard: (u64, u64),
    pub(crate) intents: Intents,
}

/// The forms of an event, each written out once at most and then shared.
pub(crate) struct Written<'a> {
    event: &'a Event,
    whole: Option<Arc<str>>,
    blank: Option<Arc<str>>,
}

impl<'a> Written<'a> {
    pub(crate) const fn new(event: &'a Event) -> Self {
        Self {
            event,
            whole: None,
            blank: None,
        }
    }

    /// What a listener gets.
    pub(crate) fn form_for(&mut self, listener: &Listener) -> Arc<str> {
        let Event {
            kind, data, blank, ..
        } = self.event;
        let form = match blank {
            Some(blank) if blank.is_for(listener) => self
                .blank
                .get_or_insert_with(|| write(kind, &(blank.make)(data))),
            _ => self.whole.get_or_insert_with(|| write(kind, data)),
        };
        Arc::clone(form)
    }
}

/// The end of a frame: what follows the sequence number, which is another one in each session.
pub(crate) fn write(kind: &str, data: &Value) -> Arc<str> {
    format!(r#""t":"{kind}","d":{data}}}"#).into()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use serde_json::json;

    use super::*;

    fn listener(shard: (u64, u64), intents: Intents) -> Listener {
        Listener {
            application: Snowflake::new(1),
            shard,
            intents,
        }
    }

    #[track_caller]
    fn check(event: &Event, shard: (u64, u64), intents: Intents, reached: bool) {
        let listener = listener(shard, intents);
        assert_eq!(event.reaches(&listener), reached, "{listener:?}");
    }

    #[test]
    fn an_event_reaches_its_shard_and_its_intents() {
        let event = Event::new("X", Value::Null).guild(Snowflake::new(1 << 22));
        check(&event, (0, 1), Intents::NONE, true);
        check(&event, (0, 2), Intents::NONE, false);
        check(&event, (1, 2), Intents::NONE, true);
        let event = event.needs(Intents::GUILDS);
        check(&event, (0, 1), Intents::NONE, false);
        check(&event, (0, 1), Intents::GUILD_MEMBERS, false);
        check(&event, (0, 1), Intents::GUILDS, true);
        let direct = Event::new("X", Value::Null);
        check(&direct, (0, 2), Intents::NONE, true);
        check(&direct, (1, 2), Intents::NONE, false);
    }

    #[test]
    fn each_form_is_written_once_however_many_hear_it() {
        let asked = Rc::new(Cell::new(0));
        let count = Rc::clone(&asked);
        let event = Event::new("X", json!(7)).blank_without(Intents::MESSAGE_CONTENT, move |_| {
            count.set(count.get() + 1);
            json!(0)
        });
        let (sighted, blind) = (
            listener((0, 1), Intents::MESSAGE_CONTENT),
            listener((0, 1), Intents::NONE),
        );
        let mut written = Written::new(&event);
        let whole = written.form_for(&sighted);
        assert_eq!(whole.as_ref(), r#""t":"X","d":7}"#);
        assert!(Arc::ptr_eq(&whole, &written.form_for(&sighted)));
        assert_eq!(asked.get(), 0);
        let blank = written.form_for(&blind);
        assert_eq!(blank.as_ref(), r#""t":"X","d":0}"#);
        assert!(Arc::ptr_eq(&blank, &written.form_for(&blind)));
        assert_eq!(asked.get(), 1);
        let event = event.sparing(vec![blind.application]);
        assert_eq!(Written::new(&event).form_for(&blind), whole);
    }
}
