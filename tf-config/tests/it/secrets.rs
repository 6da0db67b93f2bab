//! No output holds a secret.

use std::error::Error as _;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::Deserialize;
use tf_config::{Config, Error, Vars};
use url::Url;

use crate::load;

/// A type whose parser repeats what it was given, as most do.
#[derive(Debug, Deserialize)]
enum Chatty {
    One,
}

type Alias = SecretString;

#[derive(Config)]
#[config(prefix = "S", debug)]
struct Secrets {
    text: SecretString,
    alias: Alias,
    boxed: Option<SecretBox<String>>,
    #[config(secret)]
    url: Url,
    #[config(secret)]
    number: u16,
    #[config(secret, range = 1.0..=2.0)]
    ratio: f64,
    #[config(secret)]
    word: Chatty,
    #[config(secret)]
    list: Vec<u64>,
    #[config(secret, validate = refuse)]
    checked: Option<String>,
    #[config(secret)]
    wait: Duration,
    db_password: String,
    unmarked_url: Url,
}

fn refuse(text: &str) -> Result<(), String> {
    Err(format!("`{text}` is refused"))
}

const FIELDS: [&str; 11] = [
    "TEXT",
    "ALIAS",
    "BOXED",
    "URL",
    "NUMBER",
    "RATIO",
    "WORD",
    "LIST",
    "CHECKED",
    "WAIT",
    "DB_PASSWORD",
];

/// Everything that an error says, in every form.
fn outputs(error: &Error) -> String {
    assert!(error.source().is_none());
    let parts = error
        .problems()
        .iter()
        .map(|problem| format!("{problem} {problem:?} {problem:#?}"));
    let warnings = error
        .warnings()
        .iter()
        .map(|warning| format!("{warning} {warning:?}"));
    let all: String = parts.chain(warnings).collect();
    format!(
        "{error} {error:?} {error:#?} {} {all}",
        serde_json::to_string(error).expect("it serialises")
    )
}

/// Every piece of four characters of the marker, which occur in no text of ours.
fn assert_silent(text: &str, marker: &str) {
    let pieces: Vec<char> = marker.chars().collect();
    for piece in pieces.windows(4) {
        let piece: String = piece.iter().collect();
        assert!(!text.contains(&piece), "{piece} in {text}");
    }
}

#[test]
fn a_wrong_secret_is_in_no_output() {
    const MARKER: &str = "zq7Xw9Kj4Vb8";
    let values = [
        MARKER.to_owned(),
        format!("https://{MARKER}"),
        format!("postgres://u:{MARKER}@h:x/d"),
        format!("12{MARKER}"),
        format!("{MARKER}\n"),
    ];
    for value in values {
        let vars = FIELDS.map(|field| (format!("S_{field}"), value.clone()));
        let url = ("S_UNMARKED_URL".to_owned(), format!("redis://:{value}@h:x"));
        let vars = vars.into_iter().chain([url]);
        let Err(error) = Secrets::from_vars(vars) else {
            panic!("it loads")
        };
        assert!(error.problems().len() >= 5, "{error}");
        assert_silent(&outputs(&error), MARKER);
    }
}

#[test]
fn a_secret_that_is_not_utf_8_is_in_no_output() {
    let junk: std::ffi::OsString =
        std::os::unix::ffi::OsStringExt::from_vec(b"zq7Xw9Kj4Vb8\xff".to_vec());
    let vars = FIELDS.map(|field| (format!("S_{field}"), junk.clone()));
    let Err(error) = Secrets::from_vars(vars) else {
        panic!("it loads")
    };
    assert_silent(&outputs(&error), "zq7Xw9Kj4Vb8");
}

fn good() -> [(&'static str, &'static str); 11] {
    [
        ("S_TEXT", "zq7Xw9Kj4Vb8"),
        ("S_ALIAS", "zq7Xw9Kj4Vb8"),
        ("S_BOXED", "zq7Xw9Kj4Vb8"),
        ("S_URL", "https://zq7Xw9Kj4Vb8/"),
        ("S_NUMBER", "7791"),
        ("S_RATIO", "1.7791"),
        ("S_WORD", "One"),
        ("S_LIST", "77917791"),
        ("S_WAIT", "7791s"),
        ("S_DB_PASSWORD", "zq7Xw9Kj4Vb8"),
        ("S_UNMARKED_URL", "https://u:zq7Xw9Kj4Vb8@h/"),
    ]
}

