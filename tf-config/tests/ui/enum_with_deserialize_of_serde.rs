use serde::Deserialize;
use tf_config::Config;

#[derive(Config, Deserialize)]
enum Format {
    Json,
}

fn main() {}
