//! What a run knows of its surroundings.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::sync::Arc;

/// The variables, the host and the process number that a run sees.
///
/// [`Env::from_env`] takes those of the process, [`Env::from_vars`] any others. `Debug` shows names only.
///
/// | variable | what a run takes from it |
/// |---|---|
/// | `ADMIN_PROTECT` | `off` lets destructive tasks run unconfirmed; `on` is the default |
/// | `ADMIN_ACTOR` | who runs the task, unless `--actor` says so; then `SUDO_USER`, `LOGNAME`, `USER` |
/// | `RELEASE_ID` | the release, unless the program knows it |
/// | `NO_COLOR`, `TERM` | a progress bar has no colours at all, and there is none where `TERM` is `dumb` |
/// | `COLUMNS` | the width of the progress bar |
///
/// # Examples
///
/// ```
/// let env = tf_admin::Env::from_vars([("ADMIN_ACTOR", "anna")]).host("web-1");
/// assert_eq!(env.var("ADMIN_ACTOR"), Some("anna"));
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Env {
    vars: Arc<HashMap<OsString, OsString>>,
    host: String,
    pid: u32,
}

impl Env {
    /// Creates surroundings with these variables; of equal names the first counts.
    pub fn from_vars<I, K, V>(vars: I) -> Self
    where
        I: IntoIterator<Item = (K, V)>,
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let mut collected = HashMap::new();
        for (name, value) in vars {
            collected.entry(name.into()).or_insert(value.into());
        }
        Self {
            vars: Arc::new(collected),
            host: String::new(),
            pid: 0,
        }
    }

    /// Sets the name of the machine.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// Sets the number of the process.
    pub fn pid(mut self, pid: u32) -> Self {
        self.pid = pid;
        self
    }

    /// Sets a variable, whatever it was before.
    pub fn set(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        Arc::make_mut(&mut self.vars).insert(name.into(), value.into());
        self
    }

    /// Returns a variable, if it is set to text that is UTF-8 and not empty.
    #[must_use]
    pub fn var(&self, name: &str) -> Option<&str> {
        let value = self.var_os(OsStr::new(name))?.to_str()?;
        (!value.is_empty()).then_some(value)
    }

    /// Returns a variable as it is.
    #[must_use]
    pub fn var_os(&self, name: &OsStr) -> Option<&OsStr> {
        self.vars.get(name).map(OsString::as_os_str)
    }

    /// Returns every variable, for a configuration that reads them all.
    pub fn vars(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        let vars = self.vars.iter();
        vars.map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    pub(crate) fn host_name(&self) -> &str {
        &self.host
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.pid
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<&OsString> = self.vars.keys().collect();
        names.sort();
        f.debug_struct("Env")
            .field("names", &names)
            .field("host", &self.host)
            .field("pid", &self.pid)
            .finish()
    }
}
