//! Asking the owner of a database.

use std::{io, time::Duration};

use tokio::net::UnixStream;

use super::{Place, Told, Wish, line, server::WORKING};

const SENDING: Duration = Duration::from_secs(5);
/// A list of a hundred thousand tasks.
const LONGEST: u64 = 256 * 1024 * 1024;

/// What came of asking.
#[derive(Debug)]
pub enum Asked {
    /// The owner has answered.
    Told {
        /// The answer.
        told: Told,
        /// The id of its process, where the system says it.
        pid: Option<i32>,
    },
    /// Nobody answers at the place.
    Nobody,
}

/// Asks whoever answers at the place. A socket whose process has died is as good as none.
///
/// # Errors
/// There is somebody, who may not be asked, or who does not answer as expected.
pub async fn ask(place: &Place, wish: &Wish) -> io::Result<Asked> {
    let nobody = [io::ErrorKind::NotFound, io::ErrorKind::ConnectionRefused];
    let asked = async {
        place.check()?;
        UnixStream::connect(place.path()).await
    };
    let mut stream = match asked.await {
        Ok(stream) => stream,
        Err(error) if nobody.contains(&error.kind()) => return Ok(Asked::Nobody),
        Err(error) => return Err(error),
    };
    let pid = stream.peer_cred()?.pid().filter(|pid| *pid > 0);
    line::write(&mut stream, wish, SENDING).await?;
    let told = line::read(&mut stream, LONGEST, WORKING + SENDING).await?;
    Ok(Asked::Told { told, pid })
}
