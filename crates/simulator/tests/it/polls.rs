//! Polls as people meet them; tests/it/operations/polls.txt has the requests.

use std::time::Duration;

use cogsmith_simulator::{Guild, Message, Simulator};
use serde_json::{Value, json};

use crate::client::{Gateway, Rest};

const MESSAGES: u64 = 1 << 9;
const POLLS: u64 = 1 << 24;

async fn ask(is_multiple: bool) -> (Simulator, Guild, Rest, Message) {
    let sim = Simulator::builder().start().await.unwrap();
    let (guild, rest) = (sim.guild("Rustaceans"), Rest::new(&sim));
    let answer = |text: &str| json!({ "poll_media": { "text": text } });
    let poll = json!({
        "question": { "text": "Tea?" },
        "answers": [answer("yes"), answer("no")],
        "duration": 1,
        "allow_multiselect": is_multiple,
    });
    let path = format!("channels/{}/messages", guild.channel("general").id());
    rest.post(&path, json!({ "poll": poll })).await.with(200);
    let message = guild.channel("general").messages().pop().unwrap();
    (sim, guild, rest, message)
}

async fn counts(rest: &Rest, message: &Message) -> Value {
    let path = format!(
        "channels/{}/messages/{}",
        message.channel_id(),
        message.id()
    );
    rest.get(&path).await.with(200)["poll"]["results"]["answer_counts"].clone()
}

#[tokio::test]
async fn a_vote_is_heard_counted_and_taken_back() {
    let (sim, guild, rest, poll) = ask(false).await;
    let ann = guild.member("ann");
    assert_eq!(poll.text(), "Tea?\nyes\nno");
    let mut bot = Gateway::identified(&sim, POLLS).await;
    ann.votes(&poll, &[1]);
    let heard = bot.event("MESSAGE_POLL_VOTE_ADD").await;
    assert_eq!(heard["user_id"], ann.id().to_string());
    assert_eq!(heard["answer_id"], 1);
    let expected = json!([{ "id": 1, "count": 1, "me_voted": false }]);
    assert_eq!(counts(&rest, &poll).await, expected);
    let path = format!(
        "channels/{}/polls/{}/answers/1",
        poll.channel_id(),
        poll.id()
    );
    let voters = rest.get(&path).await.with(200);
    assert_eq!(voters["users"][0]["username"], "ann");

    ann.votes(&poll, &[2]);
    assert_eq!(bot.event("MESSAGE_POLL_VOTE_REMOVE").await["answer_id"], 1);
    assert_eq!(bot.event("MESSAGE_POLL_VOTE_ADD").await["answer_id"], 2);
    ann.votes(&poll, &[]);
    assert_eq!(bot.event("MESSAGE_POLL_VOTE_REMOVE").await["answer_id"], 2);
    assert_eq!(counts(&rest, &poll).await, json!([]));
}

#[tokio::test]
async fn several_answers_are_chosen_where_that_is_asked_for() {
    let (_sim, guild, rest, poll) = ask(true).await;
    guild.member("ann").votes(&poll, &[1, 2]);
    assert_eq!(counts(&rest, &poll).await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_poll_ends_when_its_time_has_come_and_its_result_is_announced() {
    let (sim, guild, rest, poll) = ask(false).await;
    let mut bot = Gateway::identified(&sim, MESSAGES).await;
    guild.member("ann").votes(&poll, &[2]);
    bot.events().await;
    sim.advance(Duration::from_secs(60 * 59)).await.unwrap();
    assert_eq!(bot.events().await, [""; 0]);
    sim.advance(Duration::from_secs(60)).await.unwrap();
    let path = format!("channels/{}/messages", poll.channel_id());
    assert_eq!(
        bot.event("MESSAGE_UPDATE").await["id"],
        poll.id().to_string()
    );
    let notice = bot.event("MESSAGE_CREATE").await;
    assert_eq!(notice["type"], 46);
    let newest = rest.get(&path).await.with(200)[0].clone();
    assert_eq!(
        newest["message_reference"]["message_id"],
        poll.id().to_string()
    );
    let fields = newest["embeds"][0]["fields"].as_array().unwrap();
    let value = |name: &str| fields.iter().find(|it| it["name"] == name).unwrap()["value"].clone();
    assert_eq!(newest["embeds"][0]["type"], "poll_result");
    assert_eq!(
        (value("victor_answer_text"), value("total_votes")),
        (json!("no"), json!("1"))
    );
    let expire = format!("channels/{}/polls/{}/expire", poll.channel_id(), poll.id());
    rest.post(&expire, json!({})).await.refused(400, 520_001);
}
