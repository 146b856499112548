//! Events: Discord's and modules' own, listened to, waited for, and as streams.

use std::{sync::Arc, time::Duration};

use cogsmith::{
    bus::{EventStream, WaitError, category::MessageEvent},
    prelude::*,
    testing::TestBot,
};
use futures_util::StreamExt;
use parking_lot::Mutex;
use serenity::{
    builder::{
        CreateActionRow, CreateButton, CreateInputText, CreateInteractionResponse,
        CreateInteractionResponseMessage, CreateModal,
    },
    model::{
        application::{ComponentInteraction, InputTextStyle, ModalInteraction},
        channel::Message,
        event::{
            Event as AnyEvent, GuildMemberAddEvent, InteractionCreateEvent, MessageCreateEvent,
            ReactionAddEvent, TypingStartEvent,
        },
        id::{GuildId, UserId},
    },
};

/// What the tests dispatch.
#[derive(Debug)]
struct Closed(u64);

/// Writes down what it hears.
#[derive(Default)]
struct Hearer {
    heard: Mutex<Vec<String>>,
}

impl Hearer {
    async fn closed(&self, event: Event<Closed>) -> Result<()> {
        match event.0 {
            13 => panic!("thirteen"),
            14 => anyhow::bail!("fourteen"),
            number => self.heard.lock().push(format!("closed {number}")),
        }
        Ok(())
    }

    async fn any(&self, event: Event<AnyEvent>) -> Result<()> {
        let name = event.name().unwrap_or_default();
        self.heard.lock().push(format!("any {name}"));
        Ok(())
    }

    async fn message(&self, event: Event<MessageEvent>) -> Result<()> {
        assert!(event.position().is_some() && event.guild().is_some());
        self.heard
            .lock()
            .push(format!("message {}", event.name().unwrap_or_default()));
        Ok(())
    }
}

impl Module for Hearer {
    const NAME: &'static str = "hearer";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self::default())
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([heard()]);
        setup.on(Self::closed);
        setup.on(Self::any);
        setup.on(Self::message);
        setup.declare::<ReactionAddEvent>();
    }
}

/// Tells what was heard of one kind, and forgets it.
#[command(slash_command)]
async fn heard(ctx: Context<'_>, #[description = "Which kind"] kind: String) -> Result<()> {
    let heard = std::mem::take(&mut *ctx.module::<Hearer>().heard.lock());
    let heard: Vec<_> = heard
        .into_iter()
        .filter(|line| line.starts_with(&kind))
        .collect();
    ctx.answer(heard.join(", ")).await
}

/// Waits in commands.
struct Asker;

impl Module for Asker {
    const NAME: &'static str = "asker";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([ask(), leave()]);
        setup.declare::<MessageCreateEvent>();
        setup.message_content("it repeats what it is told");
    }
}

/// Asks for a word and repeats it.
#[command(slash_command)]
async fn ask(ctx: Context<'_>) -> Result<()> {
    let (channel, user) = (ctx.channel_id(), ctx.author().id);
    let answer = ctx
        .host()
        .events()
        .wait_for_message(secs(30), move |message| {
            message.channel_id == channel && message.author_id == user
        });
    ctx.answer("Say something.").await?;
    match answer.await {
        Ok(event) => {
            ctx.answer(format!("You said {}.", event.message.content))
                .await
        }
        Err(WaitError::TimedOut { .. }) => ctx.answer("Too late.").await,
        Err(error) => Err(error.into()),
    }
}

fn pressed(event: &InteractionCreateEvent, user: UserId) -> Option<&ComponentInteraction> {
    let component = event.interaction.as_message_component();
    component.filter(|it| it.user.id == user && it.data.custom_id == "leave")
}

fn written(event: &InteractionCreateEvent, user: UserId) -> Option<&ModalInteraction> {
    let form = event.interaction.as_modal_submit();
    form.filter(|it| it.user.id == user && it.data.custom_id == "why")
}

/// Asks with a button, then with a form.
#[command(slash_command)]
async fn leave(ctx: Context<'_>) -> Result<()> {
    let (user, events) = (ctx.author().id, ctx.host().events());
    let press = events.wait_for(mins(1), move |event: &InteractionCreateEvent| {
        pressed(event, user).is_some()
    });
    let button = CreateButton::new("leave").label("Leave");
    let buttons = vec![CreateActionRow::Buttons(vec![button])];
    ctx.send(CreateReply::default().content("Leave?").components(buttons))
        .await?;
    let press = press.await?;

    let form = events.wait_for(mins(1), move |event: &InteractionCreateEvent| {
        written(event, user).is_some()
    });
    let field = CreateInputText::new(InputTextStyle::Short, "Why?", "reason");
    let why = CreateModal::new("why", "Why?").components(vec![CreateActionRow::InputText(field)]);
    let component = pressed(&press, user).unwrap();
    let ask = CreateInteractionResponse::Modal(why);
    component.create_response(ctx.http(), ask).await?;

    let form = form.await?;
    let form = written(&form, user).unwrap();
    let bye = CreateInteractionResponseMessage::new().content("Bye.");
    let bye = CreateInteractionResponse::Message(bye);
    form.create_response(ctx.http(), bye).await?;
    Ok(())
}

