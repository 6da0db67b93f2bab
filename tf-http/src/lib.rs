#![doc = include_str!("../README.md")]
#![doc = include_str!("../docs/recipes.md")]

mod accept;
mod answer;
mod body;
mod connection;
mod drain;
mod error;
mod health;
mod intake;
mod late;
mod listener;
mod peer;
mod process;
mod server;
mod traffic;

pub use body::Text;
pub use drain::{Drain, DrainLayer, Drained, Draining};
pub use error::{Error, ErrorKind};
pub use health::{Health, HealthBuilder};
pub use listener::{Address, AddressError, Listener, ListenerBuilder, Origin};
pub use peer::Peer;
pub use server::{Server, serve};
