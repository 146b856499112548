//! kill -9 and SIGTERM of a real process, while people go on talking.

use cogsmith_simulator::{Person, Simulator};

use crate::process::{Bot, Folder};

pub(crate) async fn messages_counted(person: &Person) -> u64 {
    let answer = person.slash("/rank").await.text();
    let count = answer
        .split(" message")
        .next()
        .unwrap()
        .rsplit(' ')
        .next()
        .unwrap();
    count
        .parse()
        .unwrap_or_else(|_| panic!("no count in {answer:?}"))
}

#[tokio::test]
async fn kill_9_forgets_neither_the_owners_wishes_nor_a_message() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let guild = simulator.guild("Rustaceans");
    let (olivia, ann) = (guild.owner(), guild.member("ann"));

    let bot = Bot::start(&simulator, &folder.database()).await;
    olivia
        .slash("/leaderboard_config set_time_between_updates minutes:7")
        .await;
    olivia.slash("/leaderboard_config stop").await;
    ann.says("one").await;
    assert_eq!(messages_counted(&ann).await, 1);
    bot.kill().await;

    ann.says("two").await;
    ann.says("three").await;
    let _bot = Bot::start(&simulator, &folder.database()).await;

    assert_eq!(messages_counted(&ann).await, 3);
    let info = ann.slash("/leaderboard update_info").await.text();
    assert!(
        info.contains("Running?: No") && info.contains("Time between loops: 7m"),
        "{info}"
    );
    assert_eq!((simulator.identifies(), simulator.resumes()), (1, 1));
}

#[tokio::test]
async fn each_message_counts_once_however_often_the_bot_is_killed() {
    const KILLS: u64 = 5;
    const MESSAGES: u64 = 300;
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let ann = simulator.guild("Rustaceans").member("ann");

    for _ in 0..KILLS {
        let bot = Bot::start(&simulator, &folder.database()).await;
        // The kill falls wherever the reading, the folding and the flush of every 100 ms happen to be.
        for _ in 0..MESSAGES {
            ann.says("on and on").await;
        }
        bot.kill().await;
    }
    let _bot = Bot::start(&simulator, &folder.database()).await;

    assert_eq!(messages_counted(&ann).await, KILLS * MESSAGES);
    assert_eq!((simulator.identifies(), simulator.resumes()), (1, KILLS));
}

/// The module is off for a while, in a server or everywhere, and the bot is killed meanwhile and afterwards.
async fn said_while_off_counts_at_no_time(everywhere: bool) {
    const ROUNDS: u64 = 3;
    const MESSAGES: u64 = 40;
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let guild = simulator.guild("Rustaceans");
    let (olivia, ann) = (guild.owner(), guild.member("ann"));
    let command = match everywhere {
        true => "/module_everywhere",
        false => "/module",
    };
    let switch = |verb| format!("{command} {verb} name:leaderboard");
    let talk = async || {
        for _ in 0..MESSAGES {
            ann.says("on and on").await;
        }
    };
    for round in 0..ROUNDS {
        let mut bot = Bot::start(&simulator, &folder.database()).await;
        talk().await;
        olivia.slash(&switch("disable")).await;
        talk().await;
        if round > 0 {
            bot.kill().await;
            bot = Bot::start(&simulator, &folder.database()).await;
        }
        olivia.slash(&switch("enable")).await;
        talk().await;
        bot.kill().await;
    }
    let _bot = Bot::start(&simulator, &folder.database()).await;
    assert_eq!(messages_counted(&ann).await, ROUNDS * MESSAGES * 2);
    assert_eq!(simulator.identifies(), 1);
}

#[tokio::test]
async fn what_is_said_while_a_server_has_the_module_off_counts_after_no_kill() {
    said_while_off_counts_at_no_time(false).await;
}

#[tokio::test]
async fn what_is_said_while_the_module_is_off_everywhere_counts_after_no_kill() {
    said_while_off_counts_at_no_time(true).await;
}

#[tokio::test]
async fn sigterm_loses_nothing_and_exits_0() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let ann = simulator.guild("Rustaceans").member("ann");
    let bot = Bot::start(&simulator, &folder.database()).await;
    for _ in 0..50 {
        ann.says("hello").await;
    }
    let (status, log) = bot.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.trim_end().ends_with("stopped"), "{log}");

    let _bot = Bot::start(&simulator, &folder.database()).await;
    assert_eq!(messages_counted(&ann).await, 50);
    assert_eq!((simulator.identifies(), simulator.resumes()), (1, 1));
}

#[tokio::test]
async fn the_bot_comes_back_after_every_kind_of_close_without_spinning() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let ann = simulator.guild("Rustaceans").member("ann");
    let bot = Bot::start(&simulator, &folder.database()).await;

    type Strike = fn(&Simulator);
    let faults: [(&str, Strike); 6] = [
        ("4000", |simulator| simulator.close(Some(4000))),
        ("no code", |simulator| simulator.close(None)),
        ("4003", |simulator| simulator.close(Some(4003))),
        ("op 7", Simulator::reconnect),
        ("op 9, resumable", |simulator| {
            simulator.invalid_session(true)
        }),
        ("cut", Simulator::cut),
    ];
    for (resumes, (fault, strike)) in (1..).zip(faults) {
        strike(&simulator);
        simulator
            .until(|simulator| simulator.resumes() == resumes)
            .await;
        assert_eq!(
            ann.slash("/rank").await.text(),
            "You have no XP yet.",
            "after {fault}"
        );
    }
    simulator.invalid_session(false);
    simulator
        .until(|simulator| simulator.identifies() == 2)
        .await;
    assert_eq!(ann.slash("/rank").await.text(), "You have no XP yet.");

    assert!(bot.cpu_seconds() < 5.0, "{} s of CPU", bot.cpu_seconds());
}
