//! The work itself: lock, task, release, result.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tracing::Instrument;

use super::before::Ready;
use super::verdict::{End, Ran, judge};
use super::{Run, Tally};
use crate::args::Globals;
use crate::confirm::Confirmation;
use crate::control::Control;
use crate::cx::{Cx, Effects, Shared};
use crate::guard::Held;
use crate::io::lock;
use crate::progress::Progress;
use crate::task::{Ended, Job, Prepared};

impl<S: Send + Sync + 'static> Run<'_, S> {
    /// Runs the task and returns how it ended.
    pub(super) async fn work(&mut self, ready: Ready<S>) -> (End, Tally) {
        let mut tally = Tally::default();
        let Ready {
            prepared,
            state,
            wanted,
            confirmation,
            globals,
        } = ready;
        let mut held = None;
        if let Some(wanted) = &wanted {
            let asked = Instant::now();
            let got = if self.facts.dry_run {
                self.look(wanted).await.map(|()| None)
            } else {
                tally.waited = Some(Duration::ZERO);
                self.acquire(wanted, &globals).await.map(Some)
            };
            tally.waited = tally.waited.map(|_| asked.elapsed());
            match got {
                Ok(got) => held = got,
                Err(end) => return (end, tally),
            }
        }
        let since = Instant::now();
        let shared = Arc::new(self.shared(&globals, confirmation));
        let cx = Cx::new(Arc::clone(&shared), Arc::new(state));
        let mut job = self.begin(prepared, cx);
        let mut end = self.attend(&mut job, &shared, &mut held).await;
        self.span().in_scope(|| shared.progress.end());
        (tally.done, tally.total) = shared.progress.done_and_total();
        tally.effects = std::mem::take(&mut *lock(&shared.effects));
        if let Some(held) = held {
            self.release(held).await;
        }
        if wanted.is_some() && !self.facts.dry_run {
            tally.held = Some(since.elapsed());
        }
        let output = lock(&shared.output).take().filter(|_| end.has_result);
        if let Some(output) = output {
            if let Err(unwritten) = self.write(output).await {
                end = unwritten;
            }
        }
        (end, tally)
    }

    fn shared(&self, globals: &Globals, confirmation: Confirmation) -> Shared {
        let is_dumb = self.env.var("TERM") == Some("dumb");
        let columns = self.env.var("COLUMNS").and_then(|text| text.parse().ok());
        let width = (self.stderr.is_terminal && !is_dumb).then(|| columns.unwrap_or(80));
        Shared {
            run_id: self.facts.run_id.clone(),
            task: self.facts.task.clone(),
            release: self.facts.release.clone(),
            dry_run: self.facts.dry_run,
            format: globals.format,
            mask: self.mask.clone(),
            stderr: self.stderr.clone(),
            control: Control::new(),
            progress: Progress::new(self.stderr.clone(), width),
            confirmation,
            output: Mutex::default(),
            effects: Mutex::new(Effects::default()),
        }
    }

    /// Starts the task where it cannot hold up the watch.
    fn begin(&self, prepared: Prepared<S>, cx: Cx<S>) -> JoinHandle<Ended> {
        let span = self.span();
        let workers = self.workers.clone();
        // The call that makes the future may panic as well as the future.
        match (prepared.start)(cx) {
            Job::Async(future) => workers.spawn(future.instrument(span)),
            Job::Blocking(code) => workers.spawn_blocking(move || span.in_scope(code)),
        }
    }

    /// Watches over the task until it has ended or is given up.
    async fn attend(
        &mut self,
        job: &mut JoinHandle<Ended>,
        shared: &Shared,
        held: &mut Option<Box<dyn Held>>,
    ) -> End {
        let (grace, control) = (self.registry.grace, &shared.control);
        let (ran, loss) = self.watch.over(job, control, held.as_mut(), grace).await;
        if matches!(ran, Ran::Forced | Ran::GraceOver(_)) {
            self.abandon(job).await;
        }
        let mut end = judge(ran, control, &self.task.spec, self.facts.dry_run);
        if let Some(loss) = loss {
            // What is lost is not ours to give back.
            *held = None;
            if let Some(error) = &mut end.error {
                error.push_str(&format!(": {loss}"));
            }
        }
        end
    }

    /// Writes the result, which a reader can hold up; after a signal for no longer than the grace time.
    async fn write(&mut self, output: String) -> Result<(), End> {
        let Some(stdout) = self.stdout.take() else {
            return Ok(());
        };
        let signal = self.watch.signal();
        let written = stdout.write(output);
        let written = self.watch.unless_cut("writing the result", written);
        let written = match signal {
            None => written.await,
            Some(interrupt) => {
                let written = timeout(self.registry.grace, written).await;
                let text = || format!("{interrupt} before the result was read");
                written.unwrap_or_else(|_| Err(End::interrupted(interrupt, text())))
            }
        };
        let written = written.inspect_err(|_| self.left_behind = true)?;
        written.map_err(|error| End::unwritten(&error))
    }
}
