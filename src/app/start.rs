//! A start, step by step. One that fails or is stopped on the way is ended in order, as far as it came.

use std::{
    collections::BTreeSet,
    sync::{Arc, Weak},
    time::Duration,
};

use cogsmith_tasks::{Clock, Engine};
use serde_json::Value;
use serenity::model::{
    gateway::GatewayIntents,
    id::{GuildId, UserId},
};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::task::AbortOnDropHandle;
use tracing::{error, warn};

use super::{
    deadline::{self, Deadline},
    intents,
};
use crate::{
    activity::Watchdog,
    admin::{self, Desk, Hello, Place},
    audit::Audit,
    config::BotConfig,
    discord::{Dispatch, Rest, guilds},
    error::{Error, Result},
    events::Progress,
    gateway::{self, Gateway},
    host::{Host, Parts, Slots},
    http::Health,
    module::{Modules, Registry},
    runtime::Runtime,
    settings::Settings,
    store::{Db, Migrations},
    switches::Switches,
};

/// What a start has brought up so far.
pub(super) struct Start {
    db: Db,
    pub(super) health: Arc<Health>,
    pub(super) runtime: Runtime,
    /// None where no socket is wanted or none can be had.
    pub(super) admin: Option<admin::Server>,
    engine: Engine,
    registry: Option<Arc<Registry>>,
}

/// What only a start that has succeeded has.
pub(super) struct Connected {
    pub(super) host: Host,
    pub(super) rest: Rest,
    pub(super) gateway: Arc<Gateway>,
    pub(super) dispatch: Arc<Dispatch>,
    /// Lists the guilds of the shards that lack them.
    pub(super) guilds: AbortOnDropHandle<()>,
}

impl Start {
    pub(super) fn new(
        config: &BotConfig,
        db: Db,
        clock: Clock,
        health: Arc<Health>,
        migrations: Migrations,
    ) -> Result<Self> {
        let runtime = Runtime::of_host()?;
        Ok(Self {
            health,
            admin: admin(config, &db, migrations, &runtime),
            engine: engine(config, &db, clock, &runtime),
            runtime,
            registry: None,
            db,
        })
    }

    /// Goes on until the gateway connects, or ends with what `stopped` says. What is up then is left to
    /// [`Start::end`].
    pub(super) async fn connect(
        &mut self,
        config: &BotConfig,
        modules: Modules,
        stopped: impl Future<Output = Error>,
    ) -> Result<Connected> {
        tokio::select! {
            biased;
            error = stopped => Err(error),
            connected = self.go_on(config, modules) => connected,
        }
    }

    async fn go_on(&mut self, config: &BotConfig, modules: Modules) -> Result<Connected> {
        let rest = Rest::on(self.engine.clock().clone(), config.clone());
        let rest = self.runtime.run(rest).await??;
        self.health.watch_requests(rest.brake.clone());
        let application = rest.application(config.place()).await?;
        let owners = config.owner_ids.iter().map(|id| UserId::new(*id));
        let owners: BTreeSet<_> = application.owners.keys().copied().chain(owners).collect();

        // Before anything is read that an earlier owner may still be writing.
        Box::pin(self.db.claim()).await?;
        self.db.migrate(modules.own_migrations()).await?;
        let progress = Progress::new();
        let watchdog = Watchdog::start()?;
        let slots = Arc::new(Slots::new(watchdog.clone()));
        let clock = self.engine.clock().clone();
        let audit = Audit::open(self.db.clone(), clock, config.audit).await?;
        let host = Host::new(Parts {
            name: config.name.as_ref().map(ToString::to_string),
            shared: modules.shared().clone(),
            db: self.db.clone(),
            http: Arc::clone(&rest.http),
            engine: self.engine.clone(),
            settings: Settings::open(self.db.clone(), audit.clone()).await?,
            switches: Switches::open(self.db.clone(), audit.clone()).await?,
            audit,
            slots: Arc::downgrade(&slots),
            watchdog,
            progress,
            owners,
        });
        let modules = modules.only(config.modules.as_ref());
        let registry = Registry::new(modules, host.clone(), slots);
        let dispatch = self.load(config, registry, &host, &rest).await?;
        if let Some(admin) = &self.admin {
            let registry = Arc::clone(dispatch.registry());
            admin.open(Desk::of_running(host.clone(), registry));
        }
        let asked = intents::ask(dispatch.registry(), application.privileged);
        host.events().withhold(!asked);
        host.cache().withhold(!asked);
        let chunks = dispatch.registry().chunks_members();
        if chunks && asked.contains(GatewayIntents::GUILD_MEMBERS) {
            dispatch.chunking().switch_on(config.large_threshold);
        }
        let gateway = self.open_gateway(config, &host, &rest, &dispatch, asked);
        let gateway = gateway.await?;
        self.health
            .watch(Arc::clone(&gateway), Arc::clone(dispatch.registry()));
        tokio::spawn(relay(dispatch.requests(), Arc::downgrade(&gateway)));
        let (listed, count) = (host.clone(), gateway.shard_count());
        let chunked = Arc::clone(&dispatch);
        let listing = async move {
            tokio::join!(
                guilds::list(&listed, chunked.chunking(), count),
                chunked.chunking().run(listed.shard_table()),
            );
        };
        let guilds = AbortOnDropHandle::new(self.runtime.handle().spawn(listing));
        Ok(Connected {
            host,
            rest,
            gateway,
            dispatch,
            guilds,
        })
    }

