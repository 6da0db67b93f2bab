//! Types that are not numbers or texts.

use std::net::SocketAddr;

use serde::Deserialize;
use tf_config::Config;
use url::Url;

use crate::{error_of, load, problem_of};

#[derive(Debug, PartialEq, Config)]
enum Level {
    Debug,
    Info,
    #[config(rename = "warning", alias = "warn")]
    Warning,
    JsonLines,
}

#[test]
fn enums_name_the_allowed_words_and_the_nearest_one() {
    #[derive(Debug, Config)]
    struct Settings {
        x: Level,
    }
    assert_eq!(
        load::<Settings>(&[("X", "json-lines")]).0.x,
        Level::JsonLines
    );
    assert_eq!(load::<Settings>(&[("X", "warn")]).0.x, Level::Warning);
    for (text, near) in [
        ("debgu", "debug"),
        ("INFO", "info"),
        ("json_lines", "json-lines"),
    ] {
        let problem = problem_of::<Settings>(&[("X", text)]);
        assert_eq!(problem.hint(), Some(&*format!("did you mean `{near}`?")));
        assert_eq!(
            problem.expected(),
            "one of `debug`, `info`, `warning`, `warn`, `json-lines`"
        );
    }
    assert_eq!(problem_of::<Settings>(&[("X", "chartreuse")]).hint(), None);
}

#[test]
fn enums_of_serde_keep_their_names_and_aliases() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    enum Side {
        Left,
        #[serde(alias = "R")]
        Right,
    }
    #[derive(Debug, Config)]
    struct Settings {
        x: Side,
    }
    assert_eq!(load::<Settings>(&[("X", "LEFT")]).0.x, Side::Left);
    assert_eq!(load::<Settings>(&[("X", "R")]).0.x, Side::Right);
    let problem = problem_of::<Settings>(&[("X", "left")]);
    assert_eq!(problem.hint(), Some("did you mean `LEFT`?"));
    assert!(
        problem.expected().contains("`LEFT`"),
        "{}",
        problem.expected()
    );
}

#[test]
fn newtypes_read_what_they_hold() {
    #[derive(Debug, Deserialize)]
    struct Port(u16);
    #[derive(Debug, Deserialize)]
    struct Enabled(bool);
    #[derive(Debug, Config)]
    struct Settings {
        port: Port,
        enabled: Option<Enabled>,
    }
    let (settings, _) = load::<Settings>(&[("PORT", " 80 "), ("ENABLED", "on")]);
    assert!(settings.port.0 == 80 && settings.enabled.is_some_and(|enabled| enabled.0));
    let problem = problem_of::<Settings>(&[("PORT", "70000")]);
    assert_eq!(problem.expected(), "an integer from 0 to 65535");
}

#[test]
fn types_that_only_parse_are_read_by_from_str() {
    #[derive(Debug, Config)]
    struct Settings {
        #[config(from_str, default = "a=1")]
        pair: Pair,
    }
    #[derive(Debug)]
    struct Pair(String, u8);
    impl std::str::FromStr for Pair {
        type Err = String;
        fn from_str(text: &str) -> Result<Self, String> {
            let (name, number) = text.split_once('=').ok_or("the `=` is missing")?;
            Ok(Self(
                name.to_owned(),
                number.parse().map_err(|_| "no number after the `=`")?,
            ))
        }
    }
    let (settings, _) = load::<Settings>(&[]);
    assert_eq!((settings.pair.0.as_str(), settings.pair.1), ("a", 1));
    let problem = problem_of::<Settings>(&[("PAIR", "a")]);
    assert!(
        problem.message().ends_with("the `=` is missing"),
        "{problem}"
    );
}

#[test]
fn a_type_of_which_no_more_is_known_is_described_by_its_field() {
    #[derive(Debug, Config)]
    struct Settings {
        #[config(from_str, expected = "a level", example = "warn")]
        level: Level,
        #[config(expected = "a number of workers", range = 1..=8)]
        workers: u8,
    }
    #[derive(Debug)]
    struct Level(String);
    impl std::str::FromStr for Level {
        type Err = &'static str;
        fn from_str(text: &str) -> Result<Self, Self::Err> {
            match text {
                "warn" => Ok(Self(text.to_owned())),
                _ => Err("no such level"),
            }
        }
    }
    let (settings, _) = load::<Settings>(&[("LEVEL", "warn"), ("WORKERS", "2")]);
    assert_eq!((&*settings.level.0, settings.workers), ("warn", 2));
    let problem = problem_of::<Settings>(&[("LEVEL", "x"), ("WORKERS", "2")]);
    assert_eq!(problem.expected(), "a level such as warn");
    let reference = Settings::reference();
    let expected = reference
        .variables()
        .iter()
        .map(tf_config::Variable::expected);
    assert_eq!(
        expected.collect::<Vec<_>>(),
        ["a level such as warn", "a number of workers from 1 to 8"]
    );
}

