use serde::Deserialize;
use tf_config::Config;

#[derive(Deserialize, PartialEq, PartialOrd)]
struct Port(u16);

#[derive(Config)]
struct Settings {
    #[config(range = 1..=1024)]
    port: Port,
}

fn main() {}
