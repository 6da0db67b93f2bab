//! A report as text, and for machines.

use std::fmt;
use std::time::Duration;

use super::{HookOutcome, HookReport, Report, Straggler};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self, f, 0)
    }
}

/// One line that says it all, then one line for each thing worth knowing.
fn show(report: &Report, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    let pad = "  ".repeat(depth);
    match (&report.reason, report.problems.is_empty()) {
        (_, false) => write!(f, "{pad}not started")?,
        (Some(reason), _) => {
            write!(f, "{pad}stopped in {}: {reason}", time(report.total))?;
        }
        (None, _) => write!(f, "{pad}ended without being asked to")?,
    }
    match report.name.as_str() {
        "" => write!(f, "; exit code {}", report.exit_code())?,
        name => write!(f, "; child `{name}`")?,
    }
    for problem in &report.problems {
        write!(f, "\n{pad}  {problem}")?;
    }
    for reason in &report.also {
        write!(f, "\n{pad}  also: {reason}")?;
    }
    for (index, (state, took)) in report.stages.iter().enumerate() {
        let before = match index {
            0 => format!("\n{pad}  "),
            _ => ", ".to_owned(),
        };
        write!(f, "{before}{state} {}", time(*took))?;
    }
    for hook in &report.hooks {
        write!(f, "\n{pad}  {hook}")?;
    }
    for straggler in &report.stragglers {
        write!(f, "\n{pad}  left: {straggler}")?;
    }
    for signal in report.signals.iter().filter(|signal| signal.count > 1) {
        write!(
            f,
            "\n{pad}  {} arrived {} times",
            signal.signal, signal.count
        )?;
    }
    let (failed, panicked) = (report.failed_tasks, report.panicked_tasks);
    if failed + panicked > 0 {
        write!(f, "\n{pad}  tasks: {failed} failed, {panicked} panicked")?;
    }
    for child in &report.children {
        f.write_str("\n")?;
        show(child, f, depth + 1)?;
    }
    Ok(())
}

/// Milliseconds up to a second, then seconds with one digit.
fn time(time: Duration) -> String {
    match time.as_millis() {
        millis @ ..1000 => format!("{millis} ms"),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

impl fmt::Display for HookReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hook `{}` ({}) ", self.name, self.stage)?;
        let took = time(self.took);
        match &self.outcome {
            HookOutcome::Done => write!(f, "done in {took}"),
            HookOutcome::Failed(error) => write!(f, "failed in {took}: {error}"),
            HookOutcome::Panicked(text) => write!(f, "panicked in {took}: {text}"),
            HookOutcome::Late => write!(f, "late, dropped after {took}"),
            HookOutcome::Missed => f.write_str("registered too late to run"),
        }
    }
}

impl fmt::Display for Straggler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "`{name}` in `{}`", self.group)?,
            None => write!(f, "{} without a name in `{}`", self.count, self.group)?,
        }
        if let Some(age) = self.age {
            write!(f, ", {} old", time(age))?;
        }
        if let Some(place) = self.place {
            write!(f, ", from {place}")?;
        }
        Ok(())
    }
}

#[cfg(feature = "serde")]
mod serialize {
    use serde::{Serialize, Serializer};

    use super::{Duration, HookReport, Report, Straggler};
    use crate::hook::Stage;
    use crate::reason::Reason;
    use crate::report::{HookOutcome, SignalSeen};
    use crate::state::State;

    #[derive(Serialize)]
    struct ReportView<'a> {
        #[serde(skip_serializing_if = "str::is_empty")]
        name: &'a str,
        reason: Option<&'a Reason>,
        exit_code: u8,
        total_ms: u64,
        stages: Vec<StageView>,
        also: &'a [Reason],
        hooks: &'a [HookReport],
        stragglers: &'a [Straggler],
        signals: &'a [SignalSeen],
        failed_tasks: u64,
        panicked_tasks: u64,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        children: &'a [Report],
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        problems: &'a [String],
    }

    #[derive(Serialize)]
    struct StageView {
        state: State,
        took_ms: u64,
    }

    #[derive(Serialize)]
    struct HookView<'a> {
        name: &'a str,
        stage: Stage,
        took_ms: u64,
        outcome: &'a HookOutcome,
    }

    #[derive(Serialize)]
    struct StragglerView<'a> {
        name: Option<&'a str>,
        group: &'a str,
        count: usize,
        age_ms: Option<u64>,
        spawned_at: Option<String>,
    }

    impl Serialize for Report {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let stages = self.stages.iter().map(|(state, took)| StageView {
                state: *state,
                took_ms: millis(*took),
            });
            let view = ReportView {
                name: &self.name,
                reason: self.reason.as_ref(),
                exit_code: self.exit_code(),
                total_ms: millis(self.total),
                stages: stages.collect(),
                also: &self.also,
                hooks: &self.hooks,
                stragglers: &self.stragglers,
                signals: &self.signals,
                failed_tasks: self.failed_tasks,
                panicked_tasks: self.panicked_tasks,
                children: &self.children,
                problems: &self.problems,
            };
            view.serialize(serializer)
        }
    }

    impl Serialize for HookReport {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let view = HookView {
                name: &self.name,
                stage: self.stage,
                took_ms: millis(self.took),
                outcome: &self.outcome,
            };
            view.serialize(serializer)
        }
    }

    impl Serialize for Straggler {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let view = StragglerView {
                name: self.name.as_deref(),
                group: &self.group,
                count: self.count,
                age_ms: self.age.map(millis),
                spawned_at: self.place.map(ToString::to_string),
            };
            view.serialize(serializer)
        }
    }

    fn millis(time: Duration) -> u64 {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
    }
}
