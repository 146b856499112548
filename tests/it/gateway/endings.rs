//! Why a gateway does not begin, or does not go on.

use std::time::{Duration, Instant};

use cogsmith::{
    config::Token,
    gateway::{Error, Gateway},
};
use cogsmith_simulator::FaultRule;
use tokio::{io::AsyncReadExt, net::TcpListener};

use super::bench::{Bench, Process, Recorder, within};

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
async fn an_api_that_does_not_answer_is_named() {
    let bench = Bench::new().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let mut options = bench.options();
    options.api_url = Some(format!("http://{address}/"));
    let refused = within(bench.begin(options, Recorder::of(&[])))
        .await
        .err()
        .unwrap()
        .to_string();
    let begins = format!("reaching the API at http://{address}/api/v10/gateway/bot failed 5 times");
    assert!(refused.starts_with(&begins), "{refused}");
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
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = listener.local_addr().unwrap();
    let body = serde_json::json!({
        "url": format!("ws://{gateway}"), "shards": 1,
        "session_start_limit": {"total": 9, "remaining": 9, "reset_after": 0, "max_concurrency": 1},
    });
    bench
        .simulator
        .fail_next(FaultRule::new(200).path("gateway/bot").body(body));
    let process: Process = bench
        .begin(bench.options(), Recorder::of(&[]))
        .await
        .unwrap();
    let began = Instant::now();
    for _ in 0..4 {
        let (mut socket, _) = within(listener.accept()).await.unwrap();
        // Some bytes of the handshake, so that it is under way.
        assert_ne!(socket.read(&mut [0; 16]).await.unwrap(), 0);
    }
    assert!(
        began.elapsed() >= Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    assert!(process.gateway.counters().losses.get() >= 3);
    assert_gateway_is_open(&process.gateway);
}

fn assert_gateway_is_open(gateway: &Gateway) {
    let ended = futures_util::FutureExt::now_or_never(gateway.ended());
    assert!(ended.is_none(), "{ended:?}");
}
