//! What came of a stop.

mod show;

use std::panic::Location;
use std::process::{ExitCode, Termination};
use std::time::Duration;

use tokio::time::Instant;

use crate::core::Core;
use crate::hook::Stage;
use crate::reason::Reason;
use crate::signals::{Origin, Signal};
use crate::state::State;

/// Tells how a lifecycle ended: why, how long each part took, and who was late.
///
/// `main` may return it. It prints as text for people; with the feature `serde` it serialises for machines, with
/// durations as integers whose names end in `_ms`.
///
/// | exit code | when |
/// |---|---|
/// | 130 and the like | forced, such as by a second Ctrl-C |
/// | 124 | work was left when its time was up, or a hook was late |
/// | 101 | an essential task panicked |
/// | 78 | nothing was started, because the options or signals were wrong |
/// | 1 | setup, an essential task or a hook failed |
/// | 0 | everything ended in time |
///
/// Where several apply, the one further up counts.
///
/// # Examples
///
/// ```
/// use tf_shutdown::{HookOutcome, Lifecycle, Options, Stage};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let life = Lifecycle::new(Options::for_tests().budget());
/// life.hook(Stage::Resources, "pool", async || Err::<(), _>("connection reset"));
/// let report = life.shutdown().await;
///
/// assert_eq!(report.exit_code(), 1);
/// assert_eq!(
///     report.hooks()[0].outcome(),
///     &HookOutcome::Failed("connection reset".to_owned())
/// );
/// assert!(report.to_string().contains("hook `pool` (resources) failed"));
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "its exit code tells the platform how it went"]
pub struct Report {
    name: String,
    reason: Option<Reason>,
    also: Vec<Reason>,
    stages: Vec<(State, Duration)>,
    hooks: Vec<HookReport>,
    stragglers: Vec<Straggler>,
    signals: Vec<SignalSeen>,
    children: Vec<Report>,
    is_contained: bool,
    failed_tasks: u64,
    panicked_tasks: u64,
    total: Duration,
    problems: Vec<String>,
    code: Option<u8>,
}

/// What the conductor knows beyond the core.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) stages: Vec<(State, Duration)>,
    pub(crate) hooks: Vec<HookReport>,
    pub(crate) stragglers: Vec<Straggler>,
    pub(crate) children: Vec<Report>,
}

impl Report {
    pub(crate) fn of(core: &Core, findings: Findings) -> Self {
        let (failed_tasks, panicked_tasks) = core.failures();
        let mut hooks = findings.hooks;
        hooks.extend(core.missed_hooks());
        let report = Self {
            name: core.name().to_owned(),
            reason: core.request().map(|request| request.reason.clone()),
            also: core.also(),
            stages: findings.stages,
            hooks,
            stragglers: findings.stragglers,
            signals: core.signals(),
            children: findings.children,
            is_contained: !core.forwards(),
            failed_tasks,
            panicked_tasks,
            total: since_stop(core),
            problems: Vec::new(),
            code: None,
        };
        match core.signal_code() {
            Some(code) if report.exit_code() == 0 => report.with_code(code),
            _ => report,
        }
    }

    /// The report of an end that does not wait for the conductor. Takes locks that are held for moments only.
    pub(crate) fn snapshot(core: &Core, code: u8) -> Self {
        let findings = Findings {
            stragglers: core.stragglers(),
            ..Findings::default()
        };
        Self {
            code: Some(code),
            ..Self::of(core, findings)
        }
    }

    /// The report of a service that never began, for these reasons.
    pub(crate) fn refused(problems: Vec<String>) -> Self {
        Self {
            name: String::new(),
            reason: None,
            also: Vec::new(),
            stages: Vec::new(),
            hooks: Vec::new(),
            stragglers: Vec::new(),
            signals: Vec::new(),
            children: Vec::new(),
            is_contained: false,
            failed_tasks: 0,
            panicked_tasks: 0,
            total: Duration::ZERO,
            problems,
            code: Some(78),
        }
    }

