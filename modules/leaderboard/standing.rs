//! What members ask for: what is written, and what is not written yet. A busy database delays an answer
//! by a second at most and makes none fail.

use std::{cmp::Reverse, collections::BTreeMap};

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};
use tokio::{sync::OwnedMutexGuard, time::timeout};
use tracing::warn;

use super::{
    LINES, Leaderboard,
    ledger::{Gain, Which},
    store::{self, Board, Line, Standing},
};

/// How long an answer waits for what is not written yet.
const PATIENCE: Duration = Duration::from_secs(1);

impl Leaderboard {
    /// A member's place among what is written of the others, with all that the member has earned.
    pub(super) async fn standing(&self, guild: GuildId, user: UserId) -> Result<Option<Standing>> {
        let turn = self.try_save().await;
        let score = store::score(self.host.db(), guild, user).await?;
        let gain = self.ledger.lock().gain(guild, user);
        drop(turn);
        let (xp, messages) = score.unwrap_or_default();
        let xp = xp.saturating_add_unsigned(gain.xp);
        if xp == 0 {
            return Ok(None);
        }
        let place = 1 + store::ahead_of(self.host.db(), guild, user, xp).await?;
        let messages = messages.saturating_add_unsigned(gain.messages);
        Ok(Some(Standing {
            place,
            xp,
            messages,
        }))
    }

    /// The board as of the last update; a guild that has none yet is shown how things stand now.
    pub(super) async fn board(&self, guild: GuildId) -> Result<Option<Board>> {
        if let Some(board) = store::board(self.host.db(), guild).await? {
            return Ok(Some(board));
        }
        let size = self.host.settings().get(guild, &LINES);
        let turn = self.try_save().await;
        let top = store::top(self.host.db(), guild, size).await?;
        let gains = self.ledger.lock().gains_in(guild);
        drop(turn);
        let updated_at = self.host.now();
        let lines = with_gains(top, &gains, size);
        Ok((!lines.is_empty()).then_some(Board { lines, updated_at }))
    }

    /// Writes what can be written in a second, and keeps other writes away while it is held. Without it a
    /// write may be under way, whose end in the same instant would be counted twice in one answer.
    async fn try_save(&self) -> Option<OwnedMutexGuard<()>> {
        let saved = async {
            if let Err(error) = self.save(Which::NotSetAside).await {
                warn!("XP is shown that is not written: {}", ErrorChain(&error));
            }
            self.saving.clone().lock_owned().await
        };
        timeout(PATIENCE, saved).await.ok()
    }
}

/// The first lines of a board with what is not written: all of it where nothing is written, else that of
/// the members who are among the first already.
fn with_gains(mut top: Vec<Line>, gains: &BTreeMap<UserId, Gain>, size: i64) -> Vec<Line> {
    if top.is_empty() {
        let earned = gains.iter().filter(|(_, gain)| gain.xp > 0);
        top.extend(earned.map(|(user, _)| Line {
            place: 1,
            user_id: user.get().cast_signed(),
            xp: 0,
        }));
    }
    for line in &mut top {
        let gain = gains.get(&UserId::new(line.user_id.cast_unsigned()));
        line.xp = line
            .xp
            .saturating_add_unsigned(gain.map_or(0, |gain| gain.xp));
    }
    top.sort_by_key(|line| Reverse(line.xp));
    top.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    for n in 0..top.len() {
        top[n].place = match n.checked_sub(1) {
            Some(before) if top[before].xp == top[n].xp => top[before].place,
            _ => i64::try_from(n + 1).unwrap_or(i64::MAX),
        };
    }
    top
}
