//! The only door to the process: its environment and the sockets that it inherited.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::error::Problem;

/// A socket that a process manager passed, with its name.
pub(crate) type Passed = (Option<String>, OwnedFd);

pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// A duplicate of descriptor 0.
pub(crate) fn standard_input() -> io::Result<OwnedFd> {
    io::stdin().as_fd().try_clone_to_owned()
}

/// Runs `choose` on the passed sockets that nobody has taken yet; it removes what it takes.
pub(crate) fn passed_sockets<T>(
    choose: impl FnOnce(&mut Vec<Passed>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    // A descriptor has one owner, so the sockets leave the environment once per process.
    static SOCKETS: Mutex<Option<Vec<Passed>>> = Mutex::new(None);
    let mut sockets = SOCKETS.lock().unwrap_or_else(PoisonError::into_inner);
    if sockets.is_none() {
        *sockets = Some(take()?);
    }
    choose(sockets.get_or_insert_default())
}

fn take() -> Result<Vec<Passed>, Problem> {
    // To own a descriptor that is not open is forbidden, and `sd-listen-fds` does not ask.
    if variable("LISTEN_PID").is_some_and(|pid| pid == std::process::id().to_string().as_str()) {
        let count = variable("LISTEN_FDS").unwrap_or_else(|| "0".into());
        let count: u32 = count
            .to_str()
            .and_then(|count| count.parse().ok())
            .ok_or(Problem::Malformed)?;
        for number in 3..count.saturating_add(3) {
            if !Path::new("/proc/self/fd")
                .join(number.to_string())
                .is_symlink()
            {
                return Err(Problem::NoListener {
                    what: format!("descriptor {number} of `LISTEN_FDS`"),
                });
            }
        }
    }
    let sockets = sd_listen_fds::get().map_err(|_| Problem::Malformed)?;
    let owned = sockets
        .into_iter()
        .map(|(name, socket)| (name, socket.into_std()));
    Ok(owned.collect())
}
