//! What is in the database, whatever it is: every table with its columns, and where something stands.

use std::collections::BTreeMap;

use super::{Db, Pools, Query, Result};

const SQLITE: &str = "
    select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c
    where m.type = 'table' and m.name not like 'sqlite\\_%' escape '\\'";

const POSTGRES: &str = "
    select table_name::text, column_name::text from information_schema.columns
    where table_schema = current_schema()";

/// What tells which migrations were applied.
const MIGRATIONS: [&str; 2] = ["_sqlx_migrations", super::migrations::TABLE];

impl Db {
    /// Every table with its columns, but for those that tell which migrations were applied.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn tables(&self) -> Result<BTreeMap<String, Vec<String>>> {
        let sql = match self.pools {
            Pools::Sqlite { .. } => SQLITE,
            Pools::Postgres(_) => POSTGRES,
        };
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (table, column) in self.read(sql).all::<(String, String)>().await? {
            if !MIGRATIONS.contains(&&*table) {
                tables.entry(table).or_default().push(column);
            }
        }
        Ok(tables)
    }

    /// Each `table.column` that has this text in it, alone or within more. Reads every row of every table.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn mentions(&self, text: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for (table, columns) in self.tables().await? {
            for column in columns {
                let sql = format!(
                    "select count(*) from \"{table}\" where cast(\"{column}\" as text) like $1"
                );
                let count = Query::on_reader(self, sql.into()).bind(format!("%{text}%"));
                let (count,) = count.one::<(i64,)>().await?;
                if count > 0 {
                    found.push(format!("{table}.{column}"));
                }
            }
        }
        Ok(found)
    }
}
