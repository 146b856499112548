//! The table of `docs/SIMULATOR.md` that says which of Discord's operations are here.
//!
//! It is made of the table of routes and of the names of all operations (OpenAPI, API v10), and a
//! test fails while the page says something else. `COGSMITH_WRITE_PARITY=1` makes that test write
//! the page instead.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::rest::routes::{ROUTES, Route};

const BEGIN: &str = "<!-- parity: made by src/parity.rs -->\n";
const END: &str = "<!-- end of parity -->";
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/SIMULATOR.md");

struct Operation {
    name: &'static str,
    method: &'static str,
    path: &'static str,
}

/// Every operation, by the first part of its path.
fn operations() -> BTreeMap<&'static str, Vec<Operation>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in include_str!("parity/operations.txt").lines() {
        let mut words = line.split(' ');
        let mut word = || words.next().expect("three words a line");
        let (name, method, path) = (word(), word(), word());
        let group = path.split('/').nth(1).expect("paths begin with a slash");
        groups
            .entry(group)
            .or_default()
            .push(Operation { name, method, path });
    }
    groups
}

fn route_of(operation: &Operation) -> Option<&'static Route> {
    ROUTES
        .iter()
        .find(|route| route.operation == operation.name)
}

fn table() -> String {
    let groups = operations();
    let all: Vec<_> = groups.values().flatten().collect();
    let routes: Vec<_> = all.iter().filter_map(|it| route_of(it)).collect();
    let partly = routes
        .iter()
        .filter(|route| !route.missing.is_empty())
        .count();
    let mut out = format!(
        "Of Discord's {} operations {} are covered, {} partly, and {} not.\n\n",
        all.len(),
        routes.len() - partly,
        partly,
        all.len() - routes.len(),
    );
    out.push_str("| operation | | covered |\n|---|---|---|\n");
    for operation in all {
        let Operation { name, method, path } = operation;
        let covered = match route_of(operation) {
            None => "no".to_owned(),
            Some(route) if route.missing.is_empty() => "yes".to_owned(),
            Some(route) => format!("partly, without {}", route.missing),
        };
        // Writing into a string cannot fail.
        let _ = writeln!(out, "| `{name}` | {method} `{path}` | {covered} |");
    }
    out
}

#[test]
fn the_table_of_the_page_is_fresh() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("a place for the table");
    let (shown, after) = rest.split_once(END).expect("an end of the table");
    let table = table();
    if std::env::var_os("COGSMITH_WRITE_PARITY").is_some() {
        std::fs::write(PAGE, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert!(
        shown == table,
        "docs/SIMULATOR.md is stale: run this test with COGSMITH_WRITE_PARITY=1"
    );
}

#[test]
fn every_route_is_the_operation_that_it_names() {
    let groups = operations();
    for route in ROUTES {
        let mut all = groups.values().flatten();
        let operation = all.find(|it| it.name == route.operation);
        let operation = operation.unwrap_or_else(|| panic!("no operation {}", route.operation));
        assert_eq!(route.method, operation.method, "{}", route.operation);
        let own: Vec<_> = route.path.split('/').collect();
        let path: Vec<_> = operation.path.split('/').skip(1).collect();
        assert_eq!(own.len(), path.len(), "{}", route.operation);
        for (own, path) in own.iter().zip(path) {
            let fits = *own == path || *own == "*" && path.starts_with('{');
            assert!(fits, "{}: {own} for {path}", route.operation);
        }
        let same = ROUTES.iter().filter(|it| it.operation == route.operation);
        assert_eq!(same.count(), 1, "{}", route.operation);
    }
}

#[test]
fn no_route_hides_a_later_one() {
    let hides = |first: &Route, later: &Route| {
        let (first_parts, later_parts) = (first.path.split('/'), later.path.split('/'));
        first.method == later.method
            && first_parts.clone().count() == later_parts.clone().count()
            && first_parts
                .zip(later_parts)
                .all(|(own, other)| own == "*" || own == other)
    };
    for (index, route) in ROUTES.iter().enumerate() {
        let hidden = ROUTES[index + 1..].iter().find(|later| hides(route, later));
        let hidden = hidden.map(|it| it.operation);
        assert_eq!(hidden, None, "hidden by {}", route.operation);
    }
}
