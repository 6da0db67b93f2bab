//! What `tf-shutdown` promises, seen through its public interface.

mod children;
mod events;
mod groups;
mod hooks;
mod notify;
mod options;
mod reports;
mod run;
mod schedules;
mod signals;
mod states;
mod support;
mod tasks;
mod tokens;
