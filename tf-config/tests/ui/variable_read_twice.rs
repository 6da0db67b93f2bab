use tf_config::Config;

#[derive(Config)]
#[config(prefix = "SHOP")]
struct Settings {
    port: u16,
    #[config(rename = "SHOP_PORT")]
    other_port: u16,
    key: String,
    key_file: String,
    #[config(alias = "HOST", deprecated = "HOST")]
    host: String,
    #[config(alias = "SHOP_NAME")]
    name: String,
    #[config(rename = "CA_FILE")]
    ca: String,
    #[config(rename = "CA_FILE")]
    other_ca: String,
}

fn main() {}
