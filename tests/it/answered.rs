//! People are answered in time whatever modules do with their threads.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    thread,
    time::Instant,
};

use cogsmith::prelude::*;
use cogsmith_simulator::Simulator;
use serenity::{builder::CreateButton, model::event::MessageCreateEvent};

use crate::threads::Bot;

/// Computes on every core for longer than Discord waits, and answers people.
struct Computer {
    host: Host,
}

static COMPUTING: AtomicUsize = AtomicUsize::new(0);
const COMPUTES_FOR: Duration = secs(4);

/// Of a listener that gives its thread back.
static SLEEPS: AtomicBool = AtomicBool::new(false);
const SLEEPS_FOR: Duration = secs(10);

impl Module for Computer {
    const NAME: &'static str = "computer";

    async fn load(host: Host) -> Result<Self> {
        Ok(Self { host })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([ask(), feedback()]);
        setup.on(Self::hear).only(|message| !message.author_is_bot);
        setup.component("again", Self::again);
        setup.form("feedback", Self::thank);
    }
}

impl Computer {
    async fn hear(&self, event: Event<MessageCreateEvent>) -> Result<()> {
        match event.message.author.name.as_str() {
            "ann" => self.sleep().await,
            _ => compute(),
        }
        Ok(())
    }

    async fn sleep(&self) {
        SLEEPS.store(true, SeqCst);
        self.host.clock().sleep(SLEEPS_FOR).await;
        SLEEPS.store(false, SeqCst);
    }

    async fn again(&self, press: Press<()>) -> Result<()> {
        press.reply("again").await
    }

    async fn thank(&self, form: Form<()>) -> Result<()> {
        let Feedback { text } = form.read()?;
        form.reply(text).await
    }
}

fn compute() {
    COMPUTING.fetch_add(1, SeqCst);
    let begun = Instant::now();
    while begun.elapsed() < COMPUTES_FOR {
        std::hint::spin_loop();
    }
    COMPUTING.fetch_sub(1, SeqCst);
}

#[derive(poise::Modal)]
struct Feedback {
    text: String,
}

/// Answers with a button.
#[command(slash_command)]
async fn ask(ctx: Context<'_>) -> Result<()> {
    let button = CreateButton::new("again").label("Again");
    ctx.answer(Reply::from("an answer").buttons([button])).await
}

/// Asks for feedback.
#[command(slash_command)]
async fn feedback(ctx: Context<'_>) -> Result<()> {
    ctx.form::<Feedback>("feedback".to_owned()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_answered_in_time_while_modules_compute_on_every_core() {
    let simulator = Simulator::builder().start().await.unwrap();
    let cores = thread::available_parallelism().unwrap().get();
    let modules = Modules::default().with::<Computer>();
    let bot = Bot::start(&simulator, cores, secs(10), modules).await;
    let ann = simulator.guild("Guild 0").member("ann");
    let (asked, form) = (ann.slash("/ask").await, ann.slash("/feedback").await);
    ann.says("good night").await;
    for guild in 1..=cores {
        let guild = simulator.guild(&format!("Guild {guild}"));
        guild.member("ben").says("everybody is at work").await;
    }
    while COMPUTING.load(SeqCst) < cores || !SLEEPS.load(SeqCst) {
        tokio::task::yield_now().await;
    }

    let promised = async {
        let message = asked.message().unwrap();
        let (pressed, sent, livez) = tokio::join!(
            ann.uses(message, "again", &[]),
            ann.submits(&form, &[("text", "good")]),
            bot.livez(),
        );
        pressed.unwrap();
        sent.unwrap();
        assert!(livez.ends_with("ok\n"), "{livez}");
        let (computing, sleeps) = (COMPUTING.load(SeqCst), SLEEPS.load(SeqCst));
        assert_eq!((computing, sleeps), (cores, true), "all are busy still");
    };
    let (answer, ()) = tokio::join!(ann.slash("/ask"), promised);
    assert!(answer.is_deferred(), "{answer:?}");
    assert!(answer.text().starts_with("an answer"), "{answer:?}");
    bot.stop().await;
}