/// Listens to what never comes.
struct Deaf;

impl Module for Deaf {
    const NAME: &'static str = "deaf";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.on(Self::hear);
    }
}

impl Deaf {
    async fn hear(&self, _message: Event<Message>) -> Result<()> {
        Ok(())
    }
}

/// Does not say why it reads what people write.
struct Nosy;

impl Module for Nosy {
    const NAME: &'static str = "nosy";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.message_content(" ");
    }
}

fn modules() -> Modules {
    Modules::default().with::<Hearer>().with::<Asker>()
}

async fn heard_by(bot: &TestBot, kind: &str) -> String {
    bot.settle().await;
    let ann = bot.guild("Rustaceans").member("ann");
    ann.slash(&format!("/heard kind:{kind}")).await.text()
}

#[tokio::test]
async fn what_one_module_dispatches_another_hears_in_order() {
    let bot = TestBot::start(modules()).await;
    let events = bot.host().events();
    for number in 20..40 {
        events.dispatch(Closed(number));
    }
    events.dispatch(Closed(40)).await;
    let expected: Vec<_> = (20..=40).map(|number| format!("closed {number}")).collect();
    assert_eq!(heard_by(&bot, "closed").await, expected.join(", "));
}

#[tokio::test]
async fn a_listener_that_panics_or_fails_is_named_and_stops_no_other() {
    let mut bot = TestBot::start(modules()).await;
    bot.expect_failures(2);
    let events = bot.host().events();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let listens = events.subscribe("hearer", "a subscription", move |event: Event<Closed>| {
        noted.lock().push(event.0);
        async { Ok(()) }
    });
    let _listens = listens.unwrap();

    events.dispatch(Closed(13)).await;
    events.dispatch(Closed(14)).await;
    events.dispatch(Closed(15)).await;

    assert_eq!(*seen.lock(), [13, 14, 15]);
    let listeners = events.listeners::<Closed>();
    let told: Vec<_> = listeners
        .iter()
        .map(|it| (it.module, it.handled, it.failed))
        .collect();
    assert_eq!(told, [("hearer", 3, 2), ("hearer", 3, 0)]);
    assert_eq!(listeners[0].name, "Hearer::closed");
    assert_eq!(listeners[1].name, "a subscription");
}

#[tokio::test]
async fn a_subscription_ends_when_it_is_dropped() {
    let bot = TestBot::start(modules()).await;
    let events = bot.host().events();
    let count = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&count);
    let listens = events.subscribe("hearer", "counting", move |_: Event<Closed>| {
        *counted.lock() += 1;
        async { Ok(()) }
    });
    let listens = listens.unwrap();
    events.dispatch(Closed(1)).await;
    events.unsubscribe(listens);
    events.dispatch(Closed(2)).await;
    assert_eq!(*count.lock(), 1);
    assert_eq!(events.listeners::<Closed>().len(), 1);
}

#[tokio::test]
async fn each_guild_has_its_own_order() {
    let bot = TestBot::start(modules()).await;
    let events = bot.host().events().clone();
    let (first, second) = (GuildId::new(1), GuildId::new(2));
    let open = Arc::new(tokio::sync::Notify::new());
    let (seen, waits) = (Arc::new(Mutex::new(Vec::new())), Arc::clone(&open));
    let noted = Arc::clone(&seen);
    let listens = events.subscribe(
        "hearer",
        "slow for the first",
        move |event: Event<Closed>| {
            let (noted, waits, number) = (Arc::clone(&noted), Arc::clone(&waits), event.0);
            async move {
                if number == 1 {
                    waits.notified().await;
                }
                noted.lock().push(number);
                Ok(())
            }
        },
    );
    let _listens = listens.unwrap();

    let slow = events.dispatch_in(first, Closed(1));
    let behind = events.dispatch_in(first, Closed(2));
    events.dispatch_in(second, Closed(3)).await;
    assert_eq!(*seen.lock(), [3]);
    open.notify_one();
    slow.await;
    behind.await;
    assert_eq!(*seen.lock(), [3, 1, 2]);
}

