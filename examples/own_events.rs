//! A module's own events: dispatched in a command that waits for an answer, heard by another module, waited for, and
//! as a stream.
//!
//! `cargo run --features testing --example own_events` plays it against the embedded simulator.
#![expect(clippy::print_stdout, reason = "it shows what happens")]

use std::{future::ready, sync::atomic::AtomicU64, sync::atomic::Ordering::Relaxed};

use cogsmith::{bus::WaitError, prelude::*, testing::TestBot};
use futures_util::StreamExt;
use serenity::model::event::MessageCreateEvent;

/// Something was sold. Any type is an event.
struct Sold {
    item: String,
    price: u64,
}

struct Shop;

impl Module for Shop {
    const NAME: &'static str = "shop";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([sell()]);
        setup.declare::<MessageCreateEvent>();
        setup.message_content("it is told prices");
    }
}

/// Sells something at the price that you say next.
#[command(slash_command, guild_only)]
async fn sell(ctx: Context<'_>, #[description = "What is sold"] item: String) -> Result<()> {
    let (channel, seller) = (ctx.channel_id(), ctx.author().id);
    let events = ctx.host().events();
    let answer = events.wait_for_message(secs(30), move |message| {
        message.channel_id == channel && message.author_id == seller
    });
    ctx.answer(format!("What does the {item} cost?")).await?;
    let said = match answer.await {
        Ok(event) => event.message.content.clone(),
        Err(WaitError::TimedOut { .. }) => return ctx.answer("Not sold.").await,
        Err(error) => return Err(error.into()),
    };
    let price = said.parse();
    let price = price.map_err(|_| UserError::new(format!("{said:?} is no price.")))?;
    // Resolves when every listener has ended.
    events.dispatch(Sold { item, price }).await;
    Ok(())
}

/// Adds up what the shop sells, and knows of it no more than the event.
#[derive(Default)]
struct Till {
    total: AtomicU64,
}

impl Module for Till {
    const NAME: &'static str = "till";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self::default())
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.on(Self::take);
    }
}

impl Till {
    async fn take(&self, sold: Event<Sold>) -> Result<()> {
        self.total.fetch_add(sold.price, Relaxed);
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let bot = TestBot::start(Modules::default().with::<Shop>().with::<Till>()).await;
    let events = bot.host().events();
    let dear = events.wait_for(mins(5), |sold: &Sold| sold.price > 100);
    let cheap = events.stream::<Sold>(mins(5), 16)?;

    let ann = bot.guild("Market").member("ann");
    for (item, price) in [("apple", "1"), ("boat", "900"), ("chair", "40")] {
        println!("ann: /sell {item}");
        let asked = ann.slash(&format!("/sell item:{item}")).await;
        println!("bot: {}", asked.text());
        println!("ann: {price}");
        ann.says(price).await;
        bot.settle().await;
    }

    println!("the first that costs more than 100: {}", dear.await?.item);
    let names = cheap
        .filter(|sold| ready(sold.price < 100))
        .map(|sold| sold.item.clone());
    let names: Vec<_> = names.take(2).collect().await;
    println!("the first two that cost less: {}", names.join(", "));
    for it in events.listeners::<Sold>() {
        println!("{} of {} has handled {}", it.name, it.module, it.handled);
    }
    let till = bot.host().module::<Till>();
    let total = till.map(|till| till.total.load(Relaxed));
    anyhow::ensure!(total == Some(941), "the till has {total:?}");
    Ok(())
}
