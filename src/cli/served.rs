//! A Discord of our own: started, or the setting that stands in the way.

use std::io::ErrorKind;

use cogsmith_simulator::{Builder, Simulator, StartError};

use crate::config::Problem;

/// Starts it.
///
/// # Errors
/// The address cannot be listened on, or `DISCORD_OPENAPI` names no format.
pub(super) async fn start(builder: Builder) -> Result<Simulator, Problem> {
    builder.start().await.map_err(|error| match error {
        StartError::Listen { address, source } => {
            let found = format!("{address} ({source})");
            match source.kind() {
                ErrorKind::AddrInUse | ErrorKind::PermissionDenied => {
                    Problem::new("--port", found, "a free port of this machine")
                }
                _ => Problem::new("--listen", found, "an address of this machine"),
            }
        }
        StartError::Format { reason } => {
            Problem::new("DISCORD_OPENAPI", reason, "Discord's OpenAPI file")
        }
        error => Problem::new("--listen", error.to_string(), "an address of this machine"),
    })
}
