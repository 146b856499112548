//! Every test that docs/OPERATIONS.md names as the proof of an option is there.

use std::{fs, path::Path};

const PAGE: &str = include_str!("../../docs/OPERATIONS.md");
const HEAD: &str = "## What hikari's GatewayBot lets you set";

/// Each row: the option, ours, and what shows it.
fn rows() -> Vec<[&'static str; 3]> {
    let section = PAGE.split(HEAD).nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let lines = section.lines().filter(|line| line.starts_with("| `"));
    let cells = lines.map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        cells
            .try_into()
            .unwrap_or_else(|_| panic!("three cells: {line}"))
    });
    cells.collect()
}

/// All text of the tests in a folder.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, text);
        } else if path.extension().is_some_and(|it| it == "rs") {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn each_option_has_a_test_that_is_there_or_a_reason() {
    let mut tests = String::new();
    for folder in ["tests", "src", "modules", "crates"] {
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &mut tests,
        );
    }
    let rows = rows();
    assert!(rows.len() > 50, "{} rows", rows.len());
    for [option, ours, shown] in rows {
        let named: Vec<_> = shown.split('`').skip(1).step_by(2).collect();
        for name in &named {
            let test = name.rsplit("::").next().unwrap();
            assert!(
                tests.contains(&format!("fn {test}(")),
                "{option}: {name} is no test"
            );
        }
        assert!(
            !named.is_empty() || ours.contains(": "),
            "{option}: neither test nor reason"
        );
    }
}
