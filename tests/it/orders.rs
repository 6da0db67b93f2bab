//! The service `orders`, on an embedded database and on real servers, with the same assertions.

mod browser;
pub(crate) mod client;
mod losses;
mod site;
mod walk;
