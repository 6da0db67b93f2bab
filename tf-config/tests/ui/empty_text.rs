use std::time::Duration;

use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(allow_empty)]
    port: u16,
    #[config(allow_empty)]
    drain: Option<Duration>,
}

fn main() {}
