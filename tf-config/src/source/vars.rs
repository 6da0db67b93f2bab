//! Variables held in memory.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::{Origin, Source, Value, dotenv};
use crate::error::Problem;
use crate::section::Section;

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
        let mut table = Table::with_room_for(pairs.size_hint().0, Origin::Vars);
        table.add(pairs);
        Self {
            table,
            problems: Vec::new(),
        }
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
        self.table.files.push(file.path);
        for entry in file.entries {
            self.table
                .add_below((entry.name.into(), entry.text.into()), entry.line);
        }
        self.problems.extend(file.problems);
    }

    /// The variables of the process, which `read` copies.
    pub(super) fn of_process<I>(read: impl FnOnce() -> I) -> Self
    where
        I: Iterator<Item = (OsString, OsString)>,
    {
        // Taken before the copies are made: freed behind them at the end of the heap, a block of
        // this size makes glibc look through all of the heap's free pieces.
        let mut table = Table::with_room_for(USUAL, Origin::Environment);
        table.add(read());
        Self {
            table,
            problems: Vec::new(),
        }
    }
}

/// Few environments hold more variables.
const USUAL: usize = 512;

impl fmt::Debug for Vars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vars")
            .field("len", &self.table.pairs.len())
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

    fn has_files(&self) -> bool {
        self.table.has_files
    }

    fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// A source over pairs that stay with the caller, as far as `section` can have to do with them.
pub(crate) fn borrowed<'a, K, V>(pairs: &'a [(K, V)], section: &Section) -> impl Source + 'a
where
    K: AsRef<OsStr>,
    V: AsRef<OsStr>,
{
    let prefix = section.common_prefix().as_bytes();
    let pairs = pairs
        .iter()
        .map(|(name, text)| (name.as_ref(), text.as_ref()));
    let near = |(name, _): &(&OsStr, &OsStr)| name.as_encoded_bytes().starts_with(prefix);
    let mut table = Table::with_room_for(0, Origin::Vars);
    table.add(pairs.filter(near));
    table
}

impl Source for Table<&OsStr> {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        self.get(name)
    }

    fn names(&self) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
        self.names()
    }

    fn has_files(&self) -> bool {
        self.has_files
    }
}

/// Variables in the order they came, with a hash index over their names.
struct Table<S> {
    /// Names and texts: first what came from no file, then what came from `.env` files.
    pairs: Vec<(S, S)>,
    /// Open addressing: places in `pairs`, counted from 1; 0 is a free slot. At most half are taken.
    slots: Vec<u32>,
    /// The places of names that were set more than once; few, if any.
    repeated: Vec<usize>,
    /// Whether a name ends in `_FILE`.
    has_files: bool,
    /// The origin of all that came from no file.
    origin: Origin,
    /// The origins of all that came from files, which are the last pairs.
    lines: Vec<Line>,
    files: Vec<Arc<Path>>,
    /// Windows: `Path` and `PATH` are one variable.
    ignore_case: bool,
}

#[derive(Clone, Copy)]
struct Line {
    /// The place in `files`.
    file: usize,
    line: usize,
}

impl<S: AsRef<OsStr>> Table<S> {
    fn with_room_for(pairs: usize, origin: Origin) -> Self {
        Self {
            pairs: Vec::with_capacity(pairs),
            slots: vec![0; (pairs * 2).next_power_of_two().max(16)],
            repeated: Vec::new(),
            has_files: false,
            origin,
            lines: Vec::new(),
            files: Vec::new(),
            ignore_case: cfg!(windows),
        }
    }

    fn add(&mut self, pairs: impl Iterator<Item = (S, S)>) {
        for pair in pairs {
            match self.find(pair.0.as_ref()) {
                Ok(first) => self.repeated.push(first),
                Err(slot) => self.insert(slot, pair),
            }
        }
    }

