//! Variables held in memory.

use std::array;
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
        Self::collect(|| pairs, Origin::Vars)
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

    pub(super) fn collect<I>(pairs: impl FnOnce() -> I, origin: Origin) -> Self
    where
        I: Iterator<Item = (OsString, OsString)>,
    {
        Self {
            table: Table::new(origin).with(pairs()),
            problems: Vec::new(),
        }
    }
}

impl fmt::Debug for Vars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vars")
            .field("len", &self.table.len())
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
    Table::new(Origin::Vars).with(pairs.filter(near))
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

/// Variables in buckets by the hash of their names.
///
/// Many small blocks, made before the variables are copied: of what was measured, this costs the
/// least on the first load of a process, which mostly is the only one.
struct Table<S> {
    buckets: Box<[Vec<Held<S>>; BUCKETS]>,
    /// Whether a name ends in `_FILE`.
    has_files: bool,
    /// The origin of all that came from no file.
    origin: Origin,
    /// The origins of all that came from `.env` files.
    lines: Vec<Line>,
    files: Vec<Arc<Path>>,
    /// Windows: `Path` and `PATH` are one variable.
    ignore_case: bool,
}

/// Ten thousand variables are still only some hundred comparisons of numbers a look-up.
const BUCKETS: usize = 32;

/// The variables for which a bucket has room from the start: 448 in all, more than most processes
/// have.
const ROOM: usize = 14;

struct Held<S> {
    name: S,
    text: S,
    hash: u32,
    /// The place in `lines`, counted from 1; 0 for what came from no file.
    line: u32,
    repeated: bool,
}

#[derive(Clone, Copy)]
struct Line {
    /// The place in `files`.
    file: usize,
    line: usize,
}

impl<S: AsRef<OsStr>> Table<S> {
    fn new(origin: Origin) -> Self {
        Self {
            buckets: Box::new(array::from_fn(|_| Vec::with_capacity(ROOM))),
            has_files: false,
            origin,
            lines: Vec::new(),
            files: Vec::new(),
            ignore_case: cfg!(windows),
        }
    }

    fn with(mut self, pairs: impl Iterator<Item = (S, S)>) -> Self {
        for (name, text) in pairs {
            let hash = hash(name.as_ref().as_encoded_bytes());
            match self.find(name.as_ref(), hash) {
                Some(first) => first.repeated = true,
                None => self.insert(Held {
                    name,
                    text,
                    hash,
                    line: 0,
                    repeated: false,
                }),
            }
        }
        self
    }

    /// Adds a line of a `.env` file: below every other origin, above an earlier line.
    fn add_below(&mut self, (name, text): (S, S), line: usize) {
        let file = self.files.len() - 1;
        self.lines.push(Line { file, line });
        let line = self.lines.len() as u32;
        let hash = hash(name.as_ref().as_encoded_bytes());
        let earlier_line = self.find(name.as_ref(), hash).map(|earlier| earlier.line);
        match earlier_line.map(|line| line.checked_sub(1).map(|place| self.lines[place as usize])) {
            None => self.insert(Held {
                name,
                text,
                hash,
                line,
                repeated: false,
            }),
            Some(Some(earlier)) if earlier.file == file => {
                let held = Held {
                    name,
                    text,
                    hash,
                    line,
                    repeated: true,
                };
                if let Some(earlier) = self.find(held.name.as_ref(), hash) {
                    *earlier = held;
                }
            }
            Some(_) => {}
        }
    }

    fn insert(&mut self, held: Held<S>) {
        let name = held.name.as_ref().as_encoded_bytes();
        self.has_files |= name.ends_with(b"_FILE") || self.ignore_case;
        self.buckets[held.hash as usize % BUCKETS].push(held);
    }

    fn find(&mut self, name: &OsStr, hash: u32) -> Option<&mut Held<S>> {
        let mut bucket = self.buckets[hash as usize % BUCKETS].iter_mut();
        bucket.find(|held| held.hash == hash && held.name.as_ref() == name)
    }

    fn get(&self, name: &str) -> Option<Value<'_>> {
        let hash = hash(name.as_bytes());
        let mut bucket = self.buckets[hash as usize % BUCKETS].iter();
        let exact = bucket.find(|held| held.hash == hash && held.name.as_ref() == name);
        let held = exact.or_else(|| {
            let mut all = self.buckets.iter().flatten().filter(|_| self.ignore_case);
            all.find(|held| held.name.as_ref().eq_ignore_ascii_case(name))
        })?;
        let line = held
            .line
            .checked_sub(1)
            .map(|place| self.lines[place as usize]);
        let origin = match line {
            None => self.origin.clone(),
            Some(Line { file, line }) => Origin::Dotenv {
                path: self.files[file].clone(),
                line,
            },
        };
        Some(Value {
            text: Cow::Borrowed(held.text.as_ref()),
            origin,
            repeated: held.repeated,
        })
    }

    fn len(&self) -> usize {
        self.buckets.iter().map(Vec::len).sum()
    }

    fn names(&self) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
        let all = self.buckets.iter().flatten();
        let names = all.filter_map(|held| held.name.as_ref().to_str());
        Box::new(names.map(Cow::Borrowed))
    }
}

/// A hash by folded multiplication, eight bytes at a step; the last step may overlap the one before.
///
/// Who can choose the names of the environment can do worse than to make them collide.
#[inline]
fn hash(name: &[u8]) -> u32 {
    let fold = |word: u64| {
        let product = u128::from(word) * 0x9e37_79b9_7f4a_7c15;
        (product ^ (product >> 64)) as u64
    };
    let mut hash = name.len() as u64;
    let Some(last) = name.last_chunk::<8>() else {
        let shift = |hash: u64, byte: &u8| (hash << 8) ^ u64::from(*byte);
        return fold(name.iter().fold(hash, shift)) as u32;
    };
    let mut rest = name;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        hash = fold(hash ^ u64::from_le_bytes(*word));
        rest = after;
    }
    fold(hash ^ u64::from_le_bytes(*last)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_names_match_in_any_case() {
        let pairs = [("Port", "80")].map(|(name, text)| (OsStr::new(name), OsStr::new(text)));
        let mut table = Table::new(Origin::Vars).with(pairs.into_iter());
        assert!(table.get("PORT").is_none());
        table.ignore_case = true;
        assert!(*table.get("PORT").unwrap().text == *"80");
    }
}
