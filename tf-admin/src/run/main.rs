//! The door for programs that are nothing but tasks.

use std::process::ExitCode;

use tokio::runtime::Builder;

use super::answer;
use super::words::{Words, read};
use crate::env::Env;
use crate::io::Io;
use crate::outcome::code;
use crate::panics::install_panic_hook;
use crate::process::arguments;
use crate::registry::Registry;

impl<S: Send + Sync + 'static> Registry<S> {
    /// Does what the command line of the process says, and returns its exit code.
    ///
    /// It reads the words after the program's name, without a first `admin`. It owns the runtimes, installs the panic
    /// hook, and does not wait for threads that neither a signal nor a deadline could end: return its result
    /// from `main`, which ends them.
    #[must_use]
    pub fn main(&self) -> ExitCode {
        let words = read(self, arguments().collect());
        if let Words::Answer(text) = &words {
            return answer(Io::process(), text).into();
        }
        install_panic_hook();
        // Two runtimes, so that a task that never yields holds up neither signals nor deadlines.
        let control = Builder::new_current_thread().enable_all().build();
        let workers = Builder::new_multi_thread().enable_all().build();
        let (control, workers) = match (control, workers) {
            (Ok(control), Ok(workers)) => (control, workers),
            (Err(error), _) | (_, Err(error)) => {
                let text = format!("error: the runtime did not start: {error}");
                Io::process().stderr.message(&text);
                return code::FAILED.into();
            }
        };
        let (env, io) = (Env::from_env(), Io::process());
        let handle = workers.handle().clone();
        let report = control.block_on(self.follow(words, env, io, handle));
        workers.shutdown_background();
        control.shutdown_background();
        report.into()
    }
}
