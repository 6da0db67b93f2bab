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

pub use self::settings::Settings;

/// Puts the service together; a test runs it by [`App::run_in`].
pub fn app() -> App<Settings> {
    App::new(tf_app::build!())
        // The cache is not among them: a service that does without must not wait for it.
        .backing(|settings: &Settings| {
            [
                ("database", &settings.database_url),
                ("queue", &settings.queue_url),
            ]
        })
        .web(web::web)
        .worker("fulfil", worker::fulfil)
        .tasks(tasks::add)
        .release_header("x-release")
}
