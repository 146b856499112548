//! A channel.

use crate::people::Message;
use crate::simulator::Simulator;
use crate::snowflake::Snowflake;

/// A channel of the simulator; clones are handles to the same one.
#[derive(Clone)]
pub struct Channel {
    sim: Simulator,
    id: Snowflake,
}

impl Channel {
    pub(crate) const fn new(sim: Simulator, id: Snowflake) -> Self {
        Self { sim, id }
    }

    /// The id, which follows from the names of guild and channel.
    pub const fn id(&self) -> Snowflake {
        self.id
    }

    /// The name; empty for direct messages.
    pub fn name(&self) -> String {
        self.sim.read(|world| world.channels[&self.id].name.clone())
    }

    /// What everybody here sees, oldest first: everything but ephemeral messages.
    pub fn messages(&self) -> Vec<Message> {
        self.sim.read(|world| {
            let messages = world.channels[&self.id].messages.values();
            let public = messages.filter(|it| !it.is_ephemeral());
            public.map(|it| Message::of(world, it)).collect()
        })
    }
}
