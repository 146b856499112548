//! What a case is made of.

use cogsmith_tasks::{First, Misfire};
use proptest::prelude::*;

/// What the task is like. Lengths in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) interval: u64,
    /// How long the body takes.
    pub(crate) body: u64,
    /// How the runs end, over and over.
    pub(crate) ends: Vec<End>,
    /// Whether the `before` hooks succeed, over and over.
    pub(crate) befores: Vec<bool>,
    pub(crate) count: Option<u64>,
    pub(crate) max_fails: Option<u32>,
    pub(crate) misfire: Misfire,
    pub(crate) first: First,
    /// Whether runs that a crash cuts off are run again.
    pub(crate) redo: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Ok,
    Error,
    Panic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Start,
    EnsureStarted,
    Stop,
    Cancel,
    Restart,
    Change(u64),
    Reset,
    Trigger,
    /// So many slots up to now.
    Backfill(u8),
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Give(Command),
    /// Time passes, timer by timer.
    Advance(u64),
    /// The clock jumps, the engine may take a few turns, the process dies, and is away for a while.
    Crash {
        jump: u64,
        turns: u8,
        away: u64,
    },
    /// The process dies so many turns after a command was given.
    CrashDuring {
        command: Command,
        turns: u8,
    },
    /// The process ends in good order, and is away for a while.
    ShutDown {
        away: u64,
    },
}

pub(crate) fn plan(redo: bool) -> impl Strategy<Value = Plan> {
    let end = prop_oneof![4 => Just(End::Ok), 1 => Just(End::Error), 1 => Just(End::Panic)];
    let misfire = prop_oneof![
        Just(Misfire::Once),
        Just(Misfire::Skip),
        Just(Misfire::All(3))
    ];
    let first = prop_oneof![
        Just(First::Rhythm),
        Just(First::Now),
        Just(First::AfterInterval)
    ];
    (
        interval(),
        prop_oneof![Just(0), Just(200), Just(2_500)],
        prop::collection::vec(end, 1..6),
        prop::collection::vec(prop::bool::weighted(0.9), 1..6),
        prop::option::weighted(0.3, 1..6_u64),
        prop::option::weighted(0.3, 1..4_u32),
        misfire,
        first,
    )
        .prop_map(
            move |(interval, body, ends, befores, count, max_fails, misfire, first)| Plan {
                interval,
                body,
                ends,
                befores,
                count,
                max_fails,
                misfire,
                first,
                redo,
            },
        )
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => command().prop_map(Step::Give),
        5 => (0..6_000_u64).prop_map(Step::Advance),
        1 => (0..3_000_u64, 0..20_u8, 0..20_000_u64)
            .prop_map(|(jump, turns, away)| Step::Crash { jump, turns, away }),
        1 => (command(), 0..20_u8)
            .prop_map(|(command, turns)| Step::CrashDuring { command, turns }),
        1 => (0..20_000_u64).prop_map(|away| Step::ShutDown { away }),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::Start),
        Just(Command::EnsureStarted),
        Just(Command::Stop),
        Just(Command::Cancel),
        Just(Command::Restart),
        interval().prop_map(Command::Change),
        Just(Command::Reset),
        Just(Command::Trigger),
        (1..5_u8).prop_map(Command::Backfill),
    ]
}

fn interval() -> impl Strategy<Value = u64> {
    prop_oneof![Just(400), Just(1_000), Just(3_000), Just(60_000)]
}
