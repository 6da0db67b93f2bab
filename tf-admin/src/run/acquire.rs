//! How a run gets its lock.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Run;
use super::verdict::{End, chain};
use crate::args::Globals;
use crate::guard::{Attempt, Guard, Held, Holder};
use crate::outcome::Outcome;
use crate::process::now;
use crate::run_id::random;

/// The store is asked again after this time and up to as much more, so that those who wait do not ask together.
const PAUSE: Duration = Duration::from_millis(250);

/// A lock that a run is to have.
pub(super) struct Wanted {
    pub(super) guard: Arc<dyn Guard>,
    pub(super) key: String,
}

impl<S: Send + Sync + 'static> Run<'_, S> {
    /// Takes the lock, or says why there is none.
    pub(super) async fn acquire(
        &mut self,
        wanted: &Wanted,
        globals: &Globals,
    ) -> Result<Box<dyn Held>, End> {
        let holder = self.holder();
        if let Some(warning) = wanted.guard.warning() {
            self.stderr.message(&format!("warning: {warning}"));
        }
        let give_up = globals.wait.map(|wait| Instant::now().checked_add(wait));
        let mut is_told = false;
        loop {
            let attempt = wanted.guard.try_acquire(&wanted.key, &holder);
            let attempt = self
                .watch
                .unless_cut("asking for the lock", attempt)
                .await?;
            let busy = match attempt.map_err(|error| End::lock(&error))? {
                Attempt::Held(held) => return Ok(held),
                Attempt::Busy(by) => busy(&wanted.key, by.as_ref()),
            };
            if globals.skip_if_locked {
                return Err(End::new(Outcome::Skipped, busy));
            }
            let left = match give_up {
                None => Duration::ZERO,
                Some(None) => Duration::MAX,
                Some(Some(give_up)) => give_up.saturating_duration_since(Instant::now()),
            };
            if left.is_zero() {
                return Err(End::new(Outcome::Busy, busy));
            }
            if !is_told {
                self.stderr.message(&format!("waiting: {busy}"));
                is_told = true;
            }
            let pause = sleep(left.min(jittered()));
            self.watch.unless_cut("waiting for the lock", pause).await?;
        }
    }

    /// Says who has the lock, without taking it.
    pub(super) async fn look(&mut self, wanted: &Wanted) -> Result<(), End> {
        let holder = wanted.guard.holder(&wanted.key);
        let holder = self.watch.unless_cut("asking for the lock", holder).await?;
        match holder {
            Ok(None) => {}
            Ok(holder) => {
                let busy = busy(&wanted.key, holder.as_ref());
                self.stderr
                    .message(&format!("a real run would find: {busy}"));
            }
            Err(error) => {
                let error = chain(&error);
                self.stderr
                    .message(&format!("warning: the lock's holder is not known: {error}"));
            }
        }
        Ok(())
    }

    /// Gives the lock back.
    pub(super) async fn release(&mut self, held: Box<dyn Held>) {
        let problem = match tokio::time::timeout(super::ANSWER, held.release()).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => chain(&error),
            Err(_) => format!("no answer within {:?}", super::ANSWER),
        };
        self.stderr
            .message(&format!("warning: the lock was not given back: {problem}"));
    }

    fn holder(&self) -> Holder {
        let facts = super::facts::masked(&self.facts, &self.mask);
        Holder {
            run_id: facts.run_id,
            task: facts.task,
            host: facts.host,
            pid: facts.pid,
            actor: facts.actor.unwrap_or_default(),
            since: now(),
        }
    }
}

fn busy(key: &str, holder: Option<&Holder>) -> String {
    match holder {
        Some(holder) => format!("`{key}` is held by {holder}"),
        None => format!("`{key}` is held by another run"),
    }
}

fn jittered() -> Duration {
    let more = u32::try_from(random() % 256).unwrap_or_default();
    PAUSE + PAUSE * more / 256
}
