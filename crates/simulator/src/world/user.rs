//! Users: people and the bot.

use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;

/// What everybody speaks who says nothing else.
pub(crate) const LOCALE: &str = "en-US";

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: Snowflake,
    pub(crate) name: String,
    pub(crate) bot: bool,
    /// The language of their client, by Discord's name for it.
    pub(crate) locale: String,
    /// Hash of the image.
    pub(crate) avatar: Option<String>,
    /// Hash of the image.
    pub(crate) banner: Option<String>,
}

impl World {
    /// Finds the person of this name, or lets one register.
    pub(crate) fn person(&mut self, name: &str) -> Snowflake {
        let owner = self.application.owner;
        if self.users.get(&owner).is_some_and(|it| it.name == name) {
            return owner;
        }
        // But for the owner, whose id follows from no name, people stand at the id of their name or
        // shortly after it.
        let mut id = Snowflake::named(&format!("user {name}"));
        while let Some(user) = self.users.get(&id) {
            if user.name == name && !user.bot {
                return id;
            }
            id = id.following();
        }
        self.add_user(id, name, false)
    }

    pub(crate) fn add_user(&mut self, id: Snowflake, name: &str, bot: bool) -> Snowflake {
        let name = name.to_owned();
        let user = User {
            id,
            name,
            bot,
            locale: LOCALE.to_owned(),
            avatar: None,
            banner: None,
        };
        self.users.insert(id, user);
        id
    }

    /// Changes a user, and tells the bot when it is the bot itself.
    pub(crate) fn change_user(&mut self, id: Snowflake, change: impl FnOnce(&mut User)) {
        let Some(user) = self.users.get_mut(&id) else {
            return;
        };
        change(user);
        if id == self.application.id {
            let data = payload::user::current(&self.users[&id]);
            self.sessions.dispatch_to_all("USER_UPDATE", &data);
        }
    }

    /// Notes the language of somebody's client.
    pub(crate) fn set_locale(&mut self, user: Snowflake, locale: &str) {
        if let Some(user) = self.users.get_mut(&user) {
            locale.clone_into(&mut user.locale);
        }
    }

    /// Gives the application's owner a name. No event: it is meant for seeding a world.
    pub(crate) fn name_owner(&mut self, name: &str) {
        let owner = self.application.owner;
        if let Some(user) = self.users.get_mut(&owner) {
            name.clone_into(&mut user.name);
        }
    }
}
