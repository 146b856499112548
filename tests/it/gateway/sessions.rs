//! Gateways that say what Discord never would.

use cogsmith::gateway::Closing;

use super::{
    bench::{Bench, Recorder, eventually, within},
    endings::{HELLO, gateway_that_says},
};

const READY: &str = r#"{"t":"READY","s":1,"op":0,"d":{"v":10,"session_id":"kept","resume_gateway_url":"ws://127.0.0.1:9","guilds":[],"user":{"id":"1","username":"bot","discriminator":"0"},"application":{"id":"1","flags":0}}}"#;
const SECOND: &str = r#"{"t":"MESSAGE_DELETE","s":2,"op":0,"d":{"id":"1","channel_id":"2"}}"#;

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
