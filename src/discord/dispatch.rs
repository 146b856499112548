//! Where an event goes: folds at once, poise for interactions, and every listener that wants it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use poise::{FrameworkContext, FrameworkOptions, serenity_prelude::FullEvent};
use serde_json::Value;
use serenity::{
    http::Http,
    model::{
        application::Interaction,
        event::Event,
        id::{GuildId, UserId},
    },
};
use tokio::{runtime::Handle, sync::mpsc::UnboundedReceiver};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;

use super::{
    chunking::Chunking, context::Serenity, errors, gate, interactions::Incoming, pledge::Pledge,
    usage,
};
use crate::{
    bus::{self, Events, ListenerId, Source, WaiterId, What},
    error::{Error, Result},
    events::{LeanMessage, Receipt},
    gateway::{Delivery, Interest, Sink},
    host::Host,
    module::{Command, Cooldowns, Data, Registry, Wish, install_cooldowns},
    rest::{Answers, Promise},
    switches::Switches,
};

const READY: &str = "READY";
const GUILD_CREATE: &str = "GUILD_CREATE";
const INTERACTION: &str = "INTERACTION_CREATE";

/// How long Discord waits for the first answer. See Discord docs/Receiving and Responding.
const DEADLINE: Duration = Duration::from_secs(3);

/// Sends each event where it belongs.
pub(crate) struct Dispatch {
    pub(super) data: Data,
    options: FrameworkOptions<Data, Error>,
    pub(super) answers: Answers,
    pub(super) serenity: Serenity,
    owner_guild: Option<GuildId>,
    commands: TaskTracker,
    /// Where commands run, wherever they are read.
    modules: Handle,
    draining: CancellationToken,
    late: AtomicU64,
    chunking: Chunking,
}

impl Dispatch {
    /// Sends events to the modules of `registry`, whose commands these are.
    pub(crate) async fn new(
        host: Host,
        answers: Answers,
        commands: Vec<Command>,
        registry: Arc<Registry>,
        owner_guild: Option<GuildId>,
    ) -> Result<Arc<Self>> {
        let serenity = Serenity::new(Arc::clone(host.http())).await?;
        let mut options = FrameworkOptions {
            commands,
            command_check: Some(gate::admit),
            on_error: errors::on_error,
            owners: host.owners().iter().copied().collect(),
            initialize_owners: false,
            manual_cooldowns: true,
            allowed_mentions: Some(serenity::builder::CreateAllowedMentions::new()),
            ..FrameworkOptions::default()
        };
        install_cooldowns(&mut options.commands);
        Ok(Arc::new(Self {
            data: Data {
                host,
                registry,
                cooldowns: Cooldowns::default(),
            },
            options,
            answers,
            serenity,
            owner_guild,
            commands: TaskTracker::new(),
            modules: Handle::current(),
            draining: CancellationToken::new(),
            late: AtomicU64::new(0),
            chunking: Chunking::new(),
        }))
    }

    pub(crate) fn registry(&self) -> &Arc<Registry> {
        &self.data.registry
    }

    pub(super) fn commands(&self) -> &[Command] {
        &self.options.commands
    }

    pub(super) fn http(&self) -> &Http {
        self.data.host.http()
    }

    pub(super) fn switches(&self) -> &Switches {
        self.data.host.switches()
    }

    pub(super) fn owner_guild(&self) -> Option<GuildId> {
        self.owner_guild
    }

    /// What modules ask of the gateway by serenity's means, for the first who asks.
    pub(crate) fn requests(&self) -> Option<UnboundedReceiver<Value>> {
        self.serenity.requests()
    }

    /// Interactions that came too late to be answered.
    pub(crate) fn late(&self) -> u64 {
        self.late.load(Ordering::Relaxed)
    }

    /// What asks for the members of large guilds.
    pub(crate) fn chunking(&self) -> &Chunking {
        &self.chunking
    }

    /// How many commands have begun and not ended.
    pub(crate) fn running(&self) -> usize {
        self.commands.len()
    }

    /// Waits until every command that has begun has ended.
    pub(crate) async fn drain(&self) {
        self.draining.cancel();
        self.commands.close();
        self.commands.wait().await;
    }

    pub(super) fn events(&self) -> &Events {
        self.data.host.events()
    }

