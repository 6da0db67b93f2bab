use tf_config::Config;

struct Port(u16);

#[derive(Config)]
struct Settings {
    #[config(from_str)]
    port: Port,
}

fn main() {}
