//! A client library's own requests and models, unmodified: nothing it sends by itself is a gap,
//! and everything it gets back it understands.

use cogsmith_simulator::Simulator;
use serenity::builder::{
    CreateAllowedMentions, CreateCommand, CreateCommandOption, CreateEmbed,
    CreateInteractionResponse, CreateInteractionResponseFollowup, CreateInteractionResponseMessage,
    CreateMessage, EditInteractionResponse, EditMessage, GetMessages,
};
use serenity::http::{Http, HttpBuilder};
use serenity::model::application::{CommandInteraction, CommandOptionType};
use serenity::model::id::{ChannelId, GuildId, RoleId, UserId};
use serenity::model::permissions::Permissions;

use crate::client::{Gateway, INTENTS};

fn http(sim: &Simulator) -> Http {
    HttpBuilder::new(sim.token())
        .proxy(sim.api_url())
        .ratelimiter_disabled(true)
        .application_id(sim.application_id().get().into())
        .build()
}

/// Neither a gap, nor anything that Discord's own file forbids.
#[track_caller]
fn assert_clean(sim: &Simulator) {
    assert_eq!(sim.gaps(), [""; 0]);
    assert_eq!(sim.violations(), [""; 0]);
}

fn command() -> CreateCommand {
    let page = CreateCommandOption::new(CommandOptionType::Integer, "page", "Which page")
        .min_int_value(1)
        .add_int_choice("first", 1);
    let view = CreateCommandOption::new(CommandOptionType::SubCommand, "view", "Look at it")
        .add_sub_option(page);
    CreateCommand::new("leaderboard")
        .description("Who talks most")
        .default_member_permissions(Permissions::SEND_MESSAGES)
        .add_option(view)
}

#[tokio::test]
async fn it_starts_and_registers_commands() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = GuildId::new(sim.guild("Rustaceans").id().get());
    let http = http(&sim);
    assert_eq!(http.get_gateway().await.unwrap().url, sim.gateway_url());
    assert_eq!(http.get_bot_gateway().await.unwrap().shards, 1);
    let owner = http.get_current_application_info().await.unwrap().owner;
    assert_eq!(owner.unwrap().name, "owner");
    assert!(http.get_current_user().await.unwrap().bot);
    let global = http.create_global_commands(&vec![command()]).await.unwrap();
    assert_eq!(
        http.get_global_commands().await.unwrap()[0].id,
        global[0].id
    );
    let own = guild.set_commands(&http, vec![command()]).await.unwrap();
    let changed = command().description("Changed");
    let changed = guild.edit_command(&http, own[0].id, changed).await.unwrap();
    assert_eq!(changed.description, "Changed");
    guild.delete_command(&http, own[0].id).await.unwrap();
    assert_clean(&sim);
}

#[tokio::test]
async fn it_answers_promises_and_follows_up() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let http = http(&sim);
    http.create_global_commands(&vec![command()]).await.unwrap();
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    bot.event("GUILD_CREATE").await;
    let waiting = tokio::spawn(async move { ann.slash("/leaderboard view page:first").await });
    let used = bot.event("INTERACTION_CREATE").await;
    let used: CommandInteraction = serde_json::from_value(used).unwrap();
    assert_eq!(used.data.options[0].name, "view");

    let promise = CreateInteractionResponseMessage::new().ephemeral(true);
    let promise = CreateInteractionResponse::Defer(promise);
    used.create_response(&http, promise).await.unwrap();
    let edit = EditInteractionResponse::new().content("done").embed(
        CreateEmbed::new()
            .title("Leaderboard")
            .field("1", "ann", true),
    );
    used.edit_response(&http, edit).await.unwrap();
    let reply = waiting.await.unwrap();
    assert_eq!(reply.text(), "done\nLeaderboard\n1: ann");
    assert!(reply.is_ephemeral() && reply.is_deferred());

    let more = CreateInteractionResponseFollowup::new().content("more");
    let more = used.create_followup(&http, more).await.unwrap();
    let again = CreateInteractionResponseFollowup::new().content("again");
    used.edit_followup(&http, more.id, again).await.unwrap();
    assert_eq!(
        used.get_followup(&http, more.id).await.unwrap().content,
        "again"
    );
    used.delete_followup(&http, more.id).await.unwrap();
    assert_eq!(used.get_response(&http).await.unwrap().content, "done");
    used.delete_response(&http).await.unwrap();
    assert_clean(&sim);
}

#[tokio::test]
async fn it_writes_messages_and_reads_guilds() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let ann = UserId::new(guild.member("ann").id().get());
    let helper = guild.role("helper", cogsmith_simulator::Permissions::NONE);
    let (home, general) = (guild.id().get(), guild.channel("general").id().get());
    let (home, general) = (GuildId::new(home), ChannelId::new(general));
    let http = http(&sim);

    let hello = CreateMessage::new()
        .content("hello")
        .embed(CreateEmbed::new().description("there").colour(0xff_0000))
        .allowed_mentions(CreateAllowedMentions::new().users([ann]));
    let mut hello = general.send_message(&http, hello).await.unwrap();
    hello
        .edit(&http, EditMessage::new().content("bye"))
        .await
        .unwrap();
    assert_eq!(
        general.message(&http, hello.id).await.unwrap().content,
        "bye"
    );
    let page = general
        .messages(&http, GetMessages::new().limit(5))
        .await
        .unwrap();
    assert_eq!(page.len(), 2); // with the notice that ann joined
    hello.reply(&http, "again").await.unwrap();
    hello.delete(&http).await.unwrap();
    general.broadcast_typing(&http).await.unwrap();
    let direct = ann.create_dm_channel(&http).await.unwrap();
    direct.say(&http, "psst").await.unwrap();

    let partial = home.to_partial_guild_with_counts(&http).await.unwrap();
    assert_eq!(partial.approximate_member_count, Some(3));
    assert_eq!(home.channels(&http).await.unwrap().len(), 1);
    assert_eq!(home.roles(&http).await.unwrap().len(), 3);
    assert_eq!(home.members(&http, None, None).await.unwrap().len(), 3);
    let member = home.member(&http, ann).await.unwrap();
    let helper = RoleId::new(helper.get());
    member.add_role(&http, helper).await.unwrap();
    assert_eq!(home.member(&http, ann).await.unwrap().roles, [helper]);
    member.remove_role(&http, helper).await.unwrap();
    assert_eq!(ann.to_user(&http).await.unwrap().name, "ann");
    assert_clean(&sim);
}

#[tokio::test]
async fn it_understands_refusals() {
    let sim = Simulator::builder().start().await.unwrap();
    let http = http(&sim);
    let error = GuildId::new(17).to_partial_guild(&http).await.unwrap_err();
    let serenity::Error::Http(serenity::http::HttpError::UnsuccessfulRequest(refusal)) = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(refusal.error.code, 10004);
    assert_eq!(refusal.status_code.as_u16(), 404);
}
