//! SIGUSR1 has `RUST_LOG` read anew, so that a bot tells more, or less, without a restart.

use std::{convert::Infallible, future::pending};

use tokio::signal::unix::{SignalKind, signal};
use tracing::warn;

use super::flags::Flags;
use crate::{config::Variables, telemetry};

/// Reads it with each signal: from the flags, the environment of the process and `.env`, as at the start. Of these
/// only `.env` can have changed.
pub(super) async fn listen(flags: &Flags) -> Infallible {
    let mut asked = match signal(SignalKind::user_defined1()) {
        Ok(asked) => asked,
        Err(error) => {
            warn!("SIGUSR1 is not heard: {error}");
            return pending().await;
        }
    };
    while asked.recv().await.is_some() {
        let (mut variables, _) = Variables::from_environment();
        flags.give(&mut variables);
        telemetry::refilter(&variables);
    }
    pending().await
}
