//! `migrate`: brings the schema of the database up to date.

use tf_admin::{Completion, Cx, ExitWith, Task, TaskError};
use tf_app::Context;

use crate::settings::Settings;
use crate::store::Store;

const PENDING: i32 = 3;

#[derive(clap::Args)]
struct Migrate {
    /// Change nothing; end with 3 where something is pending.
    #[arg(long)]
    check: bool,
}

pub(super) fn task() -> Task<Context<Settings>> {
    Task::new("migrate", "Bring the schema of the database up to date")
        .args::<Migrate>()
        .code(PENDING, "pending")
        .run(migrate)
}

async fn migrate(cx: Cx<Context<Settings>>, arguments: Migrate) -> Result<Completion, TaskError> {
    let store = Store::attach(cx.state())?;
    let pending = store.pending().await?;
    cx.output(&pending)?;
    if pending.is_empty() {
        return Ok(Completion::AlreadyDone);
    }
    if arguments.check {
        let text = format!("{} pending: {}", pending.len(), pending.join(", "));
        return Err(ExitWith::new(PENDING, text).into());
    }
    Store::prepare(cx.state()).await?;
    Ok(Completion::Done)
}
