//! Who works under a name.

use std::borrow::Cow;
use std::panic::Location;
use std::sync::Mutex;

use tokio::time::Instant;

use crate::report::Straggler;
use crate::slab::Slab;
use crate::wait::lock;

/// The named tasks and labelled guards of one group.
#[derive(Debug)]
pub(crate) struct Names {
    entries: Mutex<Slab<Entry>>,
}

#[derive(Debug)]
struct Entry {
    name: Cow<'static, str>,
    since: Instant,
    place: &'static Location<'static>,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self {
            entries: Mutex::new(Slab::new()),
        }
    }

    pub(crate) fn enter(&self, name: Cow<'static, str>, place: &'static Location<'static>) -> u32 {
        let entry = Entry {
            name,
            since: Instant::now(),
            place,
        };
        lock(&self.entries).insert(entry)
    }

    pub(crate) fn rename(&self, key: u32, name: Cow<'static, str>) {
        let old = lock(&self.entries)
            .get_mut(key)
            .map(|entry| std::mem::replace(&mut entry.name, name));
        drop(old);
    }

    pub(crate) fn leave(&self, key: u32) {
        let entry = lock(&self.entries).remove(key);
        drop(entry);
    }

    pub(crate) fn name(&self, key: u32) -> Option<Cow<'static, str>> {
        lock(&self.entries)
            .get_mut(key)
            .map(|entry| entry.name.clone())
    }

    /// The named ones, oldest first; none when the list stays locked for so many tries.
    pub(crate) fn stragglers(&self, group: &str, tries: usize) -> Vec<Straggler> {
        let now = Instant::now();
        for _ in 0..tries {
            let Ok(entries) = self.entries.try_lock() else {
                std::thread::yield_now();
                continue;
            };
            let mut found: Vec<_> = entries
                .iter()
                .map(|entry| {
                    let age = now.saturating_duration_since(entry.since);
                    Straggler::named(&entry.name, group, age, entry.place)
                })
                .collect();
            drop(entries);
            found.sort_by_key(|straggler| std::cmp::Reverse(straggler.age()));
            return found;
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_stays_locked_is_given_up() {
        let names = Names::new();
        names.enter(Cow::Borrowed("job"), Location::caller());
        assert_eq!(names.stragglers("jobs", 1).len(), 1);
        let held = names.entries.lock().unwrap();
        assert_eq!(names.stragglers("jobs", 10), []);
        drop(held);
    }
}
