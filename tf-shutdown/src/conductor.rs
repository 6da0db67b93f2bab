//! Walks a lifecycle through its end, once, and writes the report.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::core::Core;
use crate::events;
use crate::group::Inner;
use crate::hook::{Hook, Stage, batches};
use crate::race::{Three, three, until};
use crate::report::{Findings, HookReport, Report, SignalSeen};
use crate::request::Request;
use crate::state::State;

/// How often a wait for work in flight is logged.
const TICK: Duration = Duration::from_secs(5);
/// Logs of repeated signals are at least this far apart.
const SIGNALS_APART: Duration = Duration::from_secs(1);
/// How long the dropped tasks may take to be gone.
const ABORT: Duration = Duration::from_millis(500);
/// What a stage of hooks gets even when nothing is left: a moment to begin.
const MOMENT: Duration = Duration::from_millis(100);

/// Waits for the request to stop, then does all that it means.
pub(crate) async fn conduct(core: Arc<Core>) -> Report {
    let request = core.requested().await.clone();
    events::stop_requested(&core, &request);
    let walk = Walk {
        logged: Logged::default(),
        findings: Findings::default(),
        request,
        core,
    };
    walk.run().await
}

struct Walk {
    core: Arc<Core>,
    request: Request,
    findings: Findings,
    logged: Logged,
}

/// How much of what happened meanwhile is in the log.
#[derive(Default)]
struct Logged {
    signals: u64,
    at: Option<Instant>,
}

impl Walk {
    async fn run(mut self) -> Report {
        let drain_end = self.request.drain_end();
        if self.lame_duck_end() > Instant::now() {
            self.stage(State::LameDuck, |walk| Box::pin(walk.lame_duck()))
                .await;
        }
        self.stage(State::Intake, |walk| Box::pin(walk.intake(drain_end)))
            .await;
        self.stage(State::Draining, |walk| Box::pin(walk.drain(drain_end)))
            .await;
        self.stage(State::Closing, |walk| Box::pin(walk.close()))
            .await;
        self.stage(State::Flushing, |walk| Box::pin(walk.flush()))
            .await;
        self.done()
    }

