//! What a browser may do with the simulator when a page of another site asks it to.

use cogsmith_simulator::Simulator;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{Error, client::IntoClientRequest};

const EVERYWHERE: [(Method, &str); 6] = [
    (Method::GET, "/api/v10/gateway"),
    (Method::POST, "/api/v10/channels/1/messages"),
    (Method::GET, "/attachments/1/2/page.html"),
    (Method::GET, "/_sim/transcript"),
    (Method::POST, "/_sim/clock"),
    (Method::GET, "/"),
];

async fn ask(sim: &Simulator, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.request(method, format!("{}{path}", sim.api_url()));
    let request = headers
        .iter()
        .fold(request, |it, (name, value)| it.header(*name, *value));
    request.send().await.unwrap()
}

async fn refusal(response: Response, status: u16) -> String {
    assert_eq!(response.status(), status);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["code"], 0, "{body}");
    body["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_host_that_is_not_ours_is_refused_everywhere() {
    let sim = Simulator::builder().start().await.unwrap();
    for (method, path) in EVERYWHERE {
        let response = ask(&sim, method, path, &[("Host", "evil.test:4000")]).await;
        let message = refusal(response, 403).await;
        assert!(message.contains("\"evil.test:4000\""), "{message}");
        assert!(message.contains("--host"), "{message}");
    }
}

#[tokio::test]
async fn an_origin_that_is_not_ours_is_refused_everywhere() {
    let sim = Simulator::builder().start().await.unwrap();
    for origin in ["https://evil.test", "http://127.0.0.1:1", "null"] {
        for (method, path) in EVERYWHERE {
            let response = ask(&sim, method, path, &[("Origin", origin)]).await;
            let message = refusal(response, 403).await;
            assert!(
                message.contains(origin) && message.contains(sim.api_url()),
                "{message}"
            );
        }
    }
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing_and_opens_no_gateway() {
    let sim = Simulator::builder().start().await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for kind in ["text/plain", "application/json"] {
        let request = client.post(format!("{}/_sim/bots", sim.api_url()));
        let request = request
            .header("Origin", "https://evil.test")
            .header("Content-Type", kind)
            .body(r#"{"name":"spy"}"#);
        refusal(request.send().await.unwrap(), 403).await;
    }
    let bots = ask(&sim, Method::GET, "/_sim/bots", &[]).await;
    assert!(!bots.text().await.unwrap().contains("spy"));

    let url = format!("{}/?v=10&encoding=json", sim.gateway_url());
    for (name, value) in [("Origin", "https://evil.test"), ("Host", "evil.test")] {
        let mut request = url.as_str().into_client_request().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        match connect_async(request).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert_eq!(sim.connections(), []);
}

#[tokio::test]
async fn our_own_names_and_pages_come_in() {
    let builder = Simulator::builder()
        .address("0.0.0.0:0")
        .allow_any_address(true);
    let sim = builder.host("sim.test").start().await.unwrap();
    let address = sim.api_url().replace("sim.test", "127.0.0.1");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for host in ["sim.test", "localhost", "127.0.0.1", "[::1]", "192.168.0.3"] {
        let request = client.get(format!("{address}/_sim/gaps"));
        let request = request
            .header("Host", format!("{host}:80"))
            .header("Origin", format!("http://{host}:80"));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{host}");
        assert_eq!(response.headers()["X-Content-Type-Options"], "nosniff");
    }
}

#[tokio::test]
async fn what_moves_the_world_says_that_it_is_json() {
    let sim = Simulator::builder().start().await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let before = sim.now();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
    ] {
        let request = client.post(format!("{}/_sim/clock", sim.api_url()));
        let request = request
            .header("Content-Type", kind)
            .body(r#"{"seconds":1e6}"#);
        let message = refusal(request.send().await.unwrap(), 415).await;
        assert!(message.contains(kind), "{message}");
    }
    let request = client.post(format!("{}/_sim/clock", sim.api_url()));
    refusal(
        request.body(r#"{"seconds":1e6}"#).send().await.unwrap(),
        415,
    )
    .await;
    assert!((sim.now() - before).num_seconds() < 100_000);

    let kind = "Application/JSON; charset=utf-8";
    let request = client.post(format!("{}/_sim/clock", sim.api_url()));
    let request = request
        .header("Content-Type", kind)
        .body(r#"{"seconds":1}"#);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let emptied = ask(&sim, Method::DELETE, "/_sim/faults", &[]).await;
    assert_eq!(emptied.status(), 200);
}

/// The answer to a download of what was uploaded under this name and kind.
async fn downloaded(sim: &Simulator, name: &str, kind: &str) -> Response {
    let guild = sim.guild("Rustaceans");
    let path = format!("channels/{}/messages", guild.channel("general").id());
    let part = reqwest::multipart::Part::bytes(b"<script>".to_vec());
    let part = part.file_name(name.to_owned()).mime_str(kind).unwrap();
    let form = reqwest::multipart::Form::new()
        .text("payload_json", json!({ "content": "x" }).to_string())
        .part("files[0]", part);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{}/api/v10/{path}", sim.api_url()));
    let request = request.header("Authorization", format!("Bot {}", sim.token()));
    let sent: Value = request
        .multipart(form)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let url = sent["attachments"][0]["url"].as_str().unwrap();
    client.get(url).send().await.unwrap()
}

#[tokio::test]
async fn what_a_browser_could_run_is_saved_instead_of_shown() {
    let sim = Simulator::builder().start().await.unwrap();
    let cases = [
        ("page.html", "text/html", true),
        ("page.html", "Text/HTML; charset=utf-8", true),
        ("image.svg", "image/svg+xml", true),
        ("code.js", "text/javascript", true),
        ("data.xml", "application/xml", true),
        ("picture.png", "image/png", false),
        ("song.ogg", "audio/ogg", false),
        ("notes.txt", "text/plain; charset=utf-8", false),
    ];
    for (name, kind, is_saved) in cases {
        let response = downloaded(&sim, name, kind).await;
        let headers = response.headers();
        let disposition = headers
            .get("Content-Disposition")
            .map(|it| it.to_str().unwrap());
        assert_eq!(disposition, is_saved.then_some("attachment"), "{name}");
        assert_eq!(headers["X-Content-Type-Options"], "nosniff", "{name}");
        assert_eq!(response.bytes().await.unwrap(), "<script>", "{name}");
    }
}
