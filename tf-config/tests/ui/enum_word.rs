use tf_config::Config;

#[derive(Config)]
enum Format {
    #[config(rename = "")]
    Json,
    #[config(alias = " text")]
    Text,
    PrettyText,
    #[config(rename = "pretty-text")]
    Colourful,
    #[config(alias = "plain")]
    Plain,
}

fn main() {}
