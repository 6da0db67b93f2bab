//! A task under the lock that `ADMIN_LOCK_URL` names: a folder, PostgreSQL or MySQL. `APP` is in its key.

use std::env;
use std::process::ExitCode;

use tf_admin::{
    Cx, DryRun, FileGuard, JsonAudit, MySqlGuard, PostgresGuard, Registry, Setup, SetupError, Task,
};

fn main() -> ExitCode {
    let app = env::var("APP").expect("a name");
    let registry = Registry::builder(app)
        .audit(JsonAudit::with_writer(std::io::stderr()))
        .with_state(prepare)
        .add(work());
    registry.build().expect("the declaration is right").main()
}

/// Whether the task keeps its lock until it is told to stop.
struct Keeps(bool);

async fn prepare(setup: Setup) -> Result<Keeps, SetupError> {
    let url = setup.env().var("ADMIN_LOCK_URL").unwrap_or_default();
    match url.split_once("://") {
        Some(("postgres", _)) => setup.lock(PostgresGuard::new(url)),
        Some(("mysql", _)) => setup.lock(MySqlGuard::new(url)),
        Some(("file", folder)) => setup.lock(FileGuard::new(folder).shared()),
        _ => return Err(SetupError::config("`ADMIN_LOCK_URL` names no lock")),
    }
    Ok(Keeps(setup.env().var("KEEP").is_some()))
}

fn work() -> Task<Keeps> {
    let task = Task::new("work", "Hold the lock for a while");
    task.dry_run(DryRun::Supported)
        .run(|cx: Cx<Keeps>, _| async move {
            cx.note("it works");
            if cx.state().0 && !cx.is_dry_run() {
                cx.cancelled().await;
                cx.checkpoint()?;
            }
            Ok(())
        })
}
