//! One-off tasks.

mod export;
mod migrate;
mod prune;
mod seed;

use tf_app::Tasks;

use crate::settings::Settings;

pub(crate) fn add(tasks: Tasks<Settings>) -> Tasks<Settings> {
    tasks
        .add(migrate::task())
        .add(seed::task())
        .add(export::task())
        .add(prune::task())
}
