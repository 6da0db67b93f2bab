//! How long a stop may take, and who said so.

mod detect;
mod problem;
mod timeout;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

pub use problem::{Problem, Problems};
pub use timeout::{Timeout, TimeoutError};

use crate::notify::Notify;
use crate::process;

const TIMEOUT: &str = "SHUTDOWN_TIMEOUT";
const PRE_STOP: &str = "SHUTDOWN_PRE_STOP";
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// Says how long a stop may take and what is kept for its last part.
///
/// Built without failing: what is wrong is kept, listed by [`problems`](Self::problems), and reported by
/// [`run`](crate::run) together with all other problems before anything starts.
///
/// | | from | default |
/// |---|---|---|
/// | total | `SHUTDOWN_TIMEOUT`, else [`total`](Self::total), else the platform | 25 s |
/// | pre-stop | `SHUTDOWN_PRE_STOP`, else [`pre_stop`](Self::pre_stop), else the platform | 0; 3 s in a pod |
/// | reserve | [`reserve`](Self::reserve) | 20 % of the total, at most 5 s |
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tf_shutdown::Options;
///
/// let options = Options::from_vars([("SHUTDOWN_TIMEOUT", "1m"), ("KUBERNETES_SERVICE_HOST", "10.0.0.1")]);
/// let budget = options.budget();
/// assert_eq!(budget.total(), Duration::from_secs(60));
/// assert_eq!(budget.pre_stop(), Duration::from_secs(3));
/// assert_eq!(budget.source(), "SHUTDOWN_TIMEOUT");
///
/// let options = Options::from_vars([("SHUTDOWN_TIMEOUT", "60"), ("SHUTDOWN_PRE_STOP", "soon")]);
/// assert_eq!(options.problems().len(), 2);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Options {
    total: Wish,
    pre_stop: Wish,
    reserve: Option<Duration>,
    platform: detect::Platform,
    platform_pre_stop: Duration,
    from_variables: Vec<Problem>,
    problems: Vec<Problem>,
    pub(crate) hard_deadline: bool,
    pub(crate) is_interactive: bool,
    pub(crate) signal_code: bool,
    pub(crate) notify: Option<Notify>,
}

/// What the operator and the program want; the operator's word counts.
#[derive(Clone, Copy, Debug, Default)]
struct Wish {
    variable: Option<Duration>,
    code: Option<Duration>,
}

impl Wish {
    fn get(self) -> Option<Duration> {
        self.variable.or(self.code)
    }
}

/// One budget for the whole stop: all stages share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Budget {
    total: Duration,
    pre_stop: Duration,
    reserve: Duration,
    source: &'static str,
}

