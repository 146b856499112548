//! Whatever the texts are, Discord's limits hold.

use poise::CreateReply;
use proptest::{collection::vec, prelude::*};
use serde_json::Value;
use serenity::builder::{CreateEmbed, CreateInteractionResponseMessage};

use super::*;

/// What Discord would refuse of an embed.
fn faults(embed: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut total = 0;
    let mut check = |what: &str, text: &Value, most: usize, needed: bool| {
        let text = text.as_str().unwrap_or("");
        total += length(text);
        if length(text) > most || needed && is_blank(text) {
            faults.push(format!("{what} of {} code points", length(text)));
        }
    };
    check("title", &embed["title"], 256, false);
    check("description", &embed["description"], 4_096, false);
    check("footer", &embed["footer"]["text"], 2_048, false);
    let fields = embed["fields"].as_array().cloned().unwrap_or_default();
    for field in &fields {
        check("name", &field["name"], 256, true);
        check("value", &field["value"], 1_024, true);
    }
    if total > 6_000 || total == 0 || fields.len() > 25 {
        faults.push(format!("{total} code points, {} fields", fields.len()));
    }
    faults
}

fn shown(embed: Embed) -> Value {
    serde_json::to_value(CreateEmbed::from(embed)).unwrap()
}

/// Plain text, emoji of several code points, heaps of accents, markup, blanks; short and huge.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("word ".to_owned()),
        Just("👩‍👩‍👧‍👦".to_owned()),
        Just("🇩🇪".to_owned()),
        Just("a\u{301}\u{302}\u{303}".to_owned()),
        Just("\u{301}".to_owned()),
        Just("<@1234567890123456789>".to_owned()),
        Just("`code` ".to_owned()),
        Just("```\nblock\n```".to_owned()),
        Just("\n".to_owned()),
        Just(" ".to_owned()),
        any::<char>().prop_map(String::from),
    ];
    let times = prop_oneof![4 => 0_usize..30, 1 => 200_usize..3_000];
    (vec(piece, 0..4), times).prop_map(|(pieces, times)| pieces.concat().repeat(times))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_shortened_to_its_bound(text in text(), most in 0_usize..3_000) {
        let short = shorten(&text, most);
        prop_assert!(length(&short) <= most, "{} of {most}", length(&short));
        prop_assert!(length(&text) > most || short == text);
    }

    #[test]
    fn an_embed_of_any_texts_is_within_every_limit(
        texts in vec(text(), 3), fields in vec((text(), text()), 0..60),
    ) {
        let embed = Embed::new(&*texts[0]).description(&*texts[1]).footer(&*texts[2]);
        let embed = fields.into_iter().fold(embed, |embed, (name, value)| embed.field(name, value));
        prop_assert_eq!(faults(&shown(embed)), Vec::<String>::new());
    }

    #[test]
    fn every_page_is_within_the_limits_and_no_short_line_is_lost(
        lines in vec(text(), 0..60), number in 0_usize..80,
    ) {
        prop_assert_eq!(faults(&shown(Embed::new("List").page(lines.clone(), number))), Vec::<String>::new());
        let paged = pages(lines.clone(), limits::DESCRIPTION).join("\n");
        let whole: Vec<_> = lines.iter().map(|line| shorten(line, limits::DESCRIPTION)).collect();
        prop_assert_eq!(paged, whole.join("\n"));
    }

    #[test]
    fn any_suggestions_are_within_the_limits(pairs in vec((text(), text()), 0..60)) {
        let response = serde_json::to_value(suggestions(pairs)).unwrap();
        let choices = response["choices"].as_array().unwrap();
        prop_assert!(choices.len() <= 25);
        for text in choices.iter().flat_map(|choice| [&choice["name"], &choice["value"]]) {
            let length = length(text.as_str().unwrap());
            prop_assert!((1..=100).contains(&length), "{length}");
        }
    }
}

#[track_caller]
fn check(text: &str, most: usize, expected: &str) {
    assert_eq!(shorten(text, most), expected);
}

#[test]
fn a_text_is_cut_where_nobody_stumbles() {
    check("hello", 5, "hello");
    check("hello there", 5, "hell…");
    check("hello", 0, "");
    check("twenty characters and more", 20, "twenty characters a…");
    check("a family: 👩‍👩‍👧‍👦 and more of it", 16, "a family:…");
    check(
        "who was it: <@123456789012345678>, surely",
        24,
        "who was it:…",
    );
    check(
        "is 3 < 4, or is it the other way",
        20,
        "is 3 < 4, or is it…",
    );
    check(
        "it said `something long in code`",
        24,
        "it said `something…`",
    );
    check(
        "```\nlines and lines of a block\n```",
        24,
        "```\nlines and lines…\n```",
    );
    check("`one` and `two` and then three", 20, "`one` and `two…`");
}

#[test]
fn the_longest_texts_make_room_for_the_short_ones() {
    let embed = Embed::new("Task").description("d".repeat(9_000));
    let embed = shown(
        embed
            .field("State", "stopped")
            .field("Error", "e".repeat(2_000)),
    );
    assert_eq!(embed["title"], "Task");
    assert_eq!(embed["fields"][0]["value"], "stopped");
    assert_eq!(length(embed["fields"][1]["value"].as_str().unwrap()), 1_024);
    assert_eq!(length(embed["description"].as_str().unwrap()), 4_096);
}

#[test]
fn fields_that_are_too_many_are_counted() {
    let embed = (0..30).fold(Embed::new("All"), |embed, n| embed.field(n.to_string(), ""));
    let embed = shown(embed);
    let fields = embed["fields"].as_array().unwrap();
    assert_eq!(fields.len(), 25);
    assert_eq!(fields[0]["value"], "–");
    assert_eq!(fields[24]["value"], "and 6 more");
}

#[test]
fn a_page_that_there_is_not_is_the_nearest() {
    let lines = || (1..=45).map(|n| n.to_string());
    let page = |number| Page::find(lines(), number, 4_096);
    assert_eq!((page(0).number, page(0).of), (1, 3));
    assert_eq!(page(9), page(3));
    assert_eq!(page(3).text, "41\n42\n43\n44\n45");
    assert_eq!(Page::find([], 1, 4_096).of, 1);
}

#[test]
fn an_answer_is_never_empty() {
    let reply = CreateReply::from(Reply::from(" \n"));
    let built = reply.to_slash_initial_response(CreateInteractionResponseMessage::new());
    assert_eq!(serde_json::to_value(built).unwrap()["content"], "–");
}