#[test]
fn a_right_secret_is_in_no_output() {
    let loaded = Secrets::load(&Vars::from_vars(good())).unwrap();
    let values = serde_json::to_string(&loaded.values()).unwrap();
    let described = format!(
        "{} {values} {:?}",
        loaded.describe_values(),
        loaded.values()
    );
    let value = loaded.value();
    let debug = format!("{value:?} {value:#?}");
    for text in [described, debug] {
        assert_silent(&text, "zq7Xw9Kj4Vb8");
        assert_silent(&text, "7791");
    }
    assert_eq!(value.text.expose_secret(), "zq7Xw9Kj4Vb8");
    assert_eq!(value.alias.expose_secret(), "zq7Xw9Kj4Vb8");
}

#[test]
fn a_secret_that_is_not_set_is_said_to_be_so() {
    let loaded = Secrets::load(&Vars::from_vars(
        good().into_iter().filter(|(name, _)| *name != "S_BOXED"),
    ))
    .unwrap();
    let values = loaded.values();
    let line = values
        .iter()
        .find(|value| value.variable() == "S_BOXED")
        .unwrap();
    assert_eq!((&*line.text(), line.is_secret()), ("(not set)", true));
    let debug = format!("{:?}", loaded.value());
    assert!(
        debug.contains("boxed: None") && debug.contains("text: (hidden)"),
        "{debug}"
    );
}

#[test]
fn the_fingerprint_knows_of_a_secret_only_whether_it_is_set() {
    let print =
        |vars: Vec<(&str, &str)>| Secrets::load(&Vars::from_vars(vars)).unwrap().fingerprint();
    let base = print(good().to_vec());
    let with = |name: &'static str, text: &'static str| {
        let others = good().into_iter().filter(move |(known, _)| *known != name);
        others.chain([(name, text)]).collect::<Vec<_>>()
    };
    assert_eq!(base, print(with("S_TEXT", "another")));
    assert_eq!(base, print(with("S_UNMARKED_URL", "https://u:other@h/")));
    assert_ne!(base, print(with("S_UNMARKED_URL", "https://h/")));
    let without = good().into_iter().filter(|(name, _)| *name != "S_BOXED");
    assert_ne!(base, print(without.collect()));
}

#[test]
fn words_of_a_check_are_hidden_when_they_hold_a_secret() {
    #[derive(Debug, Config)]
    #[config(validate = complain)]
    struct Settings {
        #[config(secret)]
        pin: String,
        name: String,
    }
    fn complain(settings: &Settings) -> Result<(), String> {
        Err(format!("{} may not use {}", settings.name, settings.pin))
    }
    let error = Settings::from_vars([("PIN", "zq7Xw9Kj"), ("NAME", "n")])
        .err()
        .unwrap();
    assert_silent(&outputs(&error), "zq7Xw9Kj");
    assert!(error.to_string().contains("hidden"), "{error}");
}

#[test]
fn words_of_a_check_are_hidden_when_they_hold_a_decoded_part_of_a_secret() {
    #[derive(Debug, Config)]
    #[config(validate = complain)]
    struct Settings {
        #[config(secret)]
        pin: u32,
        #[config(secret)]
        keys: Vec<String>,
    }
    fn complain(settings: &Settings) -> Result<(), String> {
        match settings.pin {
            0 => Err(format!("the key {} is old", settings.keys[1])),
            pin => Err(format!("{pin} is no pin")),
        }
    }
    for (pin, keys) in [(" 77917791\n", "a,b"), ("0", "a, zq7Xw9Kj ,b")] {
        let error = Settings::from_vars([("PIN", pin), ("KEYS", keys)]).unwrap_err();
        assert_silent(&outputs(&error), "77917791");
        assert_silent(&outputs(&error), "zq7Xw9Kj");
        assert!(error.to_string().contains("hidden"), "{error}");
    }
}

/// Hides its own secrets, as a locator of a backing service does.
#[derive(Debug)]
struct Locator {
    host: String,
}

impl std::fmt::Display for Locator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "db://***@{}", self.host)
    }
}

impl std::str::FromStr for Locator {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (_, host) = text
            .split_once('@')
            .ok_or("unencoded `#` in the password; write %23")?;
        Ok(Self {
            host: host.to_owned(),
        })
    }
}

