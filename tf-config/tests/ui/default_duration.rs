use std::time::Duration;

use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(default = "30")]
    drain: Duration,
    #[config(default = "1 fortnight")]
    pause: Duration,
}

fn main() {}
