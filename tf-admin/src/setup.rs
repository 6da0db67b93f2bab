//! What is made for a task before it starts.

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::env::Env;
use crate::guard::Guard;
use crate::io::lock;
use crate::mask::Mask;
use crate::outcome::{Outcome, code};

/// What the setup of a registry sees and may set; clones share it.
#[derive(Clone, Debug)]
pub struct Setup {
    env: Env,
    task: String,
    dry_run: bool,
    mask: Mask,
    given: Arc<Mutex<Given>>,
}

/// What a setup has set.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub(crate) lock: Option<Arc<dyn Guard>>,
    pub(crate) config_fingerprint: Option<String>,
}

impl Setup {
    pub(crate) fn new(env: Env, task: &str, dry_run: bool, mask: Mask) -> Self {
        Self {
            env,
            task: task.to_owned(),
            dry_run,
            mask,
            given: Arc::default(),
        }
    }

    pub(crate) fn take(&self) -> Given {
        std::mem::take(&mut *lock(&self.given))
    }

    /// Returns the surroundings of the run.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// Returns the name of the task that will run.
    #[must_use]
    pub fn task(&self) -> &str {
        &self.task
    }

    /// Whether the run is a dry one, which needs no more than a database session that only reads.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// Hides a secret of the configuration in all that the run writes.
    pub fn mask(&self, secret: &str) {
        self.mask.add(secret);
    }

    /// Sets the lock, where its place is known from the configuration; it comes before the registry's own.
    pub fn lock(&self, guard: impl Guard + 'static) {
        lock(&self.given).lock = Some(Arc::new(guard));
    }

    /// Sets the fingerprint of the configuration, for the audit.
    pub fn config_fingerprint(&self, fingerprint: impl fmt::Display) {
        lock(&self.given).config_fingerprint = Some(fingerprint.to_string());
    }
}

/// Why the state of a registry could not be made.
///
/// The text is shown as it is, but for secrets that [`Setup::mask`] knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupError {
    code: u8,
    text: String,
}

impl SetupError {
    /// Creates an error with one of the codes 1 (failed), 65 (unreadable input), 69 (unavailable), 77 (refused) and
    /// 78 (configuration).
    ///
    /// Any other code is a bug of the setup, and the run ends as one, with 70.
    #[must_use]
    pub fn new(code: u8, text: impl fmt::Display) -> Self {
        Self {
            code,
            text: text.to_string(),
        }
    }

    /// Creates an error for an invalid configuration, 78; the text should have all that is wrong.
    #[must_use]
    pub fn config(text: impl fmt::Display) -> Self {
        Self::new(code::CONFIG, text)
    }

    /// Creates an error for a backing service that cannot be reached, 69.
    #[must_use]
    pub fn unavailable(text: impl fmt::Display) -> Self {
        Self::new(code::UNAVAILABLE, text)
    }

    /// Returns the exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        self.code
    }

    pub(crate) fn outcome(&self) -> (Outcome, u8) {
        /// `EX_DATAERR` of sysexits(3).
        const UNREADABLE: u8 = 65;
        match self.code {
            code::FAILED | UNREADABLE => (Outcome::Failed, self.code),
            code::UNAVAILABLE => (Outcome::Unavailable, self.code),
            code::REFUSED => (Outcome::Refused, self.code),
            code::CONFIG => (Outcome::Config, self.code),
            _ => (Outcome::Panic, code::BUG),
        }
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for SetupError {}
