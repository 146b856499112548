//! Messages as a person reads them: names instead of ids, embeds line by line.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::world::World;
use crate::world::component::{self, kind};
use crate::world::message::Message;

/// Content, then each embed: title, description, fields and footer, one per line, then what was
/// passed on, a poll's question and answers, names of stickers, and the texts among the components. Mentions become names, timestamps become words.
pub(crate) fn of_message(world: &World, message: &Message) -> String {
    let mut lines = Vec::new();
    push(&mut lines, Some(&message.content));
    for embed in &message.embeds {
        of_embed(embed, &mut lines);
    }
    let passed_on = message.snapshot.as_ref();
    push(
        &mut lines,
        passed_on.and_then(|it| it["message"]["content"].as_str()),
    );
    if let Some(poll) = &message.poll {
        poll.texts().for_each(|text| push(&mut lines, Some(text)));
    }
    let stickers = message
        .stickers
        .iter()
        .filter_map(|id| world.sticker_item(*id));
    stickers.for_each(|it| push(&mut lines, it["name"].as_str()));
    for part in component::all(&message.components) {
        if part["type"] == kind::TEXT {
            push(&mut lines, part["content"].as_str());
        }
    }
    readable(world, &lines.join("\n"))
}

fn of_embed(embed: &Value, lines: &mut Vec<String>) {
    push(lines, embed["author"]["name"].as_str());
    push(lines, embed["title"].as_str());
    push(lines, embed["description"].as_str());
    for field in embed["fields"].as_array().into_iter().flatten() {
        let part = |key: &str| field[key].as_str().unwrap_or("").to_owned();
        lines.push(format!("{}: {}", part("name"), part("value")));
    }
    push(lines, embed["footer"]["text"].as_str());
}

fn push(lines: &mut Vec<String>, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        lines.push(text.to_owned());
    }
}

/// Replaces `<@1>`, `<@&1>`, `<#1>` and `<t:1:R>` by what a person sees.
pub(crate) fn readable(world: &World, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let token = rest.find('>').map(|end| &rest[..=end]);
        match token.and_then(|token| Some((token, shown(world, token)?))) {
            Some((token, shown)) => {
                out.push_str(&shown);
                rest = &rest[token.len()..];
            }
            None => {
                out.push('<');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

fn shown(world: &World, token: &str) -> Option<String> {
    let inner = token.strip_prefix('<')?.strip_suffix('>')?;
    if let Some(moment) = inner.strip_prefix("t:") {
        return time(world.now(), moment);
    }
    if let Some(id) = inner.strip_prefix("@&") {
        let id = id.parse().ok()?;
        let role = world.guilds.values().find_map(|it| it.roles.get(&id))?;
        return Some(format!("@{}", role.name));
    }
    if let Some(id) = inner.strip_prefix('@') {
        let id = id.trim_start_matches('!').parse().ok()?;
        return Some(world.users.get(&id)?.name.clone());
    }
    let channel = world
        .channels
        .get(&inner.strip_prefix('#')?.parse().ok()?)?;
    Some(format!("#{}", channel.name))
}

fn time(now: DateTime<Utc>, moment: &str) -> Option<String> {
    let (seconds, style) = moment.split_once(':').unwrap_or((moment, "f"));
    let moment = DateTime::from_timestamp(seconds.parse().ok()?, 0)?;
    Some(match style {
        "R" => relative((moment - now).num_seconds()),
        "t" => moment.format("%H:%M").to_string(),
        "T" => moment.format("%H:%M:%S").to_string(),
        "d" | "D" => moment.format("%Y-%m-%d").to_string(),
        _ => moment.format("%Y-%m-%d %H:%M").to_string(),
    })
}

fn relative(seconds: i64) -> String {
    const UNITS: [(i64, &str); 5] = [
        (31_536_000, "year"),
        (2_592_000, "month"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
    ];
    let size = seconds.abs();
    let unit = UNITS.iter().find(|(length, _)| size >= *length);
    let (length, name) = *unit.unwrap_or(&(1, "second"));
    let count = size / length;
    let plural = if count == 1 { "" } else { "s" };
    if seconds < 0 {
        format!("{count} {name}{plural} ago")
    } else {
        format!("in {count} {name}{plural}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(seconds: i64, shown: &str) {
        assert_eq!(relative(seconds), shown);
    }

    #[test]
    fn relative_times_read_as_on_the_screen() {
        check(0, "in 0 seconds");
        check(1, "in 1 second");
        check(-59, "59 seconds ago");
        check(60, "in 1 minute");
        check(-7_300, "2 hours ago");
        check(90_000, "in 1 day");
    }
}
