//! What a module says it brings.

use std::{collections::BTreeMap, marker::PhantomData, time::Duration};

use cogsmith_tasks::{Failure, First, Gate, History, Misfire, Overlap, Run, TaskSpec, Trigger};
use serenity::model::{Permissions, event::MessageCreateEvent, gateway::GatewayIntents};

use super::{
    Command, CustomId, Fold, Form, Handler, IdArguments, Method, Module, Need, Press, Stores,
    declaration::Declaration, method::call_shared, passing::passes, stored::Stored,
};
use crate::{
    activity::{Activity, method_name},
    bus::{Event, Listener, Only, Source, Wanted},
    cache::Cached,
    error::Result,
    events::LeanMessage,
    host::Slot,
    settings::{Declared, Setting, Value},
    switches::Availability,
};

/// Collects a module's commands, listeners and tasks.
pub struct Setup<M> {
    module: Slot<M>,
    connected: Gate,
    pub(super) declared: Declaration,
    pub(super) tasks: Vec<TaskSpec>,
    pub(super) families: Vec<TaskSpec>,
    pub(super) listeners: Vec<Listener>,
}

impl<M: Module> Setup<M> {
    pub(super) fn new(module: Slot<M>, connected: &Gate) -> Self {
        Self {
            module,
            connected: connected.clone(),
            declared: Declaration {
                // Serenity's default is every intent that is not privileged.
                intents: GatewayIntents::empty(),
                ..Declaration::default()
            },
            tasks: Vec::new(),
            families: Vec::new(),
            listeners: Vec::new(),
        }
    }

    /// The module is off until a guild switches it on; its commands are then that guild's own.
    pub fn off_by_default(&mut self) {
        self.declared.availability = Availability::OffByDefault;
    }

    /// The module cannot be switched off.
    pub fn always_on(&mut self) {
        self.declared.availability = Availability::AlwaysOn;
    }

    /// The module keeps something in tables of its own.
    pub fn stores(&mut self)
    where
        M: Stores,
    {
        self.declared.stored = Some(Stored::of::<M>());
    }

    /// Adds slash and context commands.
    pub fn commands(&mut self, commands: impl IntoIterator<Item = Command>) {
        self.declared
            .commands
            .extend(commands.into_iter().map(|mut command| {
                command.category.get_or_insert_with(|| M::NAME.into());
                command
            }));
    }

    /// Listens to the event that the method's parameter names: one of Discord's by serenity's type for it, a
    /// [category](crate::bus::category), or a type of one's own that is [dispatched](crate::bus::Events::dispatch).
    ///
    /// Each listener gets the events of one guild one after the other; guilds, and listeners, go side by side.
    /// After a crash an event of Discord's may arrive a second time, never not at all while the session can be resumed.
    /// A failure or panic is logged and stops no other listener.
    pub fn on<E, F>(&mut self, method: F) -> ListenerSetup<'_, E>
    where
        E: Send + Sync + 'static,
        F: for<'a> Method<'a, M, Event<E>>,
    {
        let module = self.module.clone();
        let call =
            move |source: &Source| Some(call_shared(&module, method, Event::<E>::of(source)?));
        let name = method_name::<F>().to_owned();
        self.declare::<E>();
        let listener = Listener::new::<E>(M::NAME, name, Box::new(call)).ok();
        let only = listener.and_then(|listener| {
            self.listeners.push(listener);
            self.listeners.last_mut().map(|listener| &mut listener.only)
        });
        ListenerSetup {
            only,
            event: PhantomData,
        }
    }

    /// Handles the buttons and menus whose ids are of this pattern: `setup.component("page:{n}", Self::turn)`, where
    /// `turn` takes a `Press<u32>`. See [`CustomId`] for patterns and how ids are built.
    ///
    /// Handlers are of the module, not of a message: they work after a restart. They run beside listeners and commands,
    /// and fail, are promised an answer and are waited for at shutdown as commands are.
    pub fn component<A, F>(&mut self, id: impl Into<CustomId<A>>, method: F)
    where
        A: IdArguments,
        F: for<'a> Method<'a, M, Press<A>>,
    {
        let handler = Handler::component(M::NAME, &self.module, id.into(), method);
        self.declared.handlers.push(handler);
    }