#[test]
fn addresses_uuids_and_urls_say_what_they_want() {
    #[derive(Debug, Config)]
    struct Settings {
        listen: SocketAddr,
        id: uuid::Uuid,
        site: Url,
    }
    let good = [
        ("LISTEN", "127.0.0.1:80"),
        ("ID", "67e55044-10b1-426f-9247-bb680e5fe0c8"),
    ];
    let (settings, _) = load::<Settings>(&[good[0], good[1], ("SITE", " https://a.example/x ")]);
    assert_eq!(
        (settings.listen.port(), settings.site.as_str()),
        (80, "https://a.example/x")
    );
    assert!(!settings.id.is_nil());
    let error =
        error_of::<Settings>(&[("LISTEN", "localhost"), ("ID", "x"), ("SITE", "a.example")]);
    let expected: Vec<_> = error
        .problems()
        .iter()
        .map(tf_config::Problem::expected)
        .collect();
    assert!(
        expected[0].starts_with("an address with a port"),
        "{expected:?}"
    );
    assert!(
        expected[1].starts_with("a UUID") && expected[2].starts_with("a URL"),
        "{expected:?}"
    );
}

#[test]
fn urls_with_odd_passwords_are_kept_or_refused_without_showing_them() {
    #[derive(Debug, Config)]
    struct Settings {
        x: Url,
    }
    let (settings, _) = load::<Settings>(&[("X", "postgres://u:p%23%40%3A@h/d/")]);
    assert_eq!(
        (settings.x.password(), settings.x.path()),
        (Some("p%23%40%3A"), "/d/")
    );
    for text in [
        "postgres://u:hunter2#x@h/d",
        "//u:hunter2@h",
        "postgres://u:hunter2@h:x/",
    ] {
        let error = error_of::<Settings>(&[("X", text)]);
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert!(error.to_string().contains("hidden"), "{error}");
    }
    let missing_scheme = problem_of::<Settings>(&[("X", "example.org/path")]);
    assert!(
        missing_scheme.message().contains("example.org/path"),
        "{missing_scheme}"
    );
}

#[test]
fn types_that_come_through_a_macro_are_recognised() {
    macro_rules! settings {
        ($option:ty, $list:ty, $wait:ty) => {
            #[derive(Debug, Config)]
            struct Settings {
                option: $option,
                list: $list,
                #[config(default = "1s")]
                wait: $wait,
            }
        };
    }
    settings!(Option<u16>, Vec<u16>, std::time::Duration);
    let (settings, _) = load::<Settings>(&[("LIST", "1,2")]);
    assert_eq!((settings.option, settings.list), (None, vec![1, 2]));
    assert_eq!(settings.wait.as_secs(), 1);
}

#[test]
fn numbers_that_are_not_zero_have_ranges_too() {
    #[derive(Debug, Config)]
    struct Settings {
        #[config(default = 4, range = 1..=64)]
        workers: std::num::NonZeroU16,
    }
    assert_eq!(load::<Settings>(&[]).0.workers.get(), 4);
    for text in ["0", "65"] {
        let problem = problem_of::<Settings>(&[("WORKERS", text)]);
        assert_eq!(problem.expected(), "an integer from 1 to 64", "{text}");
    }
}

#[test]
fn what_a_parser_says_is_not_cut_as_a_value_is() {
    #[derive(Debug, Config)]
    struct Settings {
        #[config(from_str)]
        x: Wordy,
    }
    #[derive(Debug)]
    struct Wordy;
    impl std::str::FromStr for Wordy {
        type Err = String;
        fn from_str(_: &str) -> Result<Self, String> {
            Err(format!(
                "it wants {} and no more",
                "this and that, ".repeat(15)
            ))
        }
    }
    let problem = problem_of::<Settings>(&[("X", "a")]);
    assert!(problem.message().ends_with("and no more"), "{problem}");
    let _ = |settings: Settings| settings.x;
}
