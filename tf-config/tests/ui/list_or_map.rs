use std::collections::BTreeMap;

use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(list)]
    port: u16,
    #[config(map)]
    hosts: Vec<String>,
    #[config(list, map)]
    weights: BTreeMap<String, u16>,
}

fn main() {}
