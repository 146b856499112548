//! Takes the store over, and looks tasks up in it.

use tracing::info;

use super::{STAND_BY_PAUSE, Scribe, floor};
use crate::{
    cursor::Cursor,
    mail::Found,
    store::{Epoch, Opened, StoreError},
};

impl Scribe {
    pub(super) async fn open(&mut self) -> Result<Epoch, StoreError> {
        if let Some(epoch) = self.epoch {
            return Ok(epoch);
        }
        let opened = self.take_over().await?;
        for run in opened.abandoned {
            self.abandoned.entry(run.task).or_default().push(run);
        }
        self.epoch = Some(opened.epoch);
        Ok(opened.epoch)
    }

    /// Opens the store, if need be after the engine that has it.
    async fn take_over(&self) -> Result<Opened, StoreError> {
        let mut is_waiting = false;
        loop {
            let now = floor(self.clock.now());
            match self.store.open(&self.owner, now).await {
                Err(StoreError::Occupied { owner, .. }) if self.stands_by => {
                    if !is_waiting {
                        info!(%owner, "the task store is in use, standing by");
                    }
                    is_waiting = true;
                    self.clock.sleep(STAND_BY_PAUSE).await;
                }
                opened => return opened,
            }
        }
    }

    pub(super) async fn register(
        &mut self,
        name: &str,
        scope: &str,
        cursor: &Cursor,
    ) -> Result<Found, StoreError> {
        let epoch = self.open().await?;
        let row = self.store.register(epoch, name, scope, cursor).await?;
        let abandoned = self.abandoned.remove(&row.id).unwrap_or_default();
        Ok(Found { row, abandoned })
    }

    pub(super) async fn load(&mut self, family: &str) -> Result<Vec<Found>, StoreError> {
        self.open().await?;
        let rows = self.store.tasks().await?.into_iter();
        let members = rows.filter(|row| *row.name == *family);
        let found = members.map(|row| Found {
            abandoned: self.abandoned.remove(&row.id).unwrap_or_default(),
            row,
        });
        Ok(found.collect())
    }
}