#[tokio::test]
async fn a_listener_that_dispatches_to_itself_and_waits_does_not_hang() {
    let bot = TestBot::start(modules()).await;
    let events = bot.host().events().clone();
    let (seen, again) = (Arc::new(Mutex::new(Vec::new())), events.clone());
    let noted = Arc::clone(&seen);
    let listens = events.subscribe("hearer", "again", move |event: Event<Closed>| {
        let (noted, again, number) = (Arc::clone(&noted), again.clone(), event.0);
        async move {
            noted.lock().push(number);
            if number > 1 {
                again.dispatch(Closed(number - 1)).await;
            }
            Ok(())
        }
    });
    let _listens = listens.unwrap();
    events.dispatch(Closed(3)).await;
    bot.settle().await;
    assert_eq!(*seen.lock(), [3, 2, 1]);
}

#[tokio::test]
async fn a_category_and_any_event_can_be_listened_to() {
    let bot = TestBot::start(modules()).await;
    let ann = bot.guild("Rustaceans").member("ann");
    bot.settle().await;
    heard_by(&bot, "any").await;
    ann.says("hello").await;
    assert!(
        heard_by(&bot, "message")
            .await
            .starts_with("message MESSAGE_CREATE")
    );
    ann.reacts(&ann.says("hello").await, "🎉");
    let heard = heard_by(&bot, "any").await;
    assert!(
        heard.contains("any MESSAGE_CREATE, any MESSAGE_REACTION_ADD"),
        "{heard}"
    );
}

#[tokio::test]
async fn a_command_waits_for_what_its_user_says() {
    let bot = TestBot::start(modules()).await;
    let guild = bot.guild("Rustaceans");
    let (ann, ben) = (guild.member("ann"), guild.member("ben"));
    let asked = ann.slash("/ask").await;
    assert_eq!(asked.text(), "Say something.");
    ben.says("me!").await;
    ann.says("pineapple").await;
    bot.settle().await;
    let said = bot.messages(&guild, "general");
    assert!(said.contains(&"You said pineapple.".to_owned()), "{said:?}");
    assert_eq!(bot.host().events().waiting(), 0);
}

#[tokio::test]
async fn a_command_waits_for_a_press_and_then_for_a_form() {
    let bot = TestBot::start(modules()).await;
    let guild = bot.guild("Rustaceans");
    let ann = guild.member("ann");
    ann.slash("/leave").await;
    let asked = guild.channel("general").messages().pop().unwrap();
    let form = ann.uses(&asked, "leave", &[]).await.unwrap();
    let answer = ann.submits(&form, &[("reason", "bored")]).await.unwrap();
    assert_eq!(answer.text(), "Bye.");
    bot.settle().await;
    assert_eq!(bot.host().events().waiting(), 0);
}

#[tokio::test]
async fn a_module_that_could_never_hear_or_gives_no_reason_is_left_out() {
    let modules = modules().with::<Deaf>().with::<Nosy>();
    let mut bot = TestBot::start(modules).await;
    bot.expect_failures(2);
    assert!(bot.host().module::<Deaf>().is_none());
    assert!(bot.host().module::<Nosy>().is_none());
    assert!(bot.host().module::<Hearer>().is_some());
}

#[tokio::test]
async fn a_module_that_is_off_in_a_guild_hears_nothing_of_that_guild() {
    let bot = TestBot::start(modules()).await;
    let (off, on) = (GuildId::new(1), GuildId::new(2));
    let (events, switches) = (bot.host().events(), bot.host().switches());
    switches
        .set_in("hearer", off, false, || None, &By::bot())
        .await
        .unwrap();
    events.dispatch_in(off, Closed(1)).await;
    events.dispatch_in(on, Closed(2)).await;
    assert_eq!(heard_by(&bot, "closed").await, "closed 2");
}

#[tokio::test]
async fn a_wait_ends_by_the_hosts_clock() {
    let bot = TestBot::start(modules()).await;
    let guild = bot.guild("Rustaceans");
    guild.member("ann").slash("/ask").await;
    bot.advance(secs(29)).await;
    assert_eq!(bot.host().events().waiting(), 1);
    bot.advance(secs(2)).await;
    let said = bot.messages(&guild, "general");
    assert!(said.contains(&"Too late.".to_owned()), "{said:?}");
}

#[tokio::test]
async fn a_wait_for_a_reaction_and_one_for_an_interaction_are_met_once() {
    let bot = TestBot::start(modules()).await;
    let events = bot.host().events();
    let ann = bot.guild("Rustaceans").member("ann");
    let id = ann.id().get();
    let reaction = events.wait_for(mins(1), move |event: &ReactionAddEvent| {
        event.reaction.user_id.is_some_and(|user| user.get() == id)
    });
    let used = events
        .stream::<InteractionCreateEvent>(mins(1), 10)
        .unwrap();
    ann.reacts(&ann.says("hello").await, "🎉");
    ann.slash("/heard kind:any").await;
    assert_eq!(reaction.await.unwrap().reaction.emoji.to_string(), "🎉");
    let mut used = used;
    used.next().await.unwrap();
    assert!(
        futures_util::FutureExt::now_or_never(used.next()).is_none(),
        "it came twice"
    );
}

