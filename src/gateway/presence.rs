//! What the bot sends to the gateway on behalf of modules: presence, and requests for members.

use std::{collections::VecDeque, time::Duration};

use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};
use serenity::{
    gateway::ActivityData,
    model::{gateway::ActivityType, id::GuildId, user::OnlineStatus},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::config::Presence;

/// So many changes of a presence are sent in a [`WINDOW`]; then the newest waits. Of the 120 commands that Discord takes
/// of a connection in a minute (docs/Gateway/Rate Limiting) a module that sets it again and again leaves the others.
const CHANGES: usize = 5;
const WINDOW: Duration = Duration::from_secs(60);

/// What one shard is to show, and when it was told to Discord.
pub(super) struct Shown {
    wanted: watch::Receiver<Option<Presence>>,
    told: VecDeque<Instant>,
}

impl Shown {
    pub(super) fn new(wanted: watch::Receiver<Option<Presence>>) -> Self {
        let told = VecDeque::with_capacity(CHANGES);
        Self { wanted, told }
    }

    /// Resolves when Discord is to be told of a change. Dropping the future loses none.
    pub(super) async fn due(&mut self) {
        if self.wanted.changed().await.is_err() {
            return std::future::pending().await;
        }
        self.wanted.mark_changed();
        if self.told.len() == CHANGES {
            sleep_until(self.told[0] + WINDOW).await;
        }
    }

    /// The command that tells it as it is at present; `None` when nobody has ever set any.
    pub(super) fn tell(&mut self) -> Option<String> {
        let wanted = self.wanted.borrow_and_update();
        let command = shown(wanted.as_ref()?);
        if self.told.len() == CHANGES {
            self.told.pop_front();
        }
        self.told.push_back(Instant::now());
        Some(command)
    }
}

/// See Discord docs/Gateway Events/Update Presence.
fn shown(presence: &Presence) -> String {
    let activities: Vec<_> = presence.activity.iter().collect();
    let data = json!({
        "since": presence.idle_since.map(|since| since.timestamp_millis()),
        "activities": activities,
        "status": presence.status.name(),
        "afk": presence.is_afk,
    });
    command(3, &data)
}

/// A presence as serenity sends it. It says the time as Rust's own type, which is passed over.
#[derive(Deserialize)]
struct Asked {
    status: OnlineStatus,
    afk: bool,
    activities: Vec<AskedActivity>,
}

#[derive(Deserialize)]
struct AskedActivity {
    name: String,
    #[serde(rename = "type")]
    kind: ActivityType,
    state: Option<String>,
    url: Option<Url>,
}

impl From<Asked> for Presence {
    fn from(asked: Asked) -> Self {
        let activity = asked.activities.into_iter().next();
        Self {
            status: asked.status,
            activity: activity.map(|it| ActivityData {
                name: it.name,
                kind: it.kind,
                state: it.state,
                url: it.url,
            }),
            is_afk: asked.afk,
            idle_since: None,
        }
    }
}

/// What serenity asks of a gateway.
pub(super) enum Request {
    /// For every shard.
    Presence(Presence),
    /// For the shard of the guild.
    Guild(GuildId, String),
}

impl Request {
    /// `None` for what has no meaning here, such as entering a voice channel.
    pub(super) fn of(mut asked: Value) -> Option<Self> {
        if asked["op"] == 3 {
            return serde_json::from_value(asked["d"].take())
                .ok()
                .map(|asked: Asked| Self::Presence(asked.into()));
        }
        let guild = &asked["d"];
        let guild = guild.get("guild_id").unwrap_or(&guild["guild_ids"][0]);
        let guild = serde_json::from_value(guild.clone()).ok()?;
        matches!(asked["op"].as_u64(), Some(8 | 31)).then(|| Self::Guild(guild, asked.to_string()))
    }
}

fn command(op: u8, data: &Value) -> String {
    json!({"op": op, "d": data}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(command: &str, expected: &Value) {
        assert_eq!(serde_json::from_str::<Value>(command).unwrap(), *expected);
    }

    #[tokio::test]
    async fn a_presence_that_changes_again_and_again_is_told_five_times_a_minute() {
        let (set, wanted) = watch::channel(None);
        let mut shown = Shown::new(wanted);
        assert_eq!(shown.tell(), None, "nobody has set any");
        for _ in 0..CHANGES {
            set.send_replace(Some(Presence::default()));
            shown.due().await;
            assert!(shown.tell().is_some());
        }
        set.send_replace(Some(Presence::default()));
        let soon = tokio::time::timeout(Duration::from_millis(50), shown.due());
        assert!(soon.await.is_err());
        let activity = Some(ActivityData::playing("the last one counts"));
        set.send_replace(Some(Presence {
            activity,
            ..Presence::default()
        }));
        shown.told[0] -= WINDOW;
        shown.due().await;
        let told = shown.tell().unwrap_or_default();
        assert!(told.contains("the last one counts"), "{told}");
    }

    #[test]
    fn what_serenity_asks_to_be_shown_is_a_presence() {
        let since = json!({"secs_since_epoch": 1, "nanos_since_epoch": 2});
        let activity = json!({"name": "chess", "type": 0, "state": null, "url": null});
        let data = json!({"since": since, "activities": [activity], "status": "dnd", "afk": true});
        let Some(Request::Presence(presence)) = Request::of(json!({"op": 3, "d": data})) else {
            panic!("expected a presence");
        };
        let expected = Presence {
            status: OnlineStatus::DoNotDisturb,
            activity: Some(ActivityData::playing("chess")),
            is_afk: true,
            idle_since: None,
        };
        assert_eq!(presence, expected);
    }

    #[test]
    fn commands_are_as_documented() {
        let presence = Presence {
            status: OnlineStatus::Idle,
            activity: Some(ActivityData::listening("you")),
            is_afk: true,
            idle_since: chrono::DateTime::from_timestamp(1_772_442_000, 0),
        };
        let activity = json!({"name": "you", "type": 2, "state": null, "url": null});
        let since = 1_772_442_000_000_u64;
        let data = json!({"since": since, "activities": [activity], "status": "idle", "afk": true});
        check(&shown(&presence), &json!({"op": 3, "d": data}));
    }
}
