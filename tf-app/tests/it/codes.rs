//! Every command line in every environment ends with a code of the table.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::fixture::run;

const WORDS: [&str; 34] = [
    "web",
    "worker",
    "tick",
    "done",
    "broken",
    "all",
    "admin",
    "list",
    "help",
    "hello",
    "fail",
    "config",
    "check",
    "print",
    "template",
    "schema",
    "backing",
    "version",
    "procfile",
    "completions",
    "bash",
    "--json",
    "--format",
    "json",
    "--supervisor",
    "--processes",
    "3",
    "--systemd",
    "--k8s",
    "--timeout",
    "1s",
    "--help",
    "-V",
    "--",
];

const NAMES: [&str; 15] = [
    "GREETING",
    "SIGNING_KEY",
    "LISTEN",
    "LOG_LEVEL",
    "RUST_LOG",
    "LOG_FORMAT",
    "LOG_STREAM",
    "RELEASE_ID",
    "SHUTDOWN_TIMEOUT",
    "SHUTDOWN_PRE_STOP",
    "BACKING_WAIT",
    "ADMIN_PROTECT",
    "ADMIN_LOCK_URL",
    "GREETING_FILE",
    "HEROKU_RELEASE_VERSION",
];

const TEXTS: [&str; 16] = [
    "",
    " ",
    "0",
    "1s",
    "5000s",
    "-1",
    "info",
    "json",
    "stderr",
    "on",
    "off",
    "x=y",
    "127.0.0.1:0",
    "/nowhere/sock",
    "postgres://u:p@h/d",
    "\u{1b}[31m",
];

fn words() -> impl Strategy<Value = Vec<String>> {
    let word = prop_oneof![
        9 => select(&WORDS[..]).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ];
    vec(word, 0..5)
}

fn vars() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let text = prop_oneof![
        5 => select(&TEXTS[..]).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ];
    vec((select(&NAMES[..]), text), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_command_line_in_every_environment_ends_with_a_code_of_the_table(
        words in words(),
        vars in vars(),
        has_greeting in any::<bool>(),
    ) {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        // No port of this machine is taken: the first of two equal names counts.
        let mut all = vec![("PORT", "0")];
        if has_greeting {
            all.push(("GREETING", "hi"));
        }
        all.extend(vars.iter().map(|(name, text)| (*name, text.as_str())));
        let report = run(&words, &all);
        let is_in_table = matches!(report.code(), 0..=2 | 3 | 69 | 78 | 101);
        prop_assert!(is_in_table, "{words:?} {all:?}: {report:?}");
        if report.code() == 78 {
            let told = [report.stdout(), report.stderr()].concat();
            prop_assert!(told.contains("configuration is not usable") || told.contains("\"usable\":false"));
        }
    }
}
