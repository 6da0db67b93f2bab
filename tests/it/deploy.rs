//! `examples/deploy`: releases under supervisor, and each file in the hands of a program that reads it.

mod builds;
mod compose;
mod generated;
mod image;
mod kubernetes;
mod refusals;
mod rollout;
mod site;
mod texts;
mod yaml;
