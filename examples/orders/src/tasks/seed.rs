//! `seed`: places some orders to try the service with.

use tf_admin::{Cx, Task, TaskError};
use tf_app::Context;

use crate::order::{Item, NewOrder};
use crate::settings::Settings;
use crate::store::{Placed, Store};

const CUSTOMERS: [&str; 4] = ["Ada", "Grace", "Edsger", "Barbara"];
const ARTICLES: [&str; 3] = ["lamp", "chair", "table"];

#[derive(clap::Args)]
struct Seed {
    /// How many orders there are to be.
    #[arg(long, default_value_t = 10)]
    count: u32,
}

pub(super) fn task() -> Task<Context<Settings>> {
    Task::new(
        "seed",
        "Place orders to try the service with; once more adds none",
    )
    .args::<Seed>()
    .run(seed)
}

async fn seed(cx: Cx<Context<Settings>>, arguments: Seed) -> Result<(), TaskError> {
    let store = Store::open(cx.state()).await?;
    cx.total(arguments.count.into());
    let mut placed = 0;
    for n in 0..arguments.count {
        cx.checkpoint()?;
        if let Placed::New(_) = store.place(&order(n), Some(&format!("seed-{n}"))).await? {
            placed += 1;
        }
        cx.progress(1);
    }
    Ok(cx.output_as(&placed, format!("{placed} placed"))?)
}

fn order(n: u32) -> NewOrder {
    let pick = |list: &[&str]| list[n as usize % list.len()].to_owned();
    let item = Item {
        sku: pick(&ARTICLES),
        quantity: i64::from(n % 3 + 1),
    };
    NewOrder {
        customer: pick(&CUSTOMERS),
        items: vec![item],
    }
}
