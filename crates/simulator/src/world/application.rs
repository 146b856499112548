//! Applications, each with its bot. Several may be connected at once.
//!
//! Most operations are on behalf of one of them: the one whose token a request or a session has.
//! It acts while the operation lasts; at any other time the first one does.

use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::payload;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::member::Member;
use crate::world::role::{Look, Role};

/// The bot's side of an application; its id is also the bot user's id.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) id: Snowflake,
    pub(crate) owner: Snowflake,
    pub(crate) token: String,
    /// Privileged intents that Discord refuses this application.
    pub(crate) refused_intents: u64,
}

impl Application {
    /// Whether any of these intents is not switched on.
    pub(crate) const fn refuses(&self, intents: Intents) -> bool {
        self.refused_intents & intents.bits() != 0
    }
}

impl World {
    /// Finds the application of this name beside the first, or registers it with the owner and the
    /// intents of the acting one.
    pub(crate) fn register(&mut self, name: &str, token: fn(Snowflake) -> String) -> Snowflake {
        let id = Snowflake::named(&format!("application {name}"));
        if self.is_application(id) {
            return id;
        }
        let application = Application {
            id,
            token: token(id),
            ..self.application.clone()
        };
        self.applications.insert(id, application);
        self.add_user(id, name, true)
    }

    /// Lets an application act while `act` lasts.
    pub(crate) fn acting<T>(&mut self, id: Snowflake, act: impl FnOnce(&mut Self) -> T) -> T {
        if id == self.application.id {
            return act(self);
        }
        let Some(other) = self.applications.get(&id).cloned() else {
            return act(self);
        };
        let former = std::mem::replace(&mut self.application, other);
        let result = act(self);
        self.application = former;
        result
    }

    /// The application with this token, which may carry its kind.
    pub(crate) fn application_with(&self, token: &str) -> Option<Snowflake> {
        let token = token.strip_prefix("Bot ").unwrap_or(token);
        let mut all = self.applications.values();
        Some(all.find(|it| it.token == token)?.id)
    }

    /// Whether this is an application of any kind.
    pub(crate) fn is_application(&self, id: Snowflake) -> bool {
        self.applications.contains_key(&id)
    }

    /// The applications that may hear of an event: those in its guild, or in its direct messages;
    /// `None` when it concerns everybody.
    pub(crate) fn audience(&self, event: &Event) -> Option<Vec<Snowflake>> {
        if let Some(only) = event.only() {
            return Some(vec![only]);
        }
        if let Some(guild) = event.home() {
            let members = &self.guilds.get(&guild)?.members;
            let all = self.applications.keys().copied();
            let here = all.filter(|it| members.contains_key(it));
            let hears = |bot: &Snowflake| event.is_own_of(*bot) || self.may_hear(*bot, event);
            return Some(here.filter(hears).collect());
        }
        let channel = self.channels.get(&event.id_at("channel_id")?)?;
        Some(vec![channel.bot?])
    }

    /// Lets a bot join a guild as one invited with a role of administrators, and greets it.
    pub(crate) fn invite_bot(&mut self, guild: Snowflake, bot: Snowflake) {
        let joined_at = self.now();
        let name = self.name_of(bot);
        let Some(home) = self.guilds.get_mut(&guild) else {
            return;
        };
        if home.members.contains_key(&bot) {
            return;
        }
        let role = Role {
            id: Snowflake::named(&format!("role bot {bot} {guild}")),
            name,
            permissions: Permissions::ADMINISTRATOR,
            position: u32::try_from(home.roles.len()).unwrap_or(u32::MAX),
            look: Look::default(),
            bot: Some(bot),
        };
        let mut member = Member::new(bot, joined_at);
        member.roles.push(role.id);
        let added = payload::guild::role(&role);
        home.roles.insert(role.id, role);
        let added = serde_json::json!({ "guild_id": guild, "role": added });
        self.tell(guild, "GUILD_ROLE_CREATE", added);
        let joined = payload::guild::member_event(self, guild, &member);
        self.tell(guild, "GUILD_MEMBER_ADD", joined);
        self.tell_integrated(guild, bot);
        if let Some(home) = self.guilds.get_mut(&guild) {
            home.members.insert(bot, member);
        }
        self.acting(bot, |world| world.greet_with(guild));
    }

    /// Tells the acting bot of a guild that it is in from now on.
    pub(crate) fn greet_with(&mut self, guild: Snowflake) {
        let of = |threshold| payload::guild::create(self, &self.guilds[&guild], threshold);
        let (all, own) = (of(u64::MAX), of(0));
        let event = Event::new("GUILD_CREATE", all).guild(guild);
        let event = event.blank_without(Intents::GUILD_PRESENCES, move |_| own.clone());
        let event = event.only_for(self.application.id);
        self.emit(&event.needs(Intents::GUILDS));
    }
}
