use serde::Deserialize;
use tf_config::Config;

#[derive(Deserialize)]
struct Locator(String);

#[derive(Config)]
struct Settings {
    #[config(redacted)]
    database_url: Locator,
}

fn main() {}
