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

const PROJECTS: cogsmith::store::Migrations = cogsmith::store::Migrations::new(&[
    cogsmith::store::Step {
        name: "0001_birthdays",
        sqlite: "create table birthdays_day (user_id integer primary key) strict",
        postgres: "create table birthdays_day (user_id bigint primary key)",
    },
    cogsmith::store::Step {
        name: "0002_birthday_zones",
        sqlite: "alter table birthdays_day add column zone text",
        postgres: "alter table birthdays_day add column zone text",
    },
]);

#[tokio::test]
async fn a_project_brings_tables_of_its_own_each_applied_once() {
    for database in Database::each().await {
        for _ in 0..2 {
            let db = database.open().await;
            db.migrate(PROJECTS).await.unwrap();
            let insert = db.write("insert into birthdays_day (user_id, zone) values (7, 'Europe/Prague') on conflict do nothing");
            insert.execute().await.unwrap();
            db.close().await;
        }
    }
}

#[tokio::test]
async fn a_project_that_is_older_than_its_database_is_told_so() {
    const OLDER: cogsmith::store::Migrations =
        cogsmith::store::Migrations::new(&[cogsmith::store::Step {
            name: "0001_birthdays",
            sqlite: "create table birthdays_day (user_id integer primary key) strict",
            postgres: "create table birthdays_day (user_id bigint primary key)",
        }]);
    for database in Database::each().await {
        let db = database.open().await;
        db.migrate(PROJECTS).await.unwrap();
        let error = db.migrate(OLDER).await.unwrap_err();
        let expected = "has version 2 of the schema, and this program knows versions up to 1";
        assert!(error.to_string().contains(expected), "{error}");
        db.close().await;
    }
}

#[tokio::test]
async fn a_projects_table_of_a_name_that_is_taken_is_told_with_whose_step_it_was() {
    const TAKEN: cogsmith::store::Migrations =
        cogsmith::store::Migrations::new(&[cogsmith::store::Step {
            name: "0001_scores",
            sqlite: "create table leaderboard_score (user_id integer primary key) strict",
            postgres: "create table leaderboard_score (user_id bigint primary key)",
        }]);
    for database in Database::each().await {
        let db = database.open().await;
        let error = anyhow::Error::from(db.migrate(TAKEN).await.unwrap_err());
        let told = format!("{error:#}");
        assert!(told.contains("applying the project's migrations"), "{told}");
        assert!(told.contains("leaderboard_score"), "{told}");
        db.close().await;
    }
}
