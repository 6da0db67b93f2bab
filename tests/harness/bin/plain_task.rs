//! A task in a program that sets up neither logs nor an audit.

use std::process::ExitCode;

use tf_admin::{Registry, Task};

fn main() -> ExitCode {
    let greet = Task::new("greet", "Greet").run(|cx, _| async move {
        cx.output("hello")?;
        Ok(())
    });
    let registry = Registry::builder("plain").add(greet).build();
    registry.expect("the declaration is right").main()
}
