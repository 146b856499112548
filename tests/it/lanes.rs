//! A module whose listener waits, beside one whose does not, and commands.

use std::sync::atomic::{AtomicU64, Ordering};

use cogsmith::{prelude::*, testing::TestBot};
use serenity::model::{channel::MessageType, event::MessageCreateEvent};
use tokio::sync::watch;

/// Its listener waits until somebody uses `/open`.
struct Slow {
    open: watch::Sender<bool>,
}

impl Module for Slow {
    const NAME: &'static str = "slow";

    async fn load(_host: Host) -> Result<Self> {
        let open = watch::Sender::new(false);
        Ok(Self { open })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([open()]);
        setup.on(Self::hear);
    }
}

impl Slow {
    async fn hear(&self, _event: Event<MessageCreateEvent>) -> Result<()> {
        self.open.subscribe().wait_for(|open| *open).await?;
        Ok(())
    }
}

/// Lets the slow listener go on.
#[command(slash_command, ephemeral)]
async fn open(ctx: Context<'_>) -> Result<()> {
    ctx.module::<Slow>().open.send_replace(true);
    ctx.say("open").await?;
    Ok(())
}

/// Counts what people say.
struct Quick {
    heard: AtomicU64,
}

impl Module for Quick {
    const NAME: &'static str = "quick";

    async fn load(_host: Host) -> Result<Self> {
        let heard = AtomicU64::new(0);
        Ok(Self { heard })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([heard()]);
        setup
            .on(Self::hear)
            .only(|message| message.kind == MessageType::Regular && !message.author_is_bot);
    }
}

impl Quick {
    async fn hear(&self, _event: Event<MessageCreateEvent>) -> Result<()> {
        self.heard.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Tells how much was heard.
#[command(slash_command, ephemeral)]
async fn heard(ctx: Context<'_>) -> Result<()> {
    let heard = ctx.module::<Quick>().heard.load(Ordering::Relaxed);
    ctx.say(heard.to_string()).await?;
    Ok(())
}

#[tokio::test]
async fn a_listener_that_waits_delays_neither_commands_nor_other_listeners_of_its_guild() {
    let bot = TestBot::start(Modules::default().with::<Slow>().with::<Quick>()).await;
    let ann = bot.guild("Rustaceans").member("ann");
    for _ in 0..10 {
        ann.says("hello").await;
    }
    let heard = async { while ann.slash("/heard").await.text() != "10" {} };
    tokio::time::timeout(secs(20), heard)
        .await
        .expect("answers, and all ten heard");
    assert_eq!(ann.slash("/open").await.text(), "open");
    bot.settle().await;
}
