//! A module with a bit of everything, and its test: a slash group with autocomplete, a button, a form, an answer that
//! is waited for, a guild's setting, a table, a task at 09:00 in Prague, an event of its own that another module
//! hears, and a long computation.

use chrono::Datelike;
use chrono_tz::Europe::Prague;
use cogsmith::{
    prelude::*,
    reply::suggestions,
    store::{Migrations, Step},
    testing::TestBot,
};
use parking_lot::Mutex;
use serenity::all::{
    ChannelId, CreateAutocompleteResponse, CreateButton, CreateMessage, GuildId,
    MessageCreateEvent, UserId,
};

const CHANNEL: Setting<Option<ChannelId>> = Setting::channel("birthdays.channel", "Where");
const WISH: CustomId<u64> = CustomId::new("birthdays:wish:{user}");
const WISHED: CustomId<u64> = CustomId::new("birthdays:wished:{user}");
const MONTHS: &str =
    "january february march april may june july august september october november december";
const TABLES: Migrations = Migrations::new(&[Step {
    name: "0001_birthdays",
    sqlite: "create table birthdays_day (guild_id integer, user_id integer, day integer, month integer) strict",
    postgres: "create table birthdays_day (guild_id bigint, user_id bigint, day bigint, month bigint)",
}]);

struct Birthday(UserId);

#[derive(poise::Modal)]
struct Wish {
    text: String,
}

struct Birthdays {
    host: Host,
}

impl Module for Birthdays {
    const NAME: &'static str = "birthdays";

    async fn load(host: Host) -> Result<Self> {
        Ok(Self { host })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([birthday()]);
        setup.setting(&CHANNEL);
        setup.component(WISH, Self::wish);
        setup.form(WISHED, Self::wished);
        setup.declare::<MessageCreateEvent>();
        setup.message_content("whoever sets a birthday types the month");
        setup.task("tell", at(["09:00 in Europe/Prague"]), Self::tell);
    }
}

impl Birthdays {
    /// Tells of everybody whose day it is in Prague.
    async fn tell(&self, run: Run) -> Result<()> {
        let today = run.slot.with_timezone(&Prague).date_naive();
        let sql = "select guild_id, user_id from birthdays_day where day = $1 and month = $2";
        let query = self.host.db().read(sql).bind(today.day());
        for (guild, user) in query.bind(today.month()).all::<(i64, i64)>().await? {
            let guild = GuildId::new(guild.cast_unsigned());
            let user = UserId::new(user.cast_unsigned());
            if let Some(channel) = self.host.settings().get(guild, &CHANNEL) {
                let button = CreateButton::new(WISH.with(user.get())).label("Wish something");
                let text = format!("It is the birthday of <@{user}>!");
                let message = CreateMessage::new().content(text).button(button);
                channel.send_message(self.host.http(), message).await?;
            }
            self.host.events().dispatch_in(guild, Birthday(user)).await;
        }
        Ok(())
    }

    async fn wish(&self, press: Press<u64>) -> Result<()> {
        press.form::<Wish>(WISHED.with(press.arguments)).await
    }

    async fn wished(&self, form: Form<u64>) -> Result<()> {
        let Wish { text } = form.read()?;
        let (from, to) = (form.user.id, form.arguments);
        form.reply(format!("<@{from}> wishes <@{to}>: {text}"))
            .await
    }
}

/// Birthdays of this server.
#[command(slash_command, guild_only, subcommands("set", "luck"))]
async fn birthday(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Keeps your birthday; the month is asked for.
#[command(slash_command, guild_only)]
async fn set(ctx: Context<'_>, #[description = "The day of the month"] day: u32) -> Result<()> {
    let (channel, user) = (ctx.channel_id(), ctx.author().id);
    let events = ctx.host().events();
    let answer = events.wait_for_message(mins(1), move |message| {
        message.channel_id == channel && message.author_id == user
    });
    ctx.answer("Which month?").await?;
    let month = answer.await?.message.content.to_lowercase();
    let number = MONTHS.split(' ').position(|name| name == month);
    let number = number.ok_or(UserError::new("That is no month."))?;
    let sql = "insert into birthdays_day (guild_id, user_id, day, month) values ($1, $2, $3, $4)";
    let guild = ctx.guild_id().unwrap();
    let insert = ctx.host().db().write(sql).bind(guild).bind(user);
    insert
        .bind(day)
        .bind(u32::try_from(number + 1)?)
        .execute()
        .await?;
    ctx.answer(format!("Kept: {day} {month}.")).await
}

/// Computes for long how lucky a month is.
#[command(slash_command, guild_only)]
async fn luck(
    ctx: Context<'_>,
    #[description = "Which month"]
    #[autocomplete = "months"]
    month: String,
) -> Result<()> {
    let _turn = ctx.host().locks().lock("birthdays.luck").await?;
    let luck =
        ctx.blocking(move || (0..2_000_000).fold(month.len(), |sum, it| sum * 31 % 101 + it % 7));
    ctx.answer(format!("{} % lucky.", luck.await? % 101)).await
}

async fn months(_: Context<'_>, begun: &str) -> CreateAutocompleteResponse {
    let fitting = MONTHS.split(' ').filter(|month| month.starts_with(begun));
    suggestions(fitting.map(|month| (month.to_owned(), month.to_owned())))
}

/// Hears of birthdays, and has nothing to do with the module that tells of them.
#[derive(Default)]
struct Cake(Mutex<Vec<UserId>>);

impl Module for Cake {
    const NAME: &'static str = "cake";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self::default())
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.on(Self::bake);
    }
}

impl Cake {
    async fn bake(&self, birthday: Event<Birthday>) -> Result<()> {
        self.0.lock().push(birthday.0);
        Ok(())
    }
}

#[tokio::test]
async fn a_birthday_is_set_told_wished_for_and_heard_of() {
    let modules = Modules::default().migrations(TABLES);
    let mut bot = TestBot::start(modules.with::<Birthdays>().with::<Cake>()).await;
    let guild = bot.guild("Rustaceans");
    let (ann, ben, id) = (guild.member("ann"), guild.member("ben"), guild.id().get());
    let settings = bot.host().settings();
    let channel = guild.channel("general").id().to_string();
    let setting = settings.find("birthdays.channel").unwrap();
    let set = settings
        .set(id.into(), &setting, &channel, &By::bot())
        .await;
    set.unwrap();

    // The clock begins on Monday, 2 March 2026, at 09:00 UTC.
    ann.slash("/birthday set day:3").await;
    ann.says("March").await;
    bot.settle().await;
    assert!(
        bot.messages(&guild, "general")
            .contains(&"Kept: 3 march.".into())
    );
    bot.restart().await;
    bot.advance(hours(22) + mins(59)).await;
    let cake = bot.host().module::<Cake>().unwrap();
    assert!(cake.0.lock().is_empty(), "it is before 09:00 in Prague");
    bot.advance(mins(2)).await;
    assert_eq!(*cake.0.lock(), [UserId::new(ann.id().get())]);

    let told = guild.channel("general").messages().pop().unwrap();
    let shown = ben.uses(&told, &WISH.with(ann.id().get()), &[]).await;
    let wished = ben
        .submits(&shown.unwrap(), &[("text", "long life")])
        .await
        .unwrap();
    assert_eq!(wished.text(), "ben wishes ann: long life");
    let months = ben.completes("/birthday luck month:ma").await.unwrap();
    assert_eq!(months.choices().unwrap().as_array().unwrap().len(), 2);
    let luck = ben.slash("/birthday luck month:may").await;
    assert!(luck.text().ends_with("% lucky."));
}
