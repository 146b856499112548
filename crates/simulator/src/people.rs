//! Handles to guilds, channels and the people in them: how a test or a demo acts.

mod bot;
mod channel;
pub(crate) mod components;
mod deeds;
pub(crate) mod form;
mod guild;
mod message;
mod person;
mod reply;

pub use bot::Bot;
pub use channel::Channel;
pub use guild::Guild;
pub use message::Message;
pub use person::Person;
pub use reply::Reply;
