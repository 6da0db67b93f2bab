use tf_config::Config;

fn port() -> u32 {
    5000
}

fn check_host(_host: &u16) -> Result<(), String> {
    Ok(())
}

fn check_all(_settings: &Settings) -> bool {
    true
}

#[derive(Config)]
#[config(validate = check_all)]
struct Settings {
    #[config(default_with = port)]
    port: u16,
    #[config(validate = check_host)]
    host: String,
}

fn main() {}
