use tf_config::Config;

#[derive(Config)]
struct Mail {
    host: String,
}

#[derive(Config)]
struct Settings {
    port: u16,
    user: Option<String>,
    password: Option<String>,
    #[config(nested)]
    mail: Option<Mail>,
    #[config(required_if(user))]
    never_missing: String,
    #[config(required_if(usr = "admin"))]
    unknown: Option<String>,
    #[config(required_if(itself))]
    itself: Option<String>,
    #[config(required_if(port))]
    always: Option<String>,
    #[config(required_if(mail = "x"))]
    group: Option<String>,
    #[config(required_if(password = "x"))]
    secret: Option<String>,
    #[config(required_if(user = 5u8))]
    suffixed: Option<String>,
    #[config(required_if(user, port))]
    two: Option<String>,
    #[config(required_if("user"))]
    quoted: Option<String>,
    #[config(required_if = "user")]
    text: Option<String>,
}

fn main() {}
