use tf_config::Config;

struct Mail {
    host: String,
}

#[derive(Config)]
struct Settings {
    #[config(nested)]
    mail: Mail,
    #[config(nested)]
    fallback: Option<Mail>,
}

fn main() {
    let _ = Settings::from_env();
}
