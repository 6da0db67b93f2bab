//! What holds for any environment.

use std::ffi::OsString;
use std::time::Duration;

use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tf_config::{Config, Vars};
use url::Url;

#[derive(Config)]
#[config(prefix = "P", debug)]
struct Everything {
    #[config(secret, validate = refuse_z)]
    text: Option<String>,
    #[config(secret, default_with = String::new)]
    other: String,
    #[config(secret)]
    number: Option<u16>,
    #[config(secret)]
    wide: Option<u128>,
    #[config(secret)]
    url: Option<Url>,
    #[config(secret)]
    wait: Option<Duration>,
    #[config(secret)]
    list: Option<Vec<f64>>,
    key: Option<SecretString>,
    #[config(nested)]
    group: Option<Inner>,
}

#[derive(Config)]
#[config(debug)]
struct Inner {
    #[config(secret)]
    flag: bool,
    #[config(secret, deprecated = "P_OLD")]
    word: String,
}

fn refuse_z(text: &str) -> Result<(), String> {
    if text.contains('z') {
        Err(format!("{text} has a z"))
    } else {
        Ok(())
    }
}

const NAMES: [&str; 12] = [
    "P_TEXT",
    "P_OTHER",
    "P_NUMBER",
    "P_WIDE",
    "P_URL",
    "P_WAIT",
    "P_LIST",
    "P_KEY",
    "P_GROUP_FLAG",
    "P_GROUP_WORD",
    "P_OLD",
    "P_TXET",
];

/// A name of the struct or near one, some with `_FILE`.
fn name() -> impl Strategy<Value = String> {
    let names = prop::sample::select(NAMES.to_vec());
    (names, any::<bool>()).prop_map(|(name, file)| {
        if file {
            format!("{name}_FILE")
        } else {
            name.to_owned()
        }
    })
}

/// Every form in which something of the load is shown.
fn outputs(vars: &Vars) -> String {
    match Everything::load(vars) {
        Ok(loaded) => {
            let values = serde_json::to_string(&loaded.values()).expect("it serialises");
            let warnings = serde_json::to_string(loaded.warnings()).expect("it serialises");
            let value = loaded.value();
            format!(
                "{values}{warnings}{value:?}{value:#?}{}{:?}",
                loaded.describe_values(),
                loaded.values()
            )
        }
        Err(error) => format!(
            "{error}{error:?}{:?}{}",
            error.problems(),
            serde_json::to_string(&error).expect("it serialises")
        ),
    }
}

proptest! {
    #[test]
    fn no_output_holds_a_piece_of_a_secret(
        vars in prop::collection::vec((name(), r"[\PC]{0,3}(://)?[\PC]{0,3}"), 1..8),
        marker in "[QXZ]{4}[0-9]{4}",
    ) {
        let vars = vars.into_iter().map(|(name, text)| (name, format!("{text}{marker}@{text}")));
        let text = outputs(&Vars::from_vars(vars));
        for at in 0..=marker.len() - 4 {
            prop_assert!(!text.contains(&marker[at..at + 4]), "{} in {text}", &marker[at..at + 4]);
        }
    }

    #[test]
    fn any_bytes_give_a_value_or_a_report(vars in prop::collection::vec((name(), any::<Vec<u8>>()), 0..8)) {
        let os = |bytes: Vec<u8>| -> OsString { std::os::unix::ffi::OsStringExt::from_vec(bytes) };
        outputs(&Vars::from_vars(vars.into_iter().map(|(name, bytes)| (name, os(bytes)))));
    }

    #[test]
    fn texts_are_kept_exactly(text in r"\PC*[a-z]\PC*") {
        #[derive(Debug, Config)]
        struct Text {
            x: String,
            y: SecretString,
        }
        let loaded = Text::from_vars([("X", &text), ("Y", &text)]).unwrap();
        prop_assert_eq!(&loaded.x, &text);
        prop_assert_eq!(loaded.y.expose_secret(), &text);
    }

    #[test]
    fn any_list_survives_escaping(items in prop::collection::vec(r"[a-z,\\ ]{0,4}[a-z]", 1..5)) {
        #[derive(Debug, Config)]
        struct List {
            x: Vec<String>,
        }
        let escape = |item: &String| item.trim().replace('\\', r"\\").replace(',', r"\,");
        let text: Vec<String> = items.iter().map(escape).collect();
        let loaded = List::from_vars([("X", text.join(","))]).unwrap();
        let wanted: Vec<&str> = items.iter().map(|item| item.trim()).collect();
        prop_assert_eq!(loaded.x, wanted);
    }

    /// The promise to those who come from envy: what it reads, we read the same.
    #[test]
    fn envy_and_this_crate_agree_on_flat_structs(
        text in r"\PC{0,8}[a-z]",
        number in "[+-]?[0-9]{1,4}|[a-z0-9]{1,3}",
        flag in "true|false|maybe",
        float in r"-?[0-9]{1,3}(\.[0-9]{1,3})?|x",
        optional in prop::option::of("[0-9]{1,4}|x"),
        word in "auto|json|xml",
    ) {
        let mut vars = vec![
            ("TEXT", text), ("NUMBER", number), ("FLAG", flag), ("FLOAT", float), ("WORD", word),
        ];
        vars.extend(optional.map(|text| ("OPTIONAL", text)));
        let pairs = vars.iter().map(|(name, text)| ((*name).to_owned(), text.clone()));
        let theirs = envy::from_iter::<_, Flat>(pairs).ok();
        let ours = Flat::from_vars(vars).ok();
        prop_assert_eq!(ours, theirs);
    }
}

#[derive(Debug, PartialEq, Config, Deserialize)]
struct Flat {
    text: String,
    number: i16,
    flag: bool,
    float: f64,
    optional: Option<u8>,
    word: Word,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Auto,
    Json,
}

#[test]
fn ten_thousand_variables_and_huge_values_are_read_in_no_time() {
    let noise = (0..10_000).map(|number| (format!("P_TEX{number}"), String::from("x")));
    let huge = "x".repeat(1 << 20);
    let vars = noise.chain([
        ("P_TEXT".into(), huge.clone()),
        ("P_NUMBER".into(), huge.clone()),
    ]);
    let vars = Vars::from_vars(vars.chain([("P_LIST".into(), ",".repeat(1 << 20))]));
    let Err(error) = Everything::load(&vars) else {
        panic!("it loads")
    };
    assert!(
        error.to_string().len() < 2000,
        "{}",
        error.to_string().len()
    );
}
