use std::num::NonZeroU16;

use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(range = 1..=70000)]
    port: u16,
    #[config(range = -1..)]
    workers: usize,
    #[config(range = -129..=127)]
    offset: i8,
    #[config(range = 0..=10)]
    attempts: NonZeroU16,
}

fn main() {}
