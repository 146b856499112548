//! Both migration folders hold the same steps and give the same tables and columns.

use std::{collections::BTreeSet, fs, path::Path};

use cogsmith::{store::Db, testing::Database};

fn names(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(folder);
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.collect()
}

#[test]
fn both_folders_hold_the_same_steps() {
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(names("sqlite").contains("0001_tasks.sql"));
}

async fn columns(db: &Db, sql: &'static str) -> BTreeSet<(String, String)> {
    let rows = db.read(sql).all::<(String, String)>().await.unwrap();
    rows.into_iter()
        .filter(|(table, _)| !table.starts_with("_sqlx") && !table.starts_with("sqlite_"))
        .collect()
}

#[tokio::test]
async fn both_databases_get_the_same_tables_and_columns() {
    let sqlite = "select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table'";
    let sqlite = columns(&Database::sqlite().open().await, sqlite).await;
    assert!(sqlite.contains(&("leaderboard_score".into(), "xp".into())));
    if let Some(postgres) = Database::postgres().await {
        let sql = "select table_name::text, column_name::text from information_schema.columns
                   where table_schema = current_schema()";
        assert_eq!(columns(&postgres.open().await, sql).await, sqlite);
    }
}
