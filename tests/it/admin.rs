//! The example of `tf-admin`: its codes, its streams and its records, as a shell, a supervisor and a person see them.

mod codes;
mod hostile;
mod live;
mod locks;
mod offline;
mod records;
mod secrets;
mod signals;
mod streams;
mod terminal;
