//! A service that goes wrong at its edges, in the way that its argument names.

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, process, thread};

use tf_shutdown::{Lifecycle, Options, Report, Signals, Stage};

fn main() -> ExitCode {
    let begun = Instant::now();
    let signals = Signals::install();
    let took = begun.elapsed();
    tf_logs::init("stop_badly").expect("the settings are good");
    let way = env::args().nth(1).expect("a way to go wrong");
    match &*way {
        "installs-slowly" => {
            tracing::info!(
                event.action = "installed",
                took_us = took.as_micros() as u64
            );
            ExitCode::SUCCESS
        }
        "never-run" => wait_for_ever(&signals),
        "signals-dropped" => wait_for_ever(&drop(signals)),
        "runtime-of-others" => code(&runtime_of_others(signals)),
        _ => {
            // Dropped after the service has ended.
            let _hang = (way == "drop-hangs").then(|| Hang);
            let report = tf_shutdown::run(signals, Options::from_env(), |life| serve(life, way));
            code(&report)
        }
    }
}

fn code(report: &Report) -> ExitCode {
    ExitCode::from(report.exit_code())
}

async fn serve(life: Lifecycle, way: String) -> Result<(), Box<dyn Error + Send + Sync>> {
    life.hook(Stage::Resources, "pool", async || {
        tracing::info!("the pool is closed");
    });
    match &*way {
        "hook-blocks" => {
            life.hook(Stage::Resources, "blocked", async || {
                thread::sleep(Duration::MAX);
            });
        }
        "setup-blocks" => {
            announce();
            thread::sleep(Duration::MAX);
        }
        "setup-serves" => {
            life.ready();
            life.token().stopping().await;
            tracing::info!("served to the end");
            return Ok(());
        }
        _ => {}
    }
    life.ready();
    Ok(())
}

/// A blocking job outlives the lifecycle, and tokio waits for it.
fn runtime_of_others(signals: Signals) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let life = match Lifecycle::start(signals, Options::from_env()) {
            Ok(life) => life,
            Err(problems) => return problems.into(),
        };
        tokio::task::spawn_blocking(|| thread::sleep(Duration::MAX));
        life.ready();
        life.finished().await
    })
}

fn wait_for_ever<T>(_kept: &T) -> ExitCode {
    announce();
    loop {
        thread::park();
    }
}

/// As a service that never comes to say so would, if it could.
fn announce() {
    tracing::info!(
        event.action = "lifecycle.starting",
        lifecycle.pid = process::id()
    );
    tracing::info!(event.action = "lifecycle.ready");
}

struct Hang;

impl Drop for Hang {
    fn drop(&mut self) {
        thread::sleep(Duration::MAX);
    }
}
