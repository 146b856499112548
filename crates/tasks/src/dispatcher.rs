//! The one loop that owns every task: a mailbox, a set of timers, and nothing shared with anybody.
//!
//! It never runs user code and never waits for the store, so no task can delay another here. Letters
//! are handled one after the other, which is what makes commands linearizable: there is no lock, and
//! therefore no order of locks.

mod adopting;
mod beats;
mod closing;
mod families;
mod registration;
mod removal;

use std::{collections::HashMap, ops::ControlFlow, sync::Arc};

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::{
    core::{Core, Then},
    crew::QUANTUM,
    directory::Directory,
    engine::Options,
    entry::Entry,
    error::Error,
    event::Events,
    mail::{Mail, Mailbox},
    presence::{Lobby, Presence},
    pulse::Pulse,
    scribe::{Job, Scribe},
    spread::SpreadBuilder,
    store::TaskId,
    timeline::{Jump, Timeline},
};
use closing::Closing;
use registration::Registering;

/// Letters handled in a row before the timers are looked at.
const LETTERS: usize = 1_024;

pub(crate) struct Dispatcher {
    core: Core,
    inbox: mpsc::UnboundedReceiver<Mail>,
    entries: HashMap<TaskId, Box<Entry>, SpreadBuilder>,
    directory: Arc<Directory>,
    registering: Registering,
    openers: Vec<oneshot::Sender<Result<(), Error>>>,
    settlers: Vec<oneshot::Sender<()>>,
    closing: Option<Closing>,
    scribe: tokio::task::AbortHandle,
    scribe_presence: Arc<Presence>,
    scribe_closing: CancellationToken,
    pulse: Arc<dyn Pulse>,
    beating: Option<(CancellationToken, JoinHandle<()>)>,
}

/// Whether the loop goes on.
type Flow = ControlFlow<Error>;

impl Dispatcher {
    pub(crate) fn new(
        options: Options,
        timeline: Timeline,
        mailbox: Mailbox,
        inbox: mpsc::UnboundedReceiver<Mail>,
        events: Events,
        directory: Arc<Directory>,
        pulse: Arc<dyn Pulse>,
    ) -> Self {
        let lobby = Arc::new(Lobby::default());
        let (jobs, queue) = mpsc::unbounded_channel();
        let scribe = Scribe::new(timeline.clock().clone(), &options, mailbox.clone(), &lobby);
        let (scribe_presence, scribe_closing) = (scribe.presence(), scribe.closing());
        Self {
            core: Core::new(timeline, options, mailbox, events, lobby, jobs),
            inbox,
            entries: HashMap::default(),
            directory,
            registering: Registering::default(),
            openers: Vec::new(),
            settlers: Vec::new(),
            closing: None,
            scribe: tokio::spawn(scribe.work(queue)).abort_handle(),
            scribe_presence,
            scribe_closing,
            pulse,
            beating: None,
        }
    }

    /// Works until it is shut down, killed, or loses its store.
    pub(crate) async fn work(mut self) {
        let why = loop {
            match self.turn().await {
                ControlFlow::Continue(()) => {}
                ControlFlow::Break(why) => break why,
            }
        };
        if !matches!(why, Error::ShutDown) {
            tracing::error!(error = %why, "the task engine has ended");
        }
        self.publish();
        self.core.mailbox.seal(why);
        self.scribe.abort();
        self.stop_beating().await;
    }

    /// Handles what has come, then waits for more.
    async fn turn(&mut self) -> Flow {
        self.look();
        for _ in 0..LETTERS {
            let Ok(mail) = self.inbox.try_recv() else {
                break;
            };
            self.handle(mail)?;
        }
        self.fire_due();
        self.publish();
        self.proceed_closing()?;
        if !self.inbox.is_empty() {
            return Flow::Continue(());
        }
        self.wait().await
    }

    async fn wait(&mut self) -> Flow {
        let timer = self.core.next_due();
        let timer = timer.map(|at| self.core.timeline.sleep_until(at));
        let deadline = self
            .closing
            .as_ref()
            .map(|closing| closing.sleep(&self.core));
        self.answer_settlers();
        let clock = self.core.timeline.clock();
        let letter = tokio::select! {
            biased;
            letter = self.inbox.recv() => letter,
            () = self.core.lobby.bell.notified() => None,
            () = maybe(timer) => None,
            () = maybe(deadline) => None,
            () = held_up(self.core.crew.is_behind()) => {
                self.core.crew.reinforce();
                None
            }
            () = clock.stepped() => None,
        };
        self.look();
        letter.map_or(Flow::Continue(()), |mail| self.handle(mail))
    }

