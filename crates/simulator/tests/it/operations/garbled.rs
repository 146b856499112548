//! The bodies of the tables with garbage in one place: never a panic, always an answer in Discord's
//! form.

use serde_json::{Value, json};

use crate::operations::TABLES;
use crate::operations::place::Place;
use crate::operations::table::Table;

/// What stands in the place of something sensible.
fn garbage() -> [Value; 5] {
    [
        json!(null),
        json!(-7),
        json!("x"),
        json!([{}]),
        json!({ "id": [] }),
    ]
}

/// A body with each of its parts, and the whole of it, replaced.
fn garbled(body: &Value) -> Vec<Value> {
    let mut all = garbage().to_vec();
    let parts: Vec<_> = match body {
        Value::Object(fields) => fields.keys().map(|key| format!("/{key}")).collect(),
        Value::Array(items) => (0..items.len()).map(|index| format!("/{index}")).collect(),
        _ => Vec::new(),
    };
    for part in parts {
        for inner in garbled(body.pointer(&part).unwrap()) {
            let mut body = body.clone();
            *body.pointer_mut(&part).unwrap() = inner;
            all.push(body);
        }
    }
    all
}

async fn check(text: &'static str) {
    let table = Table::read(text);
    let place = Place::new(&table).await;
    for line in &table.lines {
        let Some(body) = line.body.and_then(|body| serde_json::from_str(body).ok()) else {
            continue;
        };
        for body in garbled(&body) {
            let (status, answer) = place.send(line, body.clone()).await;
            let is_form = answer["code"].is_u64() && answer["message"].is_string();
            let is_done = status < 300;
            let is_refused = matches!(status, 400..=499 | 501) && is_form;
            assert!(
                is_done || is_refused,
                "{}: {body}: {status} {answer}",
                line.text
            );
        }
    }
}

#[tokio::test]
async fn garbage_in_any_place_of_a_body_is_refused_in_discords_form() {
    for text in TABLES {
        check(text).await;
    }
}
