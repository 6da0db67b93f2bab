//! The door for signals: which are taken, and what for.

mod signal;

use std::fmt;
use std::sync::mpsc;
use std::thread;

pub use signal::{Origin, Signal};

use crate::options::Problem;
use crate::process::Inherited;
use crate::sentinel::{Link, Manner};
use crate::state::State;

/// Holds the process's signals until [`run`](crate::run) takes them.
///
/// [`install`](Self::install) belongs into the first line of `main`: a signal that comes before dies
/// by the system's rules, one that comes after is kept until the lifecycle is there. It installs handlers
/// and starts one thread, the sentinel, which also holds the hard deadline.
///
/// | signal | what happens |
/// |---|---|
/// | SIGTERM | graceful stop; further ones are counted |
/// | SIGINT | graceful stop; without pre-stop when standard input is a terminal. A second one that comes 500 ms or more after the first request forces the end with 130 |
/// | SIGHUP | graceful stop, or the callback of [`on_hangup`](SignalsBuilder::on_hangup) |
/// | SIGQUIT | the system's default (core dump), or what [`quit`](SignalsBuilder::quit) says |
/// | SIGUSR1, SIGUSR2 | the system's default, or what [`on_signal`](SignalsBuilder::on_signal) says |
///
/// SIGINT, SIGQUIT and SIGHUP stay ignored where the process inherited that (`nohup`, `&` in a script).
/// Other signals are left alone.
///
/// Dropped without [`run`](crate::run), it gives signals their default action again.
///
/// # Examples
///
/// ```no_run
/// use tf_shutdown::{Options, Report, Signals};
///
/// fn main() -> Report {
///     let signals = Signals::install();
///     tf_shutdown::run(signals, Options::from_env(), |life| async move {
///         life.ready();
///         Ok(())
///     })
/// }
/// ```
#[must_use = "signals get their default action again when this is dropped"]
pub struct Signals {
    link: Option<Link>,
    problems: Vec<Problem>,
    left_ignored: Vec<Signal>,
    blocked: Vec<Signal>,
}

/// Says what SIGQUIT does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuitAction {
    /// The system's default: the process dies with a core dump, whatever state it is in.
    #[default]
    Default,
    /// A graceful stop, for images with `STOPSIGNAL SIGQUIT`.
    Graceful,
    /// Lists the live tasks on standard error, then stops without waiting for them: hooks of
    /// [`Stage::Resources`](crate::Stage::Resources) and [`Stage::Telemetry`](crate::Stage::Telemetry) run.
    DumpThenFast,
}

impl Signals {
    /// Installs handlers for SIGTERM, SIGINT and SIGHUP. Never fails: see [`problems`](Self::problems).
    pub fn install() -> Self {
        Self::builder().install()
    }

    /// Takes no signal and starts no thread; for tests, and for hosts that have their own handlers.
    pub fn none() -> Self {
        Self {
            link: None,
            problems: Vec::new(),
            left_ignored: Vec::new(),
            blocked: Vec::new(),
        }
    }

    /// Says more than [`install`](Self::install) does.
    pub fn builder() -> SignalsBuilder {
        SignalsBuilder {
            quit: QuitAction::Default,
            on_hangup: None,
            lame_duck: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// What went wrong; [`run`](crate::run) reports it and starts nothing.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The signals that stay ignored, because this process inherited it.
    #[must_use]
    pub fn left_ignored(&self) -> &[Signal] {
        &self.left_ignored
    }

    pub(crate) fn take_link(&mut self) -> Option<Link> {
        self.link.take()
    }

    /// The signals that cannot arrive, because this process inherited that they are blocked.
    pub(crate) fn blocked(&self) -> &[Signal] {
        &self.blocked
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        if let Some(link) = self.link.take() {
            link.abandon();
        }
    }
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signals")
            .field("installed", &self.link.is_some())
            .field("problems", &self.problems)
            .field("left_ignored", &self.left_ignored)
            .finish_non_exhaustive()
    }
}

type Callback = Box<dyn FnMut() + Send>;

/// Chooses which signals are taken; see [`Signals`] for the defaults.
#[must_use = "nothing is taken until `install`"]
pub struct SignalsBuilder {
    quit: QuitAction,
    on_hangup: Option<Callback>,
    lame_duck: Vec<Signal>,
    problems: Vec<Problem>,
}

impl fmt::Debug for SignalsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignalsBuilder")
            .field("quit", &self.quit)
            .field("on_hangup", &self.on_hangup.is_some())
            .field("lame_duck", &self.lame_duck)
            .finish_non_exhaustive()
    }
}

