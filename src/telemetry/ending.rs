//! The last words of the process: said whatever the log's filter is, and in the log's format.

use std::io::{Write, stderr};

use cogsmith_tasks::Clock;
use serde_json::json;

use super::Scrubbed;
use crate::config::LogFormat;

/// Writes why the process ends, with the exit code that it ends with, to standard error.
pub fn say_last(format: LogFormat, text: &str, code: u8) {
    let line = match format {
        LogFormat::Pretty => format!("cogsmith: {text}\n"),
        LogFormat::Json => json(text, code),
    };
    // Whoever has closed standard error does not want to know.
    drop(Scrubbed(stderr().lock()).write_all(line.as_bytes()));
}

/// As the other lines are.
fn json(text: &str, code: u8) -> String {
    let now = Clock::system().now();
    let line = json!({
        "timestamp": now.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        "level": "ERROR",
        "fields": { "message": text, "exit_code": code },
        "target": "cogsmith",
    });
    format!("{line}\n")
}
