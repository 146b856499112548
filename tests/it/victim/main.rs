//! A process that is made to be killed: an engine on a real database.
//!
//! `victim script JSON` plays a [`Script`] on a clock that it moves itself, says `reached` at the point
//! where it is to die, and waits there; `victim crowd LOOPS` runs loops on the clock of the machine until
//! somebody ends it; `victim write SQL` writes one transaction after another, each with this statement in
//! its midst. All tell on standard output what happens. The database is `DATABASE_URL`.
//! `victim run` is `cogsmith run` with a listener that holds its thread for good, and a command that ends the bot;
//! `victim job` is `cogsmith job` with jobs that end in every way there is.

#![expect(
    clippy::print_stdout,
    reason = "whoever kills it reads what it has done"
)]

mod close;
mod crowd;
mod hold;
mod jobs;
mod play;
mod script;
mod trap;
mod write;

use std::process::ExitCode;

use anyhow::{Context, bail};
use cogsmith::{
    cli,
    config::{DatabaseUrl, Variables},
    module::Modules,
    store::Db,
};
use tokio::runtime::Builder;

use script::Script;

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    if words.first() == Some(&"job") {
        let modules = Modules::default().with::<jobs::Odd>();
        return cli::run(modules.with::<jobs::Late>());
    }
    if words == ["run"] {
        return cli::run(
            Modules::default()
                .with::<hold::Holder>()
                .with::<close::Closer>(),
        );
    }
    let Err(error) = run(&words) else {
        return ExitCode::SUCCESS;
    };
    println!("failed {error:#}");
    ExitCode::FAILURE
}

fn run(words: &[&str]) -> anyhow::Result<()> {
    match words {
        ["script", script] => {
            let script: Script = serde_json::from_str(script)?;
            // One thread, so that whoever holds it up holds up everything.
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async { play::play(database().await?, script).await })
        }
        ["crowd", loops] => {
            let loops = loops.parse()?;
            let runtime = Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(async { crowd::run(database().await?, loops).await })
        }
        ["write", statement] => {
            // As long as the process lives, like those that are written in the code.
            let statement = String::leak((*statement).to_owned());
            let runtime = Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(async { write::run(database().await?, statement).await })
        }
        _ => bail!("victim script JSON, victim crowd LOOPS, victim write SQL, or victim run"),
    }
}

async fn database() -> anyhow::Result<Db> {
    let (variables, problems) = Variables::from_environment();
    problems.into_result()?;
    let url = DatabaseUrl::read(&variables)?;
    Db::open(&url).await.context("opening the database")
}
