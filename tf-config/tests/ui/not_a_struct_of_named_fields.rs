use tf_config::Config;

#[derive(Config)]
#[config(debug)]
struct Port(u16);

#[derive(Config)]
struct Nothing;

#[derive(Config)]
union Either {
    signed: i16,
    unsigned: u16,
}

fn main() {
    println!("{:?}", Port::from_env());
    let _ = Nothing::from_env();
    let _ = Either::from_env();
}
