//! Modules that come and go while the bot runs: off by default, failing, unloaded, known to each other.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use cogsmith::{prelude::*, testing::TestBot};
use cogsmith_simulator::{Guild, SlashError};
use serenity::model::{
    event::{MessageCreateEvent, ReactionAddEvent},
    id::GuildId,
};

use crate::here::Here;

/// What happens when a fragile module is loaded, the last one first; then all is well.
static LOADS: Here<Load> = Here::new();

#[derive(Clone, Copy)]
enum Load {
    Fail,
    Panic,
    Hang,
}

/// Off until somebody wants it.
#[derive(Default)]
struct Polls {
    /// Of the tasks of guilds.
    runs: AtomicUsize,
    reactions: AtomicUsize,
}

impl Module for Polls {
    const NAME: &'static str = "polls";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self::default())
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.off_by_default();
        setup.commands([poll()]);
        setup.on(Self::vote);
        setup.family("close", every(mins(1)), Self::close);
    }
}

impl Polls {
    async fn close(&self, _run: Run) -> Result<()> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn vote(&self, _event: Event<ReactionAddEvent>) -> Result<()> {
        self.reactions.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Asks.
#[command(slash_command)]
async fn poll(ctx: Context<'_>) -> Result<()> {
    let votes = ctx.module::<Polls>().reactions.load(Ordering::Relaxed);
    ctx.answer(format!("{votes} votes")).await
}

/// Is not always loaded.
struct Fragile(Host);

impl Module for Fragile {
    const NAME: &'static str = "fragile";

    async fn load(host: Host) -> Result<Self> {
        match LOADS.take() {
            Some(Load::Fail) => anyhow::bail!("the shelf is empty"),
            Some(Load::Panic) => panic!("over a cable"),
            Some(Load::Hang) => std::future::pending().await,
            None => Ok(Self(host)),
        }
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([touch()]);
        setup
            .task("dust", every(mins(1)), Self::dust)
            .after(Self::put_away);
    }

    async fn unload(&self) -> Result<()> {
        let is_found = self.0.module::<Self>().is_some();
        tracing::info!(is_found, "fragile was unloaded");
        Ok(())
    }
}

impl Fragile {
    async fn dust(&self, _run: Run) -> Result<()> {
        Ok(())
    }

    async fn put_away(&self, _run: Run) -> Result<()> {
        anyhow::ensure!(self.0.module::<Self>().is_some(), "unloaded too early");
        Ok(())
    }
}

/// Touches it.
#[command(slash_command)]
async fn touch(ctx: Context<'_>) -> Result<()> {
    drop(ctx.module::<Fragile>());
    ctx.answer("It holds.").await
}

/// Switches the others, and tells who is there.
struct Keeper;

impl Module for Keeper {
    const NAME: &'static str = "keeper";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.always_on();
        setup.commands([who()]);
    }
}

/// Tells who is there.
#[command(slash_command)]
async fn who(ctx: Context<'_>) -> Result<()> {
    let is_there = ctx.host().module::<Fragile>().is_some();
    ctx.answer(format!("fragile: {is_there}")).await
}

fn modules() -> Modules {
    Modules::default()
        .with::<Fragile>()
        .with::<Polls>()
        .with::<Keeper>()
}

fn id(guild: &Guild) -> GuildId {
    GuildId::new(guild.id().get())
}

async fn wipe(bot: &TestBot, guild: &Guild) {
    let http = bot.host().http();
    let none: [serenity::builder::CreateCommand; 0] = [];
    http.create_guild_commands(id(guild), &none).await.unwrap();
}

/// Waits until the command is there, or gone.
async fn until_poll_is(bot: &TestBot, guild: &Guild, is_there: bool) {
    let ann = guild.member("ann");
    let mut looks = 0;
    while ann.try_slash("/poll").await.is_ok() != is_there {
        looks += 1;
        assert!(looks < 1_000, "/poll there: not {is_there}");
        let seen = bot.simulator().requests().len();
        let more = bot.simulator().until(move |it| it.requests().len() > seen);
        drop(tokio::time::timeout(secs(1), more).await);
    }
}

#[tokio::test]
async fn a_module_that_is_off_by_default_has_its_commands_where_it_is_switched_on() {
    let mut bot = TestBot::start(modules()).await;
    let (here, there) = (bot.guild("Rustaceans"), bot.guild("Pythonistas"));
    let ann = here.member("ann");
    let missing = ann.try_slash("/poll").await;
    assert!(matches!(missing, Err(SlashError::NotRegistered { .. })));
    let switched = bot
        .registry()
        .switch_in("polls", id(&here), true, &By::bot())
        .await;
    assert_eq!(switched.unwrap().listed, Some(true));
    assert_eq!(ann.slash("/poll").await.text(), "0 votes");
    let elsewhere = there.member("ann").try_slash("/poll").await;
    assert!(matches!(elsewhere, Err(SlashError::NotRegistered { .. })));
    let direct = ann.try_slash_in(&ann.direct(), "/poll").await;
    assert!(matches!(direct, Err(SlashError::NotRegistered { .. })));

    for guild in [&here, &there] {
        let ann = guild.member("ann");
        let said = ann.says("vote!").await;
        ann.reacts(&said, "👍");
    }
    bot.settle().await;
    assert_eq!(ann.slash("/poll").await.text(), "1 votes");

    wipe(&bot, &here).await;
    bot.restart().await;
    let here = bot.guild("Rustaceans");
    until_poll_is(&bot, &here, true).await;
    wipe(&bot, &here).await;
    bot.simulator().redeliver_ready();
    until_poll_is(&bot, &here, true).await;

    let switched = bot
        .registry()
        .switch_in("polls", id(&here), false, &By::bot())
        .await;
    assert_eq!(switched.unwrap().listed, Some(true));
    let gone = here.member("ann").try_slash("/poll").await;
    assert!(matches!(gone, Err(SlashError::NotRegistered { .. })));
}

#[tokio::test]
async fn a_list_that_discord_does_not_take_is_tried_until_it_does() {
    let bot = TestBot::start(modules()).await;
    let here = bot.guild("Rustaceans");
    here.member("ann");
    bot.settle().await;
    let fault = cogsmith_simulator::FaultRule::new(502)
        .path("guilds")
        .times(3);
    bot.simulator().fail_next(fault);
    let by = By::bot();
    let switching = bot.registry().switch_in("polls", id(&here), true, &by);
    assert!(switching.await.unwrap().is_change);
    until_poll_is(&bot, &here, true).await;
}

#[tokio::test]
async fn commands_of_a_module_that_is_gone_leave_the_list_of_their_guild() {
    let mut bot = TestBot::start(modules()).await;
    let here = id(&bot.guild("Rustaceans"));
    let switched = bot
        .registry()
        .switch_in("polls", here, true, &By::bot())
        .await;
    assert_eq!(switched.unwrap().listed, Some(true));
    bot.restart_with(Modules::default().with::<Keeper>()).await;
    let here = bot.guild("Rustaceans");
    until_poll_is(&bot, &here, false).await;
}

#[tokio::test]
async fn tasks_of_a_guild_idle_while_its_module_is_off_there() {
    let bot = TestBot::start(modules()).await;
    let guilds = ["Rustaceans", "Pythonistas"].map(|name| bot.guild(name));
    let polls = bot.host().family("polls.close").unwrap();
    for guild in &guilds {
        polls
            .add(format!("guild:{}:weekly", guild.id()), &())
            .await
            .unwrap();
    }
    let runs = || {
        let polls = bot.host().module::<Polls>().unwrap();
        polls.runs.load(Ordering::Relaxed)
    };
    bot.advance(secs(200)).await;
    assert_eq!(runs(), 0);
    let here = id(&guilds[0]);
    for (is_on, expected) in [(true, 3), (false, 3)] {
        let switched = bot
            .registry()
            .switch_in("polls", here, is_on, &By::bot())
            .await;
        assert!(switched.unwrap().is_change);
        bot.advance(mins(3)).await;
        assert_eq!(runs(), expected);
    }
}

/// What commands answer while a module is not there, and that the others go on.
async fn others_go_on(bot: &TestBot) {
    let ann = bot.guild("Rustaceans").member("ann");
    let answer = ann.slash("/touch").await;
    assert!(answer.is_ephemeral());
    assert_eq!(
        answer.text(),
        "`fragile` could not be loaded, so this does not work at the moment. The bot's owner knows why."
    );
    assert_eq!(ann.slash("/who").await.text(), "fragile: false");
    assert_eq!(bot.registry().failed(), ["fragile"]);
}

#[tokio::test]
async fn a_module_that_fails_stops_no_other_and_is_tried_again() {
    for (load, reason) in [
        (Load::Fail, "the shelf is empty"),
        (Load::Panic, "it panicked: over a cable"),
    ] {
        LOADS.add(load);
        LOADS.add(load);
        let mut bot = TestBot::start(modules()).await;
        bot.expect_failures(2);
        others_go_on(&bot).await;
        let again = bot.registry().enable("fragile", &By::bot()).await.unwrap();
        let standing = again.standing.to_string();
        assert_eq!(standing, format!("could not be loaded: {reason}"));
        others_go_on(&bot).await;
        let again = bot.registry().enable("fragile", &By::bot()).await.unwrap();
        assert_eq!(again.standing.to_string(), "loaded");
        let ann = bot.guild("Rustaceans").member("ann");
        assert_eq!(ann.slash("/touch").await.text(), "It holds.");
        bot.advance(mins(2)).await;
        let dust = bot.host().task("fragile.dust").unwrap();
        assert!(dust.status().runs_total > 0);
    }
}

/// Declares what can never work.
struct Clumsy;

impl Module for Clumsy {
    const NAME: &'static str = "clumsy";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        let mut loud = poll();
        loud.name = "LOUD".into();
        setup.commands([loud, touch()]);
        setup.setting(&Setting::bool("other.loud", true, "Whether it shouts"));
        setup.component("a::b", Self::press);
        panic!("over the setup");
    }
}

