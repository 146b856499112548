//! Many people at once, for large worlds.

use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::member::Member;

impl World {
    /// Lets new people register and join, without a word: no event, no notice, no line.
    pub(crate) fn fill(&mut self, guild: Snowflake, count: u64) {
        let joined_at = self.now();
        let first = self.users.len() as u64;
        for number in first..first + count {
            let user = self.person(&format!("person {number}"));
            if let Some(home) = self.guilds.get_mut(&guild) {
                let member = Member::new(user, joined_at);
                home.members.entry(user).or_insert(member);
            }
        }
    }
}
