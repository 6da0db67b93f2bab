use std::collections::BTreeMap;

use tf_config::Config;

#[derive(Config)]
struct Mail {
    host: String,
}

#[derive(Config)]
struct Settings {
    #[config(nested)]
    mails: Vec<Mail>,
    #[config(nested)]
    by_name: Option<BTreeMap<String, Mail>>,
    #[config(nested, list)]
    mail: Mail,
}

fn main() {}
