//! What there is of a bot while it rests: its database, its tasks without their code, and what its modules declare.

use std::{sync::Arc, time::Duration};

use cogsmith_tasks::{Clock, Engine, NoPulse};
use serenity::http::Http;

use crate::{
    activity::Watchdog,
    admin::Desk,
    audit::Audit,
    error::Result,
    events::Progress,
    host::{Host, Parts, Slots},
    module::{Modules, Registry},
    settings::Settings,
    store::Db,
    switches::Switches,
};

/// How long the engine, of which nothing runs, may take to close the store.
const CLOSING: Duration = Duration::from_secs(5);

/// A bot of which nothing runs, and which asks nobody: to be looked at, and changed for its next start.
pub struct Resting {
    db: Db,
    engine: Engine,
    /// Where it is asked.
    pub desk: Desk,
}

impl Resting {
    /// Takes over every task that is stored, without its code. No module is loaded.
    ///
    /// # Errors
    /// The database cannot be read or written; it is closed then.
    pub async fn open(db: Db, modules: Modules) -> Result<Self> {
        match Self::try_open(&db, modules).await {
            Ok(resting) => Ok(resting),
            Err(error) => {
                db.close().await;
                Err(error)
            }
        }
    }

    async fn try_open(db: &Db, modules: Modules) -> Result<Self> {
        db.migrate(modules.own_migrations()).await?;
        let engine = Engine::builder(Arc::new(db.clone()), Clock::system());
        let engine = engine.watch_threads(false).pulse(NoPulse).build();
        engine.adopt().await?;
        let watchdog = Watchdog::start()?;
        let slots = Arc::new(Slots::new(watchdog.clone()));
        // Nothing old is deleted by a bot that rests.
        let kept = Duration::MAX;
        let audit = Audit::open(db.clone(), engine.clock().clone(), kept).await?;
        let host = Host::new(Parts {
            name: None,
            shared: modules.shared().clone(),
            db: db.clone(),
            http: Arc::new(Http::new("")),
            engine: engine.clone(),
            settings: Settings::open(db.clone(), audit.clone()).await?,
            switches: Switches::open(db.clone(), audit.clone()).await?,
            audit,
            slots: Arc::downgrade(&slots),
            watchdog,
            progress: Progress::new(),
            owners: Default::default(),
        });
        let registry = Arc::new(Registry::new(modules, host.clone(), slots));
        Ok(Self {
            db: db.clone(),
            engine,
            desk: Desk::of_resting(host, registry),
        })
    }

    /// Writes what is left to be written, and frees the database.
    pub async fn close(self) {
        self.engine.shut_down(CLOSING).await;
        self.db.close().await;
    }
}
