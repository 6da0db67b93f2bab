use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(default = 5000)]
    port: Option<u16>,
    #[config(default_with = hosts)]
    hosts: Option<Vec<String>>,
    #[config(default = "a", default_with = name)]
    name: String,
}

fn main() {}
