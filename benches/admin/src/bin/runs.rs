//! A thousand runs of a task through the harness, one after the other; prints how many microseconds they took.

use std::time::Instant;

use bench_admin::{Arguments, tasks};
use tf_admin::{Env, Io, MemoryGuard, Registry, Task};

const RUNS: u32 = 1_000;

fn main() {
    let tasks = tasks().map(|(name, summary)| {
        Task::new(name, summary)
            .args::<Arguments>()
            .run(|cx, args| async move {
                cx.checkpoint()?;
                cx.effect("write", async || Ok::<_, std::io::Error>(()))
                    .await?;
                cx.progress(1);
                cx.output(&args.older_than)?;
                Ok(())
            })
    });
    let registry = Registry::builder("bench")
        .lock(MemoryGuard::new())
        .add_all(tasks)
        .build()
        .expect("the tasks are well declared");
    let (last, _) = bench_admin::tasks().last().expect("there are tasks");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let start = Instant::now();
    runtime.expect("a runtime starts").block_on(async {
        for run in 0..RUNS {
            let days = run.to_string();
            let words = [last.as_str(), "--older-than", &days, "--reason", "bench"];
            let report = registry.run(words, Env::default(), Io::captured()).await;
            assert_eq!(report.code(), 0, "{}", report.stderr());
            assert_eq!(report.stdout().trim_end(), days);
        }
    });
    println!("{}", start.elapsed().as_micros());
}
