//! The command `tf-check`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tf_check::main()
}
