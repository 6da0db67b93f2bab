//! A service that stops well; `--stuck` (a task never ends), `--wedge` (every worker blocks), `--fail`, `--panic` and
//! `--slow-start SECONDS` make it misbehave.

use std::io::{self, Write};
use std::time::Duration;
use std::{env, error, future, thread};

use tf_shutdown::{Lifecycle, Options, Report, Signals, Stage, Token};
use tokio::time::sleep;

fn main() -> Report {
    let signals = Signals::install();
    if let Err(error) = tf_logs::init("shutdown") {
        let _ = writeln!(io::stderr(), "shutdown: {error}");
    }
    let report = tf_shutdown::run(signals, Options::from_env(), serve);
    let _ = writeln!(io::stderr(), "{report}");
    report
}

async fn serve(life: Lifecycle) -> Result<(), Box<dyn error::Error + Send + Sync>> {
    life.hook(Stage::Resources, "pool", || Pool.close());
    life.spawn("housekeeping", life.token().stopping());
    let fault = env::args().nth(1).unwrap_or_default();
    if fault == "--slow-start" {
        let seconds = env::args().nth(2).ok_or("SECONDS is missing")?.parse()?;
        sleep(Duration::from_secs(seconds)).await;
    }
    if fault == "--stuck" {
        life.spawn("stuck job", future::pending::<()>());
    }
    if fault == "--wedge" {
        for _ in 0..thread::available_parallelism()?.get() * 2 {
            life.spawn("wedge", async { thread::sleep(Duration::MAX) });
        }
    }
    life.spawn_essential("consumer", consume(life.token(), fault));
    life.ready();
    Ok(())
}

async fn consume(token: Token, fault: String) -> Result<(), io::Error> {
    const PAUSE: Duration = Duration::from_millis(100);
    while token.until_stopping(sleep(PAUSE)).await.is_some() {
        match &*fault {
            "--fail" => return Err(io::Error::other("the broker is gone")),
            "--panic" => panic!("this message makes no sense"),
            _ => tracing::debug!("consumed"),
        }
    }
    Ok(())
}

struct Pool;

impl Pool {
    async fn close(self) {
        tracing::info!("the pool is closed");
    }
}
