//! Where what is asked is answered: by a bot that runs, or by what there is of one that rests.

use std::sync::Arc;

use cogsmith_tasks::ErrorChain;
use tracing::{error, info};

use super::{Told, What, Wish, modules};
use crate::{
    audit::By,
    error::{Error, Result, UserError},
    host::Host,
    module::Registry,
    steering::{Medium, Steering},
};

/// The tasks and modules of a bot.
#[derive(Clone)]
pub struct Desk {
    host: Host,
    registry: Arc<Registry>,
    is_resting: bool,
}

impl Desk {
    /// Of a bot that runs.
    pub(crate) fn of_running(host: Host, registry: Arc<Registry>) -> Self {
        let is_resting = false;
        Self {
            host,
            registry,
            is_resting,
        }
    }

    /// Of one that rests: nothing of it runs, and what is changed holds from its next start on.
    pub(crate) fn of_resting(host: Host, registry: Arc<Registry>) -> Self {
        let is_resting = true;
        Self {
            host,
            registry,
            is_resting,
        }
    }

    /// Does what the account `uid` of this machine asks for. What has been changed is durable when this returns.
    pub async fn answer(&self, wish: &Wish, uid: u32) -> Told {
        let by = By::shell(uid).because(wish.reason.clone());
        if wish.what.changes() {
            let reason = by.reason.as_deref().unwrap_or("not said");
            info!(by = %by.actor, reason, "asked for {:?}", wish.what);
        }
        let told = match &wish.what {
            What::Hello => Err(UserError::new("There is nobody at home.").into()),
            What::Task(crate::steering::Request::Purge { .. }) if self.is_resting => Err(resting()),
            What::Task(request) => self.task(request, &by).await,
            What::Module(request) => {
                let (host, registry) = (&self.host, &self.registry);
                modules::answer(host, registry, request, &by, self.is_resting).await
            }
        };
        told.unwrap_or_else(|error| failed(&error))
    }

    async fn task(&self, request: &crate::steering::Request, by: &By) -> Result<Told> {
        let registry = &self.registry;
        let steering = Steering::new(
            self.host.engine(),
            self.host.audit(),
            Medium::Shell,
            by.clone(),
        )
        .stop_warning(|task| registry.stop_warning(task));
        let answer = steering.answer(request).await?;
        Ok(Told::Done {
            text: answer.plain(),
            refused: answer.refused,
            facts: answer.facts,
        })
    }
}

fn resting() -> Error {
    UserError::new(
        "Which tasks no module has any more is known while the bot runs. Start it, and ask again.",
    )
    .into()
}

fn failed(error: &Error) -> Told {
    match error.downcast_ref::<UserError>() {
        Some(refused) => Told::Refused(refused.to_string()),
        None => {
            error!("what was asked from a shell failed: {}", ErrorChain(error));
            Told::Failed(ErrorChain(error).to_string())
        }
    }
}
