use std::time::Duration;

use tf_config::Config;

#[derive(Config)]
#[config(prefix = "SHOP-", debug, verbose)]
struct Settings {
    #[config(default = "http", range = 9..=1)]
    port: u16,
    #[config(defualt = "localhost", rename = 5)]
    host: String,
    #[config(default = 30)]
    drain: Option<Duration>,
    #[config(nested, secret, prefix = "a b")]
    mail: Vec<Mail>,
    #[config(required_if(hots))]
    user: String,
    no_deserialize: NoDeserialize,
}

#[derive(Config)]
#[config(debug)]
struct Outer {
    #[config(nested)]
    settings: Settings,
    #[config(nested)]
    optional: Option<Settings>,
}

struct Mail;
struct NoDeserialize;

fn main() -> Result<(), tf_config::Error> {
    let settings = Settings::from_env()?;
    println!("{settings:?} {} {}", settings.port, settings.host);
    println!("{:?}", Settings::from_vars([("SHOP_PORT", "80")]));
    println!("{:?}", Outer::from_env()?);
    println!("{}", Settings::reference().to_dotenv());
    Ok(())
}