impl SignalsBuilder {
    /// Says what SIGQUIT does.
    pub fn quit(mut self, action: QuitAction) -> Self {
        self.quit = action;
        self
    }

    /// Calls this at SIGHUP instead of stopping, to open a log again or to read a file again.
    ///
    /// The callback has a thread of its own, where it may block. Hangups that come while it runs make it
    /// run once more. It is not called where the process inherited that SIGHUP is ignored.
    pub fn on_hangup(mut self, callback: impl FnMut() + Send + 'static) -> Self {
        self.on_hangup = Some(Box::new(callback));
        self
    }

    /// Makes [`Signal::Usr1`] or [`Signal::Usr2`] bring the service into [`State::LameDuck`], where it
    /// stays until a stop is requested: ready no more, work goes on.
    ///
    /// Other signals and states are a [problem](Signals::problems).
    pub fn on_signal(mut self, signal: Signal, state: State) -> Self {
        let expected = match (signal, state) {
            (Signal::Usr1 | Signal::Usr2, State::LameDuck) => {
                self.lame_duck.push(signal);
                return self;
            }
            (Signal::Usr1 | Signal::Usr2, _) => "expected the state LameDuck",
            _ => "expected SIGUSR1 or SIGUSR2",
        };
        let problem = Problem::on_signal(signal.name(), state.name(), expected);
        self.problems.push(problem);
        self
    }

    /// Installs the handlers and starts the sentinel. Never fails: see [`Signals::problems`].
    pub fn install(self) -> Signals {
        // Handlers replace what was inherited, so this comes first.
        let inherited = Inherited::read();
        let mut wanted = vec![Signal::Term, Signal::Int, Signal::Hup];
        if self.quit != QuitAction::Default {
            wanted.push(Signal::Quit);
        }
        wanted.extend(self.lame_duck);
        let (left_ignored, taken) = wanted
            .into_iter()
            .partition::<Vec<_>, _>(|signal| may_stay_ignored(*signal, inherited));
        let mut signals = Signals::none();
        signals.problems = self.problems;
        signals.left_ignored = left_ignored;
        let blocked = taken.iter().copied();
        signals.blocked = blocked
            .filter(|signal| inherited.blocks(signal.number()))
            .collect();
        let mut hangup = None;
        if let Some(callback) = self.on_hangup {
            match start_callback(callback) {
                Ok(sender) => hangup = Some(sender),
                Err(problem) => signals.problems.push(problem),
            }
        }
        let manner = Manner {
            hangup,
            quit: self.quit,
        };
        match Link::start(&taken, manner) {
            Ok(link) => signals.link = Some(link),
            Err((what, error)) => signals.problems.push(Problem::system(what, &error)),
        }
        signals
    }
}

/// SIGTERM is always taken: it is how every process manager asks.
fn may_stay_ignored(signal: Signal, inherited: Inherited) -> bool {
    matches!(signal, Signal::Int | Signal::Quit | Signal::Hup) && inherited.ignores(signal.number())
}

fn start_callback(mut callback: Callback) -> Result<mpsc::SyncSender<()>, Problem> {
    let (sender, hangups) = mpsc::sync_channel(1);
    let thread = thread::Builder::new().name("tf-hangup".to_owned());
    let run = move || {
        while hangups.recv().is_ok() {
            callback();
        }
    };
    match thread.spawn(run) {
        Ok(_) => Ok(sender),
        Err(error) => Err(Problem::system("no thread for `on_hangup`", &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    #[test]
    fn what_is_wrong_with_signals_and_options_is_told_together() {
        let builder = Signals::builder()
            .on_signal(Signal::Term, State::LameDuck)
            .on_signal(Signal::Usr2, State::Closing)
            .on_signal(Signal::Usr2, State::LameDuck);
        // Not installed: handlers of a test would hear the signals of other tests.
        let mut signals = Signals::none();
        signals.problems = builder.problems;
        assert_eq!(signals.problems().len(), 2);

        let options = Options::from_vars([("SHUTDOWN_TIMEOUT", "30")]);
        let report = crate::run(signals, options, |_| async { Ok(()) });
        assert_eq!(report.exit_code(), 78);
        assert_eq!(report.problems().len(), 3, "{report}");
        assert!(
            report.problems()[2].contains("SHUTDOWN_TIMEOUT"),
            "{report}"
        );
    }

    #[test]
    fn only_a_termination_is_taken_from_a_parent_that_ignored_all() {
        let all = Inherited::ignoring_all();
        let taken = Signal::ALL
            .into_iter()
            .filter(|signal| !may_stay_ignored(*signal, all));
        let taken: Vec<Signal> = taken.collect();
        assert_eq!(taken, [Signal::Term, Signal::Usr1, Signal::Usr2]);
    }
}
