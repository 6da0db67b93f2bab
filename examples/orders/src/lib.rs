#![doc = include_str!("../README.md")]

mod cache;
mod order;
mod process;
mod queue;
mod retry;
mod settings;
mod store;
mod tasks;
mod web;
mod worker;

use tf_app::App;
use tf_backing::Redis;

pub use self::settings::Settings;

/// Puts the service together; a test runs it by [`App::run_in`].
pub fn app() -> App<Settings> {
    App::new(tf_app::build!())
        .backing(|settings: &Settings| {
            [
                ("database", &settings.database_url),
                ("queue", &settings.queue_url),
            ]
        })
        .backing_optional(|settings| {
            let cache = settings.cache_url.as_ref().map(Redis::locator);
            [("cache", cache)]
        })
        .web(web::web)
        .worker("fulfil", worker::fulfil)
        .tasks(tasks::add)
        .release_header("x-release")
}
