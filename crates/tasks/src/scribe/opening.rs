//! Takes the store over, and looks tasks up in it.

use tracing::info;

use super::{STAND_BY_PAUSE, Scribe};
use crate::{
    instant::floor,
    mail::{Found, Mail},
    store::{Epoch, Opened, Registration, StoreError, TaskRow},
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
                Err(StoreError::Occupied { owner, .. })
                    if self.stands_by && !self.closing.is_cancelled() =>
                {
                    if !is_waiting {
                        info!(%owner, "the task store is in use, standing by");
                    }
                    is_waiting = true;
                    tokio::select! {
                        () = self.closing.cancelled() => {}
                        () = self.clock.sleep(STAND_BY_PAUSE) => {}
                    }
                }
                opened => return opened,
            }
        }
    }

    /// Looks up those who come, all together; when that fails each alone, so that a row that cannot be
    /// read is in the way of nobody else.
    pub(super) async fn register(&mut self, newcomers: Vec<(u64, Registration)>) {
        let (tickets, tasks): (Vec<_>, Vec<_>) = newcomers.into_iter().unzip();
        match self.look_up(&tasks).await {
            Ok(found) => tickets.into_iter().zip(found).for_each(|(ticket, found)| {
                self.registered(ticket, Ok(found));
            }),
            Err(error) if tasks.len() == 1 => self.registered(tickets[0], Err(error)),
            Err(_) => {
                for (ticket, task) in tickets.into_iter().zip(tasks) {
                    let found = self.look_up(&[task]).await;
                    self.registered(ticket, found.map(|mut found| found.remove(0)));
                }
            }
        }
    }

    async fn look_up(&mut self, tasks: &[Registration]) -> Result<Vec<Found>, StoreError> {
        if tasks.is_empty() {
            return Ok(Vec::new());
        }
        let epoch = self.open().await?;
        let rows = self.store.register(epoch, tasks).await?;
        if rows.len() != tasks.len() {
            let counts = format!("{} rows for {} tasks", rows.len(), tasks.len());
            return Err(StoreError::Conflict(counts));
        }
        Ok(rows.into_iter().map(|row| self.found(row)).collect())
    }

    fn registered(&self, ticket: u64, found: Result<Found, StoreError>) {
        let found = found.map(Box::new);
        self.mailbox.post(Mail::Registered { ticket, found });
    }

    /// The row with what a crash cut off.
    fn found(&mut self, row: TaskRow) -> Found {
        let abandoned = self.abandoned.remove(&row.id).unwrap_or_default();
        Found { row, abandoned }
    }

    pub(super) async fn load(&mut self, family: Option<&str>) -> Result<Vec<Found>, StoreError> {
        self.open().await?;
        let rows = self.store.tasks().await?.into_iter();
        let members = rows.filter(|row| family.is_none_or(|family| *row.name == *family));
        Ok(members.map(|row| self.found(row)).collect())
    }
}
