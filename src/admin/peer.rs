//! Who is on the other side, as the kernel says.

use std::fmt;

use tokio::net::UnixStream;

/// A user of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Peer(u32);

const ROOT: u32 = 0;

impl Peer {
    /// Whoever has connected. See unix(7), `SO_PEERCRED`.
    ///
    /// # Errors
    /// The system does not say.
    pub(super) fn of(stream: &UnixStream) -> std::io::Result<Self> {
        Ok(Self(stream.peer_cred()?.uid()))
    }

    /// The number of the account.
    pub(super) fn uid(self) -> u32 {
        self.0
    }

    /// Root may read the bot's memory and its database anyway.
    pub(super) fn may_ask(self, owner: u32) -> bool {
        self.0 == owner || self.0 == ROOT
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "uid {}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_and_root_may_ask_and_nobody_else() {
        for (peer, may) in [(1000, true), (0, true), (1001, false), (65_534, false)] {
            assert_eq!(Peer(peer).may_ask(1000), may, "uid {peer}");
        }
        assert!(!Peer(1000).may_ask(ROOT), "a bot of root's is root's alone");
    }

    #[tokio::test]
    async fn the_kernel_says_who_has_connected() {
        let (one, _other) = UnixStream::pair().unwrap();
        assert_eq!(
            Peer::of(&one).unwrap(),
            Peer(rustix::process::geteuid().as_raw())
        );
    }
}
