//! Process-level tests: what the crates promise, seen from outside a process.
