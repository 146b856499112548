//! The nightly look at all members of each server, and how long it is kept.
//!
//! A snapshot writes what has changed, a page at a time, each with how far it has come in one transaction: after a
//! crash it goes on there.

use std::pin::pin;

use cogsmith::prelude::*;
use futures_util::TryStreamExt;
use serenity::model::id::{GuildId, UserId};
use tracing::{info, warn};

use super::{
    Members,
    listing::{self, Forbidden},
    member::Member,
    merge::Merge,
    span::Span,
    store::{
        self,
        version::{Reader, Wanted},
    },
};

pub(super) const KEPT: Setting<i64> = Setting::integer(
    "members.kept_days",
    1..=365,
    30,
    "Days for which snapshots of the members are kept",
);

/// A look that is finished: what versions say of `taken_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Snapshot {
    pub(super) begun_at: DateTime<Utc>,
    pub(super) taken_at: DateTime<Utc>,
}

/// How far one has come that is not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) begun_at: DateTime<Utc>,
    /// The last member who was looked at; 0 before the first.
    pub(super) reached: u64,
}

impl Members {
    /// Looks at every server where the module is on, one after the other. One that fails does not keep the others
    /// from being looked at; an attempt that is made again looks at those that are left.
    pub(super) async fn snapshot(&self, run: Run) -> Result<()> {
        let mut failed = None;
        for guild in self.guilds() {
            match self.snapshot_of(guild, run.slot).await {
                Err(error) if error.is::<Forbidden>() => drop(self.explained(guild, error).await),
                Err(error) => {
                    warn!(%guild, "looking at all members: {}", ErrorChain(&error));
                    failed = Some(error);
                }
                Ok(()) => {}
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Where the module is on.
    fn guilds(&self) -> impl Iterator<Item = GuildId> {
        let guilds = self.host.switches().guilds().into_iter();
        guilds.filter(|guild| self.host.switches().is_on(Self::NAME, Some(*guild)))
    }

    /// Looks at a server's members, unless that was done at `slot` or later; goes on with what was begun since.
    async fn snapshot_of(&self, guild: GuildId, slot: DateTime<Utc>) -> Result<()> {
        if store::snapshot::is_taken(self.host.db(), guild, slot).await? {
            return Ok(());
        }
        let mut progress = self.begin(guild, slot).await?;
        let after = (progress.reached > 0).then(|| UserId::new(progress.reached));
        let mut asked_at = self.host.now();
        let mut pages = pin!(listing::pages(self.host.http().clone(), guild, after));
        let mut is_last = false;
        while !is_last {
            let page = pages.try_next().await?.unwrap_or_default();
            is_last = page.len() < listing::PAGE;
            self.note_page(guild, &mut progress, page, asked_at).await?;
            asked_at = self.host.now();
        }
        info!(%guild, "all members were looked at");
        self.note_allowed(guild).await
    }

    async fn begin(&self, guild: GuildId, slot: DateTime<Utc>) -> Result<Progress> {
        let db = self.host.db();
        if let Some(progress) = store::snapshot::unfinished(db, guild, slot).await? {
            return Ok(progress);
        }
        let progress = Progress {
            begun_at: self.host.now(),
            reached: 0,
        };
        store::snapshot::begin(db, guild, &progress).await?;
        Ok(progress)
    }

    /// Notes a page, which was asked for at an instant. One that is not full reaches to the end.
    async fn note_page(
        &self,
        guild: GuildId,
        progress: &mut Progress,
        page: Vec<Member>,
        asked_at: DateTime<Utc>,
    ) -> Result<()> {
        let mut span = Span::behind(progress.reached);
        let is_last = page.len() < listing::PAGE;
        let last = page.last().filter(|_| !is_last);
        span.last = last.map_or(span.last, |member| member.user.get());
        progress.reached = span.last;
        self.note(guild, span, page, asked_at, Some((progress, is_last)))
            .await
    }

    /// Notes what Discord has told of the members of a span, and how far a snapshot has come with it.
    pub(super) async fn note(
        &self,
        guild: GuildId,
        span: Span,
        told: Vec<Member>,
        asked_at: DateTime<Utc>,
        progress: Option<(&Progress, bool)>,
    ) -> Result<()> {
        let _turn = self
            .host
            .locks()
            .lock(("members.note", guild.get()))
            .await?;
        let (db, now) = (self.host.db(), self.host.now());
        let mut merge = Merge::new(told, asked_at, now);
        let mut kept = Reader::of(db, guild, span, Wanted::Since(asked_at));
        while let Some(versions) = kept.next().await? {
            merge.meet(versions);
        }
        let merged = merge.finish();
        if merged.is_empty() && progress.is_none() {
            return Ok(());
        }
        let mut transaction = db.begin().await?;
        // One may end and another begin at one instant, and a statement writes a row once.
        store::version::write(&mut transaction, guild, &merged.ended).await?;
        store::version::write(&mut transaction, guild, &merged.begun).await?;
        if let Some((progress, is_last)) = progress {
            let taken_at = is_last.then_some(now);
            store::snapshot::go_on(&mut transaction, guild, progress, taken_at).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Forgets what is older than each server wants to keep, also where the module is off.
    pub(super) async fn prune(&self, _run: Run) -> Result<()> {
        for guild in store::snapshot::guilds(self.host.db()).await? {
            let days = self.host.settings().get(guild, &KEPT);
            let before = self.host.now() - chrono::TimeDelta::days(days);
            store::snapshot::prune(self.host.db(), guild, before).await?;
        }
        Ok(())
    }
}
