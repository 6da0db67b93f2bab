//! The app in its own process: grammar, order, codes, streams.

mod check;
mod codes;
mod fixture;
mod grammar;
mod offline;
mod processes;
mod seams;
mod secrets;
mod tasks;
