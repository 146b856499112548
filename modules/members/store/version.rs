//! What members were, and are.

use std::collections::VecDeque;

use cogsmith::{prelude::*, store::Value};
use serenity::model::id::{GuildId, RoleId};

use super::{Whose, guild_of, instant, user_of};
use crate::modules::members::{member::Member, span::Span, version::Version};

/// Rows read at once.
const CHUNK: i64 = 1_000;

#[derive(sqlx::FromRow)]
struct Row {
    guild_id: i64,
    user_id: i64,
    from_at: i64,
    until_at: Option<i64>,
    name: String,
    display_name: Option<String>,
    is_bot: i64,
    joined_at: Option<i64>,
    roles: String,
}

impl From<Row> for Version {
    fn from(row: Row) -> Self {
        let roles = row.roles.split(' ').filter_map(|id| id.parse().ok());
        Self {
            member: Member {
                user: user_of(row.user_id),
                name: row.name,
                display_name: row.display_name,
                is_bot: row.is_bot != 0,
                joined_at: row.joined_at.map(instant),
                roles: roles.map(RoleId::new).collect(),
            },
            from: instant(row.from_at),
            until: row.until_at.map(instant),
        }
    }
}

/// Writes versions, each once in the list; one that is there is replaced.
pub(in crate::modules::members) async fn write(
    transaction: &mut Transaction,
    guild: GuildId,
    versions: &[Version],
) -> Result<()> {
    let mut rows = Rows::new(
        "insert into members_version
            (guild_id, user_id, from_at, until_at, name, display_name, is_bot, joined_at, roles)",
        "on conflict (guild_id, user_id, from_at) do update set
            until_at = excluded.until_at, name = excluded.name, display_name = excluded.display_name,
            is_bot = excluded.is_bot, joined_at = excluded.joined_at, roles = excluded.roles",
    );
    for version in versions {
        rows.push(values(guild, version));
    }
    Ok(transaction.write(rows).await?)
}

fn values(guild: GuildId, version: &Version) -> [Value; 9] {
    let member = &version.member;
    let roles = member.roles.iter().map(ToString::to_string);
    [
        guild.into(),
        member.user.into(),
        version.from.into(),
        version.until.into(),
        member.name.as_str().into(),
        member.display_name.clone().into(),
        member.is_bot.into(),
        member.joined_at.into(),
        roles.collect::<Vec<_>>().join(" ").into(),
    ]
}

/// Which versions are wanted.
#[derive(Clone, Copy)]
pub(in crate::modules::members) enum Wanted {
    /// Those that hold still, and those that have ended then or later.
    Since(DateTime<Utc>),
    /// Those that held at an instant.
    At(DateTime<Utc>),
    /// Those that began or ended after the first instant, and until the second.
    Between(DateTime<Utc>, DateTime<Utc>),
}

impl Wanted {
    fn sql(self) -> &'static str {
        match self {
            Self::Since(_) => {
                "select * from members_version
                 where guild_id = $1 and (user_id, from_at) > ($2, $3) and user_id <= $4
                    and (until_at is null or until_at >= $5) and from_at <= $6
                 order by user_id, from_at limit $7"
            }
            Self::At(_) => {
                "select * from members_version
                 where guild_id = $1 and (user_id, from_at) > ($2, $3) and user_id <= $4
                    and (until_at is null or until_at > $5) and from_at <= $6
                 order by user_id, from_at limit $7"
            }
            Self::Between(..) => {
                "select * from members_version
                 where guild_id = $1 and (user_id, from_at) > ($2, $3) and user_id <= $4
                    and (from_at > $5 and from_at <= $6 or until_at > $5 and until_at <= $6)
                 order by user_id, from_at limit $7"
            }
        }
    }

    fn instants(self) -> (DateTime<Utc>, DateTime<Utc>) {
        match self {
            Self::Since(at) => (at, DateTime::<Utc>::MAX_UTC),
            Self::At(at) => (at, at),
            Self::Between(after, until) => (after, until),
        }
    }
}

/// Reads the versions of a guild's members, one member after the other, a thousand rows at a time.
pub(in crate::modules::members) struct Reader<'d> {
    db: &'d Db,
    guild: GuildId,
    wanted: Wanted,
    /// User and instant of the last row that was read.
    after: (i64, i64),
    last: u64,
    rows: VecDeque<Version>,
    is_over: bool,
}

impl<'d> Reader<'d> {
    pub(in crate::modules::members) fn new(db: &'d Db, guild: GuildId, wanted: Wanted) -> Self {
        Self::of(db, guild, Span::all(), wanted)
    }

    /// As [`Reader::new`], of the members in this span.
    pub(in crate::modules::members) fn of(
        db: &'d Db,
        guild: GuildId,
        span: Span,
        wanted: Wanted,
    ) -> Self {
        Self {
            db,
            guild,
            wanted,
            after: (span.after.cast_signed(), i64::MAX),
            last: span.last,
            rows: VecDeque::new(),
            is_over: false,
        }
    }

    /// All that is wanted of the next member, oldest first; `None` when there is no other.
    pub(in crate::modules::members) async fn next(&mut self) -> Result<Option<Vec<Version>>> {
        let is_whole = |rows: &VecDeque<Version>| {
            rows.front().map(|row| row.member.user) != rows.back().map(|row| row.member.user)
        };
        while !self.is_over && !is_whole(&self.rows) {
            self.read().await?;
        }
        let Some(user) = self.rows.front().map(|row| row.member.user) else {
            return Ok(None);
        };
        let count = self.rows.iter().take_while(|row| row.member.user == user);
        let count = count.count();
        Ok(Some(self.rows.drain(..count).collect()))
    }

    async fn read(&mut self) -> Result<()> {
        let (since, until) = self.wanted.instants();
        let rows = self.db.read(self.wanted.sql()).bind(self.guild);
        let rows = rows.bind(self.after.0).bind(self.after.1).bind(self.last);
        let rows = rows.bind(since).bind(until).bind(CHUNK);
        let rows: Vec<Row> = rows.all().await?;
        self.is_over = i64::try_from(rows.len()).is_ok_and(|count| count < CHUNK);
        if let Some(last) = rows.last() {
            self.after = (last.user_id, last.from_at);
        }
        self.rows.extend(rows.into_iter().map(Version::from));
        Ok(())
    }
}

/// What is kept of a person in whatever guild, or of a guild: at most so many versions.
pub(in crate::modules::members) async fn all(
    db: &Db,
    whose: Whose,
    most: u32,
) -> Result<Vec<(GuildId, Version)>> {
    let sql = "
        select * from members_version where user_id = $1 or guild_id = $2
        order by guild_id, user_id, from_at limit $3";
    let (user, guild) = whose.ids();
    let rows = db.read(sql).bind(user).bind(guild).bind(most);
    let rows: Vec<Row> = rows.all().await?;
    let versions = rows.into_iter();
    let versions = versions.map(|row| (guild_of(row.guild_id), Version::from(row)));
    Ok(versions.collect())
}
