//! A command begins at most once, kill -9 included.

use std::{collections::BTreeMap, time::Duration};

use cogsmith_simulator::{FaultRule, Simulator};

use crate::process::{Bot, Folder};

/// How often each interaction was answered.
fn answers(simulator: &Simulator) -> BTreeMap<String, u32> {
    let mut answers = BTreeMap::new();
    for request in simulator.requests() {
        if request.path.ends_with("/callback") {
            *answers.entry(request.path).or_default() += 1;
        }
    }
    answers
}

/// Waits until every fault has struck.
async fn struck(simulator: &Simulator) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/_sim/faults", simulator.api_url());
    let mut again = tokio::time::interval(Duration::from_millis(10));
    while client.get(&url).send().await.unwrap().text().await.unwrap() != "[]" {
        again.tick().await;
    }
}

#[tokio::test]
async fn a_command_that_was_answered_does_not_run_again_after_kill_9() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let guild = simulator.guild("Rustaceans");
    let (ann, ben) = (guild.member("ann"), guild.member("ben"));
    let bot = Bot::start(&simulator, &folder.database()).await;

    simulator.fail_next(FaultRule::late(Duration::from_secs(600)).path("callback"));
    let hanging = tokio::spawn(async move { ann.try_slash("/rank").await });
    struck(&simulator).await;
    ben.slash("/rank").await;
    bot.kill().await;
    let before = answers(&simulator);

    let _bot = Bot::start(&simulator, &folder.database()).await;
    ben.slash("/rank").await;
    let after = answers(&simulator);
    assert!(
        after.len() == before.len() + 1 && after.values().all(|count| *count == 1),
        "{after:?}"
    );
    assert_eq!(simulator.resumes(), 1);
    hanging.abort();
}
