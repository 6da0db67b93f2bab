use std::path::PathBuf;

use secrecy::SecretString;
use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(secret, redacted)]
    url: Locator,
    #[config(redacted)]
    name: String,
    #[config(redacted)]
    key_file: PathBuf,
    #[config(redacted)]
    session_key: SecretString,
    #[config(secret = false)]
    cookie_key: SecretString,
}

struct Locator;

fn main() {}
