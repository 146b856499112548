//! The network between a bot and its Discord, which can be gone: nothing passes and nobody is told, as when a cable is cut.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

pub(crate) struct Proxy {
    listener: TcpListener,
    is_up: watch::Sender<bool>,
}

/// Carries connections for as long as the test runs.
pub(crate) struct Network(watch::Sender<bool>);

impl Proxy {
    pub(crate) async fn bind() -> std::io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind("127.0.0.1:0").await?,
            is_up: watch::Sender::new(true),
        })
    }

    pub(crate) fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Leads to this address from now on.
    pub(crate) fn lead_to(self, target: SocketAddr) -> Network {
        let network = Network(self.is_up.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = self.listener.accept().await {
                tokio::spawn(carry(client, target, self.is_up.subscribe()));
            }
        });
        network
    }
}

impl Network {
    /// Connections stay open and carry nothing, nor do those that are made meanwhile.
    pub(crate) fn cut(&self) {
        self.0.send_replace(false);
    }

    /// What was cut is dropped, and what is made from now on is carried.
    pub(crate) fn mend(&self) {
        self.0.send_replace(true);
    }
}

/// Whatever becomes of a connection, its two sockets end together. A test that has ended needs none of it.
async fn carry(
    mut client: TcpStream,
    target: SocketAddr,
    mut is_up: watch::Receiver<bool>,
) -> Option<()> {
    if *is_up.borrow_and_update() {
        let mut server = TcpStream::connect(target).await.ok()?;
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return None,
            cut = is_up.wait_for(|is_up| !is_up) => drop(cut.ok()?),
        }
        drop(is_up.wait_for(|is_up| *is_up).await);
        // Both, so that neither side hears of the other's end before.
        drop((client, server));
        return None;
    }
    drop(is_up.wait_for(|is_up| *is_up).await);
    None
}
