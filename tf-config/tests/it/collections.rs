//! Lists and maps.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use tf_config::{Config, ProblemKind};
use url::Url;

use crate::{load, problem_of};

#[derive(Debug, Config)]
struct Lists {
    #[config(default = [])]
    numbers: Vec<u16>,
    #[config(default = ["a", "b,c"])]
    texts: Vec<String>,
    #[config(list(delimiter = ";", trim = false), default = [])]
    raw: Vec<String>,
    #[config(default = [])]
    set: BTreeSet<String>,
}

fn texts(text: &str) -> Vec<String> {
    load::<Lists>(&[("TEXTS", text)]).0.texts
}

#[test]
fn items_are_trimmed_and_a_backslash_keeps_a_delimiter() {
    assert_eq!(texts("a, b ,c"), ["a", "b", "c"]);
    assert_eq!(texts(r"a\,b,c\\,\d"), ["a,b", r"c\", r"\d"]);
    assert_eq!(texts("one"), ["one"]);
}

#[test]
fn defaults_hold_items_as_they_are() {
    let (lists, _) = load::<Lists>(&[]);
    assert_eq!(lists.texts, ["a", "b,c"]);
    assert!(lists.numbers.is_empty() && lists.raw.is_empty() && lists.set.is_empty());
}

#[test]
fn one_delimiter_at_the_end_is_ignored_and_another_empty_item_is_a_problem() {
    assert_eq!(texts("a,b,"), ["a", "b"]);
    for text in ["a,,b", ",a", "a,b,,", ","] {
        let problem = problem_of::<Lists>(&[("TEXTS", text)]);
        assert!(
            problem.message().contains("the item is empty"),
            "{text}: {problem}"
        );
    }
}

#[test]
fn every_wrong_item_is_named_by_its_place() {
    let problem = problem_of::<Lists>(&[("NUMBERS", "1,x,3,70000")]);
    assert_eq!(problem.kind(), ProblemKind::Invalid);
    assert!(problem.message().contains("(items 2, 4)"), "{problem}");
    let expected = "a list with `,` between items, each an integer from 0 to 65535";
    assert_eq!(problem.expected(), expected);
}

#[test]
fn delimiter_and_trimming_are_a_choice() {
    let (lists, _) = load::<Lists>(&[("RAW", "a, b; c;d"), ("SET", "b,a,b")]);
    assert_eq!(lists.raw, ["a, b", " c", "d"]);
    assert_eq!(lists.set.into_iter().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn urls_with_commas_are_escaped() {
    #[derive(Debug, Config)]
    struct Settings {
        urls: Vec<Url>,
    }
    let (settings, _) =
        load::<Settings>(&[("URLS", r"https://a.example/?x=1\,2,https://b.example")]);
    let urls: Vec<_> = settings.urls.iter().map(Url::as_str).collect();
    assert_eq!(urls, ["https://a.example/?x=1,2", "https://b.example/"]);
}

#[test]
fn lists_of_secrets_and_of_paths_are_read() {
    #[derive(Config)]
    struct Settings {
        keys: Vec<SecretString>,
        paths: Vec<PathBuf>,
    }
    let (settings, _) = load::<Settings>(&[("KEYS", "k1, k2"), ("PATHS", "/a,/b c")]);
    let keys: Vec<_> = settings
        .keys
        .iter()
        .map(ExposeSecret::expose_secret)
        .collect();
    assert_eq!(keys, ["k1", "k2"]);
    assert_eq!(settings.paths, [PathBuf::from("/a"), PathBuf::from("/b c")]);
}

#[derive(Debug, Config)]
struct Maps {
    #[config(map)]
    limits: BTreeMap<String, u16>,
    #[config(map(delimiter = ";", separator = ":"), default = "a:1")]
    other: BTreeMap<String, String>,
}

#[test]
fn maps_are_entries_with_keys_and_values() {
    let (maps, _) = load::<Maps>(&[("LIMITS", "a=1, b = 2,"), ("OTHER", r"x:1=2;y\;z:q\:r")]);
    assert_eq!(
        maps.limits,
        BTreeMap::from([("a".into(), 1), ("b".into(), 2)])
    );
    let other = BTreeMap::from([("x".into(), "1=2".into()), ("y;z".into(), "q:r".into())]);
    assert_eq!(maps.other, other);
    assert_eq!(load::<Maps>(&[("LIMITS", "a=1")]).0.other["a"], "1");
}

#[test]
fn wrong_entries_of_a_map_are_named_by_their_place() {
    let problem = problem_of::<Maps>(&[("LIMITS", "a=1,b,c=x")]);
    assert!(problem.message().contains("(entries 2, 3)"), "{problem}");
    assert!(
        problem.message().contains("the entry has no separator"),
        "{problem}"
    );
    let twice = problem_of::<Maps>(&[("LIMITS", "a=1,a=2")]);
    assert!(
        twice.message().contains("the key is there already"),
        "{twice}"
    );
}

#[test]
fn a_map_of_flags_reads_words() {
    #[derive(Debug, Config)]
    struct Settings {
        flags: BTreeMap<String, bool>,
    }
    let (settings, _) = load::<Settings>(&[("FLAGS", "a=on,b=no")]);
    assert_eq!(
        settings.flags,
        BTreeMap::from([("a".into(), true), ("b".into(), false)])
    );
}
