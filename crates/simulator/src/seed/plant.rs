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
        let is_new = !world.guilds.values().any(|it| it.name == self.name);
        let guild = world.found_guild(&self.name);
        if let Some(first) = self.channels.first().filter(|_| is_new) {
            let general = world.guilds[&guild].channels[0];
            if let Some(channel) = world.channels.get_mut(&general) {
                channel.name.clone_from(first);
            }
        }
        for name in &self.channels {
            world.text_channel(guild, name);
        }
        for name in &self.voice_channels {
            world.voice_channel(guild, name);
        }
        for role in &self.roles {
            let permissions = role.permissions().unwrap_or_default();
            world.add_role(guild, &role.name, permissions);
        }
        for member in &self.members {
            member.plant(world, guild);
        }
        guild
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
    fn plant(&self, world: &mut World, guild: Snowflake) {
        let user = world.person(&self.name);
        let joined_at = world.now();
        let Some(home) = world.guilds.get_mut(&guild) else {
            return;
        };
        let roles = home
            .roles
            .values()
            .filter(|it| self.roles.contains(&it.name));
        let roles = roles.map(|it| it.id).collect();
        let new = Member::new(user, joined_at);
        home.members.entry(user).or_insert(Member { roles, ..new });
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
