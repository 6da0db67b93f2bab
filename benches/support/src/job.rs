use std::fmt;
use std::hint::black_box;
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::Allocations;

/// What the line with the figures starts with.
pub(crate) const FIGURES: &str = "figures: ";

const WARM_UP: Duration = Duration::from_millis(5);
const TIMED: Duration = Duration::from_millis(25);
const COUNTED_ROUNDS: u64 = 10;

/// The one piece of work a spawned child does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Repeats the work silently, for a counter that watches from outside.
    Repeat {
        /// How often.
        times: u32,
        /// Bytes of heap in use meanwhile, which shifts all that the work requests.
        held: usize,
    },
    /// Prints the mean heap requests and bytes of one repetition.
    Allocations,
    /// Prints the mean nanoseconds of one repetition.
    Time,
    /// Prints how many environment variables the child has.
    CountVariables,
}

impl Job {
    /// Splits the process arguments into the job and the arguments after it; `None` in the runner.
    pub fn from_args() -> Option<(Self, Vec<String>)> {
        let mut args = std::env::args().skip(1);
        let job = args.next()?.parse().ok()?;
        Some((job, args.collect()))
    }

    /// Does the job with `work` as the repeated part and prints its figures on one line of stderr.
    pub fn run<T>(self, work: impl FnMut() -> T) {
        self.run_to_end(work, || ());
    }

    /// Like [`Job::run`] for work that is only done when `end` has returned, which is timed with it.
    pub fn run_to_end<T>(self, mut work: impl FnMut() -> T, end: impl FnOnce()) {
        match self {
            Self::Repeat { times, held } => {
                let _held = black_box(vec![0_u8; held]);
                for _ in 0..times {
                    black_box(work());
                }
                end();
            }
            Self::Allocations => {
                black_box(work());
                let seen = Allocations::during(|| {
                    for _ in 0..COUNTED_ROUNDS {
                        black_box(work());
                    }
                });
                eprintln!(
                    "{FIGURES}{} {}",
                    seen.count / COUNTED_ROUNDS,
                    seen.bytes / COUNTED_ROUNDS
                );
            }
            Self::Time => {
                mean_nanos(&mut work, WARM_UP, || ());
                eprintln!("{FIGURES}{}", mean_nanos(&mut work, TIMED, end));
            }
            Self::CountVariables => eprintln!("{FIGURES}{}", std::env::vars_os().count()),
        }
    }
}

fn mean_nanos<T>(work: &mut impl FnMut() -> T, at_least: Duration, end: impl FnOnce()) -> u128 {
    let start = Instant::now();
    let mut times = 0;
    loop {
        black_box(work());
        times += 1;
        if start.elapsed() >= at_least {
            end();
            return start.elapsed().as_nanos() / times;
        }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repeat { times, held } => write!(f, "repeat:{times}:{held}"),
            Self::Allocations => f.write_str("allocations"),
            Self::Time => f.write_str("time"),
            Self::CountVariables => f.write_str("count-variables"),
        }
    }
}

impl FromStr for Job {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "allocations" => Ok(Self::Allocations),
            "time" => Ok(Self::Time),
            "count-variables" => Ok(Self::CountVariables),
            _ => {
                let rest = text.strip_prefix("repeat:").ok_or(())?;
                let (times, held) = rest.split_once(':').ok_or(())?;
                Ok(Self::Repeat {
                    times: times.parse().map_err(drop)?,
                    held: held.parse().map_err(drop)?,
                })
            }
        }
    }
}
