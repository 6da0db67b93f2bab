use secrecy::SecretString;
use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(secret, default = "s3cret")]
    key: String,
    #[config(default = "s3cret")]
    session_key: SecretString,
    #[config(default = "s3cret")]
    mail_password: String,
}

fn main() {}
