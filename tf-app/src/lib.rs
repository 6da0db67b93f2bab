#![doc = include_str!("../README.md")]

mod admin;
mod app;
mod backing;
mod build;
mod context;
mod error;
mod extension;
mod grammar;
mod io;
mod offline;
mod platform;
mod process;
mod release;
mod serve;
mod standard;
mod start;
mod world;

pub use self::app::{App, Tasks};
pub use self::build::Build;
pub use self::context::{Context, NoListener};
pub use self::error::Error;
pub use self::extension::Extension;
pub use self::io::Io;
pub use self::release::Release;
pub use self::standard::{Protect, Standard};
pub use self::world::Report;
pub use tf_admin::Env;
// For frameworks that hide the kit behind themselves.
pub use {tf_admin, tf_backing, tf_config, tf_http, tf_logs, tf_shutdown};

/// The service on the front page of the repository.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct FrontPage;
