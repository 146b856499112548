//! kill -9 at each point of the crash table, many times each, on both databases.

use cogsmith::testing::Database;

use super::{
    death::Death,
    script::{Command, Ending, Order, Point, Script},
};

/// Kills at each point on each database.
const ROUNDS: u64 = 20;

#[tokio::test]
async fn a29_killed_before_a_claim_is_committed_the_slot_is_still_due() {
    die_at(Point::BeforeClaim).await;
}

#[tokio::test]
async fn a29_killed_between_claim_and_body_the_run_is_abandoned() {
    die_at(Point::AfterClaim).await;
}

#[tokio::test]
async fn a29_killed_in_the_body_the_run_is_abandoned() {
    die_at(Point::InBody).await;
}

#[tokio::test]
async fn a29_killed_before_an_end_is_committed_the_run_is_abandoned() {
    die_at(Point::BeforeEnd).await;
}

#[tokio::test]
async fn a29_killed_between_an_end_and_its_hook_the_hook_is_not_made_up_for() {
    die_at(Point::AfterEnd).await;
}

#[tokio::test]
async fn a29_killed_in_a_back_off_the_retry_comes_with_its_number() {
    die_at(Point::InBackOff).await;
}

#[tokio::test]
async fn a29_killed_between_a_command_and_its_effect_the_command_holds() {
    die_at(Point::AfterCommand).await;
}

#[tokio::test]
async fn a29_killed_between_claim_and_body_the_run_is_repeated_when_asked() {
    die_and_repeat(Point::AfterClaim).await;
}

#[tokio::test]
async fn a29_killed_in_the_body_the_run_is_repeated_when_asked() {
    die_and_repeat(Point::InBody).await;
}

#[tokio::test]
async fn a29_killed_before_an_end_is_committed_the_run_is_repeated_when_asked() {
    die_and_repeat(Point::BeforeEnd).await;
}

#[tokio::test]
async fn a29_killed_between_a_command_and_its_effect_what_it_leaves_alone_is_repeated() {
    die_and_repeat(Point::AfterCommand).await;
}

async fn die_at(point: Point) {
    die(|round| script(point, round)).await;
}

async fn die_and_repeat(point: Point) {
    let is_repeated = true;
    die(|round| Script {
        is_repeated,
        ..script(point, round)
    })
    .await;
}

/// One server sees all rounds. Each has a file of its own, because a process that is being made holds
/// the files of this one for a moment, so that the lock of a file may outlive its closing here.
async fn die(scripts: impl Fn(u64) -> Script) {
    let postgres = Database::postgres().await;
    for round in 0..ROUNDS {
        let sqlite = Database::sqlite();
        for database in std::iter::once(&sqlite).chain(&postgres) {
            let death = Death::of(scripts(round), database).await;
            death.check(database, round / 5).await;
        }
    }
}

/// A case of its own for each round.
fn script(point: Point, round: u64) -> Script {
    let triggers = [
        "every 2s",
        "every 7s",
        "every 1h30m",
        "at 09:00 in Europe/Berlin, 18:30 in America/New_York",
        "cron */20 * * * * * in Asia/Tokyo",
    ];
    let command = (point == Point::AfterCommand).then(|| command(round));
    let is_reset = command
        .as_ref()
        .is_some_and(|command| command.order == Order::Reset);
    let chosen = (is_reset || !round.is_multiple_of(2)).then(|| "every 3s".to_owned());
    Script {
        scope: format!("round:{round}"),
        default_trigger: triggers[pick(round + round / 5, triggers.len())].into(),
        chosen_trigger: chosen,
        run: 1 + round % 3,
        ending: ending(point, round),
        command,
        point,
        is_repeated: false,
    }
}

fn command(round: u64) -> Command {
    let orders = [
        Order::Stop,
        Order::Cancel,
        Order::Restart,
        Order::Change("every 5s".into()),
        Order::Reset,
    ];
    Command {
        order: orders[pick(round, orders.len())].clone(),
        in_body: round.is_multiple_of(2),
    }
}

fn ending(point: Point, round: u64) -> Ending {
    let endings = [Ending::Error, Ending::Finished, Ending::Ok];
    match point {
        Point::AfterEnd => endings[pick(round, endings.len())],
        Point::InBackOff => Ending::Transient,
        _ => Ending::Ok,
    }
}

fn pick(round: u64, choices: usize) -> usize {
    usize::try_from(round).unwrap() % choices
}