    /// Handles the forms whose ids are of this pattern, as [`Setup::component`] does buttons.
    pub fn form<A, F>(&mut self, id: impl Into<CustomId<A>>, method: F)
    where
        A: IdArguments,
        F: for<'a> Method<'a, M, Form<A>>,
    {
        let handler = Handler::form(M::NAME, &self.module, id.into(), method);
        self.declared.handlers.push(handler);
    }

    /// Asks Discord to send an event that is not listened to by [`Setup::on`], but subscribed to or waited for.
    pub fn declare<E: Send + Sync + 'static>(&mut self) {
        match Wanted::of::<E>() {
            Ok((_, intents)) => self.declared.intents |= intents,
            Err(error) => self.declared.problems.push(error.to_string()),
        }
    }

    /// Asks Discord for the text of messages, which else is empty but in direct messages, in those that mention the
    /// bot and in its own. The intent is privileged, to be granted on the application's page; the log says at the
    /// start which module asks for it and why. Without a reason the module is not loaded.
    pub fn message_content(&mut self, reason: &'static str) {
        if reason.trim().is_empty() {
            let problem = "it asks for the text of messages, and gives no reason";
            return self.declared.problems.push(problem.to_owned());
        }
        self.declared.intents |= GatewayIntents::MESSAGE_CONTENT;
        self.declared.reads_content = Some(reason);
    }

    /// Says what the bot must be allowed to do in a server for this module, and what for:
    /// `setup.needs(Permissions::SEND_MESSAGES, "greets whoever joins")`. `cogsmith invite` asks for it, and
    /// `cogsmith check` says where it is lacking. A command's `required_bot_permissions` count by themselves;
    /// answers to commands need nothing.
    pub fn needs(&mut self, permissions: Permissions, why: &'static str) {
        self.declared.needs.push(Need::new(permissions, why));
    }

    /// Asks the host to keep these from Discord's events, to be read with [`Host::cache`](crate::host::Host::cache):
    /// `setup.cache([Cached::Roles, Cached::Members(10_000)])`. What no module asks for is not kept.
    pub fn cache(&mut self, kinds: impl IntoIterator<Item = Cached>) {
        for cached in kinds {
            self.declared.intents |= cached.intents();
            self.declared.cached.push(cached);
        }
    }

    /// Keeps up to `most` members, as [`Setup::cache`] does, and asks Discord for those of large guilds, which it leaves
    /// out when it tells a guild: for all of one guild after the other, each time that its guild is told. The intent
    /// for members is privileged, and nothing is asked for where it is not granted; the log says at the start which
    /// module wants it and why. Without a reason the module is not loaded.
    pub fn chunk_members(&mut self, most: usize, reason: &'static str) {
        if reason.trim().is_empty() {
            let problem = "it asks for every member, and gives no reason";
            return self.declared.problems.push(problem.to_owned());
        }
        // A session that a new process goes on with tells no guild: those that are kept are asked for.
        self.cache([Cached::Guilds, Cached::Members(most)]);
        self.declared.chunks_members = Some(reason);
    }

    /// Folds every message of every guild into the module's state.
    ///
    /// The method runs on the gateway's reading task, in order: it may take a few microseconds, and never waits.
    /// A state committed with [`Host::commit_folded`](crate::host::Host::commit_folded) counts each
    /// message exactly once, across kill -9, while the session can be resumed.
    pub fn fold(&mut self, method: fn(&M, &LeanMessage<'_>)) {
        let module = self.module.clone();
        self.declared.folds.push(Fold {
            module: M::NAME,
            activity: Activity::new(M::NAME, "a fold"),
            call: Box::new(move |message| {
                if let Some(module) = module.get() {
                    method(&module, message);
                }
            }),
        });
    }

    /// Declares what each guild can set: read with [`Host::settings`](crate::host::Host::settings), shown and
    /// changed by `/settings`. With a key that does not begin with the module's name and a dot, or a default that is not
    /// accepted, the module is not loaded.
    pub fn setting<T: Value>(&mut self, setting: &Setting<T>) {
        match Declared::new(M::NAME, setting) {
            Ok(declared) => self.declared.settings.push(declared),
            Err(problem) => self.declared.problems.push(problem),
        }
    }

    /// Adds a task named `<module>.<name>`. The full name is its durable key: renaming it is a migration.
    pub fn task<F>(&mut self, name: &str, trigger: Trigger, method: F) -> TaskSetup<'_, M>
    where
        F: for<'a> Method<'a, M, Run>,
    {
        let module = self.module.clone();
        let body = move |run| call_shared(&module, method, run);
        self.describe(TaskSpec::new(full::<M>(name), trigger, body))
    }

    /// Adds a family named `<module>.<name>`: tasks that come and go, such as one for each guild or reminder, each
    /// with this trigger or one of its own. [`Host::family`](crate::host::Host::family) adds, finds and removes members.
    ///
    /// A member whose scope is `guild:<id>`, or `guild:<id>:` and more, has nothing to do while that guild has switched
    /// the module off: its slots pass.
    pub fn family<F>(&mut self, name: &str, trigger: Trigger, method: F) -> TaskSetup<'_, M>
    where
        F: for<'a> Method<'a, M, Run>,
    {
        let module = self.module.clone();
        let body = move |run| call_shared(&module, method, run);
        let spec = TaskSpec::new(full::<M>(name), trigger, body);
        TaskSetup {
            tasks: &mut self.families,
            module: self.module.clone(),
            connected: &self.connected,
            stop_warnings: &mut self.declared.stop_warnings,
            spec: Some(spec.retry_if(passes)),
        }
    }

    /// Adds a task named `<module>.<name>` whose method blocks: it reads files, computes, draws.
    /// It is called on a thread of its own, where it holds up nobody.
    pub fn blocking_task(
        &mut self,
        name: &str,
        trigger: Trigger,
        method: fn(&M, Run) -> Result<()>,
    ) -> TaskSetup<'_, M> {
        let module = self.module.clone();
        let what = full::<M>(name);
        let body = move |run| {
            let called = || module.get().map_or(Ok(()), |module| method(&module, run));
            Activity::new(M::NAME, &*what).enter(called)
        };
        self.describe(TaskSpec::blocking(full::<M>(name), trigger, body))
    }

    fn describe(&mut self, spec: TaskSpec) -> TaskSetup<'_, M> {
        TaskSetup {
            module: self.module.clone(),
            connected: &self.connected,
            tasks: &mut self.tasks,
            stop_warnings: &mut self.declared.stop_warnings,
            spec: Some(spec.retry_if(passes)),
        }
    }
}

