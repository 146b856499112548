//! Ten minutes without a network: `cargo bench --bench outage`, or `-- MINUTES`.
//!
//! Nothing passes between the bot and Discord, and neither is told. It fails when a message is lost, a session is burnt,
//! the log is loud or memory grows, and prints what it measured.

#![expect(clippy::print_stdout, reason = "a bench exists to print its numbers")]

#[path = "../messages/bot.rs"]
#[expect(dead_code, reason = "the other benches measure more")]
mod bot;
#[path = "../../tests/it/proxy.rs"]
mod proxy;

use std::{path::Path, time::Duration};

use anyhow::ensure;
use bot::Bot;
use cogsmith_simulator::{Person, Simulator};
use proxy::Proxy;
use tokio::time::{Instant, sleep, sleep_until};

const MINUTES: u64 = 10;
/// Said meanwhile, each second.
const PACE: Duration = Duration::from_secs(1);
/// Longer than the bot waits between two attempts to connect.
const BACK: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let minutes = std::env::args().find_map(|word| word.parse().ok());
    let outage = Duration::from_secs(60 * minutes.unwrap_or(MINUTES));
    let (proxy, folder) = (Proxy::bind().await?, tempfile::tempdir()?);
    // Discord keeps a session for a while after it has heard the last of it: here for longer than the outage.
    let builder = Simulator::builder().reached_at(proxy.address()?);
    let simulator = builder.heartbeat_grace(outage + BACK).start().await?;
    let network = proxy.lead_to(simulator.address());
    let ann = simulator.guild("Rustaceans").member("ann");
    let log = folder.path().join("log");
    let binary = Path::new(env!("CARGO_BIN_EXE_cogsmith"));
    let bot = Bot::start_logging(binary, &simulator, folder.path(), &log).await?;
    ann.says("before").await;
    until_counted(&ann, 1).await?;
    let (before, cpu, lines) = (bot.resident()?, bot.cpu()?, lines(&log)?);

    network.cut();
    let (end, mut said) = (Instant::now() + outage, 1);
    while Instant::now() < end {
        ann.says("meanwhile").await;
        said += 1;
        sleep(PACE).await;
    }
    let (grown, spent) = (bot.resident()? - before, bot.cpu()? - cpu);
    let written = self::lines(&log)? - lines;
    network.mend();
    let mended = Instant::now();
    until_counted(&ann, said).await?;
    println!(
        "{outage:?} without a network: {written} lines of log, {grown:.1} MiB more, {spent:.1?} of processor time; \
         back after {:.1?}, {said} messages counted, {} sessions begun, {} resumed",
        mended.elapsed(),
        simulator.identifies(),
        simulator.resumes()
    );
    ensure!(simulator.identifies() == 1, "a session was burnt");
    ensure!(grown < 8.0, "memory grew");
    ensure!(written < 20 + 10 * outage.as_secs() / 60, "the log is loud");
    Ok(())
}

fn lines(log: &Path) -> anyhow::Result<u64> {
    Ok(std::fs::read_to_string(log)?.lines().count().try_into()?)
}

/// Waits until so many of a person's messages are counted, and no more.
async fn until_counted(person: &Person, expected: u64) -> anyhow::Result<()> {
    let end = Instant::now() + BACK;
    loop {
        if let Ok(answer) = person.try_slash("/rank").await {
            let text = answer.text();
            let before = text.split(" message").next().unwrap_or_default();
            let digits = before.rsplit(' ').next().unwrap_or_default();
            let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
            let counted = digits.parse::<u64>().unwrap_or_default();
            ensure!(counted <= expected, "{counted} counted, {expected} said");
            if counted == expected {
                return Ok(());
            }
        }
        ensure!(
            Instant::now() < end,
            "not all of {expected} messages are counted"
        );
        sleep_until(Instant::now() + Duration::from_millis(100)).await;
    }
}