    fn handle(&mut self, mail: Mail) -> Flow {
        match mail {
            Mail::Register { spec, joins, reply } => self.register(*spec, joins, reply),
            Mail::Registered { ticket, found } => self.registered(ticket, found)?,
            Mail::Enroll { family, reply } => self.enroll(*family, reply),
            Mail::Enrolled { ticket, found } if self.is_adopting(ticket) => {
                self.adopted(ticket, found)?;
            }
            Mail::Enrolled { ticket, found } => self.enrolled(ticket, found)?,
            Mail::Adopt { reply } => self.adopt(reply),
            Mail::Remove { which, reply } => self.remove(&which, reply),
            Mail::Purge { among, reply } => self.purge(among, reply),
            Mail::Unregister { name, reply } => self.unregister(&name, reply),
            Mail::Start { reply } => self.open(reply),
            Mail::Opened { result } => self.opened(result)?,
            Mail::Command {
                task,
                command,
                by,
                reply,
            } => {
                if let Some(entry) = self.entries.get_mut(&task) {
                    entry.attempt(&mut self.core, |entry, core| {
                        entry.command(command, by, reply, core);
                    });
                }
            }
            Mail::RunEnded {
                task,
                run,
                ended,
                duration,
            } => {
                self.with(task, move |entry, core| {
                    entry.run_ended(run, &ended, duration, core);
                    drop(ended);
                });
                self.launch_ready();
            }
            Mail::HookEnded {
                task,
                hook,
                stage,
                outcome,
            } => {
                self.with(task, move |entry, core| {
                    entry.hook_ended(hook, stage, &outcome, core);
                    drop(outcome);
                });
            }
            Mail::Committed(writes) => self.committed(writes),
            Mail::Done => self.core.errand_done(),
            Mail::Lost(why) => return Flow::Break(why.into()),
            Mail::Gate => self.gates_moved(),
            Mail::Beaten => self.core.beaten(),
            Mail::Beat(beat) => self.beat(beat),
            Mail::Settle { reply } => self.settlers.push(reply),
            Mail::ShutDown { drain, reply } => self.close(drain, reply),
            Mail::Kill { reply } => return self.kill(reply),
        }
        Flow::Continue(())
    }

    /// Does something with a task, and lets its life follow. A panic costs that task alone.
    fn with(&mut self, task: TaskId, action: impl FnOnce(&mut Entry, &mut Core)) {
        let Some(entry) = self.entries.get_mut(&task) else {
            return;
        };
        entry.attempt(&mut self.core, |entry, core| {
            action(entry, core);
            entry.reconcile(core);
        });
        if entry.is_gone() {
            self.forget(task);
        }
    }

    /// The oldest `writes` steps are in the store: what waited for them happens now.
    fn committed(&mut self, writes: usize) {
        for _ in 0..writes {
            let Some((task, then)) = self.core.next_then() else {
                break;
            };
            match then {
                Then::Nothing => {}
                Then::Launch { run, answer } => self.with(task, |entry, core| {
                    entry.launch(run, core);
                    if let Some(answer) = answer {
                        entry.answer(answer, false, core);
                    }
                }),
                Then::Answer { answer, is_cancel } => {
                    self.with(task, |entry, core| entry.answer(answer, is_cancel, core));
                }
                Then::Settle { failure } => {
                    self.with(task, |entry, core| entry.settle(failure, core))
                }
            }
        }
        self.launch_ready();
    }

    /// Begins runs that waited, while there is room.
    fn launch_ready(&mut self) {
        while self.core.running < self.core.options.concurrency {
            let Some((task, run)) = self.core.ready.pop_front() else {
                break;
            };
            self.with(task, |entry, core| entry.launch(run, core));
        }
    }

