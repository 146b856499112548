//! What docs/SIMULATOR.md claims, held against the tables: nothing is called covered that no line
//! plays, both done and refused.

use std::collections::BTreeSet;

use cogsmith_simulator::Permissions;

use crate::operations::TABLES;
use crate::operations::table::{Expected, Line, Table};

const PAGE: &str = include_str!("../../../../../docs/SIMULATOR.md");

/// What cannot be refused, since it takes no token and names nothing.
const NEVER_REFUSED: [&str; 1] = ["get_gateway"];

struct Operation {
    name: &'static str,
    method: &'static str,
    path: &'static str,
}

impl Operation {
    /// Reads a row of the table of operations; `None` for any other, and for what is not covered.
    fn read(row: &'static str) -> Option<Self> {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [_, name, request, covered, _] = cells[..] else {
            return None;
        };
        let (method, path) = request.split_once(" `/")?;
        (covered != "no").then_some(Self {
            name: name.trim_matches('`'),
            method,
            path: path.trim_end_matches('`'),
        })
    }

    /// How many parts of the path fit by name; `None` when one does not fit at all.
    fn fit(&self, line: &Line) -> Option<usize> {
        let asked = line.path.split('?').next().unwrap_or("");
        let (own, asked): (Vec<_>, Vec<_>) =
            (self.path.split('/').collect(), asked.split('/').collect());
        if self.method != line.method || own.len() != asked.len() {
            return None;
        }
        own.iter().zip(asked).try_fold(0, |named, (own, part)| {
            let is_open = own.starts_with('{');
            (is_open || *own == part).then_some(named + usize::from(!is_open))
        })
    }
}

fn operation_of<'a>(operations: &'a [Operation], line: &Line) -> &'a str {
    let fits = operations
        .iter()
        .filter_map(|it| Some((it.fit(line)?, it.name)));
    let best = fits.max_by_key(|(named, _)| *named);
    best.unwrap_or_else(|| panic!("not in docs/SIMULATOR.md: {}", line.text))
        .1
}

#[test]
fn every_covered_operation_is_played_both_ways() {
    let operations: Vec<_> = PAGE.lines().filter_map(Operation::read).collect();
    let (mut done, mut refused) = (BTreeSet::new(), BTreeSet::from(NEVER_REFUSED));
    let lines = TABLES.iter().flat_map(|text| Table::read(text).lines);
    for line in lines.filter(|line| !line.is_of_person()) {
        let operation = operation_of(&operations, &line);
        match &line.expected {
            Expected::Refused { .. } => {
                refused.insert(operation);
            }
            Expected::Done { needs, .. } => {
                done.insert(operation);
                if *needs != Permissions::NONE || line.is_unseen_refused() {
                    refused.insert(operation);
                }
            }
        }
    }
    let lacks = |it: &&Operation| !done.contains(it.name) || !refused.contains(it.name);
    let lacking: Vec<_> = operations.iter().filter(lacks).collect();
    let lacking: Vec<_> = lacking.iter().map(|it| it.name).collect();
    assert_eq!(lacking, [""; 0]);
}

/// Where an event is heard that no request of the tables causes.
const HEARD_ELSEWHERE: [(&str, &str); 18] = [
    ("READY", include_str!("../gateway.rs")),
    ("RESUMED", include_str!("../resuming.rs")),
    ("GUILD_CREATE", include_str!("../gateway.rs")),
    ("GUILD_MEMBERS_CHUNK", include_str!("../crowd.rs")),
    ("GUILD_MEMBER_ADD", include_str!("../gateway.rs")),
    ("PRESENCE_UPDATE", include_str!("../seen.rs")),
    ("MESSAGE_POLL_VOTE_ADD", include_str!("../polls.rs")),
    ("MESSAGE_POLL_VOTE_REMOVE", include_str!("../polls.rs")),
    (
        "AUTO_MODERATION_ACTION_EXECUTION",
        include_str!("../moderation.rs"),
    ),
    ("SOUNDBOARD_SOUNDS", include_str!("../gateway.rs")),
    (
        "APPLICATION_COMMAND_PERMISSIONS_UPDATE",
        include_str!("../menus.rs"),
    ),
    ("INTEGRATION_CREATE", include_str!("../bots.rs")),
    ("THREAD_LIST_SYNC", include_str!("../threads.rs")),
    ("VOICE_STATE_UPDATE", include_str!("../seen.rs")),
    ("VOICE_SERVER_UPDATE", include_str!("../seen.rs")),
    ("INTERACTION_CREATE", include_str!("../interactions.rs")),
    (
        "GUILD_SCHEDULED_EVENT_USER_ADD",
        include_str!("../scheduled_events.rs"),
    ),
    (
        "GUILD_SCHEDULED_EVENT_USER_REMOVE",
        include_str!("../scheduled_events.rs"),
    ),
];

#[test]
fn every_listed_event_is_heard() {
    let (_, table) = PAGE.split_once("| event | shard |").unwrap();
    let rows = table.lines().skip(2).take_while(|row| row.starts_with('|'));
    let listed = rows.flat_map(|row| row.split('|').nth(1).unwrap().split(','));
    let listed: BTreeSet<_> = listed.map(str::trim).collect();
    let lines = TABLES.iter().flat_map(|text| Table::read(text).lines);
    let mut heard: BTreeSet<_> = lines.flat_map(|line| line.expected.heard()).collect();
    for (event, test) in HEARD_ELSEWHERE {
        assert!(test.contains(&format!("(\"{event}\")")), "{event}");
        heard.insert(event);
    }
    heard.retain(|event| !event.starts_with("AUDIT_"));
    heard.insert("GUILD_AUDIT_LOG_ENTRY_CREATE");
    assert_eq!(listed, heard);
}
