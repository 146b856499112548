//! The README shows the smallest module as it is.

#[test]
fn it_shows_the_whole_of_welcome() {
    let welcome = include_str!("../../modules/welcome/mod.rs").trim();
    assert!(include_str!("../../README.md").contains(welcome));
}