    /// The same with another exit code.
    pub(crate) fn with_code(self, code: u8) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    /// The name of the child whose report this is; empty for that of the process.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first reason to stop; `None` where nothing was started or nobody asked.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        self.reason.as_ref()
    }

    /// Reasons that came later, at most 32. Further signals are in [`signals`](Self::signals).
    #[must_use]
    pub fn also(&self) -> &[Reason] {
        &self.also
    }

    /// How long each state of the stop took, in order; states that were skipped are left out.
    #[must_use]
    pub fn stages(&self) -> &[(State, Duration)] {
        &self.stages
    }

    /// All hooks whose stage was reached, in the order in which they ran.
    #[must_use]
    pub fn hooks(&self) -> &[HookReport] {
        &self.hooks
    }

    /// Who was still at work when the time for that was up.
    #[must_use]
    pub fn stragglers(&self) -> &[Straggler] {
        &self.stragglers
    }

    /// The signals that arrived.
    #[must_use]
    pub fn signals(&self) -> &[SignalSeen] {
        &self.signals
    }

    /// The reports of the children that stopped with this lifecycle.
    pub fn children(&self) -> &[Report] {
        &self.children
    }

    /// How many named tasks returned an error.
    #[must_use]
    pub fn failed_tasks(&self) -> u64 {
        self.failed_tasks
    }

    /// How many tasks panicked.
    #[must_use]
    pub fn panicked_tasks(&self) -> u64 {
        self.panicked_tasks
    }

    /// The time from the first request to stop to the end.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.total
    }

    /// What was wrong with the options or the signals, so that nothing was started.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The exit code of the process.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if let Some(code) = self.code {
            return code;
        }
        let own = self.reason.iter().chain(&self.also).map(Reason::exit_code);
        let hooks = self.hooks.iter().map(|hook| hook.outcome.exit_code());
        let children = self.children.iter().map(Self::code_for_parent);
        let late = if self.stragglers.is_empty() { 0 } else { 124 };
        // The precedence 124 > 101 > 1 > 0 is the order of the numbers.
        own.chain(hooks).chain(children).fold(late, u8::max)
    }

    /// What a contained child did wrong is its own affair; what it left undone is not.
    fn code_for_parent(&self) -> u8 {
        match self.exit_code() {
            code if self.is_contained && code < 124 => 0,
            code => code,
        }
    }
}

fn since_stop(core: &Core) -> Duration {
    let request = core.request();
    request.map_or(Duration::ZERO, |request| {
        Instant::now().saturating_duration_since(request.at)
    })
}

impl Termination for Report {
    fn report(self) -> ExitCode {
        ExitCode::from(self.exit_code())
    }
}

/// Tells how one hook went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookReport {
    name: String,
    stage: Stage,
    took: Duration,
    outcome: HookOutcome,
}

impl HookReport {
    pub(crate) fn new(name: &str, stage: Stage, took: Duration, outcome: HookOutcome) -> Self {
        Self {
            name: name.to_owned(),
            stage,
            took,
            outcome,
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The stage.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// How long it ran.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.took
    }

    /// How it ended.
    #[must_use]
    pub fn outcome(&self) -> &HookOutcome {
        &self.outcome
    }
}

/// Names how a hook ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "kind", content = "text", rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum HookOutcome {
    /// All is well.
    Done,
    /// It returned this error.
    Failed(String),
    /// It panicked with this text.
    Panicked(String),
    /// It was dropped at its deadline.
    Late,
    /// It never ran: when it was registered, its stage had begun.
    Missed,
}

impl HookOutcome {
    /// A stable word, such as `done`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed(_) => "failed",
            Self::Panicked(_) => "panicked",
            Self::Late => "late",
            Self::Missed => "missed",
        }
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed(_) | Self::Panicked(_) | Self::Missed => 1,
            Self::Late => 124,
        }
    }
}

/// Names who was still at work when the time was up: one named task or guard, or those without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Straggler {
    name: Option<String>,
    group: String,
    count: usize,
    age: Option<Duration>,
    place: Option<&'static Location<'static>>,
}

impl Straggler {
    pub(crate) fn named(
        name: &str,
        group: &str,
        age: Duration,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            name: Some(name.to_owned()),
            group: group.to_owned(),
            count: 1,
            age: Some(age),
            place: Some(place),
        }
    }

    pub(crate) fn anonymous(group: &str, count: usize) -> Self {
        Self {
            name: None,
            group: group.to_owned(),
            count,
            age: None,
            place: None,
        }
    }

    pub(crate) fn of_child(self, child: &str) -> Self {
        Self {
            group: format!("{child}/{}", self.group),
            ..self
        }
    }

    /// The name of the task or the label of the guard.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The group; that of a child has the child's name before it, as in `tenant/tasks`.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }

    /// How many there are: 1 for a named one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// How long the named one has been at work.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.age
    }

    /// Where the named one was spawned or labelled.
    #[must_use]
    pub fn place(&self) -> Option<&'static Location<'static>> {
        self.place
    }
}

/// Counts the arrivals of one signal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SignalSeen {
    pub(crate) signal: Signal,
    pub(crate) origin: Option<Origin>,
    pub(crate) count: u64,
}

impl SignalSeen {
    /// Which one.
    #[must_use]
    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// Who sent the first; known with the feature `origin`.
    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        self.origin
    }

    /// How often it arrived.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}
