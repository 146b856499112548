//! Writes the ledger, whole but for the rows that the database refuses.

use std::{collections::HashSet, sync::Arc};

use cogsmith::{prelude::*, store::Error as StoreError};
use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;
use tracing::{info, warn};

use super::{
    Leaderboard,
    ledger::{Earnings, Ledger, Member, Which},
    rankings::Rankings,
    refusal::{self, Refused},
    store,
};

impl Leaderboard {
    /// Writes what is in the ledger. Runs to its end even when the caller is cancelled: a write whose end
    /// nobody saw could not be told from one that failed, and would be written twice.
    ///
    /// # Errors
    /// What is not written stays in the ledger.
    pub(super) async fn save(&self, which: Which) -> Result<()> {
        let turn = Arc::clone(&self.saving).lock_owned().await;
        let earned = self.ledger.lock().unsaved(which);
        if earned.is_empty() {
            return Ok(());
        }
        self.stale
            .lock()
            .extend(earned.gains.keys().map(|(guild, _)| *guild));
        let saving = Saving {
            host: self.host.clone(),
            ledger: Arc::clone(&self.ledger),
            rankings: Arc::clone(&self.rankings),
            unsaved: self.unsaved.clone(),
            _turn: turn,
        };
        tokio::spawn(saving.run(earned)).await?
    }

    /// Tells the owner once of each member that was set aside.
    pub(super) async fn tell_of_set_aside(&self) {
        let untold = self.ledger.lock().take_untold();
        if untold.is_empty() {
            return;
        }
        let lines = untold.iter().map(|(guild, user)| {
            let gain = self.ledger.lock().gain(*guild, *user);
            format!("\nuser {user} in guild {guild}: {} XP", gain.xp)
        });
        let text = format!(
            "The database refuses the XP of these members; everybody else's is written. It is kept in memory and \
             tried again at each update; the log says why.{}",
            lines.collect::<String>()
        );
        if let Err(error) = self.host.tell_owner(text).await {
            warn!("telling of refused XP: {}", ErrorChain(&error));
        }
    }
}

/// One write, with all that it needs when nobody waits for it any more.
struct Saving {
    host: Host,
    ledger: Arc<Mutex<Ledger>>,
    rankings: Arc<Mutex<Rankings>>,
    unsaved: Gate,
    _turn: OwnedMutexGuard<()>,
}

impl Saving {
    async fn run(self, mut earned: Earnings) -> Result<()> {
        if let Err(error) = self.write(&earned).await {
            if !refusal::is_about_a_row(&error) {
                return Err(error);
            }
            let refused = refusal::find(self.host.db(), &earned.gains).await?;
            let refused = match refused.is_empty() {
                false => self.set_aside(refused),
                true if self.ledger.lock().has_set_aside(&earned) => earned.members(),
                true => return Err(error),
            };
            earned.leave_out(&refused);
            self.write(&earned).await?;
        }
        let mut rankings = self.rankings.lock();
        rankings.written(&earned.gains);
        let mut ledger = self.ledger.lock();
        ledger.settle(&earned);
        if ledger.is_caught_up() {
            self.unsaved.close();
        }
        Ok(())
    }

    async fn write(&self, earned: &Earnings) -> Result<()> {
        if earned.is_empty() {
            return Ok(());
        }
        let mut transaction = self.host.db().begin().await?;
        store::add(&mut transaction, &earned.gains).await?;
        if earned.positions.is_empty() {
            return commit_marked(transaction).await;
        }
        self.host
            .commit_folded(Leaderboard::NAME, transaction, &earned.positions)
            .await
    }

    /// Logs each member that was not set aside before.
    fn set_aside(&self, refused: Vec<Refused>) -> HashSet<Member> {
        let mut ledger = self.ledger.lock();
        let members = refused.into_iter().map(|Refused { member, gain, error }| {
            if ledger.set_aside(member) {
                warn!(
                    guild.id = member.0.get(),
                    user.id = member.1.get(),
                    xp = gain.xp,
                    messages = gain.messages,
                    "a member's XP is refused by the database, kept in memory and tried again at each update: {}",
                    ErrorChain(&error)
                );
            }
            member
        });
        members.collect()
    }
}

/// Commits gains whose events are marked as written already: those of members who were set aside.
///
/// There is no mark to tell by what became of a commit whose answer was lost. It is taken for done:
/// such gains may be lost, and are never counted twice.
async fn commit_marked(transaction: Transaction) -> Result<()> {
    match transaction.commit().await {
        Err(StoreError::Query(error)) if error.as_database_error().is_none() => {
            info!("whether refused XP was written is not known: {error}");
            Ok(())
        }
        ended => Ok(ended?),
    }
}
