use std::collections::BTreeMap;

use tf_config::Config;

#[derive(Config)]
#[config(prefx = "SHOP")]
struct Settings {
    #[config(defualt = 5000, example = "80", requird_if(host))]
    port: u16,
    #[config(list(seperator = ';', trim = 1))]
    hosts: Vec<String>,
    #[config(map(delimeter = ';', separator = ':'))]
    weights: BTreeMap<String, u16>,
}

#[derive(Config)]
enum Format {
    #[config(default, alias = "text")]
    Pretty,
}

fn main() {}
