use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(prefix = "HTTP")]
    port: u16,
}

fn main() {}
