//! Presences: who is online, and what they are doing.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;

/// What somebody shows of themselves. Who never showed anything is offline.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Presence {
    /// `online`, `idle`, `dnd` or `offline`.
    pub(crate) status: String,
    /// As they stand on the wire.
    pub(crate) activities: Vec<Value>,
}

pub(crate) type Presences = HashMap<Snowflake, Presence>;

impl World {
    /// Takes what a session says about the bot, and tells the others.
    pub(crate) fn update_presence(&mut self, session: &str, data: &Value) {
        if let Some(session) = self.sessions.get_mut(session) {
            session.presence = Some(data.clone());
        }
        let now = self.now().timestamp_millis();
        let game = Some(&data["game"]).filter(|game| game.is_object());
        let sent = data["activities"].as_array().into_iter().flatten();
        let activities = sent.chain(game).map(|activity| {
            let mut activity = activity.clone();
            activity["created_at"] = json!(now);
            activity["id"] = json!("custom");
            activity
        });
        let presence = Presence {
            status: shown(data["status"].as_str().unwrap_or("online")),
            activities: activities.collect(),
        };
        let bot = self.application.id;
        self.show(bot, presence, Some(session));
    }

    /// Lets somebody be seen this way in each of their guilds. The session that says so itself does
    /// not hear of it.
    pub(crate) fn show(&mut self, user: Snowflake, presence: Presence, but: Option<&str>) {
        self.presences.insert(user, presence);
        let homes = self.guilds.values();
        let homes = homes.filter(|it| it.members.contains_key(&user));
        let homes: Vec<_> = homes.map(|it| it.id).collect();
        for guild in homes {
            let Some(data) = self.presence_in(guild, user) else {
                continue;
            };
            let event = Event::new("PRESENCE_UPDATE", data).guild(guild);
            let event = event.needs(Intents::GUILD_PRESENCES).but_not(but);
            self.emit(&event);
        }
        let shown = self.presences.get(&user);
        if shown.is_none_or(|it| it.status == "offline") {
            self.end_visits(user);
        }
    }

    /// Lets somebody go from where they were a member only for a visit.
    fn end_visits(&mut self, user: Snowflake) {
        let visits = self.guilds.values().filter(|home| {
            let member = home.members.get(&user);
            member.is_some_and(|it| it.is_temporary && it.roles.is_empty())
        });
        let visits: Vec<_> = visits.map(|home| home.id).collect();
        for guild in visits {
            self.leave(guild, user);
        }
    }

    /// A presence on the wire; `None` for somebody who is offline.
    pub(crate) fn presence_in(&self, guild: Snowflake, user: Snowflake) -> Option<Value> {
        let presence = self.presences.get(&user)?;
        Some(payload::presence::presence(guild, user, presence))
    }
}

/// The others see somebody invisible as offline.
fn shown(status: &str) -> String {
    let shown = if status == "invisible" {
        "offline"
    } else {
        status
    };
    shown.to_owned()
}
