//! Everything at once: people talk while connections and processes come and go.

use std::{collections::HashMap, sync::Arc};

use cogsmith::{
    bus::ListenerId,
    events::{LeanMessage, Progress},
    gateway::{Closing, Delivery, Interest, Sink},
};
use cogsmith_simulator::{Person, Simulator};
use futures_util::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use serenity::model::event::Event;

use super::{
    bench::{Bench, Process, within},
    folds::Tally,
};

/// Folds and delivers: what it hears is by guild, and outlives the process.
struct Everything {
    tally: Tally,
    heard: Heard,
}

/// The numbers that one process heard, by guild.
type Heard = Arc<Mutex<HashMap<u64, Vec<u64>>>>;

impl Sink for Everything {
    fn interest(&self, kind: &str) -> Interest {
        let is_message = kind == "MESSAGE_CREATE";
        Interest {
            fold: is_message,
            deliver: is_message,
            ..Interest::default()
        }
    }

    fn fold(&self, message: &LeanMessage<'_>) {
        self.tally.fold(message);
    }

    fn deliver(&self, _listener: ListenerId, delivery: Delivery) -> BoxFuture<'static, ()> {
        let heard = Arc::clone(&self.heard);
        async move {
            let Event::MessageCreate(event) = &*delivery.event else {
                return;
            };
            let guild = event.message.guild_id.expect("said in a guild").get();
            let number = event.message.content.parse().expect("a number");
            tokio::task::yield_now().await;
            heard.lock().entry(guild).or_default().push(number);
        }
        .boxed()
    }
}

async fn start(bench: &Bench) -> Process<Everything> {
    let progress = Progress::new();
    let tally = Tally::new(&progress);
    let sink = Arc::new(Everything {
        tally,
        heard: Heard::default(),
    });
    let begun = bench.begin_on(bench.options(), sink, progress).await;
    let process = begun.expect("a gateway that connects");
    within(
        bench
            .simulator
            .until(|simulator| !simulator.connections().is_empty()),
    )
    .await;
    process
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

const DISTURBANCES: [fn(&Simulator); 5] = [
    |simulator| simulator.close(Some(4000)),
    |simulator| simulator.close(None),
    |simulator| simulator.cut(),
    |simulator| simulator.reconnect(),
    |simulator| simulator.invalid_session(true),
];

/// What one life of a process brings; what is said at its end is said to nobody.
async fn live(bench: &Bench, people: &[Person], dice: &mut Dice, said: &mut u64) -> Heard {
    let process = start(bench).await;
    for _ in 0..dice.roll(8) {
        for _ in 0..dice.roll(40) {
            *said += 1;
            people[dice.roll(3) as usize].says(&said.to_string()).await;
        }
        match dice.roll(3) {
            0 => process
                .sink
                .tally
                .flush(&bench.db)
                .await
                .expect("a database that can be written to"),
            1 => DISTURBANCES[dice.roll(5) as usize](&bench.simulator),
            _ => bench.settled(&process).await,
        }
    }
    let heard = Arc::clone(&process.sink.heard);
    if dice.roll(3) == 0 {
        let sink = Arc::clone(&process.sink);
        process.close(Closing::Resumable).await;
        sink.tally
            .flush(&bench.db)
            .await
            .expect("a database that can be written to");
    }
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_doubled_or_out_of_order() {
    let bench = Bench::new().await;
    Tally::with_table(&bench.db).await.unwrap();
    let people =
        ["Rustaceans", "Gophers", "Camels"].map(|name| bench.simulator.guild(name).member("ann"));
    let first = start(&bench).await;
    bench.settled(&first).await;
    first.close(Closing::Resumable).await;
    let (mut dice, mut said) = (Dice(20_261_121), 0);
    let mut heard_by_anybody = vec![false; 20_000];
    for _ in 0..25 {
        let heard = live(&bench, &people, &mut dice, &mut said).await;
        for numbers in heard.lock().values() {
            assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
            numbers
                .iter()
                .for_each(|number| heard_by_anybody[*number as usize] = true);
        }
    }
    let last = start(&bench).await;
    bench.settled(&last).await;
    last.sink.tally.flush(&bench.db).await.unwrap();
    for number in last.sink.heard.lock().values().flatten() {
        heard_by_anybody[*number as usize] = true;
    }
    assert_eq!(bench.simulator.identifies(), 1);
    assert!(said > 500, "{said}");
    assert_eq!(Tally::total(&bench.db).await.unwrap().cast_unsigned(), said);
    let missed: Vec<_> = (1..=said)
        .filter(|number| !heard_by_anybody[*number as usize])
        .collect();
    assert_eq!(missed, Vec::<u64>::new());
}
