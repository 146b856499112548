//! Another bot than the first.

use crate::gateway::sessions::Control;
use crate::simulator::Simulator;
use crate::snowflake::Snowflake;

/// A bot that was registered beside the first one; clones are handles to the same one.
#[derive(Clone)]
pub struct Bot {
    sim: Simulator,
    id: Snowflake,
}

impl Bot {
    pub(crate) const fn new(sim: Simulator, id: Snowflake) -> Self {
        Self { sim, id }
    }

    /// Id of the application and of its user. It follows from the name.
    pub const fn id(&self) -> Snowflake {
        self.id
    }

    /// The token, the same in every run.
    pub fn token(&self) -> String {
        self.sim
            .read(|world| world.applications[&self.id].token.clone())
    }

    /// Closes this bot's gateway connections and no other's; as [`Simulator::close`].
    pub fn close(&self, code: Option<u16>) {
        let control = Control::Close(code);
        self.sim
            .write(|world| world.sessions.control_of(self.id, control));
    }
}
