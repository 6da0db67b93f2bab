use tf_config::Config;

#[derive(Config)]
struct Settings {
    port: Option<Option<u16>>,
}

fn main() {}
