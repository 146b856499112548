//! `cogsmith simulator`: a Discord in a process of its own.

use std::{path::Path, process::Stdio};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::process::{Folder, cogsmith, output};

const WORLD: &str = r#"
owner = "olga"
[[guild]]
name = "Elsewhere"
[[guild.member]]
name = "mona"
"#;

struct Served {
    child: Child,
    seed: Value,
    client: Client,
}

impl Served {
    /// Starts it in a folder and reads the seed when it says that it is ready.
    async fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = cogsmith(folder);
        command
            .args(["simulator", "--seed", "seed.json"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(said.next_line().await.unwrap().is_some());
        let seed = std::fs::read(folder.join("seed.json")).unwrap();
        Self {
            child,
            seed: serde_json::from_slice(&seed).unwrap(),
            client: Client::builder().no_proxy().build().unwrap(),
        }
    }

    fn text(&self, pointer: &str) -> &str {
        self.seed.pointer(pointer).unwrap().as_str().unwrap()
    }

    async fn call(&self, method: Method, token: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/{path}", self.text("/api"));
        let request = self.client.request(method, url);
        let request = request
            .header("Authorization", token)
            .header("Content-Type", "application/json")
            .body(body.to_string());
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_default())
    }
}

#[tokio::test]
async fn a_client_finds_what_it_needs_in_the_seed_file() {
    let folder = Folder::new();
    let mut served = Served::start(folder.path(), &[]).await;
    assert!(served.text("/api").ends_with("/api/v10"));
    let bot = format!("Bot {}", served.text("/bot_token"));
    let (status, own) = served
        .call(Method::GET, &bot, "users/@me", &json!({}))
        .await;
    assert_eq!((status, &own["id"]), (200, &served.seed["application_id"]));
    let path = format!("guilds/{}", served.text("/guild_id"));
    let (_, guild) = served.call(Method::GET, &bot, &path, &json!({})).await;
    assert_eq!(guild["name"], "Test Bed");
    assert_eq!(guild["owner_id"], served.seed["owner"]["id"]);
    let roles = guild["roles"].as_array().unwrap();
    let tester = roles.iter().find(|it| it["id"] == served.seed["role_id"]);
    assert_eq!(tester.unwrap()["name"], "tester");

    let path = format!("channels/{}/messages", served.text("/channel_id"));
    for who in ["owner", "member", "moderator"] {
        let token = served.text(&format!("/{who}/token"));
        let body = json!({ "content": "hello" });
        let (status, said) = served.call(Method::POST, token, &path, &body).await;
        assert_eq!(status, 200, "{said}");
        assert_eq!(said["author"]["username"], served.seed[who]["username"]);
    }
    let path = format!("invites/{}", served.text("/invite"));
    let (status, _) = served.call(Method::GET, &bot, &path, &json!({})).await;
    assert_eq!(status, 200);

    let id = served.child.id().unwrap().to_string();
    let ended = Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .await
        .unwrap();
    assert!(ended.success());
    assert_eq!(served.child.wait().await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn another_world_is_served_and_its_limits_bite_when_asked() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("world.toml"), WORLD).unwrap();
    let arguments = ["--world", "world.toml", "--rate-limits"];
    let served = Served::start(folder.path(), &arguments).await;
    assert_eq!(served.seed["owner"]["username"], "olga");
    assert_eq!(served.seed["member"]["username"], "mona");
    let bot = format!("Bot {}", served.text("/bot_token"));
    let path = format!("channels/{}/messages", served.text("/channel_id"));
    let body = json!({ "content": "hello" });
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(served.call(Method::POST, &bot, &path, &body).await.0);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429]);
}

#[tokio::test]
async fn what_cannot_be_served_is_said_and_has_its_exit_code() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let role =
        "[[guild]]\nname = \"Elsewhere\"\n[[guild.role]]\nname = \"Mods\"\npermissions = [\"FLY\"]";
    let simple = "[[guild]]\nname = \"Elsewhere\"\ncolour = 7";
    for (world, arguments, code, expected) in [
        (
            "guild = 7",
            &["--world", "world.toml"][..],
            2,
            vec![
                "--world: world.toml: line 1: ",
                "`7`, expected a sequence\n",
            ],
        ),
        (
            simple,
            &["--world", "world.toml"],
            2,
            vec!["line 3: unknown field `colour`, expected one of"],
        ),
        (
            role,
            &["--world", "world.toml"],
            2,
            vec!["guild[0].role[0].permissions[0]: found \"FLY\", expected a permission"],
        ),
        (
            "",
            &["--world", "nowhere.toml"],
            2,
            vec!["nowhere.toml", "No such file"],
        ),
        (
            "",
            &["--port", &port],
            2,
            vec!["--port: found 127.0.0.1", &port, "in use"],
        ),
        ("", &["--port", "65536"], 2, vec!["--port"]),
        ("", &["--listen", "here"], 2, vec!["--listen"]),
        (
            "",
            &["--seed", "nowhere/seed.json"],
            2,
            vec!["--seed: found \"nowhere/seed.json\"", "No such file"],
        ),
    ] {
        let folder = Folder::new();
        std::fs::write(folder.path().join("world.toml"), world).unwrap();
        let mut command = cogsmith(folder.path());
        let ended = output(command.arg("simulator").args(arguments)).await;
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(code), "{said}");
        for text in expected {
            assert!(said.contains(text), "{arguments:?}: {said}");
        }
    }
}

#[tokio::test]
async fn it_listens_on_loopback_unless_told_otherwise_and_then_it_warns() {
    let anywhere = ["--listen", "0.0.0.0"];
    let named = ["--listen", "0.0.0.0", "--host", "discord.test"];
    for (arguments, told, warns) in [
        (&[][..], "http://127.0.0.1:", false),
        (&anywhere, "http://127.0.0.1:", true),
        (&named, "http://discord.test:", true),
    ] {
        let folder = Folder::new();
        let mut served = Served::start(folder.path(), arguments).await;
        assert!(served.text("/api").starts_with(told));
        served.child.start_kill().unwrap();
        let ended = served.child.wait_with_output().await.unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(said.contains("other machines may reach"), warns, "{said}");
    }
}

#[tokio::test]
async fn a_seed_of_an_earlier_run_is_gone_before_this_one_is_ready() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("seed.json"), "{}").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut command = cogsmith(folder.path());
    let arguments = ["simulator", "--seed", "seed.json", "--port", &port];
    let ended = output(command.args(arguments)).await;
    assert_eq!(ended.status.code(), Some(2));
    assert!(!folder.path().join("seed.json").exists());
}
