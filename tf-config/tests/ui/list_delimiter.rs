use std::collections::BTreeMap;

use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(list(delimiter = ";;"), example = "a")]
    hosts: Vec<String>,
    #[config(list(delimiter = ' ', trim = true))]
    words: Vec<String>,
    #[config(list(delimiter = '\\'))]
    paths: Vec<String>,
    #[config(map(delimiter = '=', separator = "="))]
    weights: BTreeMap<String, u16>,
    #[config(map(delimiter = '='))]
    sizes: BTreeMap<String, u16>,
}

fn main() {}