    /// Adds a line of a `.env` file: below every other origin, above an earlier line.
    fn add_below(&mut self, pair: (S, S), line: usize) {
        let line = Line {
            file: self.files.len() - 1,
            line,
        };
        match self.find(pair.0.as_ref()) {
            Err(slot) => {
                self.insert(slot, pair);
                self.lines.push(line);
            }
            Ok(earlier) => {
                let first_line = self.pairs.len() - self.lines.len();
                let Some(place) = earlier.checked_sub(first_line) else {
                    return;
                };
                if self.lines[place].file == line.file {
                    self.pairs[earlier] = pair;
                    self.lines[place] = line;
                    self.repeated.push(earlier);
                }
            }
        }
    }

    fn insert(&mut self, slot: usize, pair: (S, S)) {
        let name = pair.0.as_ref().as_encoded_bytes();
        self.has_files |= name.ends_with(b"_FILE") || self.ignore_case;
        self.pairs.push(pair);
        self.slots[slot] = self.pairs.len() as u32;
        if self.pairs.len() * 2 > self.slots.len() {
            self.grow();
        }
    }

    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 2];
        for place in 0..self.pairs.len() {
            if let Err(slot) = self.find(self.pairs[place].0.as_ref()) {
                self.slots[slot] = place as u32 + 1;
            }
        }
    }

    /// The place of a name, or the free slot where it belongs.
    fn find(&self, name: &OsStr) -> Result<usize, usize> {
        let name = name.as_encoded_bytes();
        let mask = self.slots.len() - 1;
        let mut slot = hash(name) as usize & mask;
        loop {
            let Some(place) = self.slots[slot].checked_sub(1) else {
                return Err(slot);
            };
            if self.pairs[place as usize].0.as_ref().as_encoded_bytes() == name {
                return Ok(place as usize);
            }
            slot = (slot + 1) & mask;
        }
    }

    fn get(&self, name: &str) -> Option<Value<'_>> {
        let place = match self.find(OsStr::new(name)) {
            Ok(place) => place,
            Err(_) if self.ignore_case => {
                let mut names = self.pairs.iter().map(|(name, _)| name.as_ref());
                names.position(|known| known.eq_ignore_ascii_case(name))?
            }
            Err(_) => return None,
        };
        let first_line = self.pairs.len() - self.lines.len();
        let origin = match place.checked_sub(first_line).map(|place| self.lines[place]) {
            None => self.origin.clone(),
            Some(Line { file, line }) => Origin::Dotenv {
                path: self.files[file].clone(),
                line,
            },
        };
        let repeated = self.repeated.contains(&place);
        Some(Value {
            text: Cow::Borrowed(self.pairs[place].1.as_ref()),
            origin,
            repeated,
        })
    }

    fn names(&self) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
        let names = self
            .pairs
            .iter()
            .filter_map(|(name, _)| name.as_ref().to_str());
        Box::new(names.map(Cow::Borrowed))
    }
}

/// A hash by folded multiplication, eight bytes at a step; the last step may overlap the one before.
///
/// Who can choose the names of the environment can do worse than to make them collide.
#[inline]
fn hash(name: &[u8]) -> u64 {
    let fold = |word: u64| {
        let product = u128::from(word) * 0x9e37_79b9_7f4a_7c15;
        (product ^ product >> 64) as u64
    };
    let mut hash = name.len() as u64;
    let Some(last) = name.last_chunk::<8>() else {
        return fold(
            name.iter()
                .fold(hash, |hash, byte| hash << 8 ^ u64::from(*byte)),
        );
    };
    let mut rest = name;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        hash = fold(hash ^ u64::from_le_bytes(*word));
        rest = after;
    }
    fold(hash ^ u64::from_le_bytes(*last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_names_match_in_any_case() {
        let pairs = [("Port", "80")].map(|(name, text)| (OsStr::new(name), OsStr::new(text)));
        let mut table = Table::with_room_for(1, Origin::Vars);
        table.add(pairs.into_iter());
        assert!(table.get("PORT").is_none());
        table.ignore_case = true;
        assert!(*table.get("PORT").unwrap().text == *"80");
    }
}
