//! What goes where in the drivers' options, and what is refused.

#[cfg(feature = "lapin-4")]
mod lapin;
#[cfg(feature = "sqlx-0-9-mysql")]
mod mysql;
#[cfg(feature = "sqlx-0-9-postgres")]
mod postgres;
#[cfg(feature = "redis-1")]
mod redis;
#[cfg(feature = "sqlx-0-9-sqlite")]
mod sqlite;

use std::error::Error;
use std::fmt::Debug;
use std::str::FromStr;

use tf_backing::{AdapterError, ParseError};

/// A user and a password with everything that a URL must encode.
const LOGIN: &str = "u%23%2F%3F%40%3A%25:p%23%2F%3F%40%3A%25w%20";
const USER: &str = "u#/?@:%";
const PASSWORD: &str = "p#/?@:%w ";

/// The options of the driver that a URL of the kind `View` stands for.
fn convert<View, Target>(url: &str) -> Result<Target, AdapterError>
where
    View: FromStr<Err = ParseError>,
    Target: for<'a> TryFrom<&'a View, Error = AdapterError>,
{
    let view: View = url.parse().unwrap_or_else(|error| panic!("{url}: {error}"));
    Target::try_from(&view)
}

/// The refusal, which must not show `hunter2`.
fn refusal<View, Target>(url: &str) -> AdapterError
where
    View: FromStr<Err = ParseError>,
    Target: for<'a> TryFrom<&'a View, Error = AdapterError> + Debug,
{
    let Err(error) = convert::<View, Target>(url) else {
        panic!("{url} is taken");
    };
    let out = format!("{error} {error:?} {error:#?}");
    assert!(error.source().is_none());
    assert!(!out.contains("hunter2"), "{out}");
    error
}
