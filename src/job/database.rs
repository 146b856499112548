//! The database of a job: read beside the bot, or owned as the bot owns it.

use super::Job;
use crate::{
    config::DatabaseUrl,
    error::Result,
    store::{Db, Migrations},
};

/// Where the database is, and what a project adds to it.
pub(crate) struct Place {
    /// The name of the setting that leads to it.
    pub(crate) setting: &'static str,
    pub(crate) url: DatabaseUrl,
    pub(crate) migrations: Migrations,
}

impl Job {
    /// The database, opened when this is called first.
    ///
    /// It can only be read, and a bot that runs on it goes on. A job that has declared that it
    /// [writes](crate::module::JobSetup::writes) owns it instead: it is migrated, and no bot may run on it meanwhile.
    ///
    /// # Errors
    /// It cannot be opened; another process owns it, where the job writes.
    pub async fn db(&self) -> Result<&Db> {
        let opened = self.0.db.get_or_try_init(|| self.open());
        opened.await
    }

    async fn open(&self) -> Result<Db> {
        let Place { setting, url, .. } = &self.0.parts.place;
        let opened = match self.0.parts.needs.writes {
            true => Db::open(url).await,
            false => Db::open_to_read(url).await,
        };
        let db = match opened {
            Ok(db) => db,
            Err(error) => return Err(error.into_problem(*setting)?.into()),
        };
        match self.prepare(&db).await {
            Ok(()) => Ok(db),
            Err(error) => {
                db.close().await;
                Err(error)
            }
        }
    }

    async fn prepare(&self, db: &Db) -> Result<()> {
        if self.0.parts.needs.writes {
            Box::pin(db.claim()).await?;
            db.migrate(self.0.parts.place.migrations).await?;
        }
        Ok(())
    }
}
