//! How each variable's text becomes its value.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use super::{LogFormat, Problem, Variables, variable};

const LONGEST_DRAIN: u64 = 3_600;
/// Of the 512 threads of the runtime that files and look-ups of names take theirs from as well.
const MOST_THREADS: usize = 256;

pub(super) fn api_url(variables: &Variables) -> Result<Option<String>, Problem> {
    let name = &variable::DISCORD_API_URL;
    let Some(text) = variables.get(name) else {
        return Ok(None);
    };
    let wrong = || {
        let expected = "an address such as http://127.0.0.1:4000";
        Problem::quoting(name.name, text, expected)
    };
    let url = reqwest::Url::parse(text).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || url.cannot_be_a_base() {
        return Err(wrong());
    }
    let base = text.trim_end_matches('/');
    let base = ["/api/v10", "/api"]
        .iter()
        .find_map(|end| base.strip_suffix(end))
        .unwrap_or(base);
    Ok(Some(base.to_owned()))
}

pub(super) fn owner_ids(variables: &Variables) -> Result<BTreeSet<u64>, Vec<Problem>> {
    let name = &variable::OWNER_IDS;
    each(variables, name, |item| {
        let id = item.parse().ok().filter(|id| *id > 0);
        id.ok_or_else(|| Problem::quoting(name.name, item, "user ids separated by commas"))
    })
    .map(Option::unwrap_or_default)
}

pub(super) fn owner_guild(variables: &Variables) -> Result<Option<u64>, Problem> {
    let name = &variable::OWNER_GUILD;
    let Some(text) = variables.get(name) else {
        return Ok(None);
    };
    let id = text.parse().ok().filter(|id| *id > 0);
    let wrong = || Problem::quoting(name.name, text, "the id of a server");
    id.map(Some).ok_or_else(wrong)
}

pub(super) fn modules(
    variables: &Variables,
    known: &[&str],
) -> Result<Option<BTreeSet<String>>, Vec<Problem>> {
    let name = &variable::MODULES;
    each(variables, name, |item| match known.contains(&item) {
        true => Ok(item.to_owned()),
        false => Err(Problem::quoting(
            name.name,
            item,
            format!("names from: {}", known.join(", ")),
        )),
    })
}

pub(super) fn http_address(variables: &Variables) -> Result<SocketAddr, Problem> {
    parsed(
        variables,
        &variable::HTTP_ADDRESS,
        "an address such as 127.0.0.1:8080",
        |text| text.parse().ok(),
    )
}

pub(super) fn drain(variables: &Variables) -> Result<Duration, Problem> {
    let expected = format!("whole seconds from 0 to {LONGEST_DRAIN}");
    parsed(variables, &variable::DRAIN_SECONDS, &expected, |text| {
        let seconds = text
            .parse()
            .ok()
            .filter(|seconds| *seconds <= LONGEST_DRAIN);
        seconds.map(Duration::from_secs)
    })
}

pub(super) fn blocking_threads(variables: &Variables) -> Result<Option<usize>, Problem> {
    let name = &variable::BLOCKING_THREADS;
    let Some(text) = variables.get(name) else {
        return Ok(None);
    };
    let threads = text.parse().ok();
    match threads.filter(|threads| (1..=MOST_THREADS).contains(threads)) {
        Some(threads) => Ok(Some(threads)),
        None => {
            let expected = format!("a whole number from 1 to {MOST_THREADS}");
            Err(Problem::quoting(name.name, text, expected))
        }
    }
}

pub(super) fn log_format(variables: &Variables) -> Result<LogFormat, Problem> {
    parsed(
        variables,
        &variable::LOG_FORMAT,
        "pretty or json",
        |text| match text {
            "pretty" => Some(LogFormat::Pretty),
            "json" => Some(LogFormat::Json),
            _ => None,
        },
    )
}

fn parsed<T>(
    variables: &Variables,
    variable: &variable::Variable,
    expected: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Problem> {
    let text = variables.get(variable).unwrap_or_default();
    parse(text).ok_or_else(|| Problem::quoting(variable.name, text, expected))
}

/// Reads a comma-separated list, `None` when nothing is given, with one problem per wrong item.
fn each<T: Ord>(
    variables: &Variables,
    variable: &variable::Variable,
    mut read: impl FnMut(&str) -> Result<T, Problem>,
) -> Result<Option<BTreeSet<T>>, Vec<Problem>> {
    let Some(text) = variables.get(variable) else {
        return Ok(None);
    };
    let items = text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    let (mut values, mut problems) = (BTreeSet::new(), Vec::new());
    for item in items {
        match read(item) {
            Ok(value) => drop(values.insert(value)),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(Some(values))
    } else {
        Err(problems)
    }
}
