use std::collections::BTreeMap;
use std::time::Duration;

use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(default = "http")]
    port: u16,
    #[config(default = "oui")]
    is_open: bool,
    #[config(default = "NaN")]
    ratio: f64,
    #[config(default = "ab")]
    letter: char,
    #[config(default = 30)]
    drain: Duration,
    #[config(default = true)]
    pause: Duration,
    #[config(default = [80, 4.5, true])]
    ports: Vec<u16>,
    #[config(default = [])]
    host: String,
    #[config(default = ["a=1"])]
    weights: BTreeMap<String, u16>,
    #[config(default = b"bytes")]
    name: String,
    #[config(default = 80u16)]
    other_port: u16,
    #[config(default = 5u16)]
    sizes: Vec<u16>,
}

fn main() {}