    /// Commands run beside every lane: neither listeners nor other commands hold one up.
    fn interact(self: &Arc<Self>, interaction: &Interaction, delivery: &Delivery) {
        if delivery.replayed && self.is_too_late(interaction) {
            self.late.fetch_add(1, Ordering::Relaxed);
            return warn!("a replayed interaction came after its 3 s and was dropped");
        }
        let waiters = self.events().waiters_for(INTERACTION, None);
        if !waiters.is_empty() {
            self.events().offer(&waiters, &source(delivery));
        }
        let (dispatch, receipt) = (Arc::clone(self), delivery.receipt.clone());
        if let Some(incoming) = Incoming::of(self, interaction) {
            return self.handle_incoming(incoming, receipt);
        }
        let collecting = self.serenity.collecting();
        let pledge = self.pledge(interaction);
        let event = FullEvent::InteractionCreate {
            interaction: interaction.clone(),
        };
        let events = self.events().clone();
        let used = async move {
            let framework = FrameworkContext {
                serenity_context: &dispatch.serenity.context,
                // Only text commands, which there are none of, ask who the bot is.
                bot_id: UserId::new(1),
                options: &dispatch.options,
                user_data: &dispatch.data,
                shard_manager: &dispatch.serenity.manager,
            };
            match (&event, &pledge) {
                (
                    FullEvent::InteractionCreate {
                        interaction: Interaction::Command(command),
                    },
                    Some(pledge),
                ) => Box::pin(usage::run(framework, command, pledge)).await,
                _ => Box::pin(poise::dispatch_event(framework, event)).await,
            }
            drop(pledge);
            drop((collecting, receipt));
        };
        let used = async move { events.run_command(used).await };
        self.commands.spawn_on(used, &self.modules);
    }

    /// Suggestions are never promised.
    fn pledge(&self, interaction: &Interaction) -> Option<Pledge> {
        let Interaction::Command(command) = interaction else {
            return None;
        };
        let ephemeral = usage::is_ephemeral(&self.options.commands, &command.data);
        let (id, application) = (command.id.get(), command.application_id.get());
        let open = self.answers.open(id, application, &command.token);
        let promise = Promise::Message { ephemeral };
        Some(Pledge::begin(
            Arc::new(open),
            promise,
            self.data.host.clock(),
        ))
    }

    /// What no handler is for may be collected: that holds up neither the closing nor the drain.
    fn handle_incoming(self: &Arc<Self>, incoming: Incoming, receipt: Receipt) {
        let dispatch = Arc::clone(self);
        if !incoming.is_handled(self) {
            if incoming.is_awaited(self) {
                return;
            }
            let watching = async move { incoming.watch(&dispatch).await };
            tokio::spawn(self.draining.clone().run_until_cancelled_owned(watching));
            return;
        }
        let collecting = self.serenity.collecting();
        let pledged = incoming.pledge(self);
        let events = self.events().clone();
        let used = async move {
            pledged.run(&dispatch).await;
            drop((collecting, receipt));
        };
        let used = async move { events.run_command(used).await };
        self.commands.spawn_on(used, &self.modules);
    }

    /// Only asked of replays: on a live one, a clock that is wrong would silence every command.
    fn is_too_late(&self, interaction: &Interaction) -> bool {
        let age = self.data.host.now() - *interaction.id().created_at();
        age.to_std().is_ok_and(|age| age > DEADLINE)
    }
}

impl Sink for Arc<Dispatch> {
    fn interest(&self, kind: &str) -> Interest {
        Interest {
            fold: kind == "MESSAGE_CREATE" && self.data.registry.folds_messages(),
            command: kind == INTERACTION,
            deliver: self.events().want(kind) || matches!(kind, READY | GUILD_CREATE),
        }
    }

    fn fold(&self, message: &LeanMessage<'_>) {
        self.data.registry.fold(message);
    }

    /// Interactions are few, and the collectors of commands that have ended are forgotten with the next event.
    fn pass(&self, kind: &str, raw: &str) {
        self.data.host.cache().take_in(kind, raw);
        self.chunking.look(kind, raw);
        if kind == "INTERACTION_CREATE" || self.serenity.may_collect() {
            self.serenity.collect(raw);
        }
    }

    fn command(&self, delivery: Delivery) {
        if let Event::InteractionCreate(event) = &*delivery.event {
            self.interact(&event.interaction, &delivery);
        }
    }

    fn listeners(
        &self,
        kind: &str,
        guild: Option<GuildId>,
        message: Option<&LeanMessage<'_>>,
    ) -> Vec<ListenerId> {
        let registry = &self.data.registry;
        match (kind, guild) {
            // Whoever has forgotten the session may have forgotten the commands.
            (READY, _) => registry.wish(Wish::All),
            (GUILD_CREATE, Some(guild)) if self.has_list(guild) => {
                registry.wish(Wish::Guild(guild, None));
            }
            _ => {}
        }
        self.events().listeners_to(kind, guild, message)
    }

    fn waiters(&self, kind: &str, message: Option<&LeanMessage<'_>>) -> Vec<WaiterId> {
        self.events().waiters_for(kind, message)
    }

    fn offer(&self, waiters: &[WaiterId], delivery: &Delivery) {
        self.events().offer(waiters, &source(delivery));
    }

    fn module(&self, listener: ListenerId) -> &'static str {
        self.events().module_of(listener)
    }

    fn deliver(&self, listener: ListenerId, delivery: Delivery) -> BoxFuture<'static, ()> {
        let events = self.events().clone();
        async move {
            let kind = bus::kind(&delivery.event);
            events.deliver(listener, kind, source(&delivery)).await;
        }
        .boxed()
    }
}

fn source(delivery: &Delivery) -> Source {
    Source {
        what: What::Gateway(Arc::clone(&delivery.event)),
        position: Some(delivery.position.clone()),
        guild: delivery.guild,
    }
}
