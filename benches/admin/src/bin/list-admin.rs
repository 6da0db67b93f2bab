//! The tasks, declared with tf-admin.

use std::process::ExitCode;

use bench_admin::{Arguments, tasks};
use tf_admin::{Env, Registry, SetupError, Task};

fn main() -> ExitCode {
    let tasks = tasks().map(|(name, summary)| {
        Task::new(name, summary)
            .args::<Arguments>()
            .run(|cx, args| async move {
                cx.output(&args.older_than)?;
                Ok(())
            })
    });
    let registry = Registry::builder("bench")
        .with_state(async |setup: tf_admin::Setup| Ok::<Env, SetupError>(setup.env().clone()))
        .add_all(tasks)
        .build();
    registry.expect("the tasks are well declared").main()
}
