//! Documentation from the declaration.

use std::collections::BTreeMap;
use std::time::Duration;

use expect_test::expect;
use secrecy::SecretString;
use tf_config::{Config, Vars, testing};

#[derive(Config)]
#[config(prefix = "SHOP", debug)]
struct Settings {
    /// Port the HTTP server listens on.
    #[config(default = 5000, range = 1..=65535, tags(owner = "web", since = "1.2"))]
    port: u16,
    /// Primary database.
    ///
    /// MySQL | PostgreSQL.
    #[config(secret, example = "postgres://user:pass@host/db#1")]
    database: String,
    #[config(default = "30s")]
    drain: Duration,
    #[config(default = ["a b", "c"])]
    names: Vec<String>,
    #[config(default = "")]
    labels: BTreeMap<String, String>,
    #[config(nested)]
    mail: Option<Mail>,
    /// How log lines are written.
    #[config(alias = "LOG_FMT", deprecated = "SHOP_LOG", default = "auto")]
    log_format: LogFormat,
    #[config(required_if(log_format = "json"), no_file)]
    schema: Option<bool>,
    #[config(default_with = half)]
    ratio: f64,
}

fn half() -> f64 {
    0.5
}

#[derive(Config)]
#[config(debug)]
struct Mail {
    /// Relay that takes the mail.
    host: String,
    password: SecretString,
}

#[derive(Debug, PartialEq, Config)]
enum LogFormat {
    Auto,
    Json,
}