#[tokio::test]
async fn what_is_not_declared_is_refused_by_name() {
    let bot = TestBot::start(modules()).await;
    let events = bot.host().events();
    let error = events
        .wait_for(secs(1), |_: &GuildMemberAddEvent| true)
        .await
        .err()
        .unwrap();
    let expected = "GuildMemberAddEvent is not sent to this bot: declare it in setup";
    assert!(error.to_string().contains(expected), "{error}");
    let error = events.stream::<TypingStartEvent>(secs(1), 1).err().unwrap();
    assert!(matches!(error, WaitError::NotDeclared { .. }), "{error}");
    let error = events
        .subscribe("hearer", "never", |_: Event<Message>| async { Ok(()) })
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .contains("listen to MessageCreateEvent or MessageEvent"),
        "{error}"
    );
}

#[tokio::test]
async fn a_hundred_thousand_waits_leave_nothing() {
    let bot = TestBot::start(modules()).await;
    let events = bot.host().events();
    let waits: Vec<_> = (0..100_000)
        .map(|number| events.wait_for(mins(1), move |event: &Closed| event.0 == number))
        .collect();
    assert_eq!(events.waiting(), 100_000);
    events.dispatch(Closed(7)).await;
    assert_eq!(events.waiting(), 99_999);
    drop(waits);
    assert_eq!(events.waiting(), 0);
    for number in 0..100_000 {
        drop(events.wait_for(mins(1), move |event: &Closed| event.0 == number));
    }
    assert_eq!(events.waiting(), 0);
}

#[tokio::test]
async fn a_stream_is_filtered_and_counts_what_it_drops() {
    let bot = TestBot::start(modules()).await;
    let events = bot.host().events();
    let numbers = events.stream::<Closed>(secs(10), 100).unwrap();
    let small: EventStream<Closed> = events.stream(secs(10), 2).unwrap();
    for number in 20..30 {
        events.dispatch(Closed(number)).await;
    }
    let even = numbers
        .map(|event| event.0)
        .filter(|number| std::future::ready(number % 2 == 0));
    assert_eq!(even.take(3).collect::<Vec<_>>().await, [20, 22, 24]);
    assert_eq!(small.dropped(), 8);

    let rest = tokio::spawn(small.map(|event| event.0).collect::<Vec<_>>());
    bot.advance(secs(11)).await;
    assert_eq!(rest.await.unwrap(), [20, 21]);
    assert_eq!(events.waiting(), 0);
}

#[tokio::test]
async fn waits_and_streams_end_when_the_bot_shuts_down() {
    let mut bot = TestBot::start(modules()).await;
    let events = bot.host().events().clone();
    bot.guild("Rustaceans").member("ann").slash("/ask").await;
    let wait = events.wait_for(hours(1), |_: &Closed| true);
    let stream = events.stream::<Closed>(hours(1), 1).unwrap();
    bot.restart().await;
    assert!(matches!(wait.await, Err(WaitError::Closed)));
    assert_eq!(stream.count().await, 0);
    assert!(matches!(
        events.stream::<Closed>(Duration::MAX, 1),
        Err(WaitError::Closed)
    ));
}

#[tokio::test]
async fn what_was_dispatched_is_handled_before_a_shutdown_ends() {
    let mut bot = TestBot::start(modules()).await;
    let events = bot.host().events().clone();
    let count = Arc::new(Mutex::new(0));
    let noted = Arc::clone(&count);
    let listens = events.subscribe("hearer", "slow", move |_: Event<Closed>| {
        let noted = Arc::clone(&noted);
        async move {
            tokio::task::yield_now().await;
            *noted.lock() += 1;
            Ok(())
        }
    });
    let _listens = listens.unwrap();
    for number in 20..40 {
        events.dispatch(Closed(number));
    }
    bot.restart().await;
    assert_eq!(*count.lock(), 20);
}

#[tokio::test]
async fn a_predicate_that_panics_costs_its_own_wait_alone() {
    let mut bot = TestBot::start(modules()).await;
    let events = bot.host().events();
    let panics = events.wait_for(mins(1), |_: &Closed| panic!("not me"));
    let other = events.wait_for(mins(1), |event: &Closed| event.0 == 1);
    events.dispatch(Closed(1)).await;
    assert!(matches!(panics.await, Err(WaitError::Panicked)));
    assert_eq!(other.await.unwrap().0, 1);
    bot.expect_failures(1);
}
