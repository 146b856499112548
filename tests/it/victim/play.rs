//! Plays a script up to the point where the process is to die.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, anyhow};
use cogsmith::store::Db;
use cogsmith_tasks::{Clock, Engine, Error, Phase, Run, TaskHandle, TaskSpec, Transient};

use crate::{
    script::{Ending, Order, Point, Script, TASK, dawn},
    trap::{OWNER, Trap, Trapped},
};

/// How long the body takes.
const BODY: Duration = Duration::from_millis(40);

pub(crate) async fn play(db: Db, script: Script) -> anyhow::Result<()> {
    let clock = Clock::manual(dawn());
    let trap = Arc::new(Trap {
        script: script.clone(),
        clock: clock.clone(),
    });
    let store = Trapped {
        db,
        trap: trap.clone(),
    };
    let engine = Engine::new(Arc::new(store), clock);
    let task = engine.register(spec(&trap)?).await?;
    if let Some(chosen) = &script.chosen_trigger {
        task.change_interval(chosen.parse()?).await?;
    }
    engine.start().await?;
    engine.settle().await;
    while task.status().runs_total < script.run {
        step(&engine).await?;
    }
    if let Some(command) = script.command {
        while !command.in_body && task.phase() != Phase::Waiting {
            step(&engine).await?;
        }
        give(&task.by(OWNER), command.order).await?;
    }
    loop {
        step(&engine).await?;
    }
}

/// Moves the clock to the next thing that happens.
async fn step(engine: &Engine) -> anyhow::Result<()> {
    let wake = engine.clock().next_wake();
    engine.advance(wake.context("the script is over")?).await;
    Ok(())
}

async fn give(task: &TaskHandle, order: Order) -> anyhow::Result<()> {
    match order {
        Order::Stop => task.stop().await?,
        Order::Cancel => task.cancel().await?,
        Order::Restart => task.restart().await?,
        Order::Change(trigger) => task.change_interval(trigger.parse()?).await?,
        Order::Reset => task.reset_interval().await?,
    };
    Ok(())
}

fn spec(trap: &Arc<Trap>) -> Result<TaskSpec, Error> {
    let script = &trap.script;
    let (in_body, in_back_off) = (trap.clone(), trap.clone());
    let spec = TaskSpec::new(TASK, script.default_trigger.parse()?, move |run| {
        body(in_body.clone(), run)
    });
    let spec = spec
        .scope(script.scope.as_str())
        .before(|_| say("before"))
        .after(|_| say("after"))
        .on_error(move |failure| {
            println!("error");
            if failure.will_retry {
                in_back_off.pass(Point::InBackOff);
            }
            async { Ok(()) }
        });
    let spec = match script.ending {
        Ending::Finished => spec.count(script.run),
        _ => spec,
    };
    Ok(spec.on_crash(script.on_crash()))
}

async fn say(word: &str) -> anyhow::Result<()> {
    println!("{word}");
    Ok(())
}

async fn body(trap: Arc<Trap>, run: Run) -> anyhow::Result<()> {
    println!("run {} {}", run.slot.timestamp_millis(), run.attempt);
    let is_last = run.loop_index + 1 == trap.script.run && run.attempt == 1;
    trap.clock.sleep(BODY / 2).await;
    if is_last {
        trap.pass(Point::InBody);
    }
    trap.clock.sleep(BODY / 2).await;
    match trap.script.ending {
        Ending::Error if is_last => Err(anyhow!("no")),
        Ending::Transient if is_last => Err(Transient::new(anyhow!("not now")).into()),
        _ => Ok(()),
    }
}
