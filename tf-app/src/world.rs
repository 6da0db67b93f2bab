//! The surroundings of a run: the process, or what a caller gave.

use std::ffi::OsString;
use std::io::{ErrorKind, Write};

use tf_admin::Env;
use tf_config::Vars;
use tf_shutdown::Options;

use crate::io::Io;
use crate::process;
use crate::standard::Standard;

/// The exit codes that are chosen here; the others are those of tf-shutdown and tf-admin.
pub(crate) mod code {
    pub(crate) const DONE: u8 = 0;
    pub(crate) const FAILED: u8 = 1;
    pub(crate) const USAGE: u8 = 2;
    pub(crate) const UNAVAILABLE: u8 = 69;
    pub(crate) const BUG: u8 = 70;
    pub(crate) const CONFIG: u8 = 78;
    pub(crate) const CLOSED_PIPE: u8 = 141;
}

/// What an app sees of the world.
pub(crate) struct World {
    pub(crate) program: String,
    pub(crate) words: Vec<OsString>,
    pub(crate) env: Env,
    pub(crate) vars: Vars,
    pub(crate) io: Io,
    /// Whether signals, standard streams and inherited sockets are ours.
    pub(crate) is_process: bool,
}

impl World {
    pub(crate) fn process() -> Self {
        let (program, words) = process::arguments();
        Self {
            program,
            words,
            env: Env::from_env(),
            vars: Vars::from_env(),
            io: process::streams(),
            is_process: true,
        }
    }

    pub(crate) fn given(program: String, words: Vec<OsString>, env: Env, io: Io) -> Self {
        Self {
            program,
            words,
            vars: Vars::from_vars(env.vars()),
            env,
            io,
            is_process: false,
        }
    }

    /// How long a stop may take, by these variables and the platform.
    pub(crate) fn options(&self) -> Options {
        match self.is_process {
            true => Options::from_env(),
            false => Options::from_vars(self.env.vars()),
        }
    }

    /// The same, where variables may also have been read from files.
    pub(crate) fn options_with(&self, standard: &Standard) -> Options {
        let mut options = self.options();
        if let Some(timeout) = standard.shutdown_timeout {
            options = options.total(timeout);
        }
        if let Some(pre_stop) = standard.shutdown_pre_stop {
            options = options.pre_stop(pre_stop);
        }
        options
    }

    /// Writes a result to stdout, and says how the run ends.
    pub(crate) fn say(&mut self, text: &str) -> u8 {
        let written = self.io.stdout.write_all(text.as_bytes());
        match written.and_then(|()| self.io.stdout.flush()) {
            Ok(()) => code::DONE,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => code::CLOSED_PIPE,
            Err(error) => {
                self.complain(&format!("error: the result could not be written: {error}"));
                code::FAILED
            }
        }
    }

    /// Writes a message to stderr; when nobody reads it, nothing can be done.
    pub(crate) fn complain(&mut self, text: &str) {
        let text = format!("{}\n", text.trim_end_matches('\n'));
        let _ = self.io.stderr.write_all(text.as_bytes());
        let _ = self.io.stderr.flush();
    }

    pub(crate) fn report(self, code: u8) -> Report {
        let (stdout, stderr) = self.io.texts();
        Report {
            code,
            stdout,
            stderr,
        }
    }
}

/// How a run by [`App::run_in`](crate::App::run_in) ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "its code tells how the run ended"]
pub struct Report {
    code: u8,
    stdout: String,
    stderr: String,
}

impl Report {
    /// Gives the exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        self.code
    }

    /// Gives what was written to stdout, if [`Io::captured`] kept it.
    #[must_use]
    pub fn stdout(&self) -> &str {
        &self.stdout
    }

    /// Gives what was written to stderr, if [`Io::captured`] kept it.
    #[must_use]
    pub fn stderr(&self) -> &str {
        &self.stderr
    }
}