    /// Looks at the wall clock. When it was set, intervals keep their rhythm and calendars follow it;
    /// what a suspended machine has slept through was missed.
    fn look(&mut self) {
        let Some(Jump { asleep, set }) = self.core.look() else {
            return;
        };
        let (asleep_ms, set_ms) = (asleep.num_milliseconds(), set.num_milliseconds());
        tracing::warn!(asleep_ms, set_ms, "the wall clock has jumped");
        if set.is_zero() {
            return;
        }
        for entry in self.entries.values_mut() {
            entry.attempt(&mut self.core, |entry, core| entry.shift(set, core));
        }
    }

    fn gates_moved(&mut self) {
        for task in self.ids(Entry::is_gated) {
            self.with(task, |_, _| {});
        }
    }

    /// Tasks that are due, those of higher priority first.
    fn fire_due(&mut self) {
        loop {
            let mut due = self.core.take_due();
            if due.is_empty() {
                break;
            }
            if self.core.is_prioritised {
                let priority = |task: &TaskId| self.entries[task].spec.policy.priority;
                due.sort_by_key(|task| std::cmp::Reverse(priority(task)));
            }
            for task in due {
                self.with(task, |entry, core| entry.fire(core));
            }
        }
        self.sound_alarms();
    }

    fn sound_alarms(&mut self) {
        let now = self.core.now();
        while let Some((at, task)) = self.core.alarms.first().copied() {
            if at > now {
                break;
            }
            self.core.alarms.pop_first();
            self.with(task, |entry, core| entry.look_for_success(core));
        }
    }

    /// Shows how tasks are now, then tells what has happened.
    fn publish(&mut self) {
        for task in std::mem::take(&mut self.core.dirty) {
            if let Some(entry) = self.entries.get_mut(&task) {
                entry.attempt(&mut self.core, |entry, _| entry.publish());
            }
        }
        self.core.events.tell();
    }

    /// The store was asked to open: tells those who start the engine.
    fn open(&mut self, reply: oneshot::Sender<Result<(), Error>>) {
        if self.core.started || self.core.closing {
            let answer = if self.core.closing {
                Err(Error::ShutDown)
            } else {
                Ok(())
            };
            // Whoever gave up waiting needs no answer.
            let _ = reply.send(answer);
            return;
        }
        self.openers.push(reply);
        self.core.errand(Job::Open);
    }

    fn opened(&mut self, result: Result<(), crate::store::StoreError>) -> Flow {
        self.core.errand_done();
        let result = result.map_err(Error::from);
        if result.is_ok() && !self.core.started && !self.core.closing {
            self.core.started = true;
            self.begin_beating();
            let tasks: Vec<_> = self.entries.keys().copied().collect();
            for task in tasks {
                self.with(task, |_, _| {});
            }
        }
        self.publish();
        for opener in self.openers.drain(..) {
            // Whoever gave up waiting needs no answer.
            let _ = opener.send(result.clone());
        }
        unless_fenced(&result)
    }

    /// Answers those who wait for calm: every letter handled, nothing due, nothing on its way to the
    /// store, and all user code asleep on the clock.
    fn answer_settlers(&mut self) {
        self.core.lobby.is_watched.store(
            !self.settlers.is_empty(),
            std::sync::atomic::Ordering::SeqCst,
        );
        if self.settlers.is_empty() || !self.is_settled() {
            return;
        }
        for settler in self.settlers.drain(..) {
            // Whoever gave up waiting needs no answer.
            let _ = settler.send(());
        }
    }

    fn is_settled(&self) -> bool {
        let is_writing = self.core.is_writing() && !self.scribe_presence.is_asleep();
        !is_writing && self.entries.values().all(|entry| entry.is_asleep()) && self.inbox.is_empty()
    }
}

/// An engine whose store was taken over is at its end.
fn unless_fenced<T>(answer: &Result<T, Error>) -> Flow {
    match answer {
        Err(Error::Fenced) => Flow::Break(Error::Fenced),
        _ => Flow::Continue(()),
    }
}

/// Waits as long as calls may wait for a hand, if any do.
async fn held_up(is_behind: bool) {
    if is_behind {
        tokio::time::sleep(QUANTUM).await;
    } else {
        std::future::pending().await
    }
}

async fn maybe(sleep: Option<crate::clock::Sleep>) {
    match sleep {
        Some(sleep) => sleep.await,
        None => std::future::pending().await,
    }
}
