//! `.env.example` and docs/CONFIGURATION.md are what `config` writes of the table of variables.

use cogsmith::config;

#[test]
fn the_example_is_up_to_date() {
    let kept = include_str!("../../.env.example");
    assert_eq!(
        kept,
        config::example(),
        "write it with: cargo run -- config --example > .env.example"
    );
}

#[test]
fn the_page_is_up_to_date() {
    let kept = include_str!("../../docs/CONFIGURATION.md");
    assert_eq!(
        kept,
        config::page(),
        "write it with: cargo run -- config --page > docs/CONFIGURATION.md"
    );
}
