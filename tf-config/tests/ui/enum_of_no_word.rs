use tf_config::Config;

#[derive(Config)]
enum Nothing {}

#[derive(Config)]
enum Format {
    Json { pretty: bool },
    Text(u8),
    Plain,
}

#[derive(Config)]
struct Settings {
    nothing: Nothing,
    format: Format,
}

fn main() {
    let _ = Settings::from_env();
}
