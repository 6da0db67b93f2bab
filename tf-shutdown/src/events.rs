//! What the lifecycle logs. The field `event.action` names the event; times are whole milliseconds.

use std::time::Duration;

use tracing::{debug, error, info, warn};

use crate::core::Core;
use crate::reason::Reason;
use crate::report::{HookOutcome, HookReport, Report, Straggler};
use crate::request::Request;
use crate::signals::Signal;
use crate::state::State;

pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The process begins; `version` is that of this crate.
pub(crate) fn starting(pid: u32, is_first_process: bool) {
    info!(
        event.action = "lifecycle.starting",
        lifecycle.pid = pid,
        lifecycle.pid1 = is_first_process,
        lifecycle.version = env!("CARGO_PKG_VERSION"),
        "starting"
    );
}

/// What the process inherited about signals, where that is worth a word.
pub(crate) fn signals(left_ignored: &[Signal], blocked: &[Signal]) {
    for signal in left_ignored {
        debug!(
            event.action = "lifecycle.signal_ignored",
            lifecycle.signal = signal.name(),
            "the parent ignored this signal, so it stays ignored"
        );
    }
    for signal in blocked {
        warn!(
            event.action = "lifecycle.signal_blocked",
            lifecycle.signal = signal.name(),
            "the parent blocked this signal, so it cannot arrive"
        );
    }
}

pub(crate) fn ready(core: &Core) {
    info!(
        event.action = "lifecycle.ready",
        lifecycle.name = name(core),
        lifecycle.startup_ms = millis(core.born().elapsed()),
        "ready"
    );
}

pub(crate) fn status(core: &Core, text: &str) {
    debug!(
        event.action = "lifecycle.status",
        lifecycle.name = name(core),
        lifecycle.status = text,
        "status"
    );
}

pub(crate) fn stop_requested(core: &Core, request: &Request) {
    info!(
        event.action = "lifecycle.stop_requested",
        lifecycle.name = name(core),
        lifecycle.reason = %request.reason,
        lifecycle.reason_kind = request.reason.kind(),
        lifecycle.signal = request.reason.signal().map(Signal::name),
        lifecycle.total_ms = millis(request.plan.total),
        lifecycle.pre_stop_ms = millis(request.plan.pre_stop),
        lifecycle.reserve_ms = millis(request.plan.reserve),
        lifecycle.budget_source = request.plan.source,
        "stop requested"
    );
}

pub(crate) fn stage(core: &Core, state: State, left: Duration) {
    let (in_flight, _) = core.occupancy();
    debug!(
        event.action = "lifecycle.stage",
        lifecycle.name = name(core),
        lifecycle.stage = state.name(),
        lifecycle.left_ms = millis(left),
        lifecycle.in_flight = in_flight,
        "stage reached"
    );
}

pub(crate) fn signal_repeated(signal: &str, count: u64) {
    info!(
        event.action = "lifecycle.signal_repeated",
        lifecycle.signal = signal,
        lifecycle.count = count,
        "signal repeated; the stop goes on as it is"
    );
}

/// Work is waited for; a warning when half of the time for it is over.
pub(crate) fn draining(core: &Core, left: Duration, is_half_over: bool) {
    let (in_flight, groups) = core.occupancy();
    if is_half_over {
        warn!(
            event.action = "lifecycle.draining",
            lifecycle.name = name(core),
            lifecycle.groups = groups,
            lifecycle.in_flight = in_flight,
            lifecycle.left_ms = millis(left),
            "waiting for work in flight; more than half of the time is over"
        );
    } else {
        info!(
            event.action = "lifecycle.draining",
            lifecycle.name = name(core),
            lifecycle.groups = groups,
            lifecycle.in_flight = in_flight,
            lifecycle.left_ms = millis(left),
            "waiting for work in flight"
        );
    }
}

pub(crate) fn hook(core: &Core, hook: &HookReport) {
    let detail = match hook.outcome() {
        HookOutcome::Failed(text) | HookOutcome::Panicked(text) => Some(text.as_str()),
        _ => None,
    };
    if *hook.outcome() == HookOutcome::Done {
        info!(
            event.action = "lifecycle.hook",
            lifecycle.name = name(core),
            lifecycle.hook = hook.name(),
            lifecycle.stage = hook.stage().name(),
            lifecycle.took_ms = millis(hook.took()),
            lifecycle.outcome = hook.outcome().kind(),
            "hook ended"
        );
    } else {
        error!(
            event.action = "lifecycle.hook",
            lifecycle.name = name(core),
            lifecycle.hook = hook.name(),
            lifecycle.stage = hook.stage().name(),
            lifecycle.took_ms = millis(hook.took()),
            lifecycle.outcome = hook.outcome().kind(),
            lifecycle.error = detail,
            "hook went wrong"
        );
    }
}

pub(crate) fn straggler(straggler: &Straggler) {
    warn!(
        event.action = "lifecycle.straggler",
        lifecycle.task = straggler.name(),
        lifecycle.group = straggler.group(),
        lifecycle.count = straggler.count(),
        lifecycle.age_ms = straggler.age().map(millis),
        lifecycle.spawned_at = straggler.place().map(tracing::field::display),
        "still at work at the deadline"
    );
}

pub(crate) fn aborting(core: &Core, left: usize) {
    warn!(
        event.action = "lifecycle.aborting",
        lifecycle.name = name(core),
        lifecycle.in_flight = left,
        "dropping what is still at work"
    );
}

pub(crate) fn task_failed(core: &Core, task: &str, error: &str) {
    if core.report().is_none() {
        error!(
            event.action = "lifecycle.task_failed",
            lifecycle.name = name(core),
            lifecycle.task = task,
            lifecycle.error = error,
            "task failed"
        );
    }
}

pub(crate) fn task_panicked(core: &Core, task: &str, message: &str) {
    if core.report().is_none() {
        error!(
            event.action = "lifecycle.task_panicked",
            lifecycle.name = name(core),
            lifecycle.task = task,
            lifecycle.error = message,
            "task panicked"
        );
    }
}

/// The last event. That of a child has another name, so that there is one `lifecycle.stopped` per process.
pub(crate) fn stopped(core: &Core, report: &Report) {
    let took = |state| {
        let stages = report.stages();
        let found = stages.iter().find(|(known, _)| *known == state);
        found.map(|(_, took)| millis(*took))
    };
    let action = match core.is_child() {
        true => "lifecycle.child_stopped",
        false => "lifecycle.stopped",
    };
    let dropped: usize = report.stragglers().iter().map(Straggler::count).sum();
    let sender = report.reason().and_then(Reason::origin);
    info!(
        event.action = action,
        lifecycle.name = name(core),
        lifecycle.reason = report.reason().map(tracing::field::display),
        lifecycle.sender_pid = sender.map(|sender| sender.pid),
        lifecycle.sender_uid = sender.map(|sender| sender.uid),
        lifecycle.exit_code = report.exit_code(),
        lifecycle.total_ms = millis(report.total()),
        lifecycle.lame_duck_ms = took(State::LameDuck),
        lifecycle.intake_ms = took(State::Intake),
        lifecycle.draining_ms = took(State::Draining),
        lifecycle.closing_ms = took(State::Closing),
        lifecycle.flushing_ms = took(State::Flushing),
        lifecycle.dropped = dropped,
        "stopped"
    );
}

/// The name of a child; nothing for the lifecycle of the process.
fn name(core: &Core) -> Option<&str> {
    Some(core.name()).filter(|_| core.is_child())
}
