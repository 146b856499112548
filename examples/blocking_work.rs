//! A bot whose command computes for long, under a lock for each guild, against a Discord of its own.
//!
//! `cargo run --example blocking_work`

#![expect(clippy::print_stdout, reason = "an example shows what happens")]

use std::{collections::HashMap, thread};

use cogsmith::{config::DatabaseUrl, prelude::*, stage::Stage};
use cogsmith_simulator::Simulator;
use cogsmith_tasks::Clock;
use futures_util::future::join;
use parking_lot::Mutex;

/// Adds up the year of each guild, once however many ask.
struct Till {
    host: Host,
    totals: Mutex<HashMap<u64, u64>>,
}

impl Module for Till {
    const NAME: &'static str = "till";

    async fn load(host: Host) -> Result<Self> {
        let totals = Mutex::default();
        Ok(Self { host, totals })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([total()]);
    }
}

impl Till {
    /// The lock is for the guild alone: another guild's year is added up meanwhile.
    async fn total(&self, guild: u64) -> Result<u64> {
        let _guard = self.host.locks().lock(("till", guild)).await?;
        let known = self.totals.lock().get(&guild).copied();
        if let Some(total) = known {
            return Ok(total);
        }
        for held in self.host.locks().held() {
            println!("{} is held by {}", held.key, held.holder);
        }
        let total = self.host.blocking(add_up).await?;
        self.totals.lock().insert(guild, total);
        Ok(total)
    }
}

/// Takes its time, as a year of receipts would.
fn add_up() -> u64 {
    thread::sleep(Duration::from_millis(300));
    (1..=365).sum()
}

/// What the year has cost.
#[command(slash_command, guild_only)]
async fn total(ctx: Context<'_>) -> Result<()> {
    let guild = ctx.guild_id().map_or(0, |guild| guild.get());
    let till = ctx.module::<Till>();
    let total = till.total(guild).await?;
    ctx.answer(format!("The year has cost {total}.")).await
}

#[tokio::main]
async fn main() -> Result<()> {
    let simulator = Simulator::builder().start().await?;
    let folder = tempfile::tempdir()?;
    let url = DatabaseUrl::Sqlite(folder.path().join("till.db"));
    let db = Db::open(&url).await?;
    let modules = Modules::default().with::<Till>();
    let stage = Stage::start(simulator, db, modules, Clock::system()).await?;

    let guild = stage.simulator.guild("Housemates");
    let (ann, ben) = (guild.member("ann"), guild.member("ben"));
    println!("ann and ben ask at once");
    let (to_ann, to_ben) = join(ann.slash("/total"), ben.slash("/total")).await;
    println!("to ann: {}\nto ben: {}", to_ann.text(), to_ben.text());

    let waits = stage.app.host().locks().waits();
    println!("one computed, and the other waited: {waits:?}");
    stage.app.shut_down().await;
    Ok(())
}
