//! From one variable's text to a value.

mod bytes;
mod collection;
mod duration;
mod scalar;
mod shape;

use std::ffi::OsStr;
use std::fmt;
use std::ops::Bound;

use crate::section::Kind;

pub use self::bytes::{ByteSize, ByteSizeError};
pub use self::collection::{list, map};
pub use self::duration::{assert_duration, duration};
pub use self::scalar::{from_str, leaf, os, secret_text, unit_variant};
pub use self::shape::{Shape, integer as integer_shape, of as shape};

/// The text of one value, ready to be decoded.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// UTF-8 and, unless white space is part of such values, trimmed; empty for [`Shape::Os`].
    pub(crate) text: &'a str,
    pub(crate) raw: &'a OsStr,
    pub(crate) shape: &'a Shape,
}

impl<'a> Input<'a> {
    pub(crate) fn new(raw: &'a OsStr, shape: &'a Shape, kind: Kind) -> Result<Self, Bad> {
        let is_whole = matches!(kind, Kind::Scalar);
        let text = match (shape, raw.to_str()) {
            (Shape::Os, _) if is_whole => "",
            (_, None) => return Err(Bad::new(Why::NotUnicode)),
            (shape, Some(text)) if is_whole && shape.is_exact() => text,
            (_, Some(text)) => text.trim(),
        };
        Ok(Self { text, raw, shape })
    }

    /// The same kind of value with a text from the declaration.
    #[must_use]
    pub fn literal(&self, text: &'a str) -> Self {
        Self {
            text,
            raw: OsStr::new(text),
            shape: self.shape,
        }
    }
}

/// Why a text is not a value.
#[derive(Debug)]
pub struct Bad {
    pub(crate) why: Why,
    /// Which items of a list or entries of a map, counted from 1; empty when it is the whole.
    pub(crate) items: Vec<usize>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Why {
    #[error("it is not UTF-8")]
    NotUnicode,
    /// A parser's own words, which may hold the value.
    #[error("{0}")]
    Words(String),
    /// The text is not of the type, and nothing more is to be said.
    #[error("it is of another form")]
    Form,
    /// Words of ours, free of the value.
    #[error("{0}")]
    Explained(String),
    #[error("it is out of range")]
    OutOfRange,
    #[error("the item is empty")]
    EmptyItem,
    #[error("the key is there already")]
    RepeatedKey,
    /// The words of the user's own check.
    #[error("{0}")]
    Rejected(String),
    #[error("the type reads {0}, which no single variable holds")]
    Unsupported(&'static str),
}

impl Bad {
    pub(crate) fn new(why: Why) -> Self {
        Self {
            why,
            items: Vec::new(),
        }
    }
}

/// The value, if it lies between the bounds.
pub fn in_range<T: PartialOrd>(value: T, from: Bound<T>, to: Bound<T>) -> Result<T, Bad> {
    let above = match from {
        Bound::Included(from) => value >= from,
        Bound::Excluded(from) => value > from,
        Bound::Unbounded => true,
    };
    let below = match to {
        Bound::Included(to) => value <= to,
        Bound::Excluded(to) => value < to,
        Bound::Unbounded => true,
    };
    if above && below {
        Ok(value)
    } else {
        Err(Bad::new(Why::OutOfRange))
    }
}

/// The value, if the user's check let it pass.
pub fn checked<T, E: fmt::Display>(value: T, verdict: Result<(), E>) -> Result<T, Bad> {
    match verdict {
        Ok(()) => Ok(value),
        Err(words) => Err(Bad::new(Why::Rejected(words.to_string()))),
    }
}
