//! What Discord is asked to send: what the modules declare, without the privileged intents that the application does not
//! have.
//!
//! See Discord docs/Gateway/Privileged Intents. A session that asked for one of those would be refused.

use serenity::model::gateway::GatewayIntents;
use tracing::{info, warn};

use crate::module::Registry;

/// The intents to identify with. The log says which module wants which, and what is off for want of one.
pub(super) fn ask(registry: &Registry, granted: GatewayIntents) -> GatewayIntents {
    let wanted = registry.intents();
    let wishes: Vec<_> = registry.wanted_intents().collect();
    let asked = wanted & (granted | !GatewayIntents::privileged());
    info!("intents: {}", listed(&wishes, asked));
    let refused = wanted - asked;
    if !refused.is_empty() {
        warn!(
            "switched off on the application's page, so that what needs them does nothing: {}",
            listed(&wishes, refused)
        );
    }
    asked
}

/// `GUILDS, GUILD_MEMBERS (welcome)`, of what each module wants.
pub(crate) fn listed(wishes: &[(&'static str, GatewayIntents)], intents: GatewayIntents) -> String {
    let names = intents.iter_names().map(|(name, intent)| {
        let wants = wishes.iter().filter(|(_, wanted)| wanted.contains(intent));
        let modules: Vec<_> = wants.map(|(module, _)| *module).collect();
        match modules.is_empty() {
            true => name.to_owned(),
            false => format!("{name} ({})", modules.join(", ")),
        }
    });
    names.collect::<Vec<_>>().join(", ")
}
