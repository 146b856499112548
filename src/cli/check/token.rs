//! Whether Discord knows the bot, and whom the bot obeys.

use cogsmith_tasks::ErrorChain;

use super::{Bot, finding::Finding};
use crate::{
    discord::RestError,
    error::{Error, Result},
};

const SUBJECT: &str = "token";

/// Who the bot is, what is wrong with its modules, and who owns it.
pub(super) fn look(bot: &Bot) -> Vec<Finding> {
    let application = &bot.application;
    let text = format!("{} (application {})", application.name, application.id);
    let mut findings = vec![Finding::ok(SUBJECT, text), owners(bot)];
    let broken = bot.manifest.modules().filter(|it| !it.problems.is_empty());
    findings.extend(broken.map(|module| {
        let text = format!("{}: {}", module.name, module.problems.join("; "));
        Finding::problem(
            "modules",
            text,
            "the bot runs without it until that is mended",
        )
    }));
    findings
}

fn owners(bot: &Bot) -> Finding {
    let named = bot.application.owners.iter();
    let named = named.map(|(id, name)| format!("{name} ({id})"));
    let others = bot.config.owner_ids.iter();
    let others = others.map(|id| format!("{id} (OWNER_IDS)"));
    let owners: Vec<_> = named.chain(others).collect();
    match owners.is_empty() {
        false => Finding::ok("owners", owners.join(", ")),
        true => Finding::warning(
            "owners",
            "nobody may use the owner's commands",
            "name somebody in OWNER_IDS",
        ),
    }
}

/// Notes why Discord has not told who the bot is.
///
/// # Errors
/// It refused the token.
pub(super) fn refused(error: Error, findings: &mut Vec<Finding>) -> Result<()> {
    let is_refused = matches!(error.downcast_ref(), Some(RestError::TokenRefused));
    let advice = match is_refused {
        true => "reset the token on the application's page and set DISCORD_TOKEN",
        false => "see whether this machine reaches Discord; nothing else was asked",
    };
    let text = ErrorChain(&error).to_string();
    findings.push(Finding::problem(SUBJECT, text, advice));
    match is_refused {
        true => Err(error),
        false => Ok(()),
    }
}
