//! Bots that a program runs itself: what they share, and one that panics.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU64, Ordering},
};

use cogsmith::{
    bots::{Bot, Failed, Panicked, Process},
    config::{self, BotConfig, BotName, BotsPolicy, DatabaseUrl, Token},
    host::Shared,
    prelude::*,
};
use cogsmith_tasks::Clock;
use tokio::net::TcpListener;

use super::{NAMES, World, readyz, until};
use crate::process::Folder;

/// How many were greeted, by whichever bot.
#[derive(Default)]
struct Greeted(AtomicU64);

struct Alpha;
struct Beta;

impl Module for Alpha {
    const NAME: &'static str = "alpha";

    async fn load(host: Host) -> Result<Self> {
        host.shared::<Greeted>()?.0.fetch_add(1, Ordering::Relaxed);
        Ok(Self)
    }

    fn setup(_setup: &mut Setup<Self>) {}
}

impl Module for Beta {
    const NAME: &'static str = "beta";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([greeted()]);
    }
}

/// Tells how many were greeted.
#[command(slash_command)]
async fn greeted(ctx: Context<'_>) -> Result<()> {
    let greeted = ctx.host().shared::<Greeted>()?;
    let name = ctx.host().bot_name().unwrap_or_default().to_owned();
    let count = greeted.0.load(Ordering::Relaxed);
    ctx.answer(format!("{name}: {count}")).await
}

fn settings(world: &World, folder: &Folder, at: usize) -> config::Bot {
    let config = BotConfig {
        name: BotName::new(NAMES[at]).ok(),
        api_url: Some(world.simulator.api_url().to_owned()),
        drain: secs(5),
        ..BotConfig::new(Token::new(world.bots[at].token()))
    };
    let file = folder.path().join(format!("{}.db", NAMES[at]));
    config::Bot {
        config,
        database: DatabaseUrl::Sqlite(file),
    }
}

async fn process(bots: Vec<Bot>) -> (Process, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let process = Process {
        bots,
        policy: BotsPolicy::All,
        listener,
        clock: Clock::system(),
    };
    (process, address)
}

#[tokio::test]
async fn what_is_shared_is_one_value_for_every_bot() {
    let (world, folder) = (World::new().await, Folder::new());
    let greeted = Shared::new(Greeted::default());
    let alpha = Modules::default().with::<Alpha>().share(&greeted);
    let beta = Modules::default().with::<Beta>().share(&greeted);
    let bots = vec![
        Bot::new(settings(&world, &folder, 0), alpha),
        Bot::new(settings(&world, &folder, 1), beta),
    ];
    let (process, address) = process(bots).await;
    let told = process.run(async {
        until(address, |told| told["ready"] == true).await;
        let ann = world.guild.member("ann");
        assert_eq!(ann.slash("/greeted").await.text(), "beta: 1");
    });
    Box::pin(told).await.unwrap();
    assert_eq!(greeted.0.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_bot_that_panics_is_started_again_and_again_and_the_others_go_on() {
    let (world, folder) = (World::new().await, Folder::new());
    let mut broken = settings(&world, &folder, 0);
    // No user has this id, and to make one of it panics.
    broken.config.owner_ids = BTreeSet::from([0]);
    let greeted = Shared::new(Greeted::default());
    let beta = Modules::default().with::<Beta>().share(&greeted);
    let bots = vec![
        Bot::new(broken, Modules::default()),
        Bot::new(settings(&world, &folder, 1), beta),
    ];
    let (process, address) = process(bots).await;
    let ended = process.run(async {
        until(address, |told| told["bots"]["beta"]["ready"] == true).await;
        until(address, |told| {
            let alpha = &told["bots"]["alpha"];
            alpha["restarts"] == 2 && alpha["state"] == "restarting"
        })
        .await;
        let (is_ready, told) = readyz(&address.to_string()).await;
        assert!(!is_ready, "{told}");
        let error = told["bots"]["alpha"]["error"].as_str().unwrap();
        assert!(error.contains("the bot panicked"), "{told}");
        let ann = world.guild.member("ann");
        assert_eq!(ann.slash("/greeted").await.text(), "beta: 0");
    });
    let error = Box::pin(ended).await.unwrap_err();
    let failed = error.downcast_ref::<Failed>().unwrap();
    let errors: Vec<_> = failed.errors().collect();
    assert!(errors.len() == 1 && errors[0].is::<Panicked>(), "{failed}");
}
