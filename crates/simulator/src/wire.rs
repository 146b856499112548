//! Connections of which a bot may lose one in the middle of a frame.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Takes connections, each with shears to it.
pub(crate) struct Wires(pub(crate) TcpListener);

impl Listener for Wires {
    type Io = Wire;
    type Addr = Shears;

    async fn accept(&mut self) -> (Wire, Shears) {
        let (stream, _) = Listener::accept(&mut self.0).await;
        let shears = Shears::default();
        let wire = Wire {
            stream,
            shears: shears.clone(),
        };
        (wire, shears)
    }

    fn local_addr(&self) -> io::Result<Shears> {
        Ok(Shears::default())
    }
}

/// Cuts one connection.
#[derive(Clone, Debug)]
pub(crate) struct Shears {
    /// How many bytes still go out.
    left: Arc<AtomicUsize>,
}

impl Default for Shears {
    fn default() -> Self {
        let left = Arc::new(AtomicUsize::new(usize::MAX));
        Self { left }
    }
}

impl Shears {
    /// After this many more bytes, nothing goes out.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.left.store(bytes, Ordering::Relaxed);
    }

    /// How many of `wanted` bytes may go out.
    fn allowed(&self, wanted: usize) -> io::Result<usize> {
        match self.left.load(Ordering::Relaxed).min(wanted) {
            0 if wanted > 0 => Err(io::ErrorKind::BrokenPipe.into()),
            allowed => Ok(allowed),
        }
    }

    /// Only the connection itself counts, so nobody else writes between looking and counting.
    fn count(&self, sent: usize) {
        let left = self.left.load(Ordering::Relaxed);
        if left != usize::MAX {
            self.left
                .store(left.saturating_sub(sent), Ordering::Relaxed);
        }
    }
}

impl Connected<IncomingStream<'_, Wires>> for Shears {
    fn connect_info(stream: IncomingStream<'_, Wires>) -> Self {
        stream.remote_addr().clone()
    }
}

/// A connection that goes silent when it is cut.
pub(crate) struct Wire {
    stream: TcpStream,
    shears: Shears,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let allowed = self.shears.allowed(bytes.len())?;
        let written = Pin::new(&mut self.stream).poll_write(cx, &bytes[..allowed]);
        if let Poll::Ready(Ok(sent)) = written {
            self.shears.count(sent);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
