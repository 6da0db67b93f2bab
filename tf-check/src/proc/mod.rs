//! What the kernel says about processes: Linux's /proc. Where there is none, everything is empty.

mod files;
mod net;
mod tree;

pub(crate) use files::{libraries, written};
pub(crate) use net::{Listening, Where, listening, peers};
pub(crate) use tree::{arguments, children, folder, own_children, program, stat, variable};

use std::path::Path;

/// Whether this system says anything.
pub(crate) fn is_there() -> bool {
    Path::new("/proc/self/stat").exists()
}
