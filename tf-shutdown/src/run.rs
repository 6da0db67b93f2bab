//! Runs a service from its setup to its report.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::Instant;

use crate::conductor::conduct;
use crate::core::{Conductor, Core, Observer};
use crate::events;
use crate::group::Guard;
use crate::lifecycle::Lifecycle;
use crate::notify::{self, Message, Notify};
use crate::options::{Options, Problem, Problems};
use crate::process;
use crate::reason::Reason;
use crate::report::Report;
use crate::sentinel::{Link, Terms};
use crate::signals::Signals;
use crate::state::State;
use crate::task;
use crate::token::Target;

/// What threads that block get to end by themselves, after the last stage.
const PARTING: Duration = Duration::from_millis(200);
/// What a full pipe may cost when the problems are told.
const PATIENCE: Duration = Duration::from_millis(100);

/// Runs a service from its setup to its report, on a multi-threaded runtime of its own.
///
/// Returns only after everything was stopped, at most the total of the [`Budget`](crate::Budget) after the
/// first request; else the sentinel has ended the process.
///
/// - What is wrong with `signals` or `options` goes to standard error, all at once, and nothing is started: 78.
/// - `setup` spawns tasks, registers hooks, calls [`Lifecycle::ready`] and returns. A request to stop that comes
///   before `ready` drops it at its next await. After `ready` it counts as work in flight, so a server
///   may be awaited in it.
/// - Its error ends the service with [`Reason::StartupFailed`] and 1, with the causes; its panic with 101. Hooks
///   that were registered run in each case.
/// - Then the service runs until a stop is requested: by a signal, [`Lifecycle::stop`], or an essential task.
/// - Threads that block at the very end are left behind after 200 ms; those of
///   [`Lifecycle::spawn_blocking`] are named in the report.
///
/// The hard deadline stays in force after this returns: `main` is meant to return the [`Report`] now.
///
/// # Examples
///
/// ```
/// use tf_shutdown::{Options, Signals};
///
/// let report = tf_shutdown::run(Signals::none(), Options::for_tests(), |life| async move {
///     life.spawn_essential("migration", async { /* work */ });
///     life.ready();
///     Ok(())
/// });
/// assert_eq!(report.exit_code(), 0);
/// ```
#[track_caller]
pub fn run<F, S>(mut signals: Signals, options: Options, setup: F) -> Report
where
    F: FnOnce(Lifecycle) -> S,
    S: Future<Output = Result<(), Box<dyn Error + Send + Sync>>>,
{
    let place = Location::caller();
    if let Err(problems) = check(&signals, &options) {
        return refuse(problems);
    }
    let runtime = match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(vec![Problem::system("no runtime", &error)].into()),
    };
    let core = connect(
        &mut signals,
        &options,
        runtime.handle(),
        Conductor::Elsewhere,
    );
    let life = Lifecycle::of(Arc::clone(&core));
    let report = runtime.block_on(async {
        events::starting(process::pid(), process::pid() == 1);
        events::signals(signals.left_ignored(), signals.blocked());
        let setup = Setup::new(&core, place, || setup(life));
        drive(&core, setup).await
    });
    end(runtime, &core);
    report
}

impl Lifecycle {
    /// Starts a lifecycle on the runtime that is there, for users of `#[tokio::main]`.
    ///
    /// [`Signals::install`] belongs into the first line of `main`; with `#[tokio::main]` that is after the runtime
    /// was built, which is why [`run`] is better. The end of the runtime is tokio's affair: it waits for blocking
    /// threads, until the hard deadline ends them.
    ///
    /// # Errors
    ///
    /// All problems of `signals` and `options`. [`Report`] is made from them, with the exit code 78.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use tf_shutdown::{Lifecycle, Options, Report, Signals};
    ///
    /// #[tokio::main]
    /// async fn main() -> Report {
    ///     let signals = Signals::none(); // in earnest: `Signals::install()`
    ///     let life = match Lifecycle::start(signals, Options::for_tests()) {
    ///         Ok(life) => life,
    ///         Err(problems) => return problems.into(),
    ///     };
    ///     life.spawn_essential("work", async { /* … */ });
    ///     life.ready();
    ///     life.finished().await
    /// }
    /// ```
    pub fn start(mut signals: Signals, options: Options) -> Result<Self, Problems> {
        check(&signals, &options)?;
        let core = connect(
            &mut signals,
            &options,
            &Handle::current(),
            Conductor::Spawned,
        );
        events::starting(process::pid(), process::pid() == 1);
        events::signals(signals.left_ignored(), signals.blocked());
        Ok(Self::of(core))
    }
}

fn check(signals: &Signals, options: &Options) -> Result<(), Problems> {
    let all: Vec<Problem> = signals
        .problems()
        .iter()
        .chain(options.problems())
        .cloned()
        .collect();
    match all.is_empty() {
        true => Ok(()),
        false => Err(Problems::from(all)),
    }
}

