//! `cogsmith health`: asks the bot of this machine whether it is ready, for images without curl.

use std::{error::Error, net::SocketAddr, time::Duration};

use anyhow::{anyhow, bail};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{flags::Flags, out, settings::Settings};
use crate::{config::Config, error::Result};

const PATIENCE: Duration = Duration::from_secs(5);

const EXAMPLES: &str = "\
Examples:
  cogsmith health
  cogsmith health --json --http-address 127.0.0.1:8080";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The bot's own answer, one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(super) flags: Flags,
}

pub(super) async fn health(arguments: &Arguments, mut settings: Settings) -> Result<()> {
    let address = Config::read_http_address(&settings.variables);
    let Some(address) = settings.problems.keep(address) else {
        return Err(settings.problems.into());
    };
    settings.problems.into_result()?;
    let url = format!("http://{}/readyz", reachable(address));
    let answer = ask(&url).await;
    if arguments.json {
        out::line(match &answer {
            Ok((_, body)) => body.clone(),
            Err(error) => json!({ "ready": false, "error": error.to_string() }).to_string(),
        })?;
    }
    let (status, body) = answer?;
    if !status.is_success() {
        bail!("not ready ({status}): {body}");
    }
    if !arguments.json {
        out::line(sentence(&url, &body))?;
    }
    Ok(())
}

async fn ask(url: &str) -> Result<(StatusCode, String)> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()?;
    let response = client.get(url).send().await;
    let response =
        response.map_err(|error| anyhow!("no bot answers at {url}: {}", innermost(&error)))?;
    Ok((response.status(), response.text().await?))
}

/// What a person wants to know of a bot that is ready.
fn sentence(url: &str, body: &str) -> String {
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    if let Some(bots) = answer["bots"].as_object() {
        let each = bots.iter().map(|(name, bot)| {
            let state = bot["state"].as_str().unwrap_or_default();
            format!("{name} {state}")
        });
        let each: Vec<_> = each.collect();
        return format!("ready, says {url}: {}", each.join(", "));
    }
    let failed = answer["modules_failed"].as_array().into_iter().flatten();
    let failed: Vec<_> = failed.filter_map(Value::as_str).collect();
    let without = match failed.is_empty() {
        true => String::new(),
        false => format!(", without the modules {}", failed.join(", ")),
    };
    format!("ready, says {url}: shards {}{without}", answer["shards"])
}

/// The layers of the client between it and its user say nothing more.
fn innermost<'a>(mut error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    while let Some(source) = error.source() {
        error = source;
    }
    error
}

/// A server bound to every address is asked at loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
