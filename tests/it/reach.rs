//! How Discord's REST API is reached: proxy, certificates, time-outs, limits and repetitions, as an operator sets them.
//!
//! The authority of `reach/ca.pem` is nobody's: its key was thrown away when it had signed `reach/localhost.pem`.

use std::{net::TcpStream as Blocking, process::Output, sync::Arc, time::Instant};

use anyhow::Context as _;
use cogsmith::{
    app::App,
    config::{BotConfig, RestConfig, Token},
    error::RateLimited,
    http::Health,
    prelude::*,
    testing::Database,
};
use cogsmith_simulator::{FaultRule, Simulator};
use parking_lot::Mutex;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::json;
use serenity::model::id::ChannelId;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::process::{Folder, cogsmith, output};

const CA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/reach/ca.pem");

async fn simulator() -> Simulator {
    Simulator::builder().start().await.unwrap()
}

/// What asks Discord once, and ends.
async fn ask(simulator: &Simulator, settings: &[(&str, &str)]) -> Output {
    let folder = Folder::new();
    let mut command = cogsmith(folder.path());
    command
        .args(["invite", "--modules", "help"])
        .env("DISCORD_TOKEN", simulator.token())
        .env("DISCORD_API_URL", simulator.api_url())
        .envs(settings.iter().copied());
    output(&mut command).await
}

fn complaint(ended: &Output) -> String {
    String::from_utf8_lossy(&ended.stderr).into_owned()
}

/// A proxy that writes down the head of each request. It is asked by way of whole addresses, as HTTP has it.
async fn proxy() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heads = Arc::<Mutex<Vec<String>>>::default();
    let seen = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(pass_on(socket, Arc::clone(&seen)));
        }
    });
    (port, heads)
}

async fn pass_on(mut socket: TcpStream, seen: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let mut head = vec![0; 8 << 10];
    let length = socket.read(&mut head).await.ok()?;
    let text = String::from_utf8_lossy(&head[..length]).into_owned();
    let place = text.split("http://").nth(1)?.split('/').next()?.to_owned();
    seen.lock().push(text);
    let mut server = TcpStream::connect(place).await.ok()?;
    server.write_all(&head[..length]).await.ok()?;
    copy_bidirectional(&mut socket, &mut server).await.ok()?;
    Some(())
}

#[tokio::test]
async fn requests_go_through_the_proxy_with_its_password_and_say_who_asks() {
    let (simulator, (port, heads)) = (simulator().await, proxy().await);
    let proxy = format!("http://ann:hunter2@127.0.0.1:{port}");
    let settings = [
        ("DISCORD_PROXY", &*proxy),
        ("USER_AGENT_SUFFIX", "(https://example.org)"),
        ("HTTPS_PROXY", "http://127.0.0.1:1"),
    ];
    let ended = ask(&simulator, &settings).await;
    assert_eq!(ended.status.code(), Some(0), "{}", complaint(&ended));
    let heads = heads.lock().join("\n").to_lowercase();
    for part in [
        "proxy-authorization: basic yw5uomh1bnrlcji=",
        "user-agent: discordbot (cogsmith, ",
        ") (https://example.org)",
    ] {
        assert!(heads.contains(part), "{part:?} is not in {heads}");
    }
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_read_and_one_that_is_gone_is_told() {
    let simulator = simulator().await;
    let gone = "http://ann:hunter2@127.0.0.1:1";
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let ended = ask(&simulator, &[(name, gone)]).await;
        assert_eq!(ended.status.code(), Some(0), "{}", complaint(&ended));
    }
    let settings = [("DISCORD_PROXY", gone), ("MAX_RETRIES", "0")];
    let ended = ask(&simulator, &settings).await;
    let complaint = complaint(&ended);
    assert_eq!(ended.status.code(), Some(1), "{complaint}");
    assert!(!complaint.contains("hunter2"), "{complaint}");
}

/// The simulator behind a certificate for `localhost`.
fn behind_tls(simulator: &Simulator) -> u16 {
    let file = |name: &str| format!("{}/tests/it/reach/{name}", env!("CARGO_MANIFEST_DIR"));
    let certificate = CertificateDer::from_pem_file(file("localhost.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(file("localhost.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = simulator.api_url().replace("http://", "");
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            serve_one(StreamOwned::new(tls, socket), &server);
        }
    });
    port
}

