//! `orders:export`: writes all orders to stdout.

use tf_admin::{Cx, Danger, Task, TaskError};
use tf_app::Context;

use crate::settings::Settings;
use crate::store::Store;

const BATCH: usize = 500;

pub(super) fn task() -> Task<Context<Settings>> {
    Task::new(
        "orders:export",
        "Write all orders to stdout, newest first, one JSON object a line",
    )
    .danger(Danger::ReadOnly)
    .run(export)
}

async fn export(cx: Cx<Context<Settings>>, _: tf_admin::NoArgs) -> Result<(), TaskError> {
    let store = Store::open(cx.state()).await?;
    let (mut orders, mut after) = (Vec::new(), None);
    loop {
        cx.checkpoint()?;
        let page = store.page(BATCH, after.as_deref()).await?;
        after = page.orders.last().map(|last| last.id.clone());
        orders.extend(page.orders);
        if !page.more {
            break;
        }
    }
    let lines: Result<Vec<_>, _> = orders.iter().map(serde_json::to_string).collect();
    Ok(cx.output_as(&orders, lines?.join("\n"))?)
}
