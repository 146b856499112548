//! `cogsmith migrate`: the schema brought up to date, and nothing else.

use super::out;
use crate::{
    config::{DatabaseUrl, Problems, Variables},
    error::Result,
    store::Db,
};

pub(super) async fn migrate() -> Result<()> {
    let variables = Variables::from_environment().map_err(Problems::from)?;
    let url = DatabaseUrl::read(&variables).map_err(Problems::from)?;
    Db::open(&url).await?.close().await;
    out::line(format_args!("{url} is up to date"));
    Ok(())
}
