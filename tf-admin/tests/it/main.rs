//! Public behaviour of tf-admin.

mod arguments;
mod audit;
mod catalogue;
mod confirm;
mod declaration;
mod guards;
mod locking;
mod outcomes;
mod output;
mod progress;
mod properties;
mod secrets;
mod stopping;
mod support;