fn refuse(problems: Problems) -> Report {
    let text = format!("{problems}\n");
    process::write_stderr(move || text, PATIENCE);
    problems.into()
}

/// Joins the core with the sentinel and the service manager.
fn connect(
    signals: &mut Signals,
    options: &Options,
    handle: &Handle,
    conductor: Conductor,
) -> Arc<Core> {
    let link = signals.take_link();
    // A signal that came before has started the platform's clock.
    let passed = link.as_ref().map_or(Duration::ZERO, Link::since_stop);
    let budget = options.budget();
    let core = Core::new(budget.without(passed), handle.clone(), conductor);
    if options.signal_code {
        core.exit_with_signal_code();
    }
    core.observe(Box::new(Watcher {
        link: link.clone(),
        notify: options.notify.clone(),
    }));
    if let Some(notify) = &options.notify {
        handle.spawn(notify::follow(Arc::clone(&core), notify.clone()));
    }
    if let Some(link) = link {
        let terms = Terms {
            limit: options.hard_deadline.then_some(budget.total()),
            is_interactive: options.is_interactive,
        };
        link.attach(&core, &terms);
    }
    core
}

/// Passes on what happens, on the thread where it happens.
struct Watcher {
    link: Option<Link>,
    notify: Option<Notify>,
}

impl Watcher {
    fn tell(&self, messages: &[Message<'_>]) {
        if let Some(notify) = &self.notify {
            notify.send(messages);
        }
    }
}

impl Observer for Watcher {
    fn stop_requested(&self, total: Duration) {
        if let Some(link) = &self.link {
            link.armed();
        }
        self.tell(&[
            Message::Stopping,
            Message::ExtendTimeout(notify::EXTENSION.min(total + Duration::from_secs(1))),
        ]);
    }

    fn ready(&self) {
        self.tell(&[Message::Ready, Message::Status("ready")]);
    }

    fn state(&self, state: State) {
        if state > State::Running {
            self.tell(&[Message::Status(state.name())]);
        }
    }

    fn status(&self, text: &str) {
        self.tell(&[Message::Status(text)]);
    }
}

/// The setup while it runs, counted as work in flight.
struct Setup<S> {
    work: Option<(Pin<Box<S>>, Option<Guard>)>,
}

impl<S> Setup<S>
where
    S: Future<Output = Result<(), Box<dyn Error + Send + Sync>>>,
{
    fn new(core: &Arc<Core>, place: &'static Location<'static>, begin: impl FnOnce() -> S) -> Self {
        // A signal that was kept may have stopped it already.
        let guard = core.tasks().enter().ok().map(|mut guard| {
            guard.enter("setup".into(), place);
            guard
        });
        let work = match catch_unwind(AssertUnwindSafe(begin)) {
            Ok(future) => Some((Box::pin(future), guard)),
            Err(panic) => {
                core.stop(panicked(&*panic));
                None
            }
        };
        Self { work }
    }

    /// Whether it is there and no longer wanted.
    fn is_overdue(&self, core: &Core) -> bool {
        let is_interrupted = core.request().is_some() && !core.was_ready();
        self.work.is_some() && (is_interrupted || core.has(Target::ABORT))
    }

    fn poll(&mut self, core: &Arc<Core>, cx: &mut Context<'_>) {
        if self.is_overdue(core) {
            self.work = None;
        }
        let Some((future, _)) = &mut self.work else {
            return;
        };
        let reason = match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(Ok(()))) => None,
            Ok(Poll::Ready(Err(error))) => Some(failed(core, &*error)),
            Err(panic) => Some(panicked(&*panic)),
        };
        self.work = None;
        if let Some(reason) = reason {
            core.stop(reason);
        }
    }
}

fn failed(core: &Core, error: &(dyn Error + 'static)) -> Reason {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    match core.was_ready() {
        true => Reason::TaskFailed {
            name: "setup".into(),
            error: text,
        },
        false => Reason::StartupFailed { error: text },
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Reason {
    Reason::TaskPanicked {
        name: "setup".into(),
        message: task::panic_text(panic),
    }
}

/// Polls the setup and the conductor until the report is there.
async fn drive<S>(core: &Arc<Core>, mut setup: Setup<S>) -> Report
where
    S: Future<Output = Result<(), Box<dyn Error + Send + Sync>>>,
{
    let mut conductor = pin!(conduct(Arc::clone(core)));
    poll_fn(|cx| {
        loop {
            setup.poll(core, cx);
            let report = conductor.as_mut().poll(cx);
            // The conductor may just have seen a request, and waits for the setup to be gone.
            if report.is_ready() || !setup.is_overdue(core) {
                return report;
            }
        }
    })
    .await
}

/// Ends the runtime; whoever blocks a thread is left behind.
fn end(runtime: Runtime, core: &Core) {
    let left = core.request().map_or(PARTING, |request| {
        request.end().saturating_duration_since(Instant::now())
    });
    runtime.shutdown_timeout(left.min(PARTING));
}