/// One request and its answer; `None` when the client would not go on.
fn serve_one(mut client: StreamOwned<ServerConnection, Blocking>, server: &str) -> Option<()> {
    use std::io::{Read, Write};
    let mut head = vec![0; 8 << 10];
    let length = client.read(&mut head).ok()?;
    let text = String::from_utf8_lossy(&head[..length]).into_owned();
    let closing = text.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    let host = text
        .lines()
        .find(|line| line.to_lowercase().starts_with("host:"))?;
    let closing = closing.replace(host, &format!("host: {server}"));
    let mut upstream = Blocking::connect(server).ok()?;
    upstream.write_all(closing.as_bytes()).ok()?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer).ok()?;
    client.write_all(&answer).ok()?;
    client.conn.send_close_notify();
    client.flush().ok()
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_when_it_is_in_the_bundle() {
    let simulator = simulator().await;
    let url = format!("https://localhost:{}", behind_tls(&simulator));
    let at = ("DISCORD_API_URL", &*url);
    let trusted = ask(&simulator, &[at, ("DISCORD_CA_BUNDLE", CA)]).await;
    assert_eq!(trusted.status.code(), Some(0), "{}", complaint(&trusted));
    let refused = ask(&simulator, &[at, ("MAX_RETRIES", "0")]).await;
    let complaint = complaint(&refused);
    assert_eq!(refused.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains("certificate"), "{complaint}");
}

#[tokio::test]
async fn what_is_no_proxy_and_no_bundle_is_named_and_no_password_shown() {
    let simulator = simulator().await;
    let settings = [
        ("DISCORD_PROXY", "ftp://ann:hunter2@proxy"),
        ("DISCORD_CA_BUNDLE", "/dev/null"),
        ("USER_AGENT_SUFFIX", "žij"),
        ("CONNECT_SECONDS", "0"),
        ("MAX_RATE_LIMIT", "90000"),
        ("MAX_RETRIES", "11"),
        ("LARGE_THRESHOLD", "49"),
    ];
    let ended = ask(&simulator, &settings).await;
    let complaint = complaint(&ended);
    assert_eq!(ended.status.code(), Some(2), "{complaint}");
    for (name, _) in settings {
        assert!(complaint.contains(name), "{name}: {complaint}");
    }
    assert!(
        complaint.contains("/dev/null (no certificate in it)"),
        "{complaint}"
    );
    assert!(!complaint.contains("hunter2"), "{complaint}");
}

/// A bot without modules, whose requests go by this.
async fn bot(simulator: &Simulator, rest: RestConfig) -> (App, Database) {
    let database = Database::sqlite();
    let config = BotConfig {
        api_url: Some(simulator.api_url().to_owned()),
        rest,
        ..BotConfig::new(Token::new(simulator.token()))
    };
    let never = std::future::pending();
    let (db, clock) = (database.open().await, cogsmith::tasks::Clock::system());
    let health = Arc::new(Health::new(db.clone()));
    let starting = App::start(&config, db, Modules::default(), clock, health, never);
    (Box::pin(starting).await.unwrap(), database)
}

/// Asks for the channel, and tells what came of it.
async fn look(app: &App, channel: ChannelId) -> Result<()> {
    app.host().http().get_channel(channel).await?;
    Ok(())
}

fn asked(simulator: &Simulator) -> usize {
    let requests = simulator.requests();
    let asked = requests.iter().filter(|it| it.path.contains("channels/"));
    asked.count()
}

#[tokio::test]
async fn limits_repetitions_and_patience_are_as_configured() {
    let simulator = simulator().await;
    let general = simulator.guild("Rustaceans").channel("general");
    let channel = ChannelId::new(general.id().get());
    let rest = RestConfig {
        attempt: secs(1),
        max_rate_limit: secs(2),
        max_retries: 1,
        ..RestConfig::default()
    };
    let (app, _database) = bot(&simulator, rest).await;

    simulator.fail_next(FaultRule::new(502).path("channels/").times(2));
    assert!(look(&app, channel).await.is_err());
    assert_eq!(asked(&simulator), 2, "once, and once again");
    assert!(look(&app, channel).await.is_ok());

    let begun = Instant::now();
    simulator.fail_next(FaultRule::late(secs(20)).path("channels/").times(2));
    let late = look(&app, channel).await.unwrap_err();
    assert!(RateLimited::of(&late).is_none());
    assert!(begun.elapsed() < secs(10), "two attempts of a second");

    let before = asked(&simulator);
    let long = json!({"message": "slow down", "retry_after": 60.0, "global": false});
    simulator.fail_next(FaultRule::new(429).body(long).path("channels/"));
    let limited = look(&app, channel).await.unwrap_err();
    let limited = RateLimited::of(&limited).expect("a limit");
    assert_eq!(
        limited.to_string(),
        "Discord's limit for this is not lifted within 2s"
    );
    // Known by now, so that it is not even asked for.
    let limited = look(&app, channel).await.context("looking").unwrap_err();
    assert!(RateLimited::of(&limited).is_some(), "{limited:#}");
    assert_eq!(asked(&simulator), before + 1);
    app.shut_down().await;
}
