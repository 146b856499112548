//! What the pulse of the wall clock is for.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Dispatcher;
use crate::{
    mail::{Mail, Mailbox},
    pulse::{Beat, OnBeat, Unanswered},
    scribe::Job,
};

impl Dispatcher {
    pub(super) fn beat(&mut self, beat: Beat) {
        match beat {
            Beat::Look => self.pulse(),
            Beat::Sweep => self.sweep(),
            Beat::Prune => {
                self.retire_members();
                self.core.errand(Job::Prune);
            }
            Beat::Optimise => self.core.errand(Job::Optimise),
        }
    }

    /// Looks at every success that is waited for, whatever the alarms say.
    fn sweep(&mut self) {
        let watched = self.entries.values().filter(|entry| entry.is_watched());
        let watched: Vec<_> = watched.map(|entry| entry.id).collect();
        for task in watched {
            self.with(task, |entry, core| entry.look_for_success(core));
        }
    }

    fn pulse(&mut self) {
        self.core.unanswered.answer();
        self.core.beat();
        if self.core.running > 0 && self.core.options.watches_threads {
            for entry in self.entries.values_mut() {
                entry.attempt(&mut self.core, |entry, core| entry.look_for_stalls(core));
            }
        }
    }

    pub(super) fn begin_beating(&mut self) {
        let pulse = self.pulse.clone();
        let on_beat = on_beat(self.core.mailbox.clone(), self.core.unanswered.clone());
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let beating = tokio::spawn(async move {
            match pulse.start(on_beat).await {
                Ok(end) => {
                    stopped.cancelled().await;
                    end.await;
                }
                Err(error) => {
                    tracing::error!(error = %error, "running without the pulse of the wall clock")
                }
            }
        });
        self.beating = Some((stop, beating));
    }

    pub(super) async fn stop_beating(&mut self) {
        let Some((stop, beating)) = self.beating.take() else {
            return;
        };
        stop.cancel();
        if let Err(error) = beating.await {
            tracing::error!(%error, "the pulse of the wall clock panicked");
        }
    }
}

/// Where the pulse of the wall clock posts.
fn on_beat(mailbox: Mailbox, unanswered: Unanswered) -> OnBeat {
    Arc::new(move |beat| {
        if beat == Beat::Look {
            unanswered.count();
        }
        mailbox.post(Mail::Beat(beat));
    })
}
