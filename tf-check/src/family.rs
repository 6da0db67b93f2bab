//! A process and all that came of it, also what slipped away from it.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use crate::proc;

/// The variable by which a process is recognised whose parents are gone.
pub(crate) const MARK: &str = "TF_CHECK_MARK";

pub(crate) struct Family {
    root: u32,
    traces: Traces,
    /// Every process seen, with the time it began: pids are used again.
    seen: Mutex<BTreeMap<u32, u64>>,
}

/// By what a member is recognised that nobody saw being born.
pub(crate) struct Traces {
    /// The value of [`MARK`]; some programs write over their variables.
    pub(crate) mark: String,
    /// Where it was started; some programs go elsewhere.
    pub(crate) folder: PathBuf,
    /// Given to this family alone.
    pub(crate) port: u16,
    pub(crate) roots: Roots,
}

/// The processes that were started here, of all families: none of them is an orphan.
///
/// A process that is being started is, for a moment, a child that holds what this process holds, also a listening
/// socket: nobody may look for orphans then.
#[derive(Clone, Default)]
pub(crate) struct Roots(Arc<RwLock<HashSet<u32>>>);

impl Roots {
    pub(crate) fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        let mut roots = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let child = command.spawn()?;
        roots.insert(child.id());
        Ok(child)
    }

    fn forget(&self, root: u32) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&root);
    }
}

impl Family {
    pub(crate) fn new(root: u32, traces: Traces) -> Self {
        Self {
            root,
            traces,
            seen: Mutex::default(),
        }
    }

    pub(crate) fn root(&self) -> u32 {
        self.root
    }

    /// The living, the root first.
    pub(crate) fn members(&self) -> Vec<u32> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open: Vec<u32> = seen.keys().copied().collect();
        open.extend(self.orphans(&seen));
        open.push(self.root);
        let mut living = Vec::new();
        while let Some(pid) = open.pop() {
            let Some(stat) = proc::stat(pid) else {
                continue;
            };
            if *seen.entry(pid).or_insert(stat.begun) != stat.begun || living.contains(&pid) {
                continue;
            }
            if stat.is_alive() {
                living.push(pid);
                open.extend(proc::children(pid));
            }
        }
        living
    }

    /// Children of ours that we did not start: adopted, and told apart from those of other families.
    fn orphans(&self, seen: &BTreeMap<u32, u64>) -> Vec<u32> {
        let roots = self
            .traces
            .roots
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let mut children = proc::own_children();
        children.retain(|pid| !roots.contains(pid) && self.is_ours(*pid, seen));
        children
    }

    fn is_ours(&self, pid: u32, seen: &BTreeMap<u32, u64>) -> bool {
        let known = |id: u32| id == self.root || seen.contains_key(&id);
        let Some(stat) = proc::stat(pid).filter(|stat| stat.is_alive()) else {
            return false;
        };
        if known(pid) || known(stat.group) || known(stat.session) {
            return true;
        }
        let Traces {
            mark, folder, port, ..
        } = &self.traces;
        if let Some(found) = proc::variable(pid, MARK) {
            return found == *mark;
        }
        let is_there = proc::folder(pid).is_some_and(|place| place.starts_with(folder));
        let sockets = proc::listening(&[pid]);
        let mut ports = sockets
            .iter()
            .filter_map(|socket| socket.place.port())
            .peekable();
        match ports.peek() {
            // Instances in the same folder have different ports.
            Some(_) => ports.any(|found| found == *port),
            None => is_there,
        }
    }

    /// Ends them all, and returns when they are gone. The root is left for its owner to wait for.
    pub(crate) fn end(&self) {
        let begun = Instant::now();
        loop {
            let members = self.members();
            for pid in members.iter().copied().filter_map(pid) {
                // Fails only when it has just ended.
                let _ = kill_process(pid, Signal::KILL);
            }
            self.bury();
            if members.is_empty() || begun.elapsed() > Duration::from_secs(5) {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Its root has been waited for: the number may be used again.
    pub(crate) fn is_buried(&self) {
        self.traces.roots.forget(self.root);
    }

    /// Waits for the dead that we adopted: until then they are zombies of ours.
    fn bury(&self) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for pid in seen
            .keys()
            .filter(|pid| **pid != self.root)
            .copied()
            .filter_map(pid)
        {
            // Fails for those who have another parent.
            let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        }
    }
}

/// Ends whatever is a child of this process still: for a process that has no children of its own.
pub(crate) fn end_children() {
    let begun = Instant::now();
    loop {
        let children = proc::own_children();
        for pid in children.iter().copied().filter_map(pid) {
            // Both fail only when it has gone.
            let _ = kill_process(pid, Signal::KILL);
            let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        }
        if children.is_empty() || begun.elapsed() > Duration::from_secs(2) {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

pub(crate) fn pid(number: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(number).ok()?)
}

/// Makes this process the parent of orphans below it; only then are those of a daemon found.
pub(crate) fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    {
        // An old kernel refuses; a daemon's orphans then escape to process 1.
        let _ = rustix::process::set_child_subreaper(pid(std::process::id()));
    }
}
