//! The example of `tf-http`: bound in each way, asked by real clients, and restarted under load without a loss.

mod bind;
mod clients;
mod ends;
pub(crate) mod load;
mod rolling;
pub(crate) mod service;
mod supervised;
