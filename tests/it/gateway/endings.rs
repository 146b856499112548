//! Why a gateway does not begin, or does not go on.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::extract::ws::{Message, WebSocketUpgrade};
use cogsmith::{config::Token, gateway::Error};
use cogsmith_simulator::{FaultRule, Simulator};
use futures_util::FutureExt;
use serde_json::json;
use tokio::{io::AsyncReadExt, net::TcpListener, sync::Semaphore};

use super::bench::{Bench, Recorder, eventually, within};
use crate::log::Log;

#[tokio::test]
async fn a_refusal_by_close_code_ends_the_gateway_with_its_reason() {
    async fn check(code: u16, expected: &str) {
        let bench = Bench::new().await;
        let process = bench.start().await;
        bench.simulator.close(Some(code));
        let error = within(process.gateway.ended()).await.to_string();
        assert!(error.contains(expected), "{code}: {error}");
        assert!(!process.gateway.shards()[0].connected, "{code}");
        assert_eq!(bench.simulator.identifies(), 1, "{code}");
    }
    tokio::join!(
        check(4004, "the token was refused"),
        check(4010, "close code 4010: no such shard"),
        check(4011, "close code 4011: too many guilds"),
        check(4012, "close code 4012"),
        check(4013, "close code 4013: the intents"),
        check(4014, "close code 4014: privileged intents"),
    );
}

#[tokio::test]
async fn a_wrong_token_is_refused_before_any_socket() {
    let bench = Bench::new().await;
    let mut options = bench.options();
    options.token = Token::new("wrong.x.y");
    let refused = bench.begin(options, Recorder::of(&[])).await.err();
    assert!(matches!(refused, Some(Error::TokenRefused)), "{refused:?}");
    assert_eq!(bench.simulator.identifies(), 0);
}

#[tokio::test]
async fn an_api_that_does_not_answer_is_named_and_asked_until_it_does() {
    let log = Log::start();
    let bench = Bench::new().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let mut options = bench.options();
    options.api_url = Some(format!("http://{address}/"));
    let told = format!("asking http://{address}/api/v10/gateway/bot for the gateway failed");
    let is_told = || log.lines().iter().any(|line| line.starts_with(&told));
    let begin = bench.begin(options, Recorder::of(&[]));
    tokio::pin!(begin);
    tokio::select! {
        _ = &mut begin => panic!("nobody can have answered"),
        () = within(eventually(is_told)) => {}
    }
    let builder = Simulator::builder().address(&address.to_string());
    let _simulator = builder.start().await.unwrap();
    within(begin).await.unwrap();
}

#[tokio::test]
async fn an_api_that_stumbles_is_asked_again() {
    let bench = Bench::new().await;
    bench
        .simulator
        .fail_next(FaultRule::new(503).path("gateway/bot").times(2));
    bench.start().await;
    let statuses: Vec<_> = bench
        .simulator
        .requests()
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [503, 503, 200]);
}

/// A server that takes connections and drops them at once must not make a core spin.
#[tokio::test]
async fn a_gateway_that_drops_every_connection_is_tried_ever_more_slowly() {
    let bench = Bench::new().await;
    let gateway = TcpListener::bind("127.0.0.1:0").await.unwrap();
    bench.point_to(gateway.local_addr().unwrap());
    let process = bench
        .begin(bench.options(), Recorder::of(&[]))
        .await
        .unwrap();
    let began = Instant::now();
    for _ in 0..4 {
        let (mut socket, _) = within(gateway.accept()).await.unwrap();
        // Some bytes of the handshake, so that it is under way.
        assert_ne!(socket.read(&mut [0; 16]).await.unwrap(), 0);
    }
    assert!(
        began.elapsed() >= Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    assert!(process.gateway.counters().failed_connections.get() >= 3);
    assert!(process.gateway.ended().now_or_never().is_none());
}

/// A gateway that says this on every socket and then only listens; a permit for each socket.
pub(super) async fn gateway_that_says(
    said: &'static [&'static str],
) -> (SocketAddr, Arc<Semaphore>) {
    let sockets = Arc::new(Semaphore::new(0));
    let opened = Arc::clone(&sockets);
    let serve = move |upgrade: WebSocketUpgrade| {
        let opened = Arc::clone(&opened);
        async move {
            upgrade.on_upgrade(async move |mut socket| {
                opened.add_permits(1);
                for text in said {
                    socket
                        .send(Message::text(*text))
                        .await
                        .expect("a client that listens");
                }
                while let Some(Ok(_)) = socket.recv().await {}
            })
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(serve)).await });
    (address, sockets)
}

#[tokio::test]
async fn a_gateway_that_never_says_hello_is_given_up() {
    let bench = Bench::new().await;
    let (address, sockets) = gateway_that_says(&[]).await;
    bench.point_to(address);
    let mut options = bench.options();
    options.hello_within = Duration::from_millis(50);
    let process = bench.begin(options, Recorder::of(&[])).await.unwrap();
    within(sockets.acquire_many(2)).await.unwrap().forget();
    assert!(process.gateway.counters().failed_connections.get() >= 1);
}

pub(super) const HELLO: &str = r#"{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250}}"#;
const UNINTELLIGIBLE_READY: &str = r#"{"t":"READY","s":1,"op":0,"d":{"v":10}}"#;

#[tokio::test]
async fn a_session_that_begins_unintelligibly_is_started_over() {
    let bench = Bench::new().await;
    let (address, sockets) = gateway_that_says(&[HELLO, UNINTELLIGIBLE_READY]).await;
    bench.point_to(address);
    let process = bench
        .begin(bench.options(), Recorder::of(&[]))
        .await
        .unwrap();
    within(sockets.acquire_many(2)).await.unwrap().forget();
    assert!(process.gateway.counters().parse_failures.get() >= 1);
    assert_eq!(process.gateway.counters().identifies.get(), 0);
}

#[tokio::test]
async fn a_resume_address_that_is_none_is_not_used() {
    let bench = Bench::new().await;
    let process = bench
        .start_with(bench.options(), Recorder::of(&["READY"]))
        .await;
    let ready = json!({
        "v": 10, "session_id": "another", "resume_gateway_url": "not an address", "guilds": [],
        "user": {"id": "1", "username": "bot"}, "application": {"id": "1", "flags": 0},
    });
    bench.simulator.dispatch_raw("READY", &ready);
    // The simulator knows no session of that name, so that the resume fails and a new one begins.
    within(
        bench
            .simulator
            .until(|simulator| simulator.identifies() == 2),
    )
    .await;
    process.sink.until_heard(3).await;
    assert!(process.gateway.ended().now_or_never().is_none());
}