    async fn load(
        &mut self,
        config: &BotConfig,
        mut registry: Registry,
        host: &Host,
        rest: &Rest,
    ) -> Result<Arc<Dispatch>> {
        let commands = registry.take_commands();
        let registry = Arc::new(registry);
        self.registry = Some(Arc::clone(&registry));
        registry.load().await;
        let owner_guild = config.owner_guild.map(GuildId::new);
        Dispatch::new(
            host.clone(),
            rest.answers(),
            commands,
            registry,
            owner_guild,
        )
        .await
    }

    async fn open_gateway(
        &self,
        config: &BotConfig,
        host: &Host,
        rest: &Rest,
        dispatch: &Arc<Dispatch>,
        intents: GatewayIntents,
    ) -> Result<Arc<Gateway>> {
        let mut options = gateway::Options::new(config.token.clone(), intents.bits());
        options.api_url.clone_from(&config.api_url);
        options.shards.clone_from(&config.shards);
        options.large_threshold = config.large_threshold;
        options.ignores_start_limit = config.ignores_start_limit;
        options.presence = Some(config.presence.clone());
        options.drain = deadline::working(config.drain);
        options.connected = host.connected().clone();
        options.table = host.shard_table().clone();
        options.lanes = Some(host.events().lanes().clone());
        let gateway = Gateway::connect(
            options,
            rest.client.clone(),
            self.db.clone(),
            Arc::clone(host.progress()),
            Arc::new(Arc::clone(dispatch)),
            host.clock().clone(),
        );
        Ok(Arc::new(self.runtime.run(gateway).await??))
    }

    /// Ends what is up in the reverse order, within `drain`, whatever modules do with their threads. There is no
    /// gateway yet.
    pub(super) async fn end(self, drain: Duration) {
        let threads = self.runtime.handle().clone();
        if let Err(error) = threads.spawn(self.end_here(drain)).await {
            error!("ending the start failed: {error}");
        }
    }

    async fn end_here(self, drain: Duration) {
        let deadline = Deadline::after(drain);
        let _ = deadline
            .stage(self.engine.shut_down(deadline.work_left()))
            .await;
        if let Some(registry) = &self.registry {
            registry.unload(deadline.end).await;
        }
        if let Some(admin) = self.admin {
            let _ = deadline.stage(admin.stop()).await;
        }
        if deadline.stage(self.db.close()).await.is_none() {
            error!("the database was not closed in time: what is not committed is rolled back");
        }
    }
}

fn engine(config: &BotConfig, db: &Db, clock: Clock, runtime: &Runtime) -> Engine {
    // The watchdog sees all code of modules, that of tasks too.
    let builder = Engine::builder(Arc::new(db.clone()), clock)
        .watch_threads(false)
        .runtime(runtime.handle().clone());
    match config.blocking_threads {
        Some(threads) => builder.blocking_threads(threads).build(),
        None => builder.build(),
    }
}

/// A bot that cannot be asked by a shell does its work all the same.
fn admin(
    config: &BotConfig,
    db: &Db,
    migrations: Migrations,
    runtime: &Runtime,
) -> Option<admin::Server> {
    let sockets = config.sockets.as_ref()?;
    let place = Place::of(db.url(), sockets.folder.as_deref());
    let hello = Hello::of(migrations);
    let started = admin::Server::start(&place, hello, runtime.handle());
    let told = started.inspect_err(|error| {
        let path = place.path().display();
        warn!("`cogsmith task` and `cogsmith module` cannot ask this bot: {path}: {error}");
    });
    told.ok()
}

/// Passes on what modules ask of the gateway by serenity's means, as long as there is a gateway.
async fn relay(requests: Option<UnboundedReceiver<Value>>, gateway: Weak<Gateway>) {
    let Some(mut requests) = requests else { return };
    while let (Some(asked), Some(gateway)) = (requests.recv().await, gateway.upgrade()) {
        gateway.relay(asked);
    }
}
