//! The tour of `tf-config`.
fn main() {}
