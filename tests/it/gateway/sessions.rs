//! Gateways that say what Discord never would.

use cogsmith::gateway::Closing;

use super::{
    bench::{Bench, Recorder, eventually, within},
    endings::{HELLO, gateway_that_says},
};
use crate::log::Log;

const READY: &str = r#"{"t":"READY","s":1,"op":0,"d":{"v":10,"session_id":"kept","resume_gateway_url":"ws://127.0.0.1:9","guilds":[],"user":{"id":"1","username":"bot","discriminator":"0"},"application":{"id":"1","flags":0}}}"#;
const SECOND: &str = r#"{"t":"MESSAGE_DELETE","s":2,"op":0,"d":{"id":"1","channel_id":"2"}}"#;

#[tokio::test]
async fn a_number_that_no_server_would_send_ends_the_session_and_a_new_one_begins() {
    const LEAP: &str =
        r#"{"t":"MESSAGE_DELETE","s":9223372036854775808,"op":0,"d":{"id":"1","channel_id":"2"}}"#;
    const NONE: &str = r#"{"t":"MESSAGE_DELETE","s":0,"op":0,"d":{"id":"1","channel_id":"2"}}"#;
    const ABSENT: &str = r#"{"t":"MESSAGE_DELETE","op":0,"d":{"id":"1","channel_id":"2"}}"#;
    const NEGATIVE: &str =
        r#"{"t":"MESSAGE_DELETE","s":-2,"op":0,"d":{"id":"1","channel_id":"2"}}"#;
    const BROKEN: &str = r#"{"t":"MESSAGE_DELETE","s":2.5,"op":0,"d":{"id":"1","channel_id":"2"}}"#;
    const LARGE: &str =
        r#"{"t":"MESSAGE_DELETE","s":99999999999999999999,"op":0,"d":{"id":"1","channel_id":"2"}}"#;
    async fn check(said: &'static [&'static str], number: &str) {
        let log = Log::start();
        let bench = Bench::new().await;
        let (address, sockets) = gateway_that_says(said).await;
        bench.point_to(address);
        let process = bench
            .begin(bench.options(), Recorder::of(&["MESSAGE_DELETE"]))
            .await
            .unwrap();
        within(sockets.acquire_many(2)).await.unwrap().forget();
        eventually(|| process.gateway.counters().identifies.get() >= 2).await;
        assert_eq!(process.sink.heard(), Vec::<String>::new(), "{number}");
        let expected =
            format!("on shard 0 is {number}, expected 2: its session is given up for a new one");
        let lines = log.lines();
        assert!(
            lines.iter().any(|line| line.contains(&expected)),
            "{expected}: {lines:?}"
        );
    }
    check(&[HELLO, READY, LEAP], "9223372036854775808").await;
    check(&[HELLO, READY, NONE], "0").await;
    for said in [
        &[HELLO, READY, ABSENT],
        &[HELLO, READY, NEGATIVE],
        &[HELLO, READY, BROKEN],
        &[HELLO, READY, LARGE],
    ] {
        check(said, "no whole number above 0").await;
    }
}

#[tokio::test]
async fn ready_begins_a_session_even_under_the_id_of_an_old_one() {
    let bench = Bench::new().await;
    let keep = "insert into gateway_session values (0, 1, 'kept', '', 500, 0)";
    bench.db.write(keep).execute().await.unwrap();
    let (address, _sockets) = gateway_that_says(&[HELLO, READY, SECOND]).await;
    bench.point_to(address);
    let recorder = Recorder::of(&["READY", "MESSAGE_DELETE"]);
    let process = bench.begin(bench.options(), recorder).await.unwrap();
    within(process.gateway.connected()).await;
    process.sink.until_heard(2).await;
    eventually(|| process.progress.handled(0) == 2).await;
    let counters = process.gateway.counters();
    assert_eq!((counters.identifies.get(), counters.repeated.get()), (1, 0));

    // What is kept is the new session, though its numbers are lower, and what marks say of the old one is not said of it.
    process.saved(&bench.db).await;
    let point = process.progress.resume_point(0).unwrap();
    assert!(
        point.sequence == 2 && &*point.session != "kept",
        "{point:?}"
    );
    process.close(Closing::Resumable).await;
}
