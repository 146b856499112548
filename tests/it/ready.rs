//! READY, however often it comes.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use cogsmith::{prelude::*, testing::TestBot};

struct Lives {
    begun: Arc<AtomicU64>,
}

impl Module for Lives {
    const NAME: &'static str = "lives";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self {
            begun: Arc::default(),
        })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([begun()]);
        setup
            .task("beat", every(secs(1)), Self::beat)
            .before(Self::begin);
    }
}

impl Lives {
    async fn begin(&self, _run: Run) -> Result<()> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn beat(&self, _run: Run) -> Result<()> {
        Ok(())
    }
}

/// Tells how many lives began.
#[command(slash_command)]
async fn begun(ctx: Context<'_>) -> Result<()> {
    let begun = ctx.module::<Lives>().begun.load(Ordering::Relaxed);
    ctx.say(begun.to_string()).await?;
    Ok(())
}

#[tokio::test]
async fn delivered_five_times_starts_each_task_once() {
    let bot = TestBot::start(Modules::default().with::<Lives>()).await;
    for _ in 0..5 {
        bot.simulator().redeliver_ready();
    }
    bot.advance(secs(3)).await;

    let status = bot.host().task("lives.beat").unwrap().status();
    assert_eq!(status.runs_total, 4);
    let ann = bot.guild("Rustaceans").member("ann");
    assert_eq!(ann.slash("/begun").await.text(), "1");
}
