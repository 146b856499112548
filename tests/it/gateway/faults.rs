//! Every way in which Discord ends a connection, and what must hold afterwards: the table of docs/OPERATIONS.md.

use std::net::SocketAddr;

use axum::extract::ws::{Message, WebSocketUpgrade};
use cogsmith::gateway::Error;
use cogsmith_simulator::Simulator;
use futures_util::FutureExt;
use tokio::net::TcpListener;

use super::bench::{Bench, Process, Recorder, eventually, within};
use crate::process::{Bot, Folder};

/// What a fault leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The session goes on: nothing is missed, nothing comes twice, no session is begun.
    Resumed,
    /// Another session begins by itself.
    NewSession,
    /// The process ends with this code.
    Ends(i32),
}
use Outcome::{Ends, NewSession, Resumed};

/// See Discord docs/Opcodes and Status Codes, Gateway Close Event Codes; 4006 and 4015 are not among them.
const CLOSES: [(u16, Outcome); 16] = [
    (4000, Resumed),
    (4001, Resumed),
    (4002, Resumed),
    (4003, Resumed),
    (4004, Ends(3)),
    (4005, Resumed),
    (4006, Resumed),
    (4007, NewSession),
    (4008, Resumed),
    (4009, NewSession),
    (4010, Ends(1)),
    (4011, Ends(1)),
    (4012, Ends(1)),
    (4013, Ends(4)),
    (4014, Ends(4)),
    (4015, Resumed),
];

type Disturb = fn(&Simulator);

const DISTURBANCES: [(&str, Disturb, Outcome); 6] = [
    ("op 7", |it| it.reconnect(), Resumed),
    ("op 9, resumable", |it| it.invalid_session(true), Resumed),
    ("op 9", |it| it.invalid_session(false), NewSession),
    ("no close frame", |it| it.cut(), Resumed),
    ("an end within a frame", |it| it.tear(), Resumed),
    ("a close frame without a code", |it| it.close(None), Resumed),
];

/// Disturbs a process between two messages, and looks at what has become of it.
async fn check(name: &str, disturb: impl Fn(&Simulator), expected: Outcome) {
    let bench = Bench::new().await;
    let process = bench.start().await;
    bench.ann.says("before").await;
    bench.settled(&process).await;
    disturb(&bench.simulator);
    match expected {
        Resumed => {
            bench.ann.says("meanwhile").await;
            let resumed = bench.simulator.until(|it| it.resumes() == 1);
            within(resumed).await;
            bench.ann.says("after").await;
            bench.settled(&process).await;
            let heard = process.sink.heard();
            assert_eq!(heard, ["before", "meanwhile", "after"], "{name}");
            assert_eq!(bench.simulator.identifies(), 1, "{name}");
        }
        NewSession => {
            let begun = bench.simulator.until(|it| it.identifies() == 2);
            within(begun).await;
            bench.ann.says("after").await;
            process.sink.until_heard(2).await;
            assert_eq!(process.sink.heard(), ["before", "after"], "{name}");
        }
        Ends(_) => {
            within(process.gateway.ended()).await;
            assert_eq!(bench.simulator.identifies(), 1, "{name}");
            return;
        }
    }
    assert!(process.gateway.ended().now_or_never().is_none(), "{name}");
}

#[tokio::test]
async fn after_each_close_code_the_gateway_goes_on_as_documented() {
    let checks = CLOSES.map(|(code, expected)| async move {
        let name = format!("close {code}");
        check(&name, |it| it.close(Some(code)), expected).await;
    });
    futures_util::future::join_all(checks).await;
}

#[tokio::test]
async fn after_each_disturbance_the_gateway_goes_on_as_documented() {
    let checks = DISTURBANCES.map(|(name, disturb, expected)| check(name, disturb, expected));
    futures_util::future::join_all(checks).await;
}

#[tokio::test]
async fn a_process_that_discord_refuses_ends_with_the_code_of_the_table() {
    for (code, outcome) in CLOSES {
        let Ends(expected) = outcome else { continue };
        let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
        let bot = Bot::start(&simulator, &folder.database()).await;
        simulator.close(Some(code));
        let (status, log) = bot.end().await;
        assert_eq!(status.code(), Some(expected), "{code}: {log}");
        assert!(log.contains("cogsmith::app: stopped"), "{code}: {log}");
    }
}

/// A gateway whose first socket brings these frames, and whose others bring nothing.
async fn gateway_of(frames: Vec<Message>) -> (SocketAddr, tokio::sync::watch::Receiver<usize>) {
    let (sockets, opened) = tokio::sync::watch::channel(0);
    let serve = move |upgrade: WebSocketUpgrade| {
        let (frames, sockets) = (frames.clone(), sockets.clone());
        async move {
            upgrade.on_upgrade(async move |mut socket| {
                let mut number = 0;
                sockets.send_modify(|count| {
                    *count += 1;
                    number = *count;
                });
                let said = if number == 1 { frames } else { Vec::new() };
                for frame in said {
                    if socket.send(frame).await.is_err() {
                        return;
                    }
                }
                while let Some(Ok(_)) = socket.recv().await {}
            })
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(serve)).await });
    (address, opened)
}

async fn begin_at(bench: &Bench, gateway: SocketAddr) -> Result<Process, Error> {
    bench.point_to(gateway);
    let mut options = bench.options();
    options.hello_within = std::time::Duration::from_millis(200);
    bench.begin(options, Recorder::of(&[])).await
}

/// Text that is none, JSON that is none, binary frames, and what looks like zlib and is none: each is survived,
/// and the connection is given up for another when it says nothing that makes sense.
#[tokio::test]
async fn garbage_is_survived() {
    let garbage = [
        Message::text(""),
        Message::text("\u{0}"),
        Message::text("{"),
        Message::text(r#"{"op":"ten"}"#),
        Message::text(r#"{"op":10,"d":{"heartbeat_interval":"soon"}}"#),
        Message::text("[".repeat(100_000)),
        Message::binary(vec![0xFF; 64]),
        Message::binary(b"\x78\x9c\xDE\xAD\xBE\xEF\x00\x00\xFF\xFF".to_vec()),
    ];
    for frame in garbage {
        let bench = Bench::new().await;
        let (address, mut opened) = gateway_of(vec![frame.clone()]).await;
        let process = begin_at(&bench, address).await.unwrap();
        within(opened.wait_for(|count| *count >= 2)).await.unwrap();
        assert!(
            process.gateway.ended().now_or_never().is_none(),
            "{frame:?}"
        );
        assert_eq!(process.gateway.counters().identifies.get(), 0);
    }
}

#[tokio::test]
async fn garbage_within_a_session_costs_a_line_and_no_event() {
    let bench = Bench::new().await;
    let process = bench.start().await;
    for kind in ["MESSAGE_CREATE", "NOBODY_KNOWS"] {
        let data = serde_json::json!({"id": [], "content": {"a": null}});
        bench.simulator.dispatch_raw(kind, &data);
    }
    bench.ann.says("after").await;
    bench.settled(&process).await;
    assert_eq!(process.sink.heard(), ["after"]);
    eventually(|| process.gateway.counters().parse_failures.get() == 1).await;
}
