//! Deploys: SIGTERM, and a new process at once, while people talk and use commands.
//!
//! `benches/deploys` does the same at 1,000 messages a second.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use cogsmith_simulator::{Person, Simulator};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    crash::messages_counted,
    process::{Bot, Folder, signal},
};

const DEPLOYS: usize = 3;
const BETWEEN_MESSAGES: Duration = Duration::from_millis(5);

/// Talks until it is told to stop, and answers how much.
fn talk(ann: Person, mut stop: watch::Receiver<bool>) -> JoinHandle<u64> {
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(BETWEEN_MESSAGES);
        let mut said = 0;
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return said,
                _ = tick.tick() => {}
            }
            ann.says("on and on").await;
            said += 1;
        }
    })
}

/// Each interaction with the statuses of its callbacks.
fn callbacks(simulator: &Simulator) -> BTreeMap<String, Vec<u16>> {
    let mut callbacks = BTreeMap::<_, Vec<_>>::new();
    for request in simulator.requests() {
        if request.path.ends_with("/callback") {
            callbacks
                .entry(request.path)
                .or_default()
                .push(request.status);
        }
    }
    callbacks
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deploy_loses_no_message_counts_none_twice_and_answers_no_command_twice() {
    let patience = Duration::from_secs(4);
    let builder = Simulator::builder().patience(patience);
    let (simulator, folder) = (builder.start().await.unwrap(), Folder::new());
    let guild = simulator.guild("Rustaceans");
    let (ann, ben) = (guild.member("ann"), guild.member("ben"));
    let mut bot = Bot::start(&simulator, &folder.database()).await;
    let (stop, stopped) = watch::channel(false);
    let talking = talk(ann.clone(), stopped);

    for deploy in 1..=DEPLOYS {
        signal(bot.id(), "TERM").await;
        let mut next = Bot::spawn(&simulator, &folder.database());
        let begun = Instant::now();
        // Commands go on, whether somebody is there or not.
        while ben.try_slash("/rank").await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20));
        }
        next.until_logged("cogsmith::app: ready").await;
        let (status, log) = bot.end().await;
        assert_eq!(status.code(), Some(0), "deploy {deploy}: {log}");
        bot = next;
    }
    stop.send_replace(true);
    let said = talking.await.unwrap();
    assert_eq!(messages_counted(&ann).await, said);
    assert_eq!(
        (simulator.identifies(), simulator.resumes()),
        (1, DEPLOYS as u64)
    );
    for (path, statuses) in callbacks(&simulator) {
        let answered = statuses.iter().filter(|status| **status == 204);
        assert_eq!(answered.count(), 1, "{path}: {statuses:?}");
    }
}

#[tokio::test]
async fn a_process_that_is_not_told_to_stop_is_waited_for_in_vain() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let _first = Bot::start(&simulator, &folder.database()).await;
    let wait = [("DATABASE_WAIT_SECONDS", "1")];
    let begun = Instant::now();
    let second = Bot::spawn_with(&simulator, &folder.database(), &wait);
    let (status, log) = second.end().await;
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert!(log.contains("it is waited for, for up to 1s"), "{log}");
    assert!(
        log.lines()
            .last()
            .unwrap()
            .contains("in use by another process")
    );
}
