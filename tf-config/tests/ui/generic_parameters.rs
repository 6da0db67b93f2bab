use tf_config::Config;

#[derive(Config)]
struct Settings<T> {
    port: T,
}

#[derive(Config)]
#[config(debug)]
struct Borrowed<'a> {
    host: &'a str,
}

#[derive(Config)]
enum Format<const N: usize> {
    Json,
}

fn main() {
    let _ = Settings::<u16>::from_env();
    println!("{:?}", Borrowed::from_env());
}
