//! A pulse that a test beats by hand.

use std::sync::Arc;

use cogsmith_tasks::{Beat, OnBeat, Pulse};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;

#[derive(Clone, Default)]
pub(crate) struct ByHand(Arc<Mutex<Option<OnBeat>>>);

impl ByHand {
    /// Beats, as soon as the engine listens.
    pub(crate) async fn beat(&self, beat: Beat) {
        let on_beat = loop {
            if let Some(on_beat) = self.0.lock().clone() {
                break on_beat;
            }
            tokio::task::yield_now().await;
        };
        on_beat(beat);
    }
}

impl Pulse for ByHand {
    fn start(&self, on_beat: OnBeat) -> BoxFuture<'_, anyhow::Result<BoxFuture<'static, ()>>> {
        *self.0.lock() = Some(on_beat);
        let end: BoxFuture<'static, ()> = Box::pin(async {});
        Box::pin(async { Ok(end) })
    }
}
