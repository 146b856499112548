//! Members as rows: what `/members export` and the job `members-export` write.

use std::{collections::HashMap, sync::Arc};

use cogsmith::{
    job::{Cell, Table},
    prelude::*,
};
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use serenity::{
    http::Http,
    model::id::{GuildId, RoleId},
};

use super::{listing, member::Member};

pub(super) const COLUMNS: [&str; 6] = ["id", "name", "display_name", "bot", "joined_at", "roles"];

/// A row for each member of a server, or of one of its roles. A page is in memory at once, and what the table holds.
pub(super) struct Export {
    pages: BoxStream<'static, Result<Vec<Member>>>,
    names: HashMap<RoleId, String>,
    role: Option<RoleId>,
    table: Table<6>,
    expected: Option<u64>,
}

impl Export {
    pub(super) async fn begin(
        http: &Arc<Http>,
        guild: GuildId,
        role: Option<RoleId>,
        table: Table<6>,
    ) -> Result<Self> {
        let about = http.get_guild_with_counts(guild).await;
        let about = about.map_err(listing::told)?;
        let roles = about.roles.into_values();
        Ok(Self {
            pages: listing::pages(Arc::clone(http), guild, None).boxed(),
            names: roles.map(|role| (role.id, role.name)).collect(),
            role,
            table,
            expected: about.approximate_member_count,
        })
    }

    /// About how many members there are, with the role or not.
    pub(super) fn expected(&self) -> Option<u64> {
        self.expected
    }

    /// Writes the rows of the next page, and tells how many members it has, with the role or not. `None` after the
    /// last.
    pub(super) async fn page(&mut self) -> Result<Option<u64>> {
        let Some(page) = self.pages.try_next().await? else {
            return Ok(None);
        };
        for member in &page {
            if self.role.is_none_or(|role| member.roles.contains(&role)) {
                self.table.row(self.row(member))?;
            }
        }
        Ok(Some(page.len() as u64))
    }

    fn row(&self, member: &Member) -> [Cell; 6] {
        let roles = member.roles.iter();
        let roles = roles.map(|role| match self.names.get(role) {
            Some(name) => name.clone(),
            None => role.to_string(),
        });
        [
            member.user.into(),
            member.name.as_str().into(),
            member.display_name.as_deref().into(),
            member.is_bot.into(),
            member.joined_at.into(),
            roles.collect::<Vec<_>>().into(),
        ]
    }

    pub(super) fn rows(&self) -> u64 {
        self.table.rows()
    }

    pub(super) fn finish(self) -> Result<()> {
        Ok(self.table.finish()?)
    }
}