#[derive(Config)]
#[config(debug)]
struct Redacted {
    #[config(redacted, from_str)]
    database: Locator,
    #[config(redacted, from_str)]
    other: Option<Locator>,
}

#[test]
fn a_redacted_type_is_shown_as_it_shows_itself() {
    let vars = [
        ("DATABASE", "db://u:zq7Xw9Kj@h1"),
        ("OTHER", "db://u:zq7Xw9Kj@h2"),
    ];
    let loaded = Redacted::load(&Vars::from_vars(vars)).unwrap();
    let text = format!("{} {:?}", loaded.describe_values(), loaded.value());
    assert_silent(&text, "zq7Xw9Kj");
    assert!(
        text.contains("db://***@h1") && text.contains("db://***@h2"),
        "{text}"
    );
    let error = Redacted::from_vars([("DATABASE", "db://u:zq7Xw9Kj#h")])
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .contains("unencoded `#` in the password; write %23"),
        "{error}"
    );
    assert_silent(&outputs(&error), "zq7Xw9Kj");
}

#[test]
fn the_reference_tells_whose_text_is_never_shown() {
    let kinds = |reference: tf_config::Reference| -> Vec<_> {
        let variables = reference.variables().iter();
        variables
            .map(|variable| (variable.is_redacted(), variable.is_secret()))
            .collect()
    };
    #[derive(Config)]
    struct Others {
        #[config(secret)]
        _key: String,
        _port: u16,
    }
    assert_eq!(kinds(Redacted::reference()), [(true, false); 2]);
    assert_eq!(kinds(Others::reference()), [(true, true), (false, false)]);
}

#[test]
fn a_redacted_type_that_breaks_its_promise_is_found_by_assert_valid() {
    #[derive(Debug)]
    struct Open(String);
    impl std::fmt::Display for Open {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(&self.0)
        }
    }
    impl std::str::FromStr for Open {
        type Err = std::convert::Infallible;
        fn from_str(text: &str) -> Result<Self, Self::Err> {
            Ok(Self(text.to_owned()))
        }
    }
    #[derive(Config)]
    #[config(debug)]
    struct Settings {
        #[config(redacted, from_str)]
        open: Open,
    }
    tf_config::testing::assert_valid::<Redacted>();
    let panic = std::panic::catch_unwind(tf_config::testing::assert_valid::<Settings>).unwrap_err();
    assert!(
        panic
            .downcast_ref::<String>()
            .unwrap()
            .contains("shows the password")
    );
}

#[test]
fn a_parser_that_repeats_the_password_is_silenced_even_when_marked_redacted() {
    #[derive(Debug)]
    struct Loud;
    impl std::fmt::Display for Loud {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("loud")
        }
    }
    impl std::str::FromStr for Loud {
        type Err = String;
        fn from_str(text: &str) -> Result<Self, String> {
            Err(format!("cannot use {text}"))
        }
    }
    #[derive(Debug, Config)]
    struct Settings {
        #[config(redacted, from_str)]
        x: Loud,
    }
    let result = Settings::from_vars([("X", "db://u:zq7Xw9Kj@h")]).map(|settings| settings.x);
    assert_silent(&outputs(&result.unwrap_err()), "zq7Xw9Kj");
}

#[test]
fn a_name_that_says_secret_makes_one_unless_that_is_denied() {
    #[derive(Config)]
    struct Settings {
        api_key: String,
        #[config(secret = false)]
        public_token: String,
        token_ttl: Duration,
    }
    let vars = [
        ("API_KEY", "zq7Xw9Kj"),
        ("PUBLIC_TOKEN", "shown"),
        ("TOKEN_TTL", "1s"),
    ];
    let loaded = Settings::load(&Vars::from_vars(vars)).unwrap();
    let values = loaded.values();
    let texts: Vec<_> = values.iter().map(tf_config::Resolved::text).collect();
    assert_eq!(texts, ["(hidden)", "shown", "1s"]);
    let (settings, _) = load::<Settings>(&vars);
    assert_eq!(
        (settings.api_key.as_str(), settings.public_token.as_str()),
        ("zq7Xw9Kj", "shown")
    );
    assert_eq!(settings.token_ttl.as_secs(), 1);
}
