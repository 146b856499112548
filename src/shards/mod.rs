//! Every shard of this process: how it is doing, which guilds it has, and what people see of the bot on it.
//!
//! A [`ShardTable`] is there before the gateway, which fills it; the host and health read it.

mod guilds;
mod members;
mod status;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use parking_lot::{Mutex, RwLock};
use serenity::model::id::GuildId;
use tokio::sync::{Notify, mpsc, watch};

pub(crate) use guilds::Guilds;
pub use members::Members;
pub(crate) use status::{Phase, Pulse};
pub use status::{ShardState, ShardStatus};

use crate::config::Presence;

/// The shards of one bot in this process. Clones are the same table.
#[derive(Clone, Default)]
pub struct ShardTable(Arc<Inner>);

#[derive(Default)]
struct Inner {
    shards: RwLock<BTreeMap<u32, Arc<Shard>>>,
    /// How many the whole bot has, in all its processes.
    count: AtomicU32,
    /// What is shown on every shard that has nothing of its own; `None` is plainly online.
    presence: Mutex<Option<Presence>>,
    /// Told when a shard has a session whose guilds nobody has told it.
    guilds_lack: Notify,
}

/// What the table has of one shard.
pub(crate) struct Shard {
    pub(crate) pulse: Arc<Mutex<Pulse>>,
    pub(crate) guilds: Arc<Mutex<Guilds>>,
    presence: watch::Sender<Option<Presence>>,
    commands: Mutex<Option<mpsc::UnboundedSender<String>>>,
}

/// See Discord docs/Gateway/Sharding.
pub(crate) fn shard_of(guild: GuildId, count: u32) -> u32 {
    let shard = (guild.get() >> 22) % u64::from(count.max(1));
    u32::try_from(shard).unwrap_or_default()
}

impl ShardTable {
    /// The gateway is about to run these of `count`; they show `presence` unless another one was set before.
    pub(crate) fn open(&self, ids: &BTreeSet<u32>, count: u32, presence: Option<&Presence>) {
        self.0.count.store(count, Ordering::Relaxed);
        let shown = {
            let mut shown = self.0.presence.lock();
            if shown.is_none() {
                *shown = presence.cloned();
            }
            shown.clone()
        };
        let shard = |id: &u32| {
            let shard = Shard {
                pulse: Arc::default(),
                guilds: Arc::default(),
                presence: watch::Sender::new(shown.clone()),
                commands: Mutex::default(),
            };
            (*id, Arc::new(shard))
        };
        *self.0.shards.write() = ids.iter().map(shard).collect();
    }

    pub(crate) fn shard(&self, id: u32) -> Option<Arc<Shard>> {
        self.0.shards.read().get(&id).cloned()
    }

    /// How every shard is doing, by id; none before the gateway has asked which there are.
    pub fn statuses(&self) -> Vec<ShardStatus> {
        let shards = self.0.shards.read();
        let status = |(id, shard): (&u32, &Arc<Shard>)| {
            let guilds = shard.guilds.lock().count();
            let presence = shard.presence.borrow().clone().unwrap_or_default();
            shard.pulse.lock().status(*id, guilds, presence)
        };
        shards.iter().map(status).collect()
    }

    /// What people see of the bot on every shard that has nothing of its own.
    pub fn presence(&self) -> Presence {
        self.0.presence.lock().clone().unwrap_or_default()
    }

    /// Sets what people see of the bot on every shard, in this session and those to come.
    pub fn set_presence(&self, presence: &Presence) {
        *self.0.presence.lock() = Some(presence.clone());
        for shard in self.0.shards.read().values() {
            shard.show(presence);
        }
    }

    /// As [`ShardTable::set_presence`], on one shard. `false`: this process has no such shard.
    pub fn set_presence_on(&self, shard: u32, presence: &Presence) -> bool {
        let shard = self.shard(shard);
        shard.as_ref().inspect(|it| it.show(presence)).is_some()
    }

    /// Sends a command to the shard of a guild, which sends it on when it has a session. `false`: this process has no
    /// such shard.
    pub(crate) fn ask(&self, guild: GuildId, command: String) -> bool {
        let shard = self.shard(shard_of(guild, self.0.count.load(Ordering::Relaxed)));
        let sent = shard.and_then(|shard| {
            let commands = shard.commands.lock();
            commands.as_ref()?.send(command).ok()
        });
        sent.is_some()
    }

    /// A shard goes on with the session of an earlier process, in which Discord has told the guilds.
    pub(crate) fn lack_guilds(&self) {
        self.0.guilds_lack.notify_one();
    }

    /// Resolves when the guilds of a shard are to be [listed](ShardTable::list_guilds).
    pub(crate) async fn guilds_lacking(&self) {
        self.0.guilds_lack.notified().await;
    }

    /// Every guild of the bot, on its shard of `count`, for those that do not know theirs.
    pub(crate) fn list_guilds(&self, guilds: &[GuildId], count: u32) {
        for (id, shard) in self.0.shards.read().iter() {
            let of_shard = guilds
                .iter()
                .filter(|guild| shard_of(**guild, count) == *id);
            shard.guilds.lock().listed(of_shard.copied());
        }
    }
}

impl Shard {
    fn show(&self, presence: &Presence) {
        self.presence.send_replace(Some(presence.clone()));
    }

    /// What is asked of the shard, from now on.
    pub(crate) fn commands(&self) -> mpsc::UnboundedReceiver<String> {
        let (commands, asked) = mpsc::unbounded_channel();
        *self.commands.lock() = Some(commands);
        asked
    }

    pub(crate) fn shown(&self) -> watch::Receiver<Option<Presence>> {
        self.presence.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use serenity::gateway::ActivityData;

    use super::*;

    fn playing(game: &str) -> Presence {
        Presence {
            activity: Some(ActivityData::playing(game)),
            ..Presence::default()
        }
    }

    #[test]
    fn a_presence_is_of_all_shards_or_of_one() {
        let table = ShardTable::default();
        let shown = |table: &ShardTable| {
            let of = |status: ShardStatus| status.presence.activity.map(|it| it.name);
            table.statuses().into_iter().map(of).collect::<Vec<_>>()
        };
        table.set_presence(&playing("chess"));
        assert!(!table.set_presence_on(1, &playing("go")), "no shard yet");
        table.open(&[0, 1].into(), 2, Some(&playing("what is configured")));
        let chess = Some("chess".to_owned());
        assert_eq!(shown(&table), [chess.clone(), chess.clone()]);
        assert!(table.set_presence_on(1, &playing("go")));
        assert_eq!(shown(&table), [chess, Some("go".to_owned())]);
        assert_eq!(table.presence(), playing("chess"));
        table.set_presence(&Presence::default());
        assert_eq!(shown(&table), [None, None]);
    }

    #[test]
    fn guilds_that_are_listed_are_each_on_their_shard() {
        let table = ShardTable::default();
        table.open(&[0, 1].into(), 2, None);
        let guilds = [1, 2, 3].map(|n: u64| GuildId::new(n << 22));
        table.list_guilds(&guilds, 2);
        let counts = table.statuses().into_iter().map(|status| status.guilds);
        assert_eq!(counts.collect::<Vec<_>>(), [Some(1), Some(2)]);
    }
}
