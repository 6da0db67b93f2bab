use tf_config::Config;

#[derive(Config)]
struct Settings {
    #[config(default = 70000)]
    port: u16,
    #[config(default = -1)]
    workers: usize,
    #[config(default = 80, range = 1024..)]
    other_port: u16,
    #[config(default = 1.0, range = 0.0..1.0)]
    ratio: f64,
    #[config(default = [80, 8080], range = 1024..=65535)]
    ports: Vec<u16>,
}

fn main() {}
