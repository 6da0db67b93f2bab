//! The example of `tf-http`: bound in each way, asked by real clients, and restarted under load without a loss.

mod bind;
mod clients;
mod ends;
mod load;
mod rolling;
mod service;
mod supervised;
