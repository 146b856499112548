//! The task engine in processes of its own, which are killed.

mod crowd;
mod death;
mod invariants;
mod observer;
mod owners;
mod points;
mod promise;
#[path = "victim/script.rs"]
mod script;
pub(crate) mod victim;
