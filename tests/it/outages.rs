//! What an outage of Discord costs a task: another attempt, or nothing at all.

use cogsmith::{
    prelude::*,
    tasks::{RunRecord, RunState},
    testing::TestBot,
};
use cogsmith_simulator::FaultRule;

/// A module that tells its owner something every ten minutes.
struct Crier {
    host: Host,
}

impl Module for Crier {
    const NAME: &'static str = "crier";

    async fn load(host: Host) -> Result<Self> {
        Ok(Self { host })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup
            .task("cry", every(mins(10)), Self::cry)
            .needs_discord();
    }
}

impl Crier {
    async fn cry(&self, _: Run) -> Result<()> {
        self.host.tell_owner("All is well.").await
    }
}

/// The runs of the first five minutes, newest last, when so many of Discord's first answers have this status.
async fn runs_after(status: u16, times: u32) -> Vec<RunRecord> {
    let bot = TestBot::start(Modules::default().with::<Crier>()).await;
    bot.settle().await;
    let fault = FaultRule::new(status).method("POST").path("/messages");
    bot.simulator().fail_next(fault.times(times));
    bot.advance(mins(10)).await;
    bot.advance(mins(5)).await;
    let task = bot.host().task("crier.cry").unwrap();
    let mut runs = task.history(9).await.unwrap();
    runs.reverse();
    runs.split_off(1)
}

#[tokio::test]
async fn a_task_tries_again_when_discord_is_out_of_order_and_not_when_it_refuses() {
    // A request is sent four times before its task learns of the failure.
    for (status, times, states) in [
        (503, 4, &[RunState::Error, RunState::Ok][..]),
        (503, 3, &[RunState::Ok]),
        (403, 1, &[RunState::Error]),
    ] {
        let runs = runs_after(status, times).await;
        let seen: Vec<_> = runs.iter().map(|run| run.state).collect();
        assert_eq!(seen, states, "{status}");
        let slots: Vec<_> = runs.iter().map(|run| run.slot_at).collect();
        assert!(slots.iter().all(|slot| *slot == slots[0]), "{slots:?}");
    }
}
