//! The trait that the derive implements.

use std::ffi::OsStr;

use crate::error::Error;
use crate::loaded::Loaded;
use crate::reader::{Purpose, Reader};
use crate::reference::Reference;
use crate::section::{Entry, Group, Section};
use crate::source::{Source, Vars, borrowed};

/// A struct that is read from environment variables.
///
/// Implement it with `#[derive(Config)]`; the [crate docs](crate#attributes) have the attributes.
/// A tuple of two configurations is read as one: each under its own prefix, all problems in one report.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a configuration",
    label = "add `#[derive(Config)]` to this struct",
    note = "a field of a plain type needs no `nested`"
)]
pub trait Config: Sized {
    #[doc(hidden)]
    const SECTION: &'static Section;

    #[doc(hidden)]
    fn read(reader: &mut Reader<'_>) -> Option<Self>;

    /// Reads the process environment.
    ///
    /// Warnings are dropped; [`load`](Self::load) keeps them.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once.
    fn from_env() -> Result<Self, Error> {
        read_as(&Vars::from_env(), Purpose::Value).map(Loaded::into_value)
    }

    /// Reads pairs of name and text, for tests and for callers with their own environment.
    ///
    /// Where a name occurs twice, the first pair counts.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once.
    fn from_vars<K, V>(vars: impl IntoIterator<Item = (K, V)>) -> Result<Self, Error>
    where
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        let pairs: Vec<(K, V)> = vars.into_iter().collect();
        read_as(&borrowed(&pairs, Self::SECTION), Purpose::Value).map(Loaded::into_value)
    }

    /// Reads a source; gives the value with warnings, origins and a fingerprint.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once, with the warnings.
    fn load(source: &dyn Source) -> Result<Loaded<Self>, Error> {
        read_as(source, Purpose::Report)
    }

    /// Describes the variables, for `.env.example`, documentation and JSON Schema.
    #[must_use]
    fn reference() -> Reference {
        Reference::of(Self::SECTION)
    }
}

fn read_as<T: Config>(source: &dyn Source, purpose: Purpose) -> Result<Loaded<T>, Error> {
    let mut reader = Reader::new(source, T::SECTION, purpose);
    let value = T::read(&mut reader);
    reader.finish(T::SECTION, value)
}

impl<A: Config, B: Config> Config for (A, B) {
    const SECTION: &'static Section = &Section {
        prefix: "",
        has_complete_names: true,
        entries: &[
            Entry::Group(Group {
                section: A::SECTION,
                root: true,
                ..Group::NEW
            }),
            Entry::Group(Group {
                section: B::SECTION,
                root: true,
                ..Group::NEW
            }),
        ],
    };

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let first = reader.group(Self::SECTION.group(0));
        let second = reader.group(Self::SECTION.group(1));
        Some((first?, second?))
    }
}
