//! One use of a component or form: its handler runs, a failure is told, and the log has one line about it.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use serenity::model::application::Interaction;
use tracing::{info, warn};

use super::{Dispatch, errors, pledge::Pledge, usage::Outcome};
use crate::{
    error::Result,
    module::{Answering, Form, Handler, Press, Used},
    reply::Reply,
    rest::{Open, Promise},
};

/// When somebody who collects it has answered, or nobody will.
const NOBODY_AFTER: Duration = Duration::from_millis(2_500);

const OUT_OF_DATE: &str =
    "This is not for you, or does not work any more. Please use the command anew.";

/// When an acknowledgement has been sent, or is of no use any more.
const PROMISED: Duration = Duration::from_secs(3);

/// A component or form, as it came.
pub(super) struct Incoming {
    used: Used,
    open: Arc<Open>,
    interaction: Interaction,
}

impl Incoming {
    /// `None` for what is neither.
    pub(super) fn of(dispatch: &Dispatch, interaction: &Interaction) -> Option<Self> {
        let (used, application) = match interaction {
            Interaction::Component(press) => (
                Used::Component(Arc::new(press.clone())),
                press.application_id,
            ),
            Interaction::Modal(form) => (Used::Form(Arc::new(form.clone())), form.application_id),
            _ => return None,
        };
        let id = interaction.id().get();
        let open = dispatch
            .answers
            .open(id, application.get(), interaction.token());
        let interaction = interaction.clone();
        Some(Self {
            used,
            open: Arc::new(open),
            interaction,
        })
    }

    fn answering(&self, dispatch: &Dispatch) -> Arc<Answering> {
        Arc::new(Answering::new(
            dispatch.serenity.context.clone(),
            dispatch.data.host.clone(),
            Arc::clone(&self.open),
            self.interaction.id(),
            self.interaction.token(),
        ))
    }

    /// Hands it to the command that waits for it; that answers it in time, or it is acknowledged. Tells whether there
    /// is one.
    pub(super) fn is_awaited(&self, dispatch: &Dispatch) -> bool {
        let (events, answering) = (dispatch.events(), self.answering(dispatch));
        let is_taken = match &self.used {
            Used::Component(press) => {
                events.hand_over(Press::new((), Arc::clone(press), answering))
            }
            Used::Form(form) => events.hand_over(Form::new((), Arc::clone(form), answering)),
        };
        if is_taken {
            let clock = dispatch.data.host.clock().clone();
            let pledge = Pledge::begin(Arc::clone(&self.open), Promise::Update, &clock);
            self.open.runtime().spawn(async move {
                clock.sleep(PROMISED).await;
                drop(pledge);
            });
        }
        is_taken
    }

    /// Whether a handler is registered for it.
    pub(super) fn is_handled(&self, dispatch: &Dispatch) -> bool {
        dispatch.data.registry.handler(&self.used).is_some()
    }

    /// Waits whether a collector answers it; whoever used it is told when none does.
    pub(super) async fn watch(self, dispatch: &Dispatch) {
        dispatch.data.host.clock().sleep(NOBODY_AFTER).await;
        if !self.open.is_answered().await {
            self.open.conclude(OUT_OF_DATE).await;
            let kind = self.used.kind();
            warn!(
                "a {kind} was used that no module handles: {:?}",
                shown(self.used.id())
            );
        }
    }

    /// From now on an answer is promised in time. Nothing is shown by it, so that what follows may be for one person
    /// or for all.
    pub(super) fn pledge(self, dispatch: &Dispatch) -> Pledged {
        let answering = self.answering(dispatch);
        let clock = dispatch.data.host.clock();
        let Self { used, open, .. } = self;
        Pledged {
            used,
            answering,
            pledge: Pledge::begin(open, Promise::Update, clock),
        }
    }
}

/// A component or form whose handler runs.
pub(super) struct Pledged {
    used: Used,
    answering: Arc<Answering>,
    pledge: Pledge,
}

impl Pledged {
    pub(super) async fn run(self, dispatch: &Dispatch) {
        let Self {
            used,
            answering,
            pledge: _pledge,
        } = self;
        let host = &dispatch.data.host;
        let Some((handler, arguments)) = dispatch.data.registry.handler(&used) else {
            return;
        };
        let begun = host.clock().monotonic();
        let (user, guild) = used.whose();
        let admitted = dispatch.data.registry.admit_handler(handler, guild);
        let work = handler.call(&used, &arguments, Arc::clone(&answering));
        let outcome = match (admitted, work) {
            (Err(sentence), _) => {
                answering.open.conclude(&sentence.to_string()).await;
                Outcome::Refused
            }
            (Ok(()), Some(work)) => outcome(handler, &answering, caught(work)).await,
            (Ok(()), None) => {
                answering.open.conclude(OUT_OF_DATE).await;
                Outcome::Refused
            }
        };
        let took = host.clock().monotonic().saturating_sub(begun);
        let (kind, pattern) = (used.kind(), handler.handled.pattern);
        info!(
            id = pattern,
            guild.id = guild.map(u64::from),
            user.id = user.get(),
            duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            %outcome,
            "the {kind} {pattern} was used: {outcome}"
        );
    }
}

async fn caught(work: BoxFuture<'static, Result<()>>) -> Result<()> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.unwrap_or_else(|panic| Err(errors::panicked(&*panic)))
}

async fn outcome(
    handler: &Handler,
    answering: &Answering,
    work: impl Future<Output = Result<()>>,
) -> Outcome {
    let done = work.await;
    let Err(error) = done else {
        answering.open.promise(Promise::Update, || true).await;
        return Outcome::Ok;
    };
    let name = handler.handled.pattern;
    let (sentence, outcome) = errors::explain(name, &answering.host, &answering.token, &error);
    let reply = Reply::from(sentence).ephemeral();
    if let Err(error) = answering.reply(reply).await {
        warn!("the failure of {name} could not be told: {error}");
    }
    outcome
}

/// What it begins with: the rest may say anything.
fn shown(id: &str) -> &str {
    id.split(':').next().unwrap_or_default()
}
