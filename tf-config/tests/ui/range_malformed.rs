use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(range = .., default = 1)]
    boundless: u16,
    #[config(range = 1, default = 1)]
    single: u16,
    #[config(range = 1..=, default = 1)]
    endless: u16,
}

fn main() {}
