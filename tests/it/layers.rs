//! The walls of docs/ARCHITECTURE.md: which room may import which.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Each room of `src/` with the rooms it may import.
const ROOMS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("reply", &[]),
    ("config", &["error"]),
    ("telemetry", &["config"]),
    ("store", &["config", "error"]),
    ("audit", &["reply", "store"]),
    ("events", &["store"]),
    ("settings", &["audit", "error", "store"]),
    ("switches", &["audit", "events", "store"]),
    ("rest", &["config", "error"]),
    ("runtime", &[]),
    ("activity", &["runtime"]),
    ("bus", &["activity", "error", "events", "switches"]),
    ("locks", &["activity"]),
    ("shards", &["config"]),
    ("cache", &["shards"]),
    (
        "host",
        &[
            "activity", "audit", "bus", "cache", "config", "error", "events", "locks", "reply",
            "settings", "shards", "store", "switches",
        ],
    ),
    ("steering", &["audit", "error", "reply"]),
    // A press asks whether it has been answered, and every answer passes `rest`.
    (
        "module",
        &[
            "activity", "audit", "bus", "cache", "error", "events", "host", "job", "reply", "rest",
            "settings", "store", "switches",
        ],
    ),
    (
        "gateway",
        &[
            "bus", "config", "error", "events", "rest", "shards", "store",
        ],
    ),
    (
        "job",
        &["bus", "config", "error", "events", "gateway", "store"],
    ),
    (
        "discord",
        &[
            "activity", "bus", "config", "error", "events", "gateway", "host", "module", "reply",
            "rest", "shards", "switches",
        ],
    ),
    (
        "http",
        &[
            "config", "error", "gateway", "host", "module", "rest", "store",
        ],
    ),
    (
        "admin",
        &[
            "audit", "config", "error", "host", "module", "steering", "store",
        ],
    ),
    (
        "app",
        &[
            "activity", "admin", "audit", "config", "discord", "error", "events", "gateway",
            "host", "http", "job", "module", "runtime", "settings", "shards", "store", "switches",
        ],
    ),
    (
        "prelude",
        &[
            "audit", "bus", "error", "events", "host", "job", "module", "reply", "settings",
            "store",
        ],
    ),
    (
        "bots",
        &[
            "app",
            "config",
            "discord",
            "error",
            "gateway",
            "http",
            "module",
            "runtime",
            "store",
            "telemetry",
        ],
    ),
    (
        "stage",
        &[
            "app", "config", "error", "events", "http", "module", "store",
        ],
    ),
    (
        "cli",
        &[
            "admin",
            "app",
            "bots",
            "config",
            "discord",
            "error",
            "gateway",
            "job",
            "module",
            "stage",
            "steering",
            "store",
            "switches",
            "telemetry",
        ],
    ),
    (
        "testing",
        &[
            "config",
            "host",
            "module",
            "runtime",
            "stage",
            "store",
            "telemetry",
        ],
    ),
];

/// Words that may stand in few places, each with these places and why.
const ONLY_IN: &[(&str, &[&str], &str)] = &[
    (
        "env::var",
        &[
            "src/config/",
            "src/testing/",
            "crates/simulator/src/openapi",
            "crates/simulator/src/parity",
        ],
        "only config reads the bot's environment",
    ),
    (
        "Utc::now",
        &["crates/tasks/src/clock", "crates/simulator/src/"],
        "only the clock reads the time",
    ),
    (
        "SystemTime::now",
        &["crates/tasks/src/clock"],
        "only the clock reads the time",
    ),
    (
        "sqlx::",
        &["src/store/", "src/testing/", "modules/"],
        "only the store speaks to a database",
    ),
    (
        "tokio_cron_scheduler",
        &["crates/tasks/src/pulse", "src/telemetry/"],
        "the pulse alone knows the scheduler, and the log's filter its name",
    ),
    (
        "twilight_",
        &["src/gateway/", "src/rest/", "src/telemetry/mod"],
        "the gateway and the limits of REST alone know twilight, and the log's filter its name",
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// The text without comment lines, so that docs may name any room.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| {
        if line.trim_start().starts_with("//") {
            ""
        } else {
            line
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Every room that `crate::room` or `crate::{room::…, other}` names, with its line.
fn imports(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, word) in code.match_indices("crate::") {
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + word.len()..];
        let rooms = rest
            .strip_prefix('{')
            .map_or_else(|| vec![first_word(rest)], first_words);
        found.extend(rooms.into_iter().map(|room| (line, room)));
    }
    found
}

fn first_word(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// The first word of each item of a braced list, up to its closing brace.
fn first_words(list: &str) -> Vec<String> {
    let (mut words, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                words.push(first_word(&list[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn a_room_imports_only_what_lies_below_it() {
    let mut broken = Vec::new();
    for path in sources("src")
        .into_iter()
        .filter(|path| !path.ends_with("tests.rs"))
    {
        let place = shown(&path);
        let room = first_word(&place["src/".len()..]);
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            assert!(
                ["lib", "main"].contains(&room.as_str()),
                "{place}: a room that the table does not know"
            );
            continue;
        };
        for (line, import) in imports(&code(&path)) {
            if import != room && import != "testing" && !allowed.contains(&import.as_str()) {
                broken.push(format!(
                    "{place}:{line}: {room} imports {import}; allowed: {allowed:?}"
                ));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn some_words_stand_in_few_places() {
    let mut broken = Vec::new();
    for path in ["src", "modules", "crates"].into_iter().flat_map(sources) {
        let (place, code) = (shown(&path), code(&path));
        if place.contains("/tests") {
            continue;
        }
        for (word, places, why) in ONLY_IN {
            if code.contains(word) && !places.iter().any(|allowed| place.starts_with(allowed)) {
                broken.push(format!("{place}: {word}: {why}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_reading_of_imports_misses_none() {
    let text = "use crate::{\n    a::{b, c},\n    d,\n};\nfn f() { crate::e::g() }";
    let found: Vec<_> = imports(text).into_iter().map(|(_, room)| room).collect();
    assert_eq!(found, ["a", "d", "e"]);
}