fn full<M: Module>(name: &str) -> String {
    format!("{}.{name}", M::NAME)
}

/// A listener that was added.
pub struct ListenerSetup<'s, E> {
    only: Option<&'s mut Option<Box<Only>>>,
    event: PhantomData<E>,
}

impl ListenerSetup<'_, MessageCreateEvent> {
    /// Wants only messages for which this is true: `.only(|message| message.kind == MessageType::MemberJoin)`.
    ///
    /// It is asked about every message before it is parsed whole, on the task that reads from Discord, so it looks and does not
    /// wait. The last one given counts.
    pub fn only(self, wants: impl Fn(&LeanMessage<'_>) -> bool + Send + Sync + 'static) {
        if let Some(only) = self.only {
            *only = Some(Box::new(wants));
        }
    }
}

/// A task being described; it is added when this goes out of scope.
pub struct TaskSetup<'s, M> {
    module: Slot<M>,
    connected: &'s Gate,
    tasks: &'s mut Vec<TaskSpec>,
    stop_warnings: &'s mut BTreeMap<String, &'static str>,
    spec: Option<TaskSpec>,
}

impl<M: Module> TaskSetup<'_, M> {
    /// Runs once per life, before the first run.
    pub fn before<F: for<'a> Method<'a, M, Run>>(self, method: F) -> Self {
        let module = self.module.clone();
        self.with(|spec| spec.before(move |run| call_shared(&module, method, run)))
    }

    /// Runs once per life, after the last run, when `before` succeeded; told why the life ended.
    pub fn after<F: for<'a> Method<'a, M, Run>>(self, method: F) -> Self {
        let module = self.module.clone();
        self.with(|spec| spec.after(move |run| call_shared(&module, method, run)))
    }

    /// Runs before each attempt; when it fails the attempt has failed.
    pub fn before_each<F: for<'a> Method<'a, M, Run>>(self, method: F) -> Self {
        let module = self.module.clone();
        self.with(|spec| spec.before_each(move |run| call_shared(&module, method, run)))
    }

    /// Runs after each attempt, whatever became of it; told what did.
    pub fn after_each<F: for<'a> Method<'a, M, Run>>(self, method: F) -> Self {
        let module = self.module.clone();
        self.with(|spec| spec.after_each(move |run| call_shared(&module, method, run)))
    }

    /// Holds the task while the bot is not connected to Discord; slots that waited too long were missed.
    pub fn needs_discord(self) -> Self {
        let connected = self.connected.clone();
        self.with(|spec| spec.needs(&connected))
    }

    /// Has nothing to do while the module's gate is closed: its slots pass, cost nothing and are not missed.
    /// Whoever has something to do for it opens the gate; the method closes it when nothing is left.
    pub fn idle_while_closed(self, gate: impl FnOnce(&M) -> &Gate) -> Self {
        let module = self.module.clone();
        self.with(|spec| match module.get() {
            Some(module) => spec.idle_while_closed(gate(&module)),
            None => spec,
        })
    }

    /// Runs for each failed run or hook; told what failed and whether it is tried again.
    pub fn on_error<F: for<'a> Method<'a, M, Failure>>(self, method: F) -> Self {
        let module = self.module.clone();
        self.with(|spec| spec.on_error(move |failure| call_shared(&module, method, failure)))
    }

    /// How often a run that failed for a passing reason is tried again, at most, before its slot is given up.
    pub fn retry(self, attempts: u32) -> Self {
        self.with(|spec| spec.retry(attempts))
    }

    /// Which runs are recorded. Default: all.
    pub fn history(self, history: History) -> Self {
        self.with(|spec| spec.history(history))
    }

    /// What happens to slots that came due while the process was down. Default: one run.
    pub fn misfire(self, misfire: Misfire) -> Self {
        self.with(|spec| spec.misfire(misfire))
    }

    /// What happens to slots that come due while a run is live. Default: they are skipped and counted.
    pub fn overlap(self, overlap: Overlap) -> Self {
        self.with(|spec| spec.overlap(overlap))
    }

    /// When the first run after a start is. Default: on the rhythm of the runs before.
    pub fn first(self, first: First) -> Self {
        self.with(|spec| spec.first(first))
    }

    /// Delays each run by chance, up to this and to before the next slot. Default: not at all.
    pub fn jitter(self, bound: Duration) -> Self {
        self.with(|spec| spec.jitter(bound))
    }

    /// What whoever stops the task should know: a full sentence or two, shown by `/task stop` and `cancel`.
    pub fn warn_when_stopped(self, warning: &'static str) -> Self {
        if let Some(spec) = &self.spec {
            self.stop_warnings.insert(spec.name().to_owned(), warning);
        }
        self
    }

    /// Any other policy of the engine: `.with(|task| task.timeout(secs(30)).max_fails(5))`.
    pub fn with(mut self, change: impl FnOnce(TaskSpec) -> TaskSpec) -> Self {
        self.spec = self.spec.take().map(change);
        self
    }
}

impl<M> Drop for TaskSetup<'_, M> {
    fn drop(&mut self) {
        self.tasks.extend(self.spec.take());
    }
}
