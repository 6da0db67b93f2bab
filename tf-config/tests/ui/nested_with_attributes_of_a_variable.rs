use tf_config::Config;

#[derive(Config)]
struct Mail {
    host: String,
}

#[derive(Config)]
struct Settings {
    #[config(nested, default = "a", default_with = mail, secret, redacted, range = 1..2, expected = "a", example = "b")]
    first: Mail,
    #[config(nested, rename = "MAIL", alias = "POST", deprecated = "LETTER", from_str)]
    second: Mail,
    #[config(nested, validate = check, no_file, allow_empty, tags(owner = "shop"))]
    third: Option<Mail>,
}

fn main() {}
