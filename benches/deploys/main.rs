//! Twenty deploys under 1,000 messages a second: SIGTERM, and a new process at once, which waits for the old one's lock.
//!
//! It fails when a message is lost or counted twice, or a command answered twice, and prints for how long nobody was
//! answered.

#![expect(clippy::print_stdout, reason = "a bench exists to print its numbers")]

#[path = "../messages/bot.rs"]
#[expect(dead_code, reason = "the other bench measures more")]
mod bot;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;
use bot::Bot;
use cogsmith_simulator::{Person, Simulator};
use tokio::time::{MissedTickBehavior, interval, sleep};

const DEPLOYS: usize = 20;
/// Between two messages.
const PACE: Duration = Duration::from_millis(1);
/// Between two commands, and for how long somebody waits for one.
const ASK: Duration = Duration::from_millis(50);
/// Between two deploys.
const REST: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let builder = Simulator::builder().patience(Duration::from_secs(4));
    let (simulator, folder) = (builder.start().await?, tempfile::tempdir()?);
    let guild = simulator.guild("Rustaceans");
    let (ann, ben) = (guild.member("ann"), guild.member("ben"));
    let mut bot = start(&simulator, folder.path()).await?;
    let (said, ends) = (
        Arc::new(AtomicU32::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let talking = tokio::spawn(talk(ann.clone(), Arc::clone(&said), Arc::clone(&ends)));
    let began = Instant::now();

    let mut silences = Vec::new();
    for _ in 0..DEPLOYS {
        sleep(REST).await;
        let last = answered(&ben).await;
        bot.signal("TERM")?;
        let next = start(&simulator, folder.path()).await?;
        // The newest answer of the old process is the last one before the first of the new process.
        silences.push(silence(&ben, last, &mut bot).await?);
        bot = next;
    }
    ends.store(true, Ordering::Relaxed);
    talking.await?;
    let (said, took) = (said.load(Ordering::Relaxed), began.elapsed());
    let counted = until_counted(&ann, said).await;
    ensure!(
        counted == said,
        "{said} messages were said, {counted} counted"
    );
    ensure!(simulator.identifies() == 1, "a session was lost");
    for (path, statuses) in callbacks(&simulator) {
        let answered = statuses.iter().filter(|status| **status == 204);
        ensure!(
            answered.count() <= 1,
            "{path} was answered twice: {statuses:?}"
        );
    }
    silences.sort();
    println!(
        "{DEPLOYS} deploys, {said} messages ({:.0} a second): nobody was answered for {:.2?} (p50), {:.2?} (max)",
        f64::from(said) / took.as_secs_f64(),
        silences[DEPLOYS / 2],
        silences[DEPLOYS - 1]
    );
    Ok(())
}

async fn start(simulator: &Simulator, folder: &Path) -> anyhow::Result<Bot> {
    Bot::start(Path::new(env!("CARGO_BIN_EXE_cogsmith")), simulator, folder).await
}

async fn talk(ann: Person, said: Arc<AtomicU32>, ends: Arc<AtomicBool>) {
    let mut tick = interval(PACE);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    while !ends.load(Ordering::Relaxed) {
        tick.tick().await;
        ann.says("on and on").await;
        said.fetch_add(1, Ordering::Relaxed);
    }
}

/// When a command is next answered.
async fn answered(person: &Person) -> Instant {
    while person.try_slash("/rank").await.is_err() {
        sleep(ASK).await;
    }
    Instant::now()
}

/// For how long nobody is answered, from the last answer of a process that is about to end to the first after it.
async fn silence(person: &Person, mut last: Instant, old: &mut Bot) -> anyhow::Result<Duration> {
    loop {
        let was_over = old.has_ended()?;
        let next = answered(person).await;
        if was_over {
            return Ok(next - last);
        }
        last = match old.has_ended()? {
            // The answer may be of either; the longer silence counts.
            true => return Ok(next - last),
            false => next,
        };
        sleep(ASK).await;
    }
}

/// How many of a person's messages are counted, once they are all, or nothing changes any more.
async fn until_counted(person: &Person, expected: u32) -> u32 {
    let mut counted = 0;
    for _ in 0..200 {
        if let Ok(answer) = person.try_slash("/rank").await {
            let text = answer.text();
            let before = text.split(" message").next().unwrap_or_default();
            let digits = before.rsplit(' ').next().unwrap_or_default();
            let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
            counted = digits.parse().unwrap_or_default();
        }
        if counted >= expected {
            break;
        }
        sleep(ASK).await;
    }
    counted
}

/// Each interaction with the statuses of its callbacks.
fn callbacks(simulator: &Simulator) -> BTreeMap<String, Vec<u16>> {
    let mut callbacks = BTreeMap::<_, Vec<_>>::new();
    for request in simulator.requests() {
        if request.path.ends_with("/callback") {
            callbacks
                .entry(request.path)
                .or_default()
                .push(request.status);
        }
    }
    callbacks
}
