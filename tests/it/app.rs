//! The example of `tf-app`: one binary that is web, worker, tasks and its own manual.

mod codes;
mod live;
mod requests;
mod signals;
