//! A guild.

use crate::people::{Bot, Channel, Person};
use crate::permissions::Permissions;
use crate::simulator::Simulator;
use crate::snowflake::Snowflake;
use crate::world::audit::By;
use crate::world::command_permission::{About, CommandRule};

/// A guild of the simulator; clones are handles to the same one.
#[derive(Clone)]
pub struct Guild {
    sim: Simulator,
    id: Snowflake,
}

impl Guild {
    pub(crate) const fn new(sim: Simulator, id: Snowflake) -> Self {
        Self { sim, id }
    }

    /// The id, which follows from the name the guild was founded with.
    pub const fn id(&self) -> Snowflake {
        self.id
    }

    /// The name.
    pub fn name(&self) -> String {
        self.sim.read(|world| world.guilds[&self.id].name.clone())
    }

    /// The simulator that this guild is on.
    pub const fn simulator(&self) -> &Simulator {
        &self.sim
    }

    /// Finds the channel of this name, or makes a text channel.
    pub fn channel(&self, name: &str) -> Channel {
        let id = self.sim.write(|world| world.text_channel(self.id, name));
        Channel::new(self.sim.clone(), id)
    }

    /// Finds the voice channel of this name, or makes it.
    pub fn voice_channel(&self, name: &str) -> Channel {
        let id = self.sim.write(|world| world.voice_channel(self.id, name));
        Channel::new(self.sim.clone(), id)
    }

    /// Finds the person of this name, letting them register and join as needed. The bot hears of
    /// it when they join.
    pub fn member(&self, name: &str) -> Person {
        let user = self.sim.write(|world| {
            let user = world.person(name);
            world.join(self.id, user);
            user
        });
        Person::new(self.sim.clone(), user, Some(self.id))
    }

    /// Lets another bot join, with a role of administrators; nothing happens when it is a member.
    pub fn invites(&self, bot: &Bot) {
        self.sim.write(|world| world.invite_bot(self.id, bot.id()));
    }

    /// Lets this many new people join, called `person 17` and the like, without telling anybody: no
    /// event, no notice, no line of the transcript. For worlds that are large from the beginning.
    pub fn fill(&self, count: u64) {
        self.sim.write(|world| world.fill(self.id, count));
    }

    /// Lets a person of another place act in this guild; they join if they must.
    pub fn member_as(&self, person: &Person) -> Person {
        self.sim.write(|world| world.join(self.id, person.id()));
        Person::new(self.sim.clone(), person.id(), Some(self.id))
    }

    /// The guild's owner, who is the application's owner too.
    pub fn owner(&self) -> Person {
        let owner = self.sim.read(|world| world.guilds[&self.id].owner);
        Person::new(self.sim.clone(), owner, Some(self.id))
    }

    /// Every member who is no bot, by id.
    pub fn people(&self) -> Vec<Person> {
        let ids: Vec<_> = self.sim.read(|world| {
            let members = world.guilds[&self.id].members.keys();
            let people = members.filter(|id| world.users.get(id).is_some_and(|it| !it.bot));
            people.copied().collect()
        });
        let person = |id| Person::new(self.sim.clone(), id, Some(self.id));
        ids.into_iter().map(person).collect()
    }

    /// Finds the role of this name, or makes it with these permissions, below the bot's.
    pub fn role(&self, name: &str, permissions: Permissions) -> Snowflake {
        let role = self
            .sim
            .write(|world| world.add_role(self.id, name, permissions));
        role.expect("guilds are never taken away")
    }

    /// Lets a role do exactly this; the id of the guild stands for everybody.
    ///
    /// # Panics
    /// When there is no such role.
    pub fn allow(&self, role: Snowflake, permissions: Permissions) {
        let by = By {
            actor: self.owner().id(),
            reason: None,
        };
        let changed = self
            .sim
            .write(|world| world.change_role(self.id, role, by, |it| it.permissions = permissions));
        if let Err(error) = changed {
            panic!("allowing {permissions} to role {role}: {}", error.body());
        }
    }

    /// The role that came with the bot; it is an administrator's at first.
    pub fn bot_role(&self) -> Snowflake {
        let role = self.sim.read(|world| {
            let mut roles = world.guilds[&self.id].roles.values();
            roles.find(|it| it.bot.is_some()).map(|it| it.id)
        });
        role.expect("the role of a bot cannot be deleted")
    }

    /// Lets a person use a command here, or not, whatever it was registered with.
    pub fn allow_command(&self, command: Snowflake, person: &Person, is_allowed: bool) {
        self.rule(command, About::User, person.id(), is_allowed);
    }

    /// Lets everybody with a role use a command here, or not.
    pub fn allow_command_to_role(&self, command: Snowflake, role: Snowflake, is_allowed: bool) {
        self.rule(command, About::Role, role, is_allowed);
    }

    /// Lets a command be used in a channel, or not.
    pub fn allow_command_in(&self, command: Snowflake, channel: &Channel, is_allowed: bool) {
        self.rule(command, About::Channel, channel.id(), is_allowed);
    }

    fn rule(&self, command: Snowflake, about: About, id: Snowflake, is_allowed: bool) {
        let rule = CommandRule {
            about,
            id,
            is_allowed,
        };
        self.sim
            .write(|world| world.rule_command(self.id, command, rule));
    }

    /// Gives a role to a person; nothing happens when they have it or are not a member.
    pub fn give_role(&self, person: &Person, role: Snowflake) {
        let given = self
            .sim
            .write(|world| world.set_role(self.id, person.id(), role, true));
        if let Err(error) = given {
            tracing::warn!(?error, "a role was not given");
        }
    }
}