    async fn stage<F>(&mut self, state: State, work: F)
    where
        F: for<'a> FnOnce(&'a mut Self) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>,
    {
        let begun = Instant::now();
        self.core.advance(state);
        let left = self.request.end().saturating_duration_since(begun);
        events::stage(&self.core, state, left);
        work(self).await;
        self.findings.stages.push((state, begun.elapsed()));
    }

    /// A service that went lame duck before it was asked to stop need not do so for as long again.
    fn lame_duck_end(&self) -> Instant {
        let plan = self.request.plan;
        let since = self.core.lame_since().unwrap_or(self.request.at);
        (since.min(self.request.at) + plan.pre_stop).min(self.request.drain_end())
    }

    async fn lame_duck(&mut self) {
        for child in self.core.children() {
            child.quiet();
        }
        let end = self.lame_duck_end();
        self.wait(end, None, std::future::pending::<()>()).await;
    }

    async fn intake(&mut self, end: Instant) {
        for child in self.core.children() {
            self.core.stop_child(&child);
        }
        let hooks = self.core.begin_hooks(Stage::Intake);
        self.run_hooks(hooks, end).await;
    }

    async fn drain(&mut self, end: Instant) {
        let groups = self.core.close_groups();
        let begun = Instant::now();
        let core = Arc::clone(&self.core);
        if self
            .wait(end, Some(begun), gone(&core, &groups))
            .await
            .is_some()
        {
            self.findings.children = reports(&core);
            return;
        }
        self.findings.stragglers = core.stragglers();
        for straggler in &self.findings.stragglers {
            events::straggler(straggler);
        }
        events::aborting(&core, core.occupancy().0);
        core.abort();
        for child in core.children() {
            child.hurry();
        }
        let left = self.request.end().saturating_duration_since(Instant::now());
        let patience = Instant::now() + (left / 4).clamp(MOMENT, ABORT);
        // Who outlasts this is named already, and ends with the process.
        let _ = until(patience, gone(&core, &groups)).await;
        self.findings.children = reports(&core);
    }

    async fn close(&mut self) {
        let now = Instant::now();
        let left = self.request.end().saturating_duration_since(now);
        let share = match self.core.has_hooks(Stage::Telemetry) {
            true => left - left / 4,
            false => left,
        };
        let hooks = self.core.begin_hooks(Stage::Resources);
        self.run_batches(hooks, now + share.max(MOMENT)).await;
    }

    async fn flush(&mut self) {
        let end = self.request.end().max(Instant::now() + MOMENT);
        let hooks = self.core.begin_hooks(Stage::Telemetry);
        self.run_batches(hooks, end).await;
    }

    fn done(self) -> Report {
        self.core.advance(State::Done);
        let report = Report::of(&self.core, self.findings);
        events::stopped(&self.core, &report);
        self.core.leave_parent();
        self.core.publish(report.clone());
        report
    }

    /// One batch after another. A batch leaves a tenth of the time to each that follows, at most half in all,
    /// so that one stuck hook does not cost the others their turn.
    async fn run_batches(&mut self, hooks: Vec<Hook>, end: Instant) {
        let batches = batches(hooks);
        let count = u32::try_from(batches.len()).unwrap_or(u32::MAX);
        for (index, batch) in (1..).zip(batches) {
            let left = end.saturating_duration_since(Instant::now());
            let for_others = (left / 10).saturating_mul(count - index).min(left / 2);
            self.run_hooks(batch, end - for_others).await;
        }
    }

    /// All at once.
    async fn run_hooks(&mut self, hooks: Vec<Hook>, end: Instant) {
        let mut running: Vec<_> = hooks
            .into_iter()
            .map(|hook| Box::pin(hook.run(end)))
            .collect();
        let core = Arc::clone(&self.core);
        let mut ended: Vec<HookReport> = Vec::with_capacity(running.len());
        let all = poll_fn(|cx| {
            running.retain_mut(|hook| match hook.as_mut().poll(cx) {
                Poll::Ready(report) => {
                    events::hook(&core, &report);
                    ended.push(report);
                    false
                }
                Poll::Pending => true,
            });
            match running.is_empty() {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        });
        // Each hook has its own deadline, and even a stop in a hurry runs them.
        self.listen(all).await;
        self.findings.hooks.extend(ended);
    }

    /// Waits for work until a time, or until the stop is in a hurry; `None` when it did not end.
    async fn wait<F: Future>(
        &mut self,
        end: Instant,
        draining_since: Option<Instant>,
        work: F,
    ) -> Option<F::Output> {
        let mut work = pin!(work);
        let mut tick = draining_since.map(|since| since + TICK);
        let core = Arc::clone(&self.core);
        loop {
            let now = Instant::now();
            let end = if core.is_hurried() { now } else { end };
            let wake = tick.map_or(end, |tick| tick.min(end));
            let news = core.news.notified();
            match three(work.as_mut(), sleep_until(wake), news).await {
                Three::First(output) => return Some(output),
                Three::Second if Instant::now() >= end => return None,
                Three::Second => {
                    let now = Instant::now();
                    let since = draining_since.unwrap_or(now);
                    let left = end.saturating_duration_since(now);
                    events::draining(&core, left, now - since > left);
                    tick = Some(now + TICK);
                }
                Three::Third => self.log_signals(),
            }
        }
    }

    /// Waits for work that ends by itself, and logs the signals that arrive meanwhile.
    async fn listen<F: Future>(&mut self, work: F) -> F::Output {
        let mut work = pin!(work);
        let core = Arc::clone(&self.core);
        loop {
            let never = std::future::pending();
            match three(work.as_mut(), never, core.news.notified()).await {
                Three::First(output) => return output,
                _ => self.log_signals(),
            }
        }
    }

    /// Logs signals that changed nothing, once per second at most.
    fn log_signals(&mut self) {
        let now = Instant::now();
        let is_soon = self.logged.at.is_some_and(|at| now - at < SIGNALS_APART);
        let signals = self.core.signals();
        let count = signals.iter().map(SignalSeen::count).sum();
        if is_soon || count <= self.logged.signals.max(1) {
            return;
        }
        self.logged.signals = count;
        self.logged.at = Some(now);
        for signal in signals.iter().filter(|signal| signal.count() > 1) {
            events::signal_repeated(signal.signal().name(), signal.count());
        }
    }
}

/// Waits until all groups are empty and all children done.
async fn gone(core: &Arc<Core>, groups: &[Arc<Inner>]) {
    for group in groups {
        group.idle().await;
    }
    for child in core.children() {
        let _ = child.finished().await;
    }
}

fn reports(core: &Core) -> Vec<Report> {
    let children = core.children();
    children.iter().filter_map(|child| child.report()).collect()
}
