//! `orders:prune`: deletes orders that have been final for long.

use std::time::Duration;

use tf_admin::{Completion, Cx, Danger, DryRun, Task, TaskError};
use tf_app::Context;

use crate::cache::Cache;
use crate::order::Time;
use crate::settings::Settings;
use crate::store::Store;

const BATCH: i64 = 200;

#[derive(clap::Args)]
struct Prune {
    /// Delete what was fulfilled or cancelled longer ago than that, as in `30d` or `12h`.
    #[arg(long, value_parser = humantime::parse_duration)]
    older_than: Duration,
}

pub(super) fn task() -> Task<Context<Settings>> {
    Task::new(
        "orders:prune",
        "Delete orders that were fulfilled or cancelled long ago",
    )
    .args::<Prune>()
    .danger(Danger::Destructive)
    .dry_run(DryRun::Supported)
    .run(prune)
}

async fn prune(cx: Cx<Context<Settings>>, arguments: Prune) -> Result<Completion, TaskError> {
    let store = Store::open(cx.state()).await?;
    let cache = Cache::new(cx.state().config().cache_url.as_ref())?;
    let before = Time::now().before(arguments.older_than);
    let mut deleted = 0;
    loop {
        cx.checkpoint()?;
        let ids = store.final_before(before, BATCH).await?;
        if ids.is_empty() {
            break;
        }
        let text = format!("delete {} orders", ids.len());
        let done = cx.effect(text, || store.delete(&ids)).await?;
        deleted += ids.len();
        if done.is_none() {
            break;
        }
        cache.forget(&ids).await;
        cx.progress(ids.len() as u64);
    }
    cx.output_as(&deleted, format!("{deleted} deleted"))?;
    Ok(match deleted {
        0 => Completion::NothingToDo,
        _ => Completion::Done,
    })
}
