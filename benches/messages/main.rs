//! Messages through the whole bot, all modules on, durable: the binary in a process of its own, against the simulator in this one.
//!
//! `cargo bench --bench messages` measures the binary that it was built with;
//! `cargo bench --bench messages -- FILE…` measures other binaries beside it, in turn, so that whatever else the machine
//! does meets all alike.
//!
//! In each round the bot is stopped (SIGSTOP) while a burst is said, goes on, and is done when `/rank` counts every message.

#![expect(clippy::print_stdout, reason = "a bench exists to print its numbers")]

#[expect(dead_code, reason = "the other bench waits for its end")]
mod bot;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bot::Bot;
use cogsmith_simulator::{Guild, Person, Simulator};
use serde_json::{Value, json};

/// Messages in a burst; the simulator keeps 100,000 events for a client that does not read.
const BURST: u32 = 90_000;
const ROUNDS: usize = 5;
/// Between two looks at how far the bot is.
const LOOK: Duration = Duration::from_millis(5);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let others = std::env::args().skip(1).filter(|word| word != "--bench");
    let own = PathBuf::from(env!("CARGO_BIN_EXE_cogsmith"));
    let binaries: Vec<_> = others.map(PathBuf::from).chain([own]).collect();
    println!("CPU us/message  messages/s  resident MiB  binary");
    for _ in 0..ROUNDS {
        for binary in &binaries {
            round(binary).await?;
        }
    }
    Ok(())
}

async fn round(binary: &Path) -> anyhow::Result<()> {
    let simulator = Simulator::builder().start().await?;
    let guild = simulator.guild("Rustaceans");
    let (ann, folder) = (guild.member("ann"), tempfile::tempdir()?);
    let bot = Bot::start(binary, &simulator, folder.path()).await?;
    let message = message(&guild, &ann);
    // Answered once, it has started everything.
    counted(&ann).await;
    bot.signal("STOP")?;
    for _ in 0..BURST {
        simulator.dispatch_raw("MESSAGE_CREATE", &message);
    }
    let (began, cpu) = (Instant::now(), bot.cpu()?);
    bot.signal("CONT")?;
    while counted(&ann).await < BURST {
        tokio::time::sleep(LOOK).await;
    }
    let (took, cpu) = (began.elapsed(), bot.cpu()? - cpu);
    println!(
        "{:14.2} {:11.0} {:13.0}  {}",
        cpu.as_secs_f64() * 1e6 / f64::from(BURST),
        f64::from(BURST) / took.as_secs_f64(),
        bot.resident()?,
        binary.display()
    );
    Ok(())
}

/// What the bot says it has counted of a person's messages; nothing while the question waits behind the burst.
async fn counted(person: &Person) -> u32 {
    let Ok(answer) = person.try_slash("/rank").await else {
        return 0;
    };
    let answer = answer.text();
    let before = answer.split(" messages").next().unwrap_or_default();
    let digits: String = before
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap_or_default()
}

/// As Discord sends one: some 950 bytes.
fn message(guild: &Guild, author: &Person) -> Value {
    json!({
        "id": "1300000000000000000", "channel_id": guild.channel("general").id(), "guild_id": guild.id(),
        "content": "Did anybody get the borrow checker to accept a self-referential struct without pinning it?",
        "timestamp": "2026-11-28T09:00:00.000000+00:00", "edited_timestamp": null, "tts": false,
        "mention_everyone": false, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
        "components": [], "pinned": false, "flags": 0, "type": 0, "nonce": "1300000000000000001",
        "author": {
            "id": author.id(), "username": "ann", "global_name": "Ann", "discriminator": "0",
            "avatar": "a_1269e74af4df7417b13759eae50c83dc", "avatar_decoration_data": null, "public_flags": 64,
            "clan": null, "primary_guild": null,
        },
        "member": {
            "roles": ["1300000000000000002", "1300000000000000003"], "nick": "ann of the borrow checker",
            "joined_at": "2024-05-06T07:08:09.000000+00:00", "premium_since": null, "deaf": false, "mute": false,
            "flags": 0, "pending": false, "avatar": null, "banner": null, "communication_disabled_until": null,
        },
    })
}
