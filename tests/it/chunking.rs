//! Members that Discord tells when it is asked over the gateway: all of large guilds, and a few.

use cogsmith::{
    prelude::*,
    shards::Members,
    testing::{Guild, TestBot},
};
use serenity::model::id::{GuildId, UserId};

use crate::gateway::bench::eventually;

/// Above the 250 of the large threshold.
const PEOPLE: usize = 300;
/// Above what is told of a guild that is not large, below all.
const MOST: usize = 280;

struct Counter;

impl Module for Counter {
    const NAME: &'static str = "counter";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.chunk_members(MOST, "it counts them");
    }
}

/// A module that only keeps what it is told.
struct Listener;

impl Module for Listener {
    const NAME: &'static str = "listener";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.cache([cogsmith::cache::Cached::Members(MOST)]);
    }
}

fn id(guild: &Guild) -> GuildId {
    GuildId::new(guild.id().get())
}

fn kept(bot: &TestBot) -> usize {
    let usage = bot.host().cache().usage().into_iter();
    let members = usage.filter(|usage| usage.kind == cogsmith::cache::Kind::Members);
    members.map(|usage| usage.entries).sum()
}

/// A bot of these modules and a new session, in which a large guild is told.
async fn told(modules: Modules) -> TestBot {
    let mut bot = TestBot::start(Modules::default()).await;
    let guild = bot.guild("Rustaceans");
    for number in 0..PEOPLE {
        guild.member(&format!("member {number}"));
    }
    bot.settle().await;
    bot.restart_with(modules).await;
    bot.simulator().invalid_session(false);
    eventually(|| bot.simulator().identifies() == 2 && kept(&bot) > 0).await;
    bot
}

#[tokio::test]
async fn members_of_large_guilds_come_when_a_module_asks_and_as_many_as_are_kept() {
    let bot = told(Modules::default().with::<Counter>()).await;
    eventually(|| kept(&bot) == MOST).await;
}

#[tokio::test]
async fn nobody_asks_for_them_when_no_module_does() {
    let bot = told(Modules::default().with::<Listener>()).await;
    // An answer to what was asked after READY comes behind the chunks.
    let guild = id(&bot.guild("Rustaceans"));
    let one = Members::Ids(vec![UserId::new(bot.simulator().bot_user_id().get())]);
    bot.host().members(guild, &one, secs(10)).await.unwrap();
    assert_eq!(kept(&bot), 1, "the bot itself");
}

#[tokio::test]
async fn a_few_are_asked_for_by_name_and_by_id() {
    let bot = TestBot::start(Modules::default().with::<Listener>()).await;
    let home = bot.guild("Rustaceans");
    let (ann, guild) = (home.member("ann"), id(&home));
    home.member("anna");
    home.member("ben");
    bot.settle().await;
    let host = bot.host();
    let named = Members::Named {
        prefix: "an".to_owned(),
        limit: 10,
    };
    let found = host.members(guild, &named, secs(10)).await.unwrap();
    let mut names: Vec<_> = found.into_iter().map(|it| it.user.name).collect();
    names.sort();
    assert_eq!(names, ["ann", "anna"]);
    let ids = Members::Ids(vec![UserId::new(ann.id().get())]);
    let found = host.members(guild, &ids, secs(10)).await.unwrap();
    assert_eq!(found[0].user.name, "ann");

    let all = Members::Named {
        prefix: String::new(),
        limit: 0,
    };
    let refused = host.members(guild, &all, secs(10)).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("expected a limit of 1 to 1,000"),
        "{refused}"
    );
    let elsewhere = host.members(GuildId::new(7), &ids, secs(10));
    let (silent, ()) = tokio::join!(elsewhere, bot.advance(secs(10)));
    assert!(silent.unwrap_err().is::<cogsmith::bus::WaitError>());
}
