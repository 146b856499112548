//! Whether Discord sends what the modules want to hear of.

use serenity::model::gateway::GatewayIntents;

use super::{Bot, finding::Finding};
use crate::app::intents::listed;

const SUBJECT: &str = "intents";

/// Those that are asked for with the modules that want them, and each that is not switched on.
pub(super) fn look(bot: &Bot) -> Vec<Finding> {
    let modules = bot.manifest.modules();
    let wishes: Vec<_> = modules.map(|it| (it.name, it.intents)).collect();
    judge(&wishes, bot.application.privileged)
}

fn judge(wishes: &[(&'static str, GatewayIntents)], granted: GatewayIntents) -> Vec<Finding> {
    let wanted = wishes.iter().map(|(_, intents)| *intents);
    let wanted = wanted.fold(GatewayIntents::GUILDS, GatewayIntents::union);
    let refused = wanted & GatewayIntents::privileged() & !granted;
    let asked = Finding::ok(SUBJECT, listed(wishes, wanted - refused));
    let refused = refused.iter().map(|intent| {
        let text = format!(
            "{} is not switched on, and what needs it does nothing",
            listed(wishes, intent)
        );
        let advice =
            "switch it on on the application's page, under Bot, Privileged Gateway Intents";
        Finding::warning(SUBJECT, text, advice)
    });
    [asked].into_iter().chain(refused).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intent_that_is_not_switched_on_names_who_does_without_it() {
        let wishes = [
            ("leaderboard", GatewayIntents::GUILD_MESSAGES),
            ("members", GatewayIntents::GUILD_MEMBERS),
        ];
        let all = "GUILDS, GUILD_MEMBERS (members), GUILD_MESSAGES (leaderboard)";
        let granted = judge(&wishes, GatewayIntents::privileged());
        assert_eq!(granted, [Finding::ok(SUBJECT, all)]);
        let refused = judge(&wishes, GatewayIntents::empty());
        let less = "GUILDS, GUILD_MESSAGES (leaderboard)";
        let text = "GUILD_MEMBERS (members) is not switched on, and what needs it does nothing";
        let advice =
            "switch it on on the application's page, under Bot, Privileged Gateway Intents";
        let expected = [
            Finding::ok(SUBJECT, less),
            Finding::warning(SUBJECT, text, advice),
        ];
        assert_eq!(refused, expected);
    }
}
