//! What modules keep about people and guilds: handed out, and deleted.

use futures_util::{FutureExt, future::BoxFuture};
pub use serde_json::Value as Json;
use serenity::model::id::{GuildId, UserId};

use super::Module;
use crate::{error::Result, host::Host};

/// What a module with tables of its own says about them; `setup.stores()` makes it known.
///
/// There is no default for any of it: whoever adds a table says what becomes of it. The functions are called
/// whether the module is loaded or not, so they take the host alone; [`Host::module`] has what is in memory.
pub trait Stores: Module {
    /// Every table of the module.
    const TABLES: &'static [&'static str];

    /// All that is kept about a person, in whatever guild, as JSON that they can read; `null` for nothing.
    ///
    /// # Errors
    /// It could not be read.
    fn export_user(host: &Host, user: UserId) -> impl Future<Output = Result<Json>> + Send;

    /// Deletes all that is kept about a person, what is in memory included.
    ///
    /// # Errors
    /// It is not deleted, or not all of it.
    fn delete_user(host: &Host, user: UserId) -> impl Future<Output = Result<()>> + Send;

    /// All that is kept about a guild; `null` for nothing.
    ///
    /// # Errors
    /// It could not be read.
    fn export_guild(host: &Host, guild: GuildId) -> impl Future<Output = Result<Json>> + Send;

    /// Deletes all that is kept about a guild, what is in memory included.
    ///
    /// # Errors
    /// It is not deleted, or not all of it.
    fn delete_guild(host: &Host, guild: GuildId) -> impl Future<Output = Result<()>> + Send;
}

type Export<I> = fn(Host, I) -> BoxFuture<'static, Result<Json>>;
type Delete<I> = fn(Host, I) -> BoxFuture<'static, Result<()>>;

/// The same without the module's type.
#[derive(Clone, Copy)]
pub(super) struct Stored {
    pub(super) tables: &'static [&'static str],
    pub(super) export_user: Export<UserId>,
    pub(super) delete_user: Delete<UserId>,
    pub(super) export_guild: Export<GuildId>,
    pub(super) delete_guild: Delete<GuildId>,
}

impl Stored {
    pub(super) fn of<M: Stores>() -> Self {
        Self {
            tables: M::TABLES,
            export_user: |host, user| async move { M::export_user(&host, user).await }.boxed(),
            delete_user: |host, user| async move { M::delete_user(&host, user).await }.boxed(),
            export_guild: |host, guild| async move { M::export_guild(&host, guild).await }.boxed(),
            delete_guild: |host, guild| async move { M::delete_guild(&host, guild).await }.boxed(),
        }
    }
}
