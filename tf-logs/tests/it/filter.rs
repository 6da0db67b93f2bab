//! Filters: what they let through, and what is said about those that make no sense.

use proptest::prelude::*;
use tf_logs::{Filter, FilterError};
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};

const LEVELS: [Level; 5] = [
    Level::ERROR,
    Level::WARN,
    Level::INFO,
    Level::DEBUG,
    Level::TRACE,
];

fn filter(text: &str) -> Filter {
    text.parse()
        .unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

#[track_caller]
fn refused(text: &str) -> FilterError {
    match text.parse::<Filter>() {
        Ok(filter) => panic!("{text:?} is taken as {filter}"),
        Err(error) => error,
    }
}

/// Column and suggestion of each problem.
#[track_caller]
fn found(text: &str) -> Vec<(usize, Option<String>)> {
    let error = refused(text);
    let problems = error.problems().iter();
    problems
        .map(|p| (p.column(), p.suggestion().map(str::to_owned)))
        .collect()
}

#[test]
fn a_level_holds_for_every_target() {
    for (index, most) in LEVELS.iter().enumerate() {
        let filter = filter(&most.to_string().to_lowercase());
        for (other, level) in LEVELS.iter().enumerate() {
            assert_eq!(
                filter.enables(level, "any::target"),
                other <= index,
                "{most} {level}"
            );
        }
    }
    assert_eq!(filter("off").max_level(), LevelFilter::OFF);
    assert!(!filter("off").enables(&Level::ERROR, "any"));
}

#[test]
fn the_longest_target_decides() {
    let filter = filter("info,orders=off,orders::cart=trace,orders::cart::tax=error");
    assert!(filter.enables(&Level::INFO, "hyper"));
    assert!(!filter.enables(&Level::ERROR, "orders::mail"));
    assert!(filter.enables(&Level::TRACE, "orders::cart::items"));
    assert!(!filter.enables(&Level::WARN, "orders::cart::tax"));
    assert_eq!(filter.max_level(), LevelFilter::TRACE);
}

#[test]
fn a_target_alone_means_all_of_its_events_and_no_others() {
    let filter = filter("orders::cart");
    assert!(filter.enables(&Level::TRACE, "orders::cart::items"));
    assert!(!filter.enables(&Level::ERROR, "orders"));
}

#[test]
fn an_empty_text_is_no_silence() {
    for text in ["", " ", "\t\n"] {
        assert_eq!(filter(text), Filter::default());
    }
    assert!(Filter::default().enables(&Level::INFO, "any"));
    assert!(!Filter::default().enables(&Level::DEBUG, "any"));
}

#[test]
fn white_space_case_and_spare_commas_do_not_matter() {
    let plain = filter("warn,sqlx=debug,orders::cart=trace");
    for text in [
        "  warn ,\tsqlx = debug , orders::cart\n",
        "WARN,sqlx=Debug,orders::cart=TRACE,",
        ",warn,,sqlx=4,orders::cart=5",
        "orders::cart,sqlx=debug,2",
    ] {
        assert_eq!(filter(text), plain, "{text:?}");
    }
}

#[test]
fn of_two_directives_for_one_target_the_later_counts() {
    assert_eq!(filter("trace,a=info,warn,a=off"), filter("warn,a=off"));
}

#[test]
fn misspelt_levels_are_named_with_what_was_meant() {
    for (text, meant) in [
        ("inof", "info"),
        ("information", "info"),
        ("INFOS", "info"),
        ("warning", "warn"),
        ("wran", "warn"),
        ("err", "error"),
        ("eror", "error"),
        ("debg", "debug"),
        ("verbose", "debug"),
        ("trcae", "trace"),
        ("of", "off"),
        ("none", "off"),
        ("hyper=inof", "hyper=info"),
        ("hyper=warning", "hyper=warn"),
        ("debug=hyper", "hyper=debug"),
        ("=info", "info"),
        ("info;debug", "info,debug"),
        ("info debug", "info,debug"),
        ("info|hyper=warn", "info,hyper=warn"),
        ("a=info;b=warn", "a=info,b=warn"),
        ("hyper:debug", "hyper=debug"),
        ("hyper[request]=debug", "hyper=debug"),
        ("hyper::*=debug", "hyper=debug"),
    ] {
        assert_eq!(found(text), [(1, Some(meant.to_owned()))], "{text}");
        filter(meant);
    }
}

#[test]
fn nonsense_is_refused() {
    for text in [
        "6",
        "42",
        "=",
        "a=",
        "a=b=c",
        "a=6",
        ",",
        " , ",
        "[span]",
        "a[{b=1}]",
        "\"info\"",
        "'info'",
        "info\u{0}",
        "my target",
        "*",
        "a=info=",
        "https://x?y",
        "{",
        "info\u{200b}",
    ] {
        let error = refused(text);
        assert_eq!(error.problems().len(), 1, "{text:?}: {error}");
    }
}

#[test]
fn every_problem_has_its_column_in_characters() {
    let columns =
        |text: &str| -> Vec<usize> { found(text).iter().map(|(column, _)| *column).collect() };
    assert_eq!(columns("inof"), [1]);
    assert_eq!(columns("  inof"), [3]);
    assert_eq!(columns("info, hyper=wran ,a=b=c"), [7, 19]);
    assert_eq!(columns("größe=info,inof"), [12]);
}

#[test]
fn the_text_of_an_error_names_directive_place_and_remedy() {
    let text = refused("info,hyper=wran").to_string();
    for part in ["`hyper=wran`", "column 6", "`hyper=warn`"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = refused("wire").to_string();
    assert!(
        text.contains("`wire=trace`"),
        "how to name such a target: {text}"
    );
    assert!(filter("wire=trace").enables(&Level::TRACE, "wire"));
    assert!(
        refused("orders[request]=info")
            .to_string()
            .contains("not supported")
    );
}

#[test]
fn an_error_shows_no_control_characters_and_no_end_of_long_text() {
    let text = format!("a=\u{1b}[31m\n{}END", "x".repeat(1000));
    let shown = refused(&text).to_string();
    assert!(!shown.contains(char::is_control), "{shown:?}");
    assert!(!shown.contains("END") && shown.len() < 500, "{shown}");
}

#[test]
fn names_of_crates_and_modules_are_targets() {
    for target in [
        "h2",
        "sqlx",
        "hyper",
        "tokio",
        "tower_http::trace",
        "aws-sdk",
        "app",
        "api",
        "web",
        "db",
        "tracing",
        "infotainment",
        "a.b/c",
        "größe",
        "debug::x",
        "panic",
        "offline",
        "rustls",
    ] {
        assert!(filter(target).enables(&Level::TRACE, target), "{target}");
    }
}

fn valid() -> impl Strategy<Value = String> {
    let level = prop_oneof![
        Just("error"),
        Just("warn"),
        Just("info"),
        Just("debug"),
        Just("trace"),
        Just("off"),
        Just("INFO"),
        Just("0"),
        Just("3"),
        Just("5"),
    ];
    let target = "[a-c]{1,3}(::[a-c]{1,2}){0,2}";
    let directive = prop_oneof![
        level.clone().prop_map(str::to_owned),
        target.prop_map(|target| target),
        (target, level).prop_map(|(target, level)| format!("{target}={level}")),
    ];
    prop::collection::vec(directive, 1..6).prop_map(|directives| directives.join(","))
}

fn looks_like_a_filter() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "info", "inof", "a", "::", "=", ",", ";", "[", "]", "{", "}", " ", "*", "6", ":", "trace",
        "ü", "\0", "off",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// The same questions to both.
fn agree(filter: &Filter, targets: &Targets) -> Result<(), TestCaseError> {
    for target in [
        "a", "b", "ab", "abc::a", "a::b", "a::b::c", "c::cc::a", "zzz", "",
    ] {
        for level in &LEVELS {
            let ours = filter.enables(level, target);
            prop_assert_eq!(
                ours,
                targets.would_enable(target, level),
                "{} {}",
                target,
                level
            );
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_a_filter_or_an_error_with_a_place(text in prop_oneof![any::<String>(), looks_like_a_filter()]) {
        match text.parse::<Filter>() {
            Ok(filter) => prop_assert_eq!(filter.to_string().parse::<Filter>(), Ok(filter)),
            Err(error) => {
                prop_assert!(!error.problems().is_empty());
                for problem in error.problems() {
                    prop_assert!((1..=text.chars().count()).contains(&problem.column()));
                    if let Some(meant) = problem.suggestion() {
                        prop_assert!(meant.ends_with('…') || meant.parse::<Filter>().is_ok(), "{}", meant);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_valid_for_both_means_the_same_to_tracing_subscriber(text in valid()) {
        let targets: Targets = text.parse().expect("it takes nearly everything");
        agree(&filter(&text), &targets)?;
    }

    #[test]
    fn a_filter_read_back_is_the_same(text in valid()) {
        let filter = filter(&text);
        let again = filter.to_string();
        prop_assert_eq!(&again.parse::<Filter>().unwrap(), &filter);
        prop_assert_eq!(again.parse::<Filter>().unwrap().to_string(), again);
    }

    #[test]
    fn no_level_below_the_maximum_is_lost(text in valid()) {
        let filter = filter(&text);
        for level in LEVELS.iter().filter(|level| **level > filter.max_level()) {
            for target in ["a", "ab", "abc::a", ""] {
                prop_assert!(!filter.enables(level, target));
            }
        }
    }
}
