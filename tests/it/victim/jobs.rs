//! Jobs that end in every way there is.

use std::{io::Write, thread};

use cogsmith::prelude::*;
use serenity::model::{event::Event as GatewayEvent, gateway::GatewayIntents};

/// More than there are threads.
const HOLDERS: usize = 64;

pub(crate) struct Odd;

impl Module for Odd {
    const NAME: &'static str = "odd";

    async fn load(_host: Host) -> Result<Self> {
        panic!("no job loads its module");
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.job("fail", fail);
        setup.job("panic", panic);
        setup.job("hold", hold);
        setup.job("flood", flood);
        setup.job("read", touch);
        setup.job("write", touch).writes();
        setup
            .job("hear", hear)
            .needs_gateway(GatewayIntents::GUILD_MESSAGES);
    }
}

/// Cannot be loaded with its jobs, as another has the name of one.
pub(crate) struct Late;

impl Module for Late {
    const NAME: &'static str = "late";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.job("fail", fail);
        setup.job("never", fail);
    }
}

async fn fail(_job: Job, (): ()) -> Result<()> {
    anyhow::bail!("it did not work")
}

async fn panic(_job: Job, (): ()) -> Result<()> {
    panic!("nobody expects this")
}

/// Says that it has begun, and gives no thread back.
async fn hold(job: Job, (): ()) -> Result<()> {
    let mut out = job.out();
    out.line("begun")?;
    out.flush()?;
    for _ in 0..HOLDERS {
        tokio::spawn(async { park() });
    }
    park()
}

fn park() -> ! {
    loop {
        thread::park();
    }
}

/// Writes until nobody reads.
async fn flood(job: Job, (): ()) -> Result<()> {
    let mut out = job.out();
    loop {
        out.line("more")?;
    }
}

async fn touch(job: Job, (): ()) -> Result<()> {
    let touch = "update task_engine set beat_at = beat_at where id = 1";
    job.db().await?.write(touch).execute().await?;
    Ok(())
}

/// Waits for a message in a guild
#[derive(clap::Args)]
struct Hear {
    #[arg(long)]
    guild: String,
}

async fn hear(job: Job, arguments: Hear) -> Result<()> {
    let guild = job.guild(&arguments.guild).await?;
    let mut session = job.gateway(&[guild]).await?;
    let mut out = job.out();
    let there = session.guild(guild).map(|guild| guild.name.as_str());
    out.line(there.unwrap_or_default())?;
    out.flush()?;
    loop {
        if let GatewayEvent::MessageCreate(event) = &*session.next().await? {
            out.line(event.message.author.name.as_str())?;
            return Ok(());
        }
    }
}
