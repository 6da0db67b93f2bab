//! A process and all that came of it, also what slipped away from it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{process, thread};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use crate::proc;

/// The variable by which a process is recognised whose parents are gone.
pub(crate) const MARK: &str = "TF_CHECK_MARK";

pub(crate) struct Family {
    root: u32,
    mark: String,
    /// Every process seen, with the time it began: pids are used again.
    seen: Mutex<BTreeMap<u32, u64>>,
}

impl Family {
    pub(crate) fn new(root: u32, mark: String) -> Self {
        Self {
            root,
            mark,
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

    /// Children of ours that we did not start: adopted, and told apart by their variables or by
    /// their group or session, which is a process of this family.
    fn orphans(&self, seen: &BTreeMap<u32, u64>) -> Vec<u32> {
        let mut children = proc::own_children();
        children.retain(|pid| {
            let known = |id: u32| id == self.root || seen.contains_key(&id);
            *pid != self.root
                && proc::stat(*pid).is_some_and(|stat| {
                    known(stat.group)
                        || known(stat.session)
                        || proc::has_variable(*pid, MARK, &self.mark)
                })
        });
        children
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

pub(crate) fn pid(number: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(number).ok()?)
}

/// Makes this process the parent of orphans below it; only then are those of a daemon found.
pub(crate) fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    {
        // An old kernel refuses; a daemon's orphans then escape to process 1.
        let _ = rustix::process::set_child_subreaper(pid(process::id()));
    }
}
