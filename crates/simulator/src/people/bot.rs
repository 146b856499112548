//! Another bot than the first.

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
}