impl Budget {
    /// From the request to the end of the last stage.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.total
    }

    /// How long the lame duck stage lasts.
    #[must_use]
    pub fn pre_stop(&self) -> Duration {
        self.pre_stop
    }

    /// What is kept for closing and flushing, whatever the drain does.
    #[must_use]
    pub fn reserve(&self) -> Duration {
        self.reserve
    }

    /// Who named the total: a variable, `process 1`, `options` or `default`.
    #[must_use]
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// What is left when a part of it has passed already.
    pub(crate) fn without(self, passed: Duration) -> Self {
        let total = self.total.saturating_sub(passed);
        let reserve = self.reserve.min(total);
        Self {
            total,
            reserve,
            pre_stop: self
                .pre_stop
                .saturating_sub(passed)
                .min(total.saturating_sub(reserve)),
            ..self
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// Starts from the defaults, whatever the environment says.
    pub fn new() -> Self {
        Self::read(|_| None, false)
    }

    /// Reads the variables of this process and detects its platform.
    pub fn from_env() -> Self {
        Self {
            is_interactive: process::stdin_is_terminal(),
            ..Self::read(process::variable, process::pid() == 1)
        }
    }

    /// Reads these variables, as [`from_env`](Self::from_env) reads those of the process.
    pub fn from_vars<I, K, V>(vars: I) -> Self
    where
        I: IntoIterator<Item = (K, V)>,
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let vars = vars
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        let vars: BTreeMap<OsString, OsString> = vars.collect();
        Self::read(
            |name| vars.get(OsString::from(name).as_os_str()).cloned(),
            false,
        )
    }

    /// Starts from the defaults without the hard deadline, which runs by the wall clock.
    ///
    /// For tests on a paused clock: nothing ends the process of the test.
    pub fn for_tests() -> Self {
        Self {
            hard_deadline: false,
            ..Self::new()
        }
    }

    fn read(variable: impl Fn(&str) -> Option<OsString>, is_first_process: bool) -> Self {
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let mut found = Vec::new();
        let mut duration = |name| match problem::duration(name, variable(name)) {
            Ok(duration) => duration,
            Err(problem) => {
                found.push(problem);
                None
            }
        };
        let (total, pre_stop) = (duration(TIMEOUT), duration(PRE_STOP));
        let mut options = Self {
            total: Wish {
                variable: total,
                code: None,
            },
            pre_stop: Wish {
                variable: pre_stop,
                code: None,
            },
            reserve: None,
            platform: detect::platform(is_set, is_first_process),
            platform_pre_stop: detect::pre_stop(is_set),
            from_variables: found,
            problems: Vec::new(),
            hard_deadline: true,
            is_interactive: false,
            signal_code: false,
            notify: Notify::from_lookup(&variable),
        };
        options.check();
        options
    }

    /// Sets the total where `SHUTDOWN_TIMEOUT` is not set.
    pub fn total(mut self, total: impl Into<Timeout>) -> Self {
        self.total.code = Some(total.into().into());
        self.check();
        self
    }

    /// Sets the lame duck stage's length where `SHUTDOWN_PRE_STOP` is not set. A part of the total.
    pub fn pre_stop(mut self, pre_stop: impl Into<Timeout>) -> Self {
        self.pre_stop.code = Some(pre_stop.into().into());
        self.check();
        self
    }

    /// Sets what is kept for closing and flushing. A part of the total.
    pub fn reserve(mut self, reserve: impl Into<Timeout>) -> Self {
        self.reserve = Some(reserve.into().into());
        self.check();
        self
    }

    /// Ends with 128 + the signal's number after a clean stop by a signal, as a shell's job would.
    ///
    /// Process managers take 0 for a clean stop, so this is for programs that are part of a shell
    /// pipeline.
    pub fn exit_with_signal_code(mut self) -> Self {
        self.signal_code = true;
        self
    }

    /// Everything that is wrong with the variables and values, in the order of the table above.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The budget that these options give.
    #[must_use]
    pub fn budget(&self) -> Budget {
        let total = self.total.get().unwrap_or(self.platform.total);
        let fifth = (total / 5).min(Duration::from_secs(5));
        let source = match (self.total.variable, self.total.code) {
            (Some(_), _) => TIMEOUT,
            (None, Some(_)) => "options",
            (None, None) => self.platform.source,
        };
        Budget {
            total,
            // What nobody asked for never takes more than a quarter.
            pre_stop: self
                .pre_stop
                .get()
                .unwrap_or(self.platform_pre_stop.min(total / 4)),
            reserve: self.reserve.unwrap_or(fifth),
            source,
        }
    }

    fn check(&mut self) {
        let budget = self.budget();
        let name = |wish: Wish, variable, builder| match wish.variable {
            Some(_) => variable,
            None => builder,
        };
        let total = name(self.total, TIMEOUT, "total");
        let pre_stop = name(self.pre_stop, PRE_STOP, "pre_stop");
        let mut problems = self.from_variables.clone();
        if budget.total.is_zero() {
            problems.push(Problem::zero(total));
        }
        let lengths = [
            (total, budget.total),
            (pre_stop, budget.pre_stop),
            ("reserve", budget.reserve),
        ];
        let too_long: Vec<_> = lengths
            .iter()
            .filter(|(_, length)| *length > LONGEST)
            .map(|(name, _)| Problem::too_long(name))
            .collect();
        let parts = budget.pre_stop.saturating_add(budget.reserve);
        // With a wrong total the sum says nothing new.
        if too_long.is_empty() && !budget.total.is_zero() && parts > budget.total {
            problems.push(Problem::too_much(pre_stop, &budget));
        }
        problems.extend(too_long);
        self.problems = problems;
    }
}
