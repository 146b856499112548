//! No secret is logged: not the bot's token, not the tokens that answer interactions, at no level.

use std::time::Duration;

use cogsmith_simulator::{FaultRule, Simulator};

use crate::process::{Bot, Folder};

/// The tokens of interactions, from the paths under which they were answered.
fn interaction_tokens(simulator: &Simulator) -> Vec<String> {
    let requests = simulator.requests();
    let paths = requests.iter().map(|request| request.path.clone());
    let token = |path: String| {
        Some(
            path.strip_prefix("interactions/")?
                .split('/')
                .nth(1)?
                .to_owned(),
        )
    };
    paths.filter_map(token).collect()
}

#[tokio::test]
async fn nothing_secret_is_logged_even_when_everything_is_and_answers_fail() {
    // The second answer fails however often it is sent, and whoever asked need not wait for long to know.
    let builder = Simulator::builder().patience(Duration::from_secs(2));
    let (simulator, folder) = (builder.start().await.unwrap(), Folder::new());
    let ann = simulator.guild("Rustaceans").member("ann");
    let mut bot = Bot::spawn_logging(&simulator, &folder.database(), "trace");
    bot.until_logged("cogsmith::app: ready").await;

    ann.slash("/rank").await;
    simulator.fail_next(FaultRule::new(500).path("/callback").times(99));
    drop(ann.try_slash("/rank").await);
    let (status, log) = bot.terminate().await;

    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("TRACE"), "{log}");
    assert!(
        !log.contains(&simulator.token()),
        "the bot's token was logged"
    );
    let tokens = interaction_tokens(&simulator);
    assert!(tokens.len() >= 2, "{tokens:?}");
    for token in tokens {
        let line = log.lines().find(|line| line.contains(&token));
        assert_eq!(line, None, "an interaction's token was logged");
    }
}
