//! Nothing that is printed holds the password or a piece of it, whether the text parses or not.

use std::error::Error;

use proptest::prelude::*;
use secrecy::ExposeSecret;
use tf_backing::{Attached, Kind, Locator, ParseOptions};

use crate::round_trip::{KINDS, value};

/// Everything that a program may print of one attempt.
fn outputs(result: &Result<Locator, tf_backing::ParseError>) -> String {
    let mut out = String::new();
    match result {
        Ok(locator) => {
            out += &format!(
                "{locator}\n{locator:?}\n{locator:#?}\n{}\n",
                locator.identity()
            );
            out += &format!(
                "{:?}\n{:?}\n{:?}\n",
                locator.options(),
                locator.warnings(),
                locator.endpoints()
            );
            out += &serde_json::to_string(locator).expect("a text");
            for warning in locator.warnings() {
                out += &warning.to_string();
            }
            #[cfg(feature = "url")]
            if let Err(error) = locator.expose_to_url() {
                out += &format!("{error}\n{error:?}");
            }
        }
        Err(error) => {
            out += &format!("{error}\n{error:?}\n{error:#?}\n");
            let mut cause: Option<&dyn Error> = error.source();
            while let Some(error) = cause {
                out += &format!("{error}\n{error:?}\n");
                cause = error.source();
            }
        }
    }
    out
}

/// Fails if `out` holds four characters in a row of `secret`.
fn assert_hidden(out: &str, secret: &str) -> Result<(), TestCaseError> {
    let characters: Vec<char> = secret.chars().collect();
    for piece in characters.windows(4) {
        let piece: String = piece.iter().collect();
        // Signs alone stand in our sentences and in the rest of the URL.
        if !piece.contains(['X', 'Z', '7', '8', '9']) {
            continue;
        }
        prop_assert!(!out.contains(&piece), "{piece:?} in {out}");
    }
    Ok(())
}

/// A secret that cannot be mistaken for a part of our own sentences.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        "[XZ789]{4,10}",
        "[XZ789#/?@:%\\[\\](),;&=+ ]{4,16}",
        "[XZ789]{1,5}[#/?@:%,;&=][XZ789]{1,5}[#/?@:%,;&=]{0,2}[XZ789]{4,5}",
    ]
}

fn schemes() -> impl Strategy<Value = &'static str> {
    let mut names: Vec<&'static str> = KINDS.iter().map(|kind| kind.as_str()).collect();
    names.extend([
        "rediss",
        "redis+unix",
        "redis-cluster",
        "mongodb+srv",
        "mysqlx+srv",
        "wss",
        "tls",
        "https",
        "smtps",
    ]);
    proptest::sample::select(names)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_raw_password_never_shows(
        scheme in schemes(),
        secret in secret(),
        place in proptest::sample::select(&["h/d", "h", "a,b:7", "h?sslmode=require", "h/d?client_name=n"][..]),
        lenient in any::<bool>(),
    ) {
        let text = format!("{scheme}://u:{secret}@{place}");
        let rules = ParseOptions::new().lenient_user_info(lenient);
        let out = outputs(&Locator::parse_with(&text, &rules));
        assert_hidden(&out, &secret)?;
        let attached = Attached::from_vars([("DATABASE_URL", text)]).var("DATABASE_URL");
        let out = match attached.find::<Locator>() {
            Ok(found) => format!("{found:?} {attached:?}"),
            Err(error) => format!("{error} {error:?} {attached:?}"),
        };
        assert_hidden(&out, &secret)?;
    }

    #[test]
    fn an_encoded_password_never_shows_raw_or_decoded(
        kind in proptest::sample::select(&KINDS[..]),
        password in value(),
        key in proptest::sample::select(&["password", "sslpassword", "token", "sig", "unheard_of"][..]),
    ) {
        let builder = Locator::builder(kind);
        let builder = match kind {
            Kind::Sqlite => builder,
            _ => builder.username("u").password(password.as_str()).host("h").resource(if kind == Kind::Redis { "1" } else { "d" }),
        };
        let locator = builder.option(key, password.as_str()).build();
        let plain = outputs(&Locator::builder(kind).username("u").password("").host("h").resource("d").build());
        if let Ok(locator) = &locator {
            let encoded = locator.expose_url();
            prop_assert!(password.is_empty() || encoded.len() > 4);
            if let Some(stored) = locator.password() {
                prop_assert_eq!(stored.expose_secret(), &password);
            }
        }
        let out = outputs(&locator);
        // Our own sentences and the rest of the URL hold these pieces anyway.
        let harmless = format!("{plain}\n{}", out.replace(&password, ""));
        if password.chars().count() >= 4 {
            prop_assert!(!out.contains(&password) || harmless.contains(&password), "{}", out);
        }
    }

    #[test]
    fn a_text_that_is_not_a_url_never_shows(secret in secret(), prefix in "(jdbc:|postgres:|h:|=|\"|foo://)?") {
        let text = format!("{prefix}{secret}");
        if let Err(error) = Locator::parse(&text) {
            assert_hidden(&outputs(&Err(error)), &secret)?;
        }
        let json = serde_json::to_string(&text).unwrap();
        if let Err(error) = serde_json::from_str::<Locator>(&json) {
            assert_hidden(&format!("{error} {error:?}"), &secret)?;
        }
    }
}

#[test]
fn the_token_of_nats_and_a_misplaced_redis_password_are_hidden() {
    for text in [
        "nats://sesame1234@h",
        "redis://sesame1234@h",
        "https://sesame1234@h/x",
    ] {
        let result = Locator::parse(text);
        assert!(result.is_ok());
        assert!(!outputs(&result).contains("sesame"), "{text}");
    }
}

#[test]
fn locators_are_cheap_to_share() {
    fn assert_shared<T: Clone + Send + Sync + 'static>() {}
    assert_shared::<Locator>();
    assert_shared::<tf_backing::MySql>();
}
