use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(range = 10..=1)]
    falling: u16,
    #[config(range = 1..1)]
    single: u16,
    #[config(range = 0.5..=-0.5)]
    ratio: f64,
}

fn main() {}
