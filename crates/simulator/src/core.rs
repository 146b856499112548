//! What the server, its sockets and the handles share: the world behind one lock, and news of it.

use std::net::SocketAddr;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::world::World;

pub(crate) struct Core {
    world: Mutex<World>,
    changes: watch::Sender<u64>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// `http://127.0.0.1:PORT`.
    pub(crate) api_url: String,
    /// `ws://127.0.0.1:PORT`.
    pub(crate) gateway_url: String,
    pub(crate) heartbeat_interval: Duration,
    /// How late a heartbeat may be.
    pub(crate) heartbeat_grace: Duration,
    /// How long a test or a person waits for the bot, in real time.
    pub(crate) patience: Duration,
    /// Cancelled when the last handle is gone.
    pub(crate) stop: CancellationToken,
}

impl Core {
    pub(crate) fn new(
        world: World,
        (address, told): (SocketAddr, &str),
        (heartbeat_interval, heartbeat_grace): (Duration, Duration),
        patience: Duration,
    ) -> Self {
        Self {
            world: Mutex::new(world),
            changes: watch::Sender::new(0),
            address,
            api_url: format!("http://{told}"),
            gateway_url: format!("ws://{told}"),
            heartbeat_interval,
            heartbeat_grace,
            patience,
            stop: CancellationToken::new(),
        }
    }

    /// Looks at the world. Short, and never across an await.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.world.lock())
    }

    /// Changes what nobody waits for.
    pub(crate) fn quietly<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut self.world.lock())
    }

    /// Changes the world, after what is due by itself, and tells whoever waits for a change.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.world.lock();
        world.catch_up();
        let result = change(&mut world);
        drop(world);
        self.note_change();
        result
    }

    /// Tells whoever waits for a change of something that is not in the world, such as a socket.
    pub(crate) fn note_change(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// Wakes after every change.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
