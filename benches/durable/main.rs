//! Durable tasks on the clock of the machine, with every run recorded in a real database.
//!
//! `cargo bench --bench durable` plays every case, each in a process of its own, on SQLite and, when
//! `TEST_POSTGRES_URL` is set, on PostgreSQL, whose own CPU and memory are not counted. One case is
//! played by `cargo bench --bench durable --` with, for example,
//!
//! - `loops sqlite 1000 spread`: loops of 1 s whose slots are spread over the second, as those of loops
//!   that were started one by one are, or all due `together`. A fifth word is the seconds to measure,
//!   10 by default.
//! - `burst postgres 10000`: so many tasks that are due once, at the same instant.
//! - `change sqlite 1000`: how long `change_interval` takes to answer beside so many loops of 1 s.

#![expect(clippy::print_stdout, reason = "a bench exists to print its numbers")]

mod burst;
mod change;
mod loops;
#[path = "../../crates/tasks/benches/measure/mod.rs"]
mod measure;

use std::{process::Command, sync::Arc};

use anyhow::{Context, bail};
use cogsmith::testing::Database;
use cogsmith_tasks::{Clock, Engine, secs};

fn main() -> anyhow::Result<()> {
    let words: Vec<_> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => play_all(),
        [what, database, count, ref rest @ ..] => {
            let runtime = tokio::runtime::Runtime::new()?;
            runtime.block_on(play(what, database, count.parse()?, rest))
        }
        _ => bail!("what, which database, how many"),
    }
}

fn play_all() -> anyhow::Result<()> {
    for (head, cases) in [
        (
            loops::HEAD,
            [
                "loops 1000 spread",
                "loops 1000 together",
                "loops 10000 spread",
                "loops 10000 together",
            ]
            .as_slice(),
        ),
        (burst::HEAD, &["burst 1000", "burst 10000"]),
        (change::HEAD, &["change 0", "change 1000", "change 10000"]),
    ] {
        println!("{head}");
        for case in cases {
            for database in databases() {
                let (what, rest) = case.split_once(' ').unwrap_or((case, ""));
                Command::new(std::env::current_exe()?)
                    .args([what, database])
                    .args(rest.split(' '))
                    .status()?;
            }
        }
    }
    Ok(())
}

fn databases() -> impl Iterator<Item = &'static str> {
    let is_there = std::env::var_os("TEST_POSTGRES_URL").is_some();
    ["sqlite", "postgres"]
        .into_iter()
        .take(1 + usize::from(is_there))
}

async fn play(what: &str, name: &str, count: u32, rest: &[&str]) -> anyhow::Result<()> {
    let database = match name {
        "sqlite" => Database::sqlite(),
        _ => Database::postgres()
            .await
            .context("TEST_POSTGRES_URL is not set")?,
    };
    let db = database.open().await;
    let engine = Engine::new(Arc::new(db.clone()), Clock::system());
    match (what, rest) {
        ("loops", [slots]) => loops::play(&engine, name, count, slots, secs(10)).await?,
        ("loops", [slots, seconds]) => {
            loops::play(&engine, name, count, slots, secs(seconds.parse()?)).await?;
        }
        ("burst", []) => burst::play(&engine, name, count).await?,
        ("change", []) => change::play(&engine, name, count).await?,
        _ => bail!("no such case"),
    }
    engine.shut_down(secs(5)).await;
    db.close().await;
    Ok(())
}
