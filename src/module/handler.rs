//! Who handles the components and forms of which ids.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serenity::model::{
    application::{ComponentInteraction, ModalInteraction},
    id::{GuildId, UserId},
};

use super::{
    CustomId, Form, IdArguments, Method, Module, Press,
    answering::Answering,
    custom_id::{self, overlap, parts},
    method::call_shared,
};
use crate::{error::Result, host::Slot};

/// What is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Component,
    Form,
}

/// What somebody used.
#[derive(Clone)]
pub(crate) enum Used {
    Component(Arc<ComponentInteraction>),
    Form(Arc<ModalInteraction>),
}

/// Which components or forms are handled, and whose module does.
#[derive(Clone, Copy)]
pub(crate) struct Handled {
    pub(crate) module: &'static str,
    pub(crate) pattern: &'static str,
    kind: Kind,
    longest: Option<usize>,
}

impl Handled {
    /// Whether its ids begin with this word and a colon.
    pub(super) fn is_within(&self, word: &str) -> bool {
        self.pattern.split(':').next() == Some(word)
    }
}

/// A handler, with what it handles.
pub(crate) struct Handler {
    pub(crate) handled: Handled,
    call: Box<Call>,
}

/// `None` when the arguments are not of their types.
type Call = dyn Fn(&Used, &[String], Arc<Answering>) -> Option<BoxFuture<'static, Result<()>>>
    + Send
    + Sync;

impl Handler {
    pub(super) fn component<M, A, F>(
        module: &'static str,
        state: &Slot<M>,
        id: CustomId<A>,
        method: F,
    ) -> Self
    where
        M: Module,
        A: IdArguments,
        F: for<'a> Method<'a, M, Press<A>>,
    {
        Self::of(
            module,
            state,
            id,
            Kind::Component,
            method,
            |used, arguments, answering| {
                let Used::Component(press) = used else {
                    return None;
                };
                Some(Press::new(arguments, Arc::clone(press), answering))
            },
        )
    }

    pub(super) fn form<M, A, F>(
        module: &'static str,
        state: &Slot<M>,
        id: CustomId<A>,
        method: F,
    ) -> Self
    where
        M: Module,
        A: IdArguments,
        F: for<'a> Method<'a, M, Form<A>>,
    {
        Self::of(
            module,
            state,
            id,
            Kind::Form,
            method,
            |used, arguments, answering| {
                let Used::Form(form) = used else {
                    return None;
                };
                Some(Form::new(arguments, Arc::clone(form), answering))
            },
        )
    }

    /// `wrap` makes what the method takes.
    fn of<M, A, T, F>(
        module: &'static str,
        state: &Slot<M>,
        id: CustomId<A>,
        kind: Kind,
        method: F,
        wrap: fn(&Used, A, Arc<Answering>) -> Option<T>,
    ) -> Self
    where
        M: Module,
        A: IdArguments,
        T: Send + 'static,
        F: for<'a> Method<'a, M, T>,
    {
        let state = state.clone();
        let call = move |used: &Used, parts: &[String], answering| {
            let used = wrap(used, A::read(parts)?, answering)?;
            Some(call_shared(&state, method, used))
        };
        let handled = Handled {
            module,
            kind,
            pattern: id.pattern(),
            longest: id.longest(),
        };
        Self {
            handled,
            call: Box::new(call),
        }
    }

    /// What stands for the arguments, when it handles this.
    pub(super) fn arguments(&self, used: &Used) -> Option<Vec<String>> {
        let parts = parts(self.handled.pattern, used.id())?;
        (self.handled.kind == used.kind()).then_some(parts)
    }

    /// The handling; `None` when the arguments are not of their types.
    pub(crate) fn call(
        &self,
        used: &Used,
        arguments: &[String],
        answering: Arc<Answering>,
    ) -> Option<BoxFuture<'static, Result<()>>> {
        (self.call)(used, arguments, answering)
    }
}

impl Used {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Component(_) => Kind::Component,
            Self::Form(_) => Kind::Form,
        }
    }

    /// Who used it, and in which guild.
    pub(crate) fn whose(&self) -> (UserId, Option<GuildId>) {
        match self {
            Self::Component(press) => (press.user.id, press.guild_id),
            Self::Form(form) => (form.user.id, form.guild_id),
        }
    }

    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Component(press) => &press.data.custom_id,
            Self::Form(form) => &form.data.custom_id,
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Component => "component",
            Self::Form => "form",
        })
    }
}

/// Why it cannot work beside these others.
pub(super) fn fault<'h>(
    handled: &Handled,
    mut others: impl Iterator<Item = &'h Handled>,
) -> Option<String> {
    let Handled { kind, pattern, .. } = handled;
    if let Some(fault) = custom_id::fault(pattern, handled.longest) {
        return Some(format!("the {kind} {pattern:?}: {fault}"));
    }
    let other = others.find(|it| it.kind == *kind && overlap(pattern, it.pattern))?;
    Some(format!(
        "the {kind} {pattern:?} has ids in common with {:?} of module {}",
        other.pattern, other.module
    ))
}
