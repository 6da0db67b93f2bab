use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(range = "a".."f")]
    name: String,
    #[config(range = 0..=1)]
    is_open: bool,
}

fn main() {}
