//! The binary: `orders help` says what it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    orders::app().run()
}
