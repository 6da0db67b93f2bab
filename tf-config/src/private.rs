//! What generated code names; no promise is made for any of it.

pub use secrecy::SecretString;
pub use serde;

pub use crate::config::Config;
pub use crate::decode::{
    Bad, Input, Shape, assert_duration, checked, duration, from_str, in_range, integer_shape, leaf,
    list, map, os, secret_text, shape, unit_variant,
};
pub use crate::reader::{Door, Reader, equals};
pub use crate::redact::{DebugField, DebugSecret, DebugText, NotSecret, Probe};
pub use crate::section::{
    Condition, Entry, Group, Kind, Leaf, Name, Presence, Section, Visibility,
};
