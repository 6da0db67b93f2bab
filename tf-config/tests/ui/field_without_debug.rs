use serde::Deserialize;
use tf_config::Config;

#[derive(Deserialize)]
struct Port(u16);

#[derive(Config)]
#[config(debug)]
struct Settings {
    port: Port,
    #[config(secret)]
    key: Port,
}

fn main() {}
