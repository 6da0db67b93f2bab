use std::collections::BTreeMap;

use tf_config::Config;

struct Port(u16);

#[derive(Config)]
struct Settings {
    port: Port,
    others: Vec<Port>,
    last: Option<Port>,
    by_name: BTreeMap<String, Port>,
}

fn main() {
    let _ = Settings::from_env();
}
