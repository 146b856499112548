//! `cogsmith health`: asks the bot of this machine whether it is ready, for images without curl.

use std::{error::Error, net::SocketAddr, time::Duration};

use anyhow::{anyhow, bail};

use super::{out, settings::Settings};
use crate::{config::Config, error::Result};

const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn health(mut settings: Settings) -> Result<()> {
    let address = Config::read_http_address(&settings.variables);
    let Some(address) = settings.problems.keep(address) else {
        return Err(settings.problems.into());
    };
    settings.problems.into_result()?;
    let url = format!("http://{}/readyz", reachable(address));
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()?;
    let response = client
        .get(&url)
        .send()
        .await
        .map_err(|error| anyhow!("no bot answers at {url}: {}", innermost(&error)))?;
    let (status, body) = (response.status(), response.text().await?);
    if !status.is_success() {
        bail!("not ready ({status}): {body}");
    }
    out::line(body);
    Ok(())
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
