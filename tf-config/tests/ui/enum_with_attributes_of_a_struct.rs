use tf_config::Config;

#[derive(Config)]
#[config(prefix = "LOG", debug, validate = check)]
enum Format {
    Json,
}

fn main() {}