impl Clumsy {
    async fn press(&self, _press: Press<()>) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_module_that_declares_what_cannot_work_stops_no_other() {
    let mut bot = TestBot::start(modules().with::<Clumsy>()).await;
    bot.expect_failures(1);
    let ann = bot.guild("Rustaceans").member("ann");
    assert_eq!(ann.slash("/touch").await.text(), "It holds.");
    assert_eq!(bot.registry().failed(), ["clumsy"]);
    let reason = bot.registry().standing("clumsy").unwrap().to_string();
    for expected in [
        "the setting \"other.loud\" is to be named clumsy.<name>",
        "its setup panicked: over the setup",
        "\"LOUD\" is no name",
        "the command touch: another command has its name",
        "the component \"a::b\": each part between colons is a word",
    ] {
        assert!(reason.contains(expected), "{reason}");
    }
}

#[tokio::test]
async fn a_module_that_takes_half_a_minute_is_left_out() {
    let mut bot = TestBot::start(modules()).await;
    bot.expect_failures(1);
    let disabled = bot.registry().disable("fragile", &By::bot()).await.unwrap();
    assert!(disabled.is_change);
    LOADS.add(Load::Hang);
    let clock = bot.host().clock().clone();
    let passing = async {
        while clock.next_wake().is_none_or(|wake| wake > secs(30)) {
            tokio::task::yield_now().await;
        }
        clock.advance(secs(31));
    };
    let by = By::bot();
    let (enabled, ()) = tokio::join!(bot.registry().enable("fragile", &by), passing);
    let standing = enabled.unwrap().standing.to_string();
    assert_eq!(
        standing,
        "could not be loaded: it was not loaded after 30 s"
    );
    others_go_on(&bot).await;
}

#[tokio::test]
async fn what_is_stored_of_a_module_that_fails_is_no_orphan() {
    let mut bot = TestBot::start(modules()).await;
    LOADS.add(Load::Fail);
    bot.expect_failures(1);
    bot.restart().await;
    assert!(bot.host().engine().orphans().await.unwrap().is_empty());
    assert!(bot.host().task("fragile.dust").is_err());
}

#[tokio::test]
async fn a_module_is_gone_for_others_once_it_is_off_and_its_tasks_end_before_it() {
    let bot = TestBot::start(modules()).await;
    let ann = bot.guild("Rustaceans").member("ann");
    assert_eq!(ann.slash("/who").await.text(), "fragile: true");
    let kept = bot.host().module::<Fragile>().unwrap();
    let disabled = bot.registry().disable("fragile", &By::bot()).await.unwrap();
    assert_eq!(disabled.standing.to_string(), "switched off everywhere");
    assert_eq!(ann.slash("/who").await.text(), "fragile: false");
    let refused = ann.slash("/touch").await.text();
    assert_eq!(refused, "`fragile` is switched off at the moment.");
    assert_eq!(
        Arc::strong_count(&kept),
        1,
        "somebody keeps what was unloaded"
    );
    let enabled = bot.registry().enable("fragile", &By::bot()).await.unwrap();
    assert!(enabled.is_change);
    assert_eq!(ann.slash("/touch").await.text(), "It holds.");
}

/// Waits for what its user says, then looks at its module.
struct Patient;

impl Module for Patient {
    const NAME: &'static str = "patient";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([linger()]);
        setup.declare::<MessageCreateEvent>();
    }
}

/// Lingers.
#[command(slash_command)]
async fn linger(ctx: Context<'_>) -> Result<()> {
    let said = ctx.wait_for_message(mins(1));
    ctx.answer("Say something.").await?;
    said.await?;
    drop(ctx.module::<Patient>());
    ctx.answer("It is there.").await
}

#[tokio::test]
async fn a_command_whose_module_is_switched_off_while_it_waits_says_so_calmly() {
    let bot = TestBot::start(Modules::default().with::<Patient>()).await;
    let guild = bot.guild("Rustaceans");
    let ann = guild.member("ann");
    ann.slash("/linger").await;
    let disabled = bot.registry().disable("patient", &By::bot()).await;
    assert!(disabled.unwrap().is_change);
    ann.says("hello").await;
    bot.settle().await;
    let seen = ann.reads(&guild.channel("general"));
    let last = seen.last().unwrap().content();
    assert_eq!(last, "`patient` is switched off at the moment.");
}
