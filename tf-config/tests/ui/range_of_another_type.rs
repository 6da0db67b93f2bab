use std::time::Duration;

use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(range = 0.5..=10)]
    port: u16,
    #[config(range = -1..=70000u32)]
    other_port: u16,
    #[config(range = 0..=1.0)]
    ratio: f64,
    #[config(range = 1..="60s")]
    drain: Duration,
    #[config(range = "a"..='z')]
    letter: char,
}

fn main() {}
