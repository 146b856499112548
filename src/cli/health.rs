//! `cogsmith health`: asks the bot of this machine whether it is ready, for images without curl.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, bail};

use super::out;
use crate::{
    config::{Config, Problems, Variables},
    error::Result,
};

const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn health() -> Result<()> {
    let variables = Variables::from_environment().map_err(Problems::from)?;
    let address = Config::read_http_address(&variables).map_err(Problems::from)?;
    let url = format!("http://{}/readyz", reachable(address));
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()?;
    let response = client
        .get(&url)
        .send()
        .await
        .with_context(|| format!("asking {url}"))?;
    let (status, body) = (response.status(), response.text().await?);
    if !status.is_success() {
        bail!("not ready ({status}): {body}");
    }
    out::line(body);
    Ok(())
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