#[test]
fn dotenv_has_a_comment_and_a_value_for_each_variable() {
    expect![[r#"
        # Port the HTTP server listens on.
        # An integer from 1 to 65535; optional; default: 5000.
        #SHOP_PORT=5000

        # Primary database.
        #
        # MySQL | PostgreSQL.
        # Text such as postgres://user:pass@host/db#1; required.
        # Secret: SHOP_DATABASE_FILE may name a file that holds it.
        SHOP_DATABASE='postgres://user:pass@host/db#1'

        # A duration such as 30s, 1m30s or 500ms; optional; default: 30s.
        #SHOP_DRAIN=30s

        # A list with `,` between items, each text; optional; default: a b,c.
        #SHOP_NAMES='a b,c'

        # A map such as `a=x,b=y`, each value text; optional; default: empty.
        #SHOP_LABELS=

        # Relay that takes the mail.
        # Text; required when any of `mail` is set.
        #SHOP_MAIL_HOST=

        # Text; required when any of `mail` is set.
        # Secret: SHOP_MAIL_PASSWORD_FILE may name a file that holds it.
        #SHOP_MAIL_PASSWORD=

        # How log lines are written.
        # One of `auto`, `json`; optional; default: auto.
        # Also read from LOG_FMT.
        # Deprecated names: SHOP_LOG.
        #SHOP_LOG_FORMAT=auto

        # A boolean (true, false, 1, 0, yes, no, on, off); required when SHOP_LOG_FORMAT is json.
        #SHOP_SCHEMA=

        # A number; optional; default: made by half.
        #SHOP_RATIO=
    "#]]
    .assert_eq(&Settings::reference().to_dotenv());
}

#[test]
fn what_dotenv_says_is_what_a_load_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    // All that is commented out, but the comments proper.
    let text = Settings::reference()
        .to_dotenv()
        .replace("\n#SHOP_", "\nSHOP_");
    let text = text
        .replace("#SHOP_PORT", "SHOP_PORT")
        .replace("HOST=", "HOST=h")
        .replace("PASSWORD=", "PASSWORD=p");
    std::fs::write(&path, text).unwrap();
    let nothing = Vars::from_vars::<&str, &str>([]);
    let loaded = Settings::load(&nothing.or_dotenv(&path)).unwrap();
    let settings = loaded.value();
    assert_eq!(
        (settings.port, settings.drain.as_secs(), settings.ratio),
        (5000, 30, 0.5)
    );
    assert_eq!(settings.database, "postgres://user:pass@host/db#1");
    assert_eq!(settings.names, ["a b", "c"]);
    assert_eq!(settings.log_format, LogFormat::Auto);
}

#[test]
fn markdown_is_a_table_that_no_cell_breaks() {
    expect![[r#"
        | Variable | Description | Value | Default |
        |---|---|---|---|
        | `SHOP_PORT` | Port the HTTP server listens on. | an integer from 1 to 65535 | `5000` |
        | `SHOP_DATABASE` | Primary database. MySQL \| PostgreSQL. | text such as `postgres://user:pass@host/db#1`, secret | required |
        | `SHOP_DRAIN` |  | a duration such as 30s, 1m30s or 500ms | `30s` |
        | `SHOP_NAMES` |  | a list with `,` between items, each text | `a b,c` |
        | `SHOP_LABELS` |  | a map such as `a=x,b=y`, each value text | empty |
        | `SHOP_MAIL_HOST` | Relay that takes the mail. | text | required when any of `mail` is set |
        | `SHOP_MAIL_PASSWORD` |  | text, secret | required when any of `mail` is set |
        | `SHOP_LOG_FORMAT`, `LOG_FMT`, `SHOP_LOG` (deprecated) | How log lines are written. | one of `auto`, `json` | `auto` |
        | `SHOP_SCHEMA` |  | a boolean (true, false, 1, 0, yes, no, on, off) | required when SHOP_LOG_FORMAT is json |
        | `SHOP_RATIO` |  | a number | made by `half` |
    "#]]
    .assert_eq(&Settings::reference().to_markdown());
}

#[test]
fn json_schema_has_a_property_for_every_name() {
    let schema: serde_json::Value =
        serde_json::from_str(&Settings::reference().to_json_schema()).unwrap();
    let properties = schema["properties"].as_object().unwrap();
    for name in [
        "SHOP_PORT",
        "SHOP_PORT_FILE",
        "LOG_FMT",
        "SHOP_LOG",
        "SHOP_MAIL_PASSWORD_FILE",
        "SHOP_SCHEMA",
    ] {
        assert!(properties.contains_key(name), "{name}");
    }
    assert!(!properties.contains_key("SHOP_SCHEMA_FILE"));
    let port = &properties["SHOP_PORT"];
    assert_eq!(
        (&port["minimum"], &port["maximum"], &port["default"]),
        (&1.into(), &65535.into(), &"5000".into())
    );
    assert_eq!(port["x-tags"]["owner"], "web");
    assert_eq!(properties["SHOP_DATABASE"]["writeOnly"], true);
    assert_eq!(properties["SHOP_LOG"]["deprecated"], true);
    assert_eq!(
        properties["SHOP_LOG_FORMAT"]["enum"],
        serde_json::json!(["auto", "json", ""])
    );
}

#[test]
fn two_references_are_one() {
    #[derive(Config)]
    #[config(debug)]
    struct Standard {
        port: u16,
    }
    let both = Standard::reference().and(Settings::reference());
    assert_eq!(both.variables()[0].name(), "PORT");
    assert_eq!(
        both.variables().len(),
        1 + Settings::reference().variables().len()
    );
}

#[test]
fn a_committed_reference_must_match() {
    let folder = tempfile::tempdir().unwrap();
    let reference = Settings::reference();
    for (name, text) in [
        (".env.example", reference.to_dotenv()),
        ("config.md", reference.to_markdown()),
        (
            "config.json",
            reference.to_json_schema().replace('\n', "\r\n"),
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, &text).unwrap();
        testing::assert_reference_matches::<Settings>(&path);
        std::fs::write(&path, text.replace("SHOP_DRAIN", "SHOP_DRAINS")).unwrap();
        let panic =
            std::panic::catch_unwind(|| testing::assert_reference_matches::<Settings>(&path));
        let panic = panic.unwrap_err();
        assert!(
            panic
                .downcast_ref::<String>()
                .unwrap()
                .contains("SHOP_DRAINS")
        );
    }
    testing::assert_valid::<Settings>();
}
