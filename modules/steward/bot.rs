//! `/bot`: how the bot is doing.

use cogsmith::{cache::Usage, prelude::*, shards::ShardStatus};
use tokio::time::timeout;

/// How long the answer waits for the database.
const PATIENCE: Duration = Duration::from_secs(1);

/// Tells how the bot is doing.
#[command(
    slash_command,
    owners_only,
    subcommands("status", "invite", "version"),
    subcommand_required
)]
pub(super) async fn bot(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Shows version, uptime, database, memory, and every shard.
#[command(slash_command, owners_only, ephemeral)]
async fn status(
    ctx: Context<'_>,
    #[description = "Which page of the shards; the first when left out"]
    #[min = 1]
    page: Option<usize>,
) -> Result<()> {
    let reply = page_of(ctx.host(), page.unwrap_or(1)).await;
    ctx.answer(reply).await
}

/// Shows the address that adds the bot to a server, with the least permissions that its modules need.
#[command(slash_command, owners_only, ephemeral)]
async fn invite(ctx: Context<'_>) -> Result<()> {
    let address = ctx.data().registry.invite(None);
    let address = address.ok_or(UserError::new(
        "Discord has not told yet who I am. Ask again.",
    ))?;
    ctx.answer(address).await
}

/// Shows which version of Cogsmith runs.
#[command(slash_command, owners_only, ephemeral)]
async fn version(ctx: Context<'_>) -> Result<()> {
    ctx.answer(format!("Cogsmith {}", cogsmith::VERSION)).await
}

/// The buttons under the shards.
pub(super) const STATUS: CustomId<usize> = CustomId::new("bot-status:{page}");

pub(super) async fn turned(press: Press<usize>) -> Result<()> {
    if !press.host().is_owner(press.user.id) {
        return Err(UserError::new("Only the bot's owner sees how the bot is doing.").into());
    }
    let reply = page_of(press.host(), press.arguments).await;
    press.update(reply).await
}

async fn page_of(host: &Host, page: usize) -> Reply {
    let shards = host.shards();
    let connected = shards.iter().filter(|shard| shard.connected).count();
    let embed = Embed::new("Bot")
        .field("Version", cogsmith::VERSION)
        .field("Started", relative(host.started_at()))
        .field("Database", database(host.db()).await)
        .field("Memory", memory(host.memory()))
        .field("Cache", cache(&host.cache().usage()))
        .field(
            "Shards",
            format!("{connected} of {} connected", shards.len()),
        );
    Reply::page(embed, shards.iter().map(line), page, |page| {
        STATUS.with(page)
    })
}

async fn database(db: &Db) -> String {
    let product = db.product();
    match timeout(PATIENCE, db.ping()).await {
        Ok(Ok(time)) => format!("{product}, answers in {}", millis(time)),
        Ok(Err(error)) => format!("{product}, cannot be read: {error}"),
        Err(_) => format!("{product}, does not answer within {PATIENCE:?}"),
    }
}

fn memory(bytes: Option<u64>) -> String {
    bytes.map_or_else(
        || "this system does not tell".to_owned(),
        |bytes| format!("{} MiB", bytes >> 20),
    )
}

/// `2 servers, 30 channels: about 41 KiB`.
fn cache(kept: &[Usage]) -> String {
    if kept.is_empty() {
        return "off: no module asks for one".to_owned();
    }
    let counts = kept
        .iter()
        .map(|kept| counted(kept.entries, kept.kind.noun()));
    let bytes: usize = kept.iter().map(|kept| kept.bytes).sum();
    format!(
        "{}: about {} KiB",
        counts.collect::<Vec<_>>().join(", "),
        bytes.div_ceil(1 << 10)
    )
}

/// `#3 connected, 41 ms, 12 servers, heard 5 s ago`.
fn line(shard: &ShardStatus) -> String {
    let mut parts = vec![format!("`#{}` {}", shard.id, shard.state)];
    parts.extend(shard.latency.map(millis));
    parts.extend(shard.guilds.map(|guilds| counted(guilds, "server")));
    parts.push(match shard.acknowledged {
        Some(ago) => format!("last acknowledgement {} s ago", ago.as_secs()),
        None => "no acknowledgement yet".to_owned(),
    });
    parts.join(", ")
}

fn millis(time: Duration) -> String {
    match time.as_millis() {
        0 => "under 1 ms".to_owned(),
        millis => format!("{millis} ms"),
    }
}
