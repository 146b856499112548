//! The socket itself: who may use it, what it bears, and what when it is gone.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    time::Duration,
};

use cogsmith::{
    admin::{self, Asked, Told, What, Wish},
    config::DatabaseUrl,
    steering,
};
use futures_util::{StreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};

use super::{Place, UPDATE};
use crate::process::{cogsmith, output};

fn list() -> Wish {
    Wish {
        what: What::Task(steering::Request::List { name: None }),
        reason: None,
    }
}

async fn is_answered(place: &Place) -> bool {
    let socket = admin::Place::of(&place.url, None);
    let asked = admin::ask(&socket, &list()).await.unwrap();
    matches!(
        asked,
        Asked::Told {
            told: Told::Done { .. },
            ..
        }
    )
}

#[tokio::test]
async fn nobody_else_may_use_it() {
    let place = Place::new().await;
    let _bot = place.start().await;
    let mode = fs::metadata(place.socket()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut beside = place.socket().into_os_string();
    beside.push(".d");
    assert!(
        !fs::exists(beside).unwrap(),
        "the folder that it was made in"
    );
}

#[tokio::test]
async fn another_user_is_refused() {
    let place = Place::new().await;
    let _bot = place.start().await;
    // Nothing but the check of the peer is in the way.
    let open = |path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    open(place.folder.path().to_owned(), 0o755);
    open(place.socket(), 0o666);
    let mut command = tokio::process::Command::new("setpriv");
    command
        .args(["--reuid", "65534", "--clear-groups"])
        .args([env!("CARGO_BIN_EXE_cogsmith"), "task", "list"])
        .env("DATABASE_URL", crate::process::address(&place.url));
    let asked = output(&mut command).await;
    let said = String::from_utf8(asked.stderr).unwrap();
    let own = fs::metadata("/proc/self").unwrap().uid();
    // Only root may become somebody else; the rule itself has a test of its own.
    let expected = match own {
        0 => "Only the user that the bot runs as may ask it.",
        _ => "setpriv",
    };
    assert!(said.contains(expected), "{said}");
    assert!(asked.stdout.is_empty());
}

#[tokio::test]
async fn garbage_is_answered_or_dropped_and_the_bot_goes_on() {
    let place = Place::new().await;
    let _bot = place.start().await;
    let long = vec![b'x'; 1 << 20];
    for garbage in [
        &b"\n"[..],
        b"crab\n",
        b"{\"what\":\"dance\"}\n",
        b"\0\xff\n",
        b"{",
        &long,
    ] {
        let mut stream = UnixStream::connect(place.socket()).await.unwrap();
        // It may hang up before it has read all.
        let _ = stream.write_all(garbage).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(
            answer.is_empty() || answer.contains("this is no request"),
            "{answer}"
        );
        assert!(is_answered(&place).await);
    }
}

#[tokio::test]
async fn those_who_ask_nothing_hold_up_nobody_for_long() {
    let place = Place::new().await;
    let _bot = place.start().await;
    let mut idle = Vec::new();
    for _ in 0..16 {
        idle.push(UnixStream::connect(place.socket()).await.unwrap());
    }
    let answered = tokio::time::timeout(Duration::from_secs(30), is_answered(&place)).await;
    assert_eq!(answered, Ok(true));
}

#[tokio::test]
async fn a_thousand_requests_are_answered() {
    let place = Place::new().await;
    let bot = place.start().await;
    let before = bot.resident_bytes();
    let asked = stream::iter(0..1_000).map(|_| is_answered(&place));
    let answered = asked.buffer_unordered(64);
    let answered = answered.filter(|answered| std::future::ready(*answered));
    assert_eq!(answered.count().await, 1_000);
    let grown = bot.resident_bytes().saturating_sub(before);
    assert!(grown < 64 << 20, "{grown} bytes more");
}

#[tokio::test]
async fn a_socket_that_is_gone_is_told_with_who_has_the_database() {
    let place = Place::new().await;
    let bot = place.start().await;
    fs::remove_file(place.socket()).unwrap();
    let said = place.cogsmith(&["task", "list"]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    let pid = format!("(pid {})", bot.id());
    let path = place.socket().display().to_string();
    assert!(
        said.err.contains(&pid) && said.err.contains(&path),
        "{said:?}"
    );
    let (code, log) = bot.terminate().await;
    assert_eq!(code.code(), Some(0), "{log}");
}

#[tokio::test]
async fn a_path_that_is_too_long_for_a_socket_has_one_elsewhere() {
    let place = Place::new().await;
    let folder = place.folder.path().join("long".repeat(40));
    fs::create_dir(&folder).unwrap();
    let url = DatabaseUrl::Sqlite(folder.join("cogsmith.db"));
    let place = Place { url, ..place };
    assert!(!place.socket().starts_with(&folder));
    let bot = place.start().await;
    let stopped = place.done(&["task", "stop", UPDATE]).await;
    assert!(
        stopped.err.starts_with("asked the running bot"),
        "{stopped:?}"
    );
    bot.terminate().await;
    assert!(!place.socket().exists());
}

#[tokio::test]
async fn a_folder_that_is_set_has_the_sockets_and_one_that_is_not_there_ends_nothing() {
    let place = Place::new().await;
    let folder = place.folder.path().join("sockets");
    let set = [
        ("ADMIN_SOCKET_DIR", folder.to_str().unwrap()),
        ("RUST_LOG", "info"),
    ];
    let spawn = || {
        let (simulator, url) = (&place.simulator, &place.url);
        crate::process::Bot::spawn_on(simulator, place.folder.path(), url, &set)
    };
    let mut bot = spawn();
    bot.until_logged_with("cannot ask this bot").await;
    bot.until_logged("cogsmith::app: ready").await;
    bot.terminate().await;

    fs::create_dir(&folder).unwrap();
    let mut bot = spawn();
    bot.until_logged("cogsmith::app: ready").await;
    let mut command = cogsmith(place.folder.path());
    command.args(["task", "list"]).envs(set);
    let url = crate::process::address(&place.url);
    let said = output(command.env("DATABASE_URL", url)).await;
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.starts_with("asked the running bot"), "{said}");
    bot.terminate().await;
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}
