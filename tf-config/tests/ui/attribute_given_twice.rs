use tf_config::Config;

#[derive(Config)]
#[config(prefix = "SHOP", debug, prefix = "STORE")]
struct Settings {
    #[config(default = 5000, default = 5001, example = "80")]
    port: u16,
    #[config(secret)]
    #[config(secret = false)]
    key: String,
}

fn main() {}
