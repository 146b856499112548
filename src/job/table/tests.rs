//! Each form, with what is hard in it.

use chrono::DateTime;
use serenity::model::id::UserId;

use super::*;
use crate::job::out::tests::Written;

const COLUMNS: [&str; 4] = ["id", "name", "xp", "roles"];

fn written(format: Format, rows: &[[Cell; 4]]) -> String {
    let written = Written::default();
    let out = Out::to(written.clone());
    let mut table = Table::new(&out, format, COLUMNS);
    for row in rows {
        table.row(row.clone()).unwrap();
    }
    table.finish().unwrap();
    out.finish().unwrap();
    written.text()
}

fn row(name: &str, xp: i64, roles: &[&str]) -> [Cell; 4] {
    let roles = roles.iter().map(|role| (*role).to_owned());
    let roles = roles.collect::<Vec<_>>();
    [
        UserId::new(1 << 60).into(),
        name.into(),
        xp.into(),
        roles.into(),
    ]
}

#[test]
fn a_table_is_aligned_and_moves_no_cursor() {
    let rows = [row("ann\u{1b}[2J", 5, &["a", "b"]), row("ben", 1_000, &[])];
    let expected = "\
id                   name       xp  roles
1152921504606846976  ann\u{fffd}[2J     5  a; b
1152921504606846976  ben      1000
";
    assert_eq!(written(Format::Table, &rows), expected);
    assert_eq!(written(Format::Table, &[]), "id  name  xp  roles\n");
}

#[test]
fn json_keeps_ids_as_texts_and_columns_in_order() {
    let rows = [row("a \"b\"", -5, &["c"]), row("d", 7, &[])];
    let expected = r#"{"id":"1152921504606846976","name":"a \"b\"","xp":-5,"roles":["c"]}"#;
    let text = written(Format::Json, &rows);
    assert!(
        text.starts_with(&format!("[\n  {expected},\n  {{")),
        "{text}"
    );
    let parsed: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(parsed.len(), 2);
    assert_eq!(written(Format::Json, &[]), "[]\n");

    let lines = written(Format::Ndjson, &rows);
    assert_eq!(lines.lines().next(), Some(expected));
    assert_eq!((lines.lines().count(), lines.ends_with("}\n")), (2, true));
    assert_eq!(written(Format::Ndjson, &[]), "");
}

#[test]
fn no_text_in_csv_is_run_by_a_spreadsheet_and_numbers_stay_numbers() {
    for (name, expected) in [
        ("ann", "ann"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "\"'\r=1\""),
        ("＝1", "'＝1"),
        ("a,\"b\"\n=c", "\"a,\"\"b\"\"\n=c\""),
        ("a=b", "a=b"),
    ] {
        let text = written(Format::Csv, &[row(name, -5, &["=r", "s"])]);
        let expected = format!("id,name,xp,roles\n1152921504606846976,{expected},-5,'=r; s\n");
        assert_eq!(text, expected);
    }
    assert_eq!(written(Format::Csv, &[]), "id,name,xp,roles\n");
}

#[test]
fn what_is_no_value_is_null_and_a_time_is_one_that_machines_read() {
    let time = DateTime::from_timestamp(1_772_442_000, 5).unwrap();
    let rows = [[
        time.into(),
        Cell::from(None::<&str>),
        f64::NAN.into(),
        true.into(),
    ]];
    let object = r#"{"id":"2026-03-02T09:00:00Z","name":null,"xp":null,"roles":true}"#;
    assert_eq!(written(Format::Ndjson, &rows), format!("{object}\n"));
    let text = written(Format::Csv, &rows);
    assert!(text.ends_with("2026-03-02T09:00:00Z,,,yes\n"), "{text}");
}

#[test]
fn a_table_that_was_not_finished_is_told() {
    let out = Out::to(std::io::sink());
    drop(Table::new(&out, Format::Json, COLUMNS));
    assert_eq!(
        out.finish().unwrap_err().to_string(),
        "a table was not finished"
    );
}
