//! Variables held in memory.

use std::borrow::{Borrow, Cow};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::path::Path;

use super::{Origin, Source, Value, dotenv};
use crate::error::Problem;

/// A set of variables in memory, from the process, from pairs, or from a `.env` file.
///
/// | where a name is set | what counts |
/// |---|---|
/// | twice in the environment or in the pairs | the first, with a warning |
/// | twice in a `.env` file | the last, with a warning |
/// | in the environment and in a `.env` file | the environment, even when it is empty there |
///
/// `Debug` shows how many variables there are, and nothing of them.
///
/// ```
/// use tf_config::{Config, Vars};
///
/// #[derive(Config)]
/// struct Settings {
///     port: u16,
/// }
///
/// let vars = Vars::from_vars([("PORT", "80")]);
/// assert_eq!(Settings::load(&vars)?.value().port, 80);
/// # Ok::<(), tf_config::Error>(())
/// ```
pub struct Vars {
    table: Table<OsString>,
    problems: Vec<Problem>,
}

impl Vars {
    /// Takes pairs of name and text, for tests and for callers with their own environment.
    pub fn from_vars<K, V>(vars: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let pairs = vars
            .into_iter()
            .map(|(name, text)| (name.into(), text.into()));
        Self::collect(pairs, Origin::Vars)
    }

    /// Adds the variables of a `.env` file under those that are there; no name is overridden.
    ///
    /// Nothing is expanded, and no other folder is searched. A file that cannot be read, or a line
    /// that is not `NAME=value`, is a problem in the report of the following
    /// [`load`](crate::Config::load), by file and line. The [crate docs](crate#env-files) have the format.
    #[must_use]
    pub fn or_dotenv(mut self, path: impl AsRef<Path>) -> Self {
        self.add(dotenv::read(path.as_ref()));
        self
    }

    /// Like [`or_dotenv`](Self::or_dotenv), but a file that does not exist adds nothing.
    #[must_use]
    pub fn or_dotenv_if_present(self, path: impl AsRef<Path>) -> Self {
        if path.as_ref().symlink_metadata().is_ok() {
            self.or_dotenv(path)
        } else {
            self
        }
    }

    fn add(&mut self, file: dotenv::File) {
        for entry in file.entries {
            let origin = Origin::Dotenv {
                path: file.path.clone(),
                line: entry.line,
            };
            self.table
                .add_below(entry.name.into(), entry.text.into(), origin);
        }
        self.problems.extend(file.problems);
    }

    pub(super) fn collect(
        pairs: impl Iterator<Item = (OsString, OsString)>,
        origin: Origin,
    ) -> Self {
        Self {
            table: Table::collect(pairs, origin),
            problems: Vec::new(),
        }
    }
}

impl fmt::Debug for Vars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vars")
            .field("len", &self.table.map.len())
            .finish_non_exhaustive()
    }
}

impl Source for Vars {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        self.table.get(name)
    }

    fn names(&self) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
        self.table.names()
    }

    fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// A source over pairs that stay with the caller.
pub(crate) fn borrowed<'a, K, V>(pairs: &'a [(K, V)]) -> impl Source + 'a
where
    K: AsRef<OsStr>,
    V: AsRef<OsStr>,
{
    let pairs = pairs
        .iter()
        .map(|(name, text)| (name.as_ref(), text.as_ref()));
    Table::collect(pairs, Origin::Vars)
}

impl Source for Table<&OsStr> {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        self.get(name)
    }

    fn names(&self) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
        self.names()
    }
}

struct Table<S> {
    map: HashMap<S, Held<S>, BuildHasherDefault<NameHasher>>,
    /// Windows: `Path` and `PATH` are one variable.
    ignore_case: bool,
}

struct Held<S> {
    text: S,
    origin: Origin,
    repeated: bool,
}

impl<S: Borrow<OsStr> + Eq + Hash> Table<S> {
    fn collect(pairs: impl Iterator<Item = (S, S)>, origin: Origin) -> Self {
        let mut map =
            HashMap::with_capacity_and_hasher(pairs.size_hint().0, BuildHasherDefault::default());
        for (name, text) in pairs {
            match map.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(Held {
                        text,
                        origin: origin.clone(),
                        repeated: false,
                    });
                }
                Entry::Occupied(mut first) => first.get_mut().repeated = true,
            }
        }
        Self {
            map,
            ignore_case: cfg!(windows),
        }
    }

    /// Adds a line of a `.env` file: below every other origin, above an earlier line.
    fn add_below(&mut self, name: S, text: S, origin: Origin) {
        match self.map.entry(name) {
            Entry::Vacant(place) => {
                place.insert(Held {
                    text,
                    origin,
                    repeated: false,
                });
            }
            Entry::Occupied(mut earlier) => {
                if matches!(earlier.get().origin, Origin::Dotenv { .. }) {
                    earlier.insert(Held {
                        text,
                        origin,
                        repeated: true,
                    });
                }
            }
        }
    }

    fn get(&self, name: &str) -> Option<Value<'_>> {
        let held = self
            .map
            .get(OsStr::new(name))
            .or_else(|| self.get_ignoring_case(name))?;
        Some(Value {
            text: Cow::Borrowed(held.text.borrow()),
            origin: held.origin.clone(),
            repeated: held.repeated,
        })
    }

    fn get_ignoring_case(&self, name: &str) -> Option<&Held<S>> {
        if !self.ignore_case {
            return None;
        }
        let mut all = self.map.iter();
        all.find(|(known, _)| Borrow::<OsStr>::borrow(*known).eq_ignore_ascii_case(name))
            .map(|(_, held)| held)
    }

    fn names(&self) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
        Box::new(
            self.map
                .keys()
                .filter_map(|name| name.borrow().to_str().map(Cow::Borrowed)),
        )
    }
}

/// A multiplicative hash, eight bytes at a step.
///
/// Who can choose the names of the environment can do worse than to make them collide.
#[derive(Default)]
struct NameHasher(u64);

impl Hasher for NameHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
        let rest = chunks
            .remainder()
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte));
        self.write_u64(rest);
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    #[inline]
    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        // The table takes its place from the low bits, which multiplication mixes least.
        self.0 ^ self.0 >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_names_match_in_any_case() {
        let pairs = [("Port", "80")].map(|(name, text)| (OsStr::new(name), OsStr::new(text)));
        let mut table = Table::collect(pairs.into_iter(), Origin::Vars);
        assert!(table.get("PORT").is_none());
        table.ignore_case = true;
        assert!(*table.get("PORT").unwrap().text == *"80");
    }
}
