//! What a module may touch: database, Discord's REST API, clock, tasks, owners, other modules.

mod process;
mod shared;
mod slot;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use cogsmith_tasks::{Clock, Engine, ErrorChain, Family, Gate, TaskHandle, TaskSpec};
use parking_lot::RwLock;
use rand::RngExt;
use serenity::{
    builder::CreateMessage,
    http::Http,
    model::{
        channel::Nonce,
        event::GuildMembersChunkEvent,
        guild::Member,
        id::{GuildId, UserId},
    },
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

pub use shared::Shared;
pub(crate) use shared::SharedValues;
pub(crate) use slot::{Slot, Slots};

use crate::{
    activity::{Activity, Watchdog},
    audit::Audit,
    bus::{Events, Limits},
    cache::Cache,
    config::Presence,
    error::Result,
    events::{Positions, Progress},
    locks::Locks,
    reply::{limits, shorten},
    settings::Settings,
    shards::{Members, ShardStatus, ShardTable},
    store::{Db, Transaction},
    switches::Switches,
};

/// Between two questions to a database that does not answer.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// The host, as modules see it. Cheap to clone.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

struct Inner {
    parts: Parts,
    locks: Locks,
    connected: Gate,
    shards: ShardTable,
    cache: Cache,
    started_at: DateTime<Utc>,
    events: Events,
    families: RwLock<BTreeMap<String, Family>>,
    failures: AtomicU64,
    closing: CancellationToken,
}

/// What a host is made of.
pub(crate) struct Parts {
    pub(crate) name: Option<String>,
    pub(crate) shared: SharedValues,
    pub(crate) db: Db,
    pub(crate) http: Arc<Http>,
    pub(crate) engine: Engine,
    pub(crate) audit: Audit,
    pub(crate) settings: Settings,
    pub(crate) switches: Switches,
    pub(crate) slots: Weak<Slots>,
    pub(crate) watchdog: Watchdog,
    pub(crate) progress: Arc<Progress>,
    pub(crate) owners: BTreeSet<UserId>,
}

impl Host {
    pub(crate) fn new(parts: Parts) -> Self {
        let (clock, switches) = (parts.engine.clock().clone(), parts.switches.clone());
        let watchdog = parts.watchdog.clone();
        Self(Arc::new(Inner {
            started_at: clock.now(),
            locks: Locks::new(parts.engine.clock().clone()),
            parts,
            connected: Gate::closed("Discord"),
            shards: ShardTable::default(),
            cache: Cache::default(),
            events: Events::new(clock, switches, watchdog, Limits::default()),
            families: RwLock::default(),
            failures: AtomicU64::new(0),
            closing: CancellationToken::new(),
        }))
    }

    /// What `BOTS` calls this bot; `None` when it is the only one of the process.
    pub fn bot_name(&self) -> Option<&str> {
        self.0.parts.name.as_deref()
    }

    /// A value that the program has given to every bot that is to have it, with [`Modules::share`].
    ///
    /// # Errors
    /// It has given none of this type to this bot.
    ///
    /// [`Modules::share`]: crate::module::Modules::share
    pub fn shared<T: Send + Sync + 'static>(&self) -> Result<Shared<T>> {
        let name = std::any::type_name::<T>();
        let shared = self.0.parts.shared.get();
        shared.with_context(|| format!("the modules share no {name}: Modules::share gives it"))
    }

    /// Ends this bot in order, as SIGTERM does, and returns at once. Other bots of the process go on; the process ends
    /// with its last one. A bot that is started again after that, with its process, runs again.
    pub fn close(&self) {
        self.0.closing.cancel();
    }

    /// Resolves when a module has asked for the end.
    pub(crate) async fn close_asked(&self) {
        self.0.closing.cancelled().await;
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.parts.db
    }

    /// Discord's REST API, for serenity's models and builders.
    pub fn http(&self) -> &Arc<Http> {
        &self.0.parts.http
    }

    /// The only clock: in tests it stands until it is moved.
    pub fn clock(&self) -> &Clock {
        self.0.parts.engine.clock()
    }

    /// The present instant of [`Host::clock`].
    pub fn now(&self) -> DateTime<Utc> {
        self.clock().now()
    }

    /// When the bot was started, by [`Host::clock`].
    pub fn started_at(&self) -> DateTime<Utc> {
        self.0.started_at
    }

    /// Bytes of memory that the process uses at present; `None` where the system does not tell. Several bots of one
    /// process share them.
    pub fn memory(&self) -> Option<u64> {
        process::memory()
    }

    /// A task by its full name, `<module>.<task>`.
    ///
    /// # Errors
    /// No loaded module has such a task.
    pub fn task(&self, name: &str) -> Result<TaskHandle> {
        self.0
            .parts
            .engine
            .task(name)
            .with_context(|| format!("no task is named {name:?}"))
    }

    /// A family of tasks by its full name, `<module>.<family>`.
    ///
    /// # Errors
    /// No loaded module has such a family.
    pub fn family(&self, name: &str) -> Result<Family> {
        let family = self.0.families.read().get(name).cloned();
        family.with_context(|| format!("no family of tasks is named {name:?}"))
    }

    /// Brings a family's members back. Each of scope `guild:<id>`, or `guild:<id>:` and more, has nothing to do while
    /// the module is off in that guild: its slots pass. The module is the one that the name begins with.
    pub(crate) async fn add_family(&self, spec: TaskSpec) -> Result<()> {
        let (switches, name) = (self.switches().clone(), spec.name().to_owned());
        let of = name.clone();
        let spec = spec.idle_by_scope(move |scope| {
            let module = of.split('.').next()?;
            Some(switches.gate(module, guild_of(scope)?))
        });
        let family = self.engine().family(spec).await?;
        self.0.families.write().insert(name, family);
        Ok(())
    }

    /// Forgets the families of a module that is unloaded.
    pub(crate) fn remove_families(&self, module: &str) {
        let mut families = self.0.families.write();
        families.retain(|name, _| name.split('.').next() != Some(module));
    }

    /// Every task, by name.
    pub fn tasks(&self) -> Vec<TaskHandle> {
        self.0.parts.engine.tasks()
    }

    /// The task engine.
    pub fn engine(&self) -> &Engine {
        &self.0.parts.engine
    }

    /// Calls `work`, which computes for long or blocks, on one of the `BLOCKING_THREADS`, behind whatever has
    /// asked for one before. When this future is dropped before `work` has begun, it never begins.
    ///
    /// # Errors
    /// `work` has panicked, or the bot is shut down before it began.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        self.blocking_with_token(|_| work()).await
    }

    /// As [`Host::blocking`], for work that looks from time to time whether it is still wanted: its token is
    /// cancelled when this future is dropped, and when the time that a shutdown gives to running work is over.
    ///
    /// # Errors
    /// As [`Host::blocking`].
    pub async fn blocking_with_token<T: Send + 'static>(
        &self,
        work: impl FnOnce(CancellationToken) -> T + Send + 'static,
    ) -> Result<T> {
        let activity = Activity::current();
        let work = move |token| match activity {
            Some(activity) => activity.enter(|| work(token)),
            None => work(token),
        };
        Ok(self.0.parts.engine.blocking_with_token(work).await?)
    }

    /// Locks by key that async and blocking code share.
    pub fn locks(&self) -> &Locks {
        &self.0.locks
    }

    /// Who changed what, and why: what a module lets people change is recorded here.
    pub fn audit(&self) -> &Audit {
        &self.0.parts.audit
    }

    /// What each guild has set of what the modules declare.
    pub fn settings(&self) -> &Settings {
        &self.0.parts.settings
    }

    /// Which modules are switched on, everywhere and in each guild.
    pub fn switches(&self) -> &Switches {
        &self.0.parts.switches
    }

    /// The state of another module; `None` while it is not loaded: switched off, failed, or not of this bot.
    pub fn module<M: Send + Sync + 'static>(&self) -> Option<Arc<M>> {
        self.0.parts.slots.upgrade()?.find()
    }

    /// Open while every shard is connected to Discord: what tasks that talk to Discord need.
    pub fn connected(&self) -> &Gate {
        &self.0.connected
    }

    /// How the shards of this process are, by id; none before the gateway connects.
    pub fn shards(&self) -> Vec<ShardStatus> {
        self.0.shards.statuses()
    }

    /// What people see of the bot on every shard that has nothing of its own: what is configured, until it is set.
    pub fn presence(&self) -> Presence {
        self.0.shards.presence()
    }

    /// Sets what people see of the bot, on every shard. It is kept over reconnects and new sessions, until it is set
    /// again or the bot is started again. Discord is told five times in a minute at the most, of the newest.
    pub fn set_presence(&self, presence: &Presence) {
        self.0.shards.set_presence(presence);
    }

    /// As [`Host::set_presence`], on one shard, until it is set for it or for every shard.
    ///
    /// # Errors
    /// This process has no such shard, or the gateway does not connect yet.
    pub fn set_presence_on(&self, shard: u32, presence: &Presence) -> Result<()> {
        let is_set = self.0.shards.set_presence_on(shard, presence);
        anyhow::ensure!(is_set, "this process has no shard {shard}");
        Ok(())
    }

    /// Asks Discord for members of a guild over the gateway, which finds them by the beginning of a name or by id, and
    /// waits for the answer for `timeout` by the host's clock. At most 1,000 come, or 100 by id.
    ///
    /// # Errors
    /// More are asked for: list those by [`GuildId::members`], page by page. The guild's shard is of another process, or
    /// no answer came in time, as for a guild that the bot is not in.
    pub async fn members(
        &self,
        guild: GuildId,
        members: &Members,
        timeout: Duration,
    ) -> Result<Vec<Member>> {
        anyhow::ensure!(
            members.is_small(),
            "so many members are not asked for at once, expected a limit of 1 to 1,000, or up to 100 ids"
        );
        let nonce = format!("{:032x}", rand::rng().random::<u128>());
        let command = members.command(guild, &nonce);
        let is_it = move |it: &GuildMembersChunkEvent| it.nonce.as_deref() == Some(&*nonce);
        let answer = self.events().wait_for(timeout, is_it);
        let is_asked = self.0.shards.ask(guild, command);
        anyhow::ensure!(is_asked, "guild {guild} is of no shard of this process");
        Ok(answer.await?.members.values().cloned().collect())
    }

    /// What modules have asked to be kept of Discord's guilds: see [`Setup::cache`](crate::module::Setup::cache).
    pub fn cache(&self) -> &Cache {
        &self.0.cache
    }

    pub(crate) fn shard_table(&self) -> &ShardTable {
        &self.0.shards
    }

    /// Events: Discord's, and those that modules dispatch.
    pub fn events(&self) -> &Events {
        &self.0.events
    }

    /// Who may use owner-only commands.
    pub fn owners(&self) -> &BTreeSet<UserId> {
        &self.0.parts.owners
    }

    /// Whether this person may use owner-only commands.
    pub fn is_owner(&self, user: UserId) -> bool {
        self.owners().contains(&user)
    }

    /// Commits `transaction` together with how far this module has folded events into what it wrote.
    ///
    /// After a crash at any moment each folded event up to `positions` is in the database once, and none is
    /// offered to the module again; later ones are, when the session is resumed.
    ///
    /// # Errors
    /// Nothing was committed: the module keeps what it folded and tries again.
    pub async fn commit_folded(
        &self,
        module: &'static str,
        mut transaction: Transaction,
        positions: &Positions,
    ) -> Result<()> {
        self.0
            .parts
            .progress
            .write_marks(&mut transaction, module, positions)
            .await?;
        if let Err(error) = transaction.commit().await
            && !self.was_committed(module, positions).await
        {
            return Err(error.into());
        }
        self.0.parts.progress.marks_committed(module, positions);
        Ok(())
    }

    /// Lets a module begin with the messages to come, also after a crash.
    ///
    /// # Errors
    /// The database could not be written to.
    pub(crate) async fn pass_over(&self, module: &str) -> Result<()> {
        let positions = self.progress().pass_over(module);
        let mut transaction = self.db().begin().await?;
        let marks = self
            .progress()
            .write_marks(&mut transaction, module, &positions);
        marks.await?;
        Ok(transaction.commit().await?)
    }

    /// A commit may succeed though its answer is lost; taking it for a failure would count everything twice.
    async fn was_committed(&self, module: &'static str, positions: &Positions) -> bool {
        loop {
            match self
                .0
                .parts
                .progress
                .has_marks(self.db(), module, positions)
                .await
            {
                Ok(was_committed) => return was_committed,
                Err(error) => warn!(
                    module.name = module,
                    "asking what became of a commit: {}",
                    ErrorChain(&error.into())
                ),
            }
            self.clock().sleep(ASK_AGAIN).await;
        }
    }

    /// Sends a direct message to every owner; a longer one is shortened to 2,000 code points.
    ///
    /// # Errors
    /// An owner could not be reached; the others were still tried.
    pub async fn tell_owner(&self, text: impl Into<String>) -> Result<()> {
        let text = text.into();
        let text = shorten(&text, limits::CONTENT);
        let mut told = Ok(());
        for owner in self.owners() {
            let nonce = format!("{:x}", rand::rng().random::<u64>());
            let message = CreateMessage::new()
                .content(&*text)
                .nonce(Nonce::String(nonce))
                .enforce_nonce(true);
            if let Err(error) = owner.direct_message(self.http(), message).await {
                told = Err(error)
                    .with_context(|| format!("sending a direct message to owner {owner}"));
            }
        }
        told
    }

    /// How many commands, listeners and folds have failed unexpectedly since the start.
    pub fn failures(&self) -> u64 {
        self.0.failures.load(Ordering::Relaxed) + self.0.events.failures()
    }

    /// How often modules' code has held a thread of the runtime for a second. The log names whose.
    pub fn stalls(&self) -> u64 {
        self.watchdog().stalls()
    }

    pub(crate) fn watchdog(&self) -> &Watchdog {
        &self.0.parts.watchdog
    }

    pub(crate) fn count_failure(&self) {
        self.0.failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn progress(&self) -> &Arc<Progress> {
        &self.0.parts.progress
    }
}

/// The guild that a task of this scope belongs to.
fn guild_of(scope: &str) -> Option<GuildId> {
    let id = scope.strip_prefix("guild:")?.split(':').next()?;
    let id: u64 = id.parse().ok().filter(|id| *id > 0)?;
    Some(GuildId::new(id))
}

#[cfg(test)]
mod tests;
