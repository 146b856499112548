//! From a plan to a world.

use crate::core::Core;
use crate::permissions::Permissions;
use crate::rest::person::token_of;
use crate::seed::{GuildPlan, MemberPlan, Plan, Seed, SeedPerson};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::By;
use crate::world::invite::NewInvite;
use crate::world::member::Member;

/// Whoever may do one of these moderates.
const MODERATES: [Permissions; 3] = [
    Permissions::KICK_MEMBERS,
    Permissions::BAN_MEMBERS,
    Permissions::MODERATE_MEMBERS,
];

/// An invite that never ends.
const OPEN: NewInvite = NewInvite {
    max_age: 0,
    max_uses: 0,
    is_temporary: false,
    is_unique: false,
    roles: Vec::new(),
};

impl Plan {
    pub(crate) fn plant_in(&self, core: &Core) -> Seed {
        core.write(|world| {
            if let Some(owner) = &self.owner {
                world.name_owner(owner);
            }
            let guilds: Vec<_> = self.guilds.iter().map(|it| it.plant(world)).collect();
            let (first, plan) = (guilds[0], &self.guilds[0]);
            plan.seed(world, first, &core.api_url)
        })
    }
}

impl GuildPlan {
    fn plant(&self, world: &mut World) -> Snowflake {
        if world.guilds.values().any(|it| it.name == self.name) {
            let guild = world.found_guild(&self.name);
            self.fill(world, guild);
            for member in &self.members {
                member.join(world, guild);
            }
            return guild;
        }
        // Nobody hears of a guild before it is whole.
        let sessions = std::mem::take(&mut world.sessions);
        let guild = world.found_guild(&self.name);
        self.name_first_channel(world, guild);
        self.fill(world, guild);
        for member in &self.members {
            member.settle(world, guild);
        }
        world.fill(guild, self.crowd);
        world.sessions = sessions;
        world.greet_with(guild);
        guild
    }

    /// A new guild has one channel already.
    fn name_first_channel(&self, world: &mut World, guild: Snowflake) {
        let general = world.guilds[&guild].channels[0];
        let channel = world.channels.get_mut(&general);
        if let (Some(channel), Some(name)) = (channel, self.channels.first()) {
            channel.name.clone_from(name);
        }
    }

    fn fill(&self, world: &mut World, guild: Snowflake) {
        for name in &self.channels {
            world.text_channel(guild, name);
        }
        for name in &self.voice_channels {
            world.voice_channel(guild, name);
        }
        for role in &self.roles {
            world.add_role(guild, &role.name, role.sum());
        }
    }

    fn seed(&self, world: &mut World, guild: Snowflake, address: &str) -> Seed {
        let owner = world.application.owner;
        let channel = self.channels.first().map_or("general", String::as_str);
        let channel = world.text_channel(guild, channel);
        let by = By {
            actor: owner,
            reason: None,
        };
        let invite = world.invite_to(channel, guild, OPEN, by);
        let home = &world.guilds[&guild];
        let mut people = self.members.iter().map(|it| it.found(world));
        let mut again = people.clone();
        let may = |id: &Snowflake| {
            let may = home.base_permissions(*id);
            MODERATES.iter().any(|one| may.allows(*one))
        };
        let plain = |id: &Snowflake| home.members.get(id).is_some_and(|it| it.roles.is_empty());
        let (member, moderator) = (people.find(plain), again.find(may));
        let named = |role: &&crate::world::role::Role| {
            self.roles
                .first()
                .is_some_and(|first| first.name == role.name)
        };
        Seed {
            api: format!("{address}/api/v10"),
            guild_id: guild,
            channel_id: channel,
            role_id: home.roles.values().find(named).map_or(guild, |it| it.id),
            application_id: world.application.id,
            bot_token: world.application.token.clone(),
            invite,
            owner: person(world, owner),
            member: person(world, member.unwrap_or(owner)),
            moderator: person(world, moderator.unwrap_or(owner)),
        }
    }
}

impl MemberPlan {
    /// Is a member from the beginning.
    fn settle(&self, world: &mut World, guild: Snowflake) {
        let (user, joined_at) = (world.person(&self.name), world.now());
        if let Some(home) = world.guilds.get_mut(&guild) {
            let member = Member::new(user, joined_at);
            home.members.entry(user).or_insert(member);
        }
        self.take_roles(world, guild, user);
    }

    /// Becomes a member, as everybody hears.
    fn join(&self, world: &mut World, guild: Snowflake) {
        let user = world.person(&self.name);
        world.join(guild, user);
        self.take_roles(world, guild, user);
    }

    fn take_roles(&self, world: &mut World, guild: Snowflake, user: Snowflake) {
        let roles = world.guilds[&guild].roles.values();
        let roles = roles.filter(|it| self.roles.contains(&it.name));
        let roles: Vec<_> = roles.map(|it| it.id).collect();
        for role in roles {
            // Guild, member and role are there: it cannot be refused.
            let _ = world.set_role(guild, user, role, true);
        }
    }

    /// The person, who was planted.
    fn found(&self, world: &World) -> Snowflake {
        let mut known = world.users.values().filter(|it| !it.bot);
        let known = known.find(|it| it.name == self.name);
        known.map_or(world.application.owner, |it| it.id)
    }
}

fn person(world: &World, id: Snowflake) -> SeedPerson {
    SeedPerson {
        id,
        token: token_of(id),
        username: world.name_of(id),
    }
}
