use tf_config::Config;

#[derive(Config)]
#[config]
#[config(prefix = SHOP)]
struct Settings {
    #[config(default 5000, example = "80", rename = 7)]
    port: u16,
    #[config(secret redacted)]
    key: String,
    #[config(no_file = true, secret = 1)]
    host: String,
    #[config(default = -"1", validate = 5)]
    weight: f64,
    #[config(default = u16::MAX)]
    other_port: u16,
    #[config(default = [FIRST, 2], list = ";")]
    ports: Vec<u16>,
    #[config = "PORT"]
    third_port: u16,
    #[config("PORT", tags(owner))]
    fourth_port: u16,
}

fn main() {}
