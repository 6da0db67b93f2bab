use tf_config::Config;

#[derive(Config)]
#[config(prefix = "my-shop")]
struct Settings {
    port: u16,
    größe: u16,
    #[config(rename = "2ND_PORT")]
    second_port: u16,
    #[config(rename = "")]
    third_port: u16,
    #[config(alias = "LOG FMT", deprecated = "log.format")]
    log_format: String,
}

#[derive(Config)]
struct Outer {
    #[config(nested, prefix = "a.b")]
    first: Settings,
    #[config(nested)]
    zweitgrößte: Settings,
}

fn main() {}
