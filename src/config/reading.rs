//! How each kind of text becomes a value.

use std::{collections::BTreeSet, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use cogsmith_tasks::parse_duration;
use serenity::{gateway::ActivityData, model::user::OnlineStatus};

use super::{
    DatabaseUrl, LogFormat, Presence, Problem, Problems, Token,
    row::{Kind, Row},
};

/// See Discord docs/Gateway Events/Activity Object.
const LONGEST_ACTIVITY: usize = 128;

/// Every token is longer.
const LONGEST_WORD: usize = 40;

type Read<T> = Result<T, Problems>;

pub(super) fn token(row: &Row, text: &str) -> Read<Token> {
    let token = Token::new(text);
    if token.is_plausible() {
        return Ok(token);
    }
    let found = "a text with characters no token has";
    Err(Problem::new(row.name, found, row.kind.to_string()).into())
}

pub(super) fn hidden(_value: &str) -> String {
    "(hidden)".to_owned()
}

/// A word as long as a token may be one, in the wrong place. Addresses have no secret in them where they are shown.
pub(super) fn shown(value: &str) -> String {
    let mut words = value.split([',', ' ', '=']);
    match !value.contains("://") && words.any(|word| word.len() > LONGEST_WORD) {
        true => hidden(value),
        false => value.to_owned(),
    }
}

pub(super) fn api_url(row: &Row, text: &str) -> Read<String> {
    let url = reqwest::Url::parse(text).map_err(|_| row.problem(text))?;
    let is_base = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none();
    if !is_base || !url.username().is_empty() || url.password().is_some() {
        return Err(row.problem(text).into());
    }
    let base = text.trim_end_matches('/');
    let mut ends = ["/api/v10", "/api"].iter();
    let base = ends.find_map(|end| base.strip_suffix(end)).unwrap_or(base);
    Ok(base.to_owned())
}

pub(super) fn database(row: &Row, text: &str) -> Read<DatabaseUrl> {
    DatabaseUrl::parse(text).ok_or_else(|| {
        let found = DatabaseUrl::describe(text);
        Problem::new(row.name, found, row.kind.to_string()).into()
    })
}

pub(super) fn shown_database(value: &str) -> String {
    let url = DatabaseUrl::parse(value);
    url.map_or_else(|| hidden(value), |url| url.to_string())
}

pub(super) fn path(_row: &Row, text: &str) -> Read<PathBuf> {
    Ok(text.into())
}

pub(super) fn owner_ids(row: &Row, text: &str) -> Read<BTreeSet<u64>> {
    each(text, |item| positive(item).ok_or_else(|| row.problem(item)))
}

pub(super) fn names(row: &Row, text: &str) -> Read<BTreeSet<String>> {
    let names = each(text, |item| Ok(item.to_owned()))?;
    one(row, text, Some(names).filter(|names| !names.is_empty()))
}

pub(super) fn id(row: &Row, text: &str) -> Read<u64> {
    one(row, text, positive(text))
}

pub(super) fn address(row: &Row, text: &str) -> Read<SocketAddr> {
    one(row, text, text.parse().ok())
}

pub(super) fn seconds(row: &Row, text: &str) -> Read<Duration> {
    let Kind::Seconds { least, most } = row.kind else {
        return Err(row.problem(text).into());
    };
    let seconds = text.parse().ok();
    let seconds = seconds.filter(|seconds| (least..=most).contains(seconds));
    one(row, text, seconds.map(Duration::from_secs))
}

/// A plain 0 is no limit.
pub(super) fn limit(row: &Row, text: &str) -> Read<Duration> {
    let limit = match text {
        "0" => Some(Duration::ZERO),
        text => parse_duration(text),
    };
    one(row, text, limit)
}

pub(super) fn number<T: FromStr + TryInto<u64> + Copy>(row: &Row, text: &str) -> Read<T> {
    let Kind::Number { least, most } = row.kind else {
        return Err(row.problem(text).into());
    };
    let number = text.parse().ok();
    let is_within = |number: &T| {
        let number = (*number).try_into();
        number.is_ok_and(|number| (least..=most).contains(&number))
    };
    one(row, text, number.filter(is_within))
}

pub(super) fn log_format(row: &Row, text: &str) -> Read<LogFormat> {
    chosen(row, text, &[LogFormat::Pretty, LogFormat::Json])
}

pub(super) fn switch(row: &Row, text: &str) -> Read<bool> {
    chosen(row, text, &[true, false])
}

pub(super) fn status(row: &Row, text: &str) -> Read<OnlineStatus> {
    use OnlineStatus::{DoNotDisturb, Idle, Invisible, Online};
    chosen(row, text, &[Online, Idle, DoNotDisturb, Invisible])
}

pub(super) fn activity(row: &Row, text: &str) -> Read<ActivityData> {
    let fits = text.chars().count() <= LONGEST_ACTIVITY;
    one(row, text, fits.then(|| Presence::activity(text)))
}

pub(super) fn time(row: &Row, text: &str) -> Read<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok();
    one(row, text, time.map(|time| time.to_utc()))
}

pub(super) fn text(_row: &Row, text: &str) -> Read<String> {
    Ok(text.to_owned())
}

/// The value that stands where the row has this word.
pub(super) fn chosen<T: Copy>(row: &Row, text: &str, values: &[T]) -> Read<T> {
    let Kind::Choice(words) = row.kind else {
        return Err(row.problem(text).into());
    };
    let place = words.iter().position(|word| *word == text);
    one(
        row,
        text,
        place.and_then(|place| values.get(place).copied()),
    )
}

fn positive(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number| *number > 0)
}

fn one<T>(row: &Row, text: &str, read: Option<T>) -> Read<T> {
    read.ok_or_else(|| row.problem(text).into())
}

/// Reads a list separated by commas, with a problem for each wrong item.
fn each<T: Ord>(text: &str, mut read: impl FnMut(&str) -> Result<T, Problem>) -> Read<BTreeSet<T>> {
    let items = text.split(',').map(str::trim);
    let (mut values, mut problems) = (BTreeSet::new(), Problems::default());
    for item in items.filter(|item| !item.is_empty()) {
        values.extend(problems.keep(read(item)));
    }
    problems.into_result().map(|()| values)
}
