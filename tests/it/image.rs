//! The Dockerfile and compose.yaml hold nothing that the rest of the project can leave behind.

use std::{fs, path::Path};

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// What comes after a word at the start of a line.
fn after<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    text.lines()
        .filter_map(|line| line.strip_prefix(word))
        .collect()
}

#[test]
fn the_image_is_built_of_the_whole_checkout_so_that_no_list_of_files_grows_old() {
    let dockerfile = read("Dockerfile");
    let copied = after(&dockerfile, "COPY ");
    let (built, checkout): (Vec<_>, Vec<_>) =
        copied.into_iter().partition(|it| it.starts_with("--from="));
    assert_eq!(checkout, [". ."]);
    assert_eq!(built, ["--from=build /root-of-image /"]);
    for source in ["Cargo.toml", "src/", "crates/", "benches", "tests/it"] {
        assert!(
            !dockerfile.contains(source),
            "the Dockerfile names {source}"
        );
    }
    let ignored = read(".dockerignore");
    assert_eq!(
        ignored.lines().collect::<Vec<_>>(),
        [".git", ".env", "data", "target"]
    );
}

#[test]
fn the_image_is_built_by_the_toolchain_of_the_project() {
    let dockerfile = read("Dockerfile");
    let toolchain = read("rust-toolchain.toml");
    let channel = toolchain.split('"').nth(1).unwrap();
    let image = after(&dockerfile, "FROM rust:")[0];
    let version = image.split('-').next().unwrap();
    assert!(
        channel.starts_with(version),
        "{image} builds a project of {channel}"
    );
}

#[test]
fn every_variable_of_the_image_is_one_that_the_bot_reads() {
    let dockerfile = read("Dockerfile");
    let (_, image) = dockerfile.rsplit_once("\nFROM ").unwrap();
    let (_, variables) = image.split_once("ENV ").unwrap();
    let variables = variables.split_once("VOLUME").unwrap().0;
    let example = read(".env.example");
    for variable in variables
        .split_whitespace()
        .filter_map(|it| it.split_once('='))
    {
        let is_known = example.contains(&format!("{}=", variable.0));
        assert!(is_known || variable.0 == "PATH", "{variable:?}");
    }
}

#[test]
fn a_container_gets_every_variable_of_the_file() {
    let compose = read("compose.yaml");
    let (bot, _) = compose.split_once("\n  postgres:").unwrap();
    assert!(bot.contains("env_file: .env\n"), "{bot}");
    assert!(
        !bot.contains("environment:"),
        "what stands here would hide what the file says"
    );
}
