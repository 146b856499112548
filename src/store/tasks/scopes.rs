//! Tasks by whom they belong to: the scope `user:7`, and every scope that continues it after a colon.

use super::{Db, Error};

/// A name, a scope, and what the task carries.
type Found = (String, String, Option<String>);

impl Db {
    /// Name, scope and payload of every task of this scope, also of modules that are not loaded.
    pub(crate) async fn tasks_of(&self, scope: &str) -> Result<Vec<Found>, Error> {
        let sql = "select name, scope, payload from task join task_cursor on task_id = id
                   where scope = $1 or substr(scope, 1, length($2)) = $2 order by name, scope";
        let query = self.read(sql).bind(scope).bind(format!("{scope}:"));
        query.all().await
    }

    /// Deletes what is stored of those tasks; those that are registered are to be removed before.
    pub(crate) async fn delete_tasks_of(&self, scope: &str) -> Result<(), Error> {
        let sql = "delete from task where scope = $1 or substr(scope, 1, length($2)) = $2";
        let query = self.write(sql).bind(scope).bind(format!("{scope}:"));
        query.execute().await.map(drop)
    }
}
