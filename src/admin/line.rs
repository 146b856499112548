//! A line of JSON on a stream, within bounds.

use std::{io, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    time::timeout,
};

/// Reads one line of at most `most` bytes, within `patience`.
///
/// # Errors
/// The stream ended before the line did, it is too long, it took too long, or it is not what was expected.
pub(super) async fn read<T: DeserializeOwned>(
    stream: &mut (impl AsyncRead + Unpin),
    most: u64,
    patience: Duration,
) -> io::Result<T> {
    let mut line = Vec::new();
    let mut stream = BufReader::new(stream.take(most));
    timeout(patience, stream.read_until(b'\n', &mut line)).await??;
    if line.last() != Some(&b'\n') {
        let what = format!("{} bytes without an end of line", line.len());
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    let value = serde_json::from_slice(&line);
    value.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Writes `value` as one line, within `patience`.
///
/// # Errors
/// The other side has gone, or takes it too slowly.
pub(super) async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    value: &impl Serialize,
    patience: Duration,
) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    timeout(patience, async {
        stream.write_all(&line).await?;
        stream.shutdown().await
    })
    .await?
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    async fn kind(text: &str) -> io::ErrorKind {
        let read = read::<u32>(&mut text.as_bytes(), 8, SECOND).await;
        read.unwrap_err().kind()
    }

    #[tokio::test]
    async fn what_is_no_line_of_json_is_refused() {
        assert_eq!(read::<u32>(&mut &b"42\n"[..], 8, SECOND).await.unwrap(), 42);
        assert_eq!(kind("42").await, io::ErrorKind::InvalidData);
        assert_eq!(kind("1234567890\n").await, io::ErrorKind::InvalidData);
        assert_eq!(kind("crab\n").await, io::ErrorKind::InvalidData);
        let (mut one, _other) = tokio::io::duplex(8);
        let read = read::<u32>(&mut one, 8, Duration::ZERO).await;
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
