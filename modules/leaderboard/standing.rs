//! What members ask for: what is written, and what is not written yet. A busy database delays an answer
//! by a second at most and makes none fail.

use std::{cmp::Reverse, collections::BTreeMap};

use cogsmith::prelude::*;
use futures_util::{StreamExt, TryStreamExt, stream};
use serenity::model::id::{GuildId, UserId};
use tokio::{sync::OwnedMutexGuard, time::timeout};

use super::{
    LINES, Leaderboard,
    ledger::Gain,
    ranking::{Ranked, Ranking, Score},
    store::{self, Board, Line},
};

/// How long an answer waits for a write that is under way.
const PATIENCE: Duration = Duration::from_secs(1);

impl Leaderboard {
    /// A member's place among what is written of the others, with all that the member has earned.
    pub(super) async fn standing(&self, guild: GuildId, user: UserId) -> Result<Option<Ranked>> {
        let place = |ranking: &Ranking| {
            let gain = self.ledger.lock().gain(guild, user);
            ranking.of(user, gain)
        };
        self.ask(guild, place).await
    }

    /// The board as of the last update; a guild that has none yet is shown how things stand now.
    pub(super) async fn board(&self, guild: GuildId) -> Result<Option<Board>> {
        if let Some(board) = store::board(self.host.db(), guild).await? {
            return Ok(Some(board));
        }
        let size = self.host.settings().get(guild, &LINES);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let top = |ranking: &Ranking| {
            let top = ranking.board().take(size).map(line);
            let gains = self.ledger.lock().gains_in(guild);
            with_gains(top.collect(), &gains, size)
        };
        let lines = self.ask(guild, top).await?;
        let updated_at = self.host.now();
        Ok((!lines.is_empty()).then_some(Board { lines, updated_at }))
    }

    /// Asks the ranking of a guild, which is read when it is not in memory.
    async fn ask<T>(&self, guild: GuildId, ask: impl Fn(&Ranking) -> T) -> Result<T> {
        let in_memory = || self.rankings.lock().get(guild).map(&ask);
        if let Some(answer) = in_memory() {
            return Ok(answer);
        }
        let key = ("leaderboard.ranking", guild.get());
        let _one_reads = self.host.locks().lock(key).await?;
        loop {
            if let Some(answer) = in_memory() {
                return Ok(answer);
            }
            let turn = timeout(PATIENCE, self.saving.clone().lock_owned()).await;
            let is_kept = turn.is_ok();
            let ranking = self.read(guild, turn.ok()).await?;
            if !is_kept {
                return Ok(ask(&ranking));
            }
            // It is not taken when somebody was deleted meanwhile.
            self.rankings.lock().finish(guild, ranking);
        }
    }

    /// Reads a ranking. With its turn no write is under way, and what is written from then on is kept for it. Without,
    /// one may end in the same instant, and would be counted twice: such a ranking is for one answer alone.
    async fn read(&self, guild: GuildId, turn: Option<OwnedMutexGuard<()>>) -> Result<Ranking> {
        if turn.is_some() {
            self.rankings.lock().begin(guild);
        }
        let scores = self.scores(guild, turn).await;
        if scores.is_err() {
            self.rankings.lock().abandon(guild);
        }
        let scores = scores?;
        self.host.blocking(|| Ranking::new(scores)).await
    }

    async fn scores(
        &self,
        guild: GuildId,
        turn: Option<OwnedMutexGuard<()>>,
    ) -> Result<Vec<Score>> {
        let mut rows = store::stream_of(self.host.db(), guild);
        let first = rows.next().await;
        // All rows are of the moment of the first: writes may go on.
        drop(turn);
        let rows = stream::iter(first).chain(rows);
        rows.map_ok(score).try_collect().await
    }
}

fn score(row: store::Score) -> Score {
    Score {
        user: UserId::new(row.user_id.cast_unsigned()),
        xp: row.xp.cast_unsigned(),
        messages: row.messages.cast_unsigned(),
        awarded_at: row.awarded_at,
    }
}

fn line(ranked: Ranked) -> Line {
    Line {
        place: i64::try_from(ranked.place).unwrap_or(i64::MAX),
        user_id: ranked.score.user.get().cast_signed(),
        xp: ranked.score.xp.cast_signed(),
    }
}

/// The first lines of a board with what is not written: all of it where nothing is written, else that of
/// the members who are among the first already.
fn with_gains(mut top: Vec<Line>, gains: &BTreeMap<UserId, Gain>, size: usize) -> Vec<Line> {
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
    top.truncate(size);
    for n in 0..top.len() {
        top[n].place = match n.checked_sub(1) {
            Some(before) if top[before].xp == top[n].xp => top[before].place,
            _ => i64::try_from(n + 1).unwrap_or(i64::MAX),
        };
    }
    top
}
