//! Frames on their way to a client, in the form that it asked for.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::Error;
use axum::extract::ws::{Message, WebSocket};
use flate2::write::ZlibEncoder;
use flate2::{Compress, Compression, FlushCompress};
use futures_util::Sink;
use futures_util::stream::SplitSink;

/// Frames of at least this many bytes are compressed for clients that asked for it when they
/// identified; shorter ones stay text, as at Discord.
const LARGE: usize = 8 * 1024;
/// Room for the end of a compressed frame.
const SPARE: usize = 64;

/// Sending never waits here: frames are put in, and [`Outbox::flush`] is waited for beside
/// everything else that may happen to a connection.
pub(crate) struct Outbox {
    sink: SplitSink<WebSocket, Message>,
    frames: VecDeque<Message>,
    /// Whether something was put in since everything was last sent.
    is_dirty: bool,
    form: Form,
}

/// How frames look on the wire.
pub(crate) enum Form {
    Text,
    /// Each large frame is compressed on its own: `compress` of IDENTIFY.
    LargeCompressed,
    /// All frames are one compressed stream, flushed after each: `compress=zlib-stream`.
    Stream(Box<Compress>),
}

impl Form {
    pub(crate) fn stream() -> Self {
        Self::Stream(Box::new(Compress::new(Compression::fast(), true)))
    }

    fn message(&mut self, frame: String) -> Message {
        match self {
            Self::Stream(stream) => Message::binary(next_of(stream, frame.as_bytes())),
            Self::LargeCompressed if frame.len() >= LARGE => Message::binary(whole(&frame)),
            Self::Text | Self::LargeCompressed => Message::text(frame),
        }
    }
}

impl Outbox {
    pub(crate) const fn new(sink: SplitSink<WebSocket, Message>, form: Form) -> Self {
        Self {
            sink,
            frames: VecDeque::new(),
            is_dirty: false,
            form,
        }
    }

    /// From now on large frames are compressed, unless the connection is compressed as a whole.
    pub(crate) fn compress_large(&mut self) {
        if matches!(self.form, Form::Text) {
            self.form = Form::LargeCompressed;
        }
    }

    pub(crate) fn push(&mut self, frame: String) {
        let message = self.form.message(frame);
        self.push_raw(message);
    }

    /// A message that is never compressed, such as a close frame.
    pub(crate) fn push_raw(&mut self, message: Message) {
        self.frames.push_back(message);
        self.is_dirty = true;
    }

    /// How many frames wait.
    pub(crate) fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether something waits to be sent.
    pub(crate) const fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Returns when everything is with the operating system. May be given up and asked again.
    ///
    /// # Errors
    /// The client is gone.
    pub(crate) async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while !self.frames.is_empty() {
            ready!(Pin::new(&mut self.sink).poll_ready(cx))?;
            if let Some(frame) = self.frames.pop_front() {
                Pin::new(&mut self.sink).start_send(frame)?;
            }
        }
        ready!(Pin::new(&mut self.sink).poll_flush(cx))?;
        self.is_dirty = false;
        Poll::Ready(Ok(()))
    }
}

/// The next piece of a stream, which a client can read without what follows.
fn next_of(stream: &mut Compress, frame: &[u8]) -> Vec<u8> {
    let mut piece = Vec::with_capacity(frame.len() / 4 + SPARE);
    let start = stream.total_in();
    loop {
        let done = usize::try_from(stream.total_in() - start).unwrap_or(frame.len());
        // What does not fit yet is told by the lengths, so the status says nothing new.
        let _ = stream.compress_vec(&frame[done..], &mut piece, FlushCompress::Sync);
        let is_read = stream.total_in() - start == frame.len() as u64;
        if is_read && piece.len() < piece.capacity() {
            return piece;
        }
        piece.reserve(piece.capacity().max(SPARE));
    }
}

fn whole(frame: &str) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(frame.as_bytes());
    let finished = written.and_then(|()| encoder.finish());
    finished.expect("writing into memory cannot fail")
}

#[cfg(test)]
mod tests {
    use flate2::{Decompress, FlushDecompress};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_piece_of_a_stream_can_be_read_at_once(
            frames in prop::collection::vec("\\PC{0,3000}", 1..8),
        ) {
            let mut stream = Compress::new(Compression::fast(), true);
            let mut reader = Decompress::new(true);
            for frame in frames {
                let piece = next_of(&mut stream, frame.as_bytes());
                prop_assert!(piece.ends_with(&[0, 0, 0xff, 0xff]));
                let mut read = Vec::with_capacity(frame.len() + SPARE);
                reader.decompress_vec(&piece, &mut read, FlushDecompress::Sync).unwrap();
                prop_assert_eq!(read, frame.into_bytes());
            }
        }
    }
}
