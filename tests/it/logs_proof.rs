//! The lines of `tf-logs`, judged by things that others wrote: the Elastic Common Schema, the
//! specification of Elastic's loggers, their logger for Python, rsyslog, and jq.

mod collector;
mod fields;
mod json;
mod logger;
mod rsyslog;
mod spec;

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use harness::run;

use fields::Fields;
use json::{Json, parse};

/// The longest line, with its line feed.
const LONGEST: usize = 16 * 1024;

/// The longest line of the service that gives its lines little room.
const LEAST: usize = 1024;

/// The roots of the samples' own fields, and their own fields inside objects of ECS.
const OWN: &str = "small negative largest least beyond beyond_by_one wide wide_negative wide_small yes whole \
    third huge tiny minus_zero exact not_a_number infinite empty text owned bytes bad_bytes debug display present \
    absent nothing boxed json other order shop level all lines long after before failing panicking logging first \
    second depth kept late twice place items name rate err number deep job db traceparent type A a f g \
    http.request.headers.authorization Password password AUTHORIZATION \
    f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19 f20";

/// Own names that no list of words can hold.
const ODD: [&str; 8] = [
    "\u{fffd}",
    "a b",
    "a\"b\\c",
    "\u{1b}[31m\n",
    "é",
    "$!x",
    "a*b",
    "order\u{2028}id",
];

/// A line as it was written, and what it says.
struct Line {
    text: String,
    value: Json,
}

impl Line {
    fn message(&self) -> &str {
        self.value
            .get("message")
            .and_then(Json::text)
            .unwrap_or_default()
    }
}

fn samples(mode: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_log_samples"));
    command.env_clear().arg(mode);
    command
}

fn read(stdout: &str) -> Vec<Line> {
    assert!(stdout.ends_with('\n'), "the last line is whole");
    let line = |text: &str| Line {
        value: parse(text).unwrap_or_else(|error| panic!("{error}: {text}")),
        text: text.to_owned(),
    };
    stdout.split_terminator('\n').map(line).collect()
}

/// The lines of the samples with names of ECS.
fn ecs() -> &'static [Line] {
    static LINES: OnceLock<Vec<Line>> = OnceLock::new();
    LINES.get_or_init(|| collect("ecs"))
}

/// The lines of the samples without a schema.
fn plain() -> &'static [Line] {
    static LINES: OnceLock<Vec<Line>> = OnceLock::new();
    LINES.get_or_init(|| collect("plain"))
}

/// The lines of a service that is strange itself.
fn odd() -> &'static [Line] {
    static LINES: OnceLock<Vec<Line>> = OnceLock::new();
    LINES.get_or_init(|| collect("odd"))
}

fn collect(schema: &str) -> Vec<Line> {
    let output = run(samples(schema).env("RUST_BACKTRACE", "1"));
    assert_eq!((output.code, &*output.stderr), (Some(0), ""));
    read(&output.stdout)
}

/// Events whose fields have these names.
fn named(names: &[String]) -> Vec<Line> {
    let mut child = samples("names")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the samples start");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    let input = names.join("\n");
    // Beside the reading of what comes out: events are dropped when nobody reads.
    let feeder =
        thread::spawn(move || stdin.write_all(input.as_bytes()).expect("the samples read"));
    let output = child
        .wait_with_output()
        .expect("the child can be waited for");
    feeder.join().expect("the samples read all names");
    assert!(output.status.success());
    read(&String::from_utf8(output.stdout).expect("the lines are UTF-8"))
}

fn own() -> Vec<&'static str> {
    OWN.split_whitespace().chain(ODD).collect()
}

/// Every text in a value, names aside.
fn texts<'a>(value: &'a Json, found: &mut Vec<&'a str>) {
    match value {
        Json::Text(text) => found.push(text),
        Json::List(items) => items.iter().for_each(|item| texts(item, found)),
        Json::Object(entries) => entries.iter().for_each(|(_, value)| texts(value, found)),
        _ => {}
    }
}

fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// All problems of all lines that `check` finds.
fn problems(lines: &[Line], check: impl Fn(&Line) -> Vec<String>) -> Vec<String> {
    let of_one = |line: &Line| {
        let text: String = line.text.chars().take(600).collect();
        check(line)
            .into_iter()
            .map(move |problem| format!("{problem}\n    {text}"))
            .collect::<Vec<_>>()
    };
    lines.iter().flat_map(of_one).collect()
}

#[test]
fn every_event_has_its_line() {
    let expected = [
        "trace",
        "debug",
        "warning",
        "error",
        "target",
        "7",
        "numbers",
        "texts",
        "nested",
        "prefixes",
        "prefixes reversed",
        "labels",
        "ecs",
        "roots 1",
        "roots 2",
        "roots 3",
        "roots 4",
        "typed roots",
        "inner objects",
        "reserved",
        "reserved in a span",
        "odd names",
        "three depths",
        "a scalar over the spans' objects",
        "an object over the spans' scalars",
        "thirty spans",
        "explicit parent",
        "no parent",
        "error chain",
        "error elsewhere",
        "error as text",
        "error as debug",
        "error with a code",
        "two errors",
        "record",
        "record with values",
        "record in a span",
        "unusual: \u{200b}\u{202e}",
        "\"}\n{\"forged\":true}\r\n",
        "long field",
        "three long fields",
        "trace",
        "bad trace",
        "secrets",
        "secrets of a record",
        "failing",
        "panicking",
        "inner",
        "logging",
        "failing in an object",
        "from a thread's destructor",
        "paid",
    ];
    for lines in [ecs(), plain()] {
        let mut left: Vec<&str> = lines.iter().map(Line::message).collect();
        let missing: Vec<&str> = expected
            .into_iter()
            .filter(|message| {
                let found = left.iter().position(|left| left == message);
                found.map(|found| left.remove(found)).is_none()
            })
            .collect();
        assert_eq!(
            (missing, lines.len()),
            (vec![], expected.len() + left.len()),
            "left: {left:?}"
        );
        // No message; all characters; a long one; a failing one; three panics.
        assert_eq!(left.len(), 7, "{left:?}");
    }
}

#[test]
fn no_line_harms_a_reader_of_lines_or_a_terminal() {
    let check = |line: &Line| {
        let mut problems = Vec::new();
        if line.text.len() + 1 > LONGEST {
            problems.push(format!("{} bytes", line.text.len() + 1));
        }
        // Readers that split at Unicode's line ends, terminals that obey C1, C strings that end at NUL.
        let harmful = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        problems.extend(
            line.text
                .chars()
                .filter(|c| harmful(*c))
                .map(|c| format!("{c:?} as it is")),
        );
        if line.text.contains("\\u0000") {
            problems.push("a NUL".to_owned());
        }
        problems
    };
    assert_none(&problems(ecs(), check));
    assert_none(&problems(plain(), check));
    assert_none(&problems(odd(), check));
    assert!(odd().iter().all(|line| line.text.len() < LEAST));
}

#[test]
fn every_line_follows_the_specification_of_elastics_loggers() {
    assert_none(&problems(ecs(), |line| spec::problems(&line.value)));
    assert_none(&problems(odd(), |line| spec::problems(&line.value)));
    for line in ecs().iter().chain(odd()) {
        let first: Vec<&str> = line
            .value
            .entries()
            .iter()
            .take(4)
            .map(|(key, _)| &**key)
            .collect();
        assert_eq!(
            first,
            ["@timestamp", "log.level", "message", "ecs.version"],
            "{}",
            line.text
        );
    }
}

#[test]
fn every_path_agrees_with_the_elastic_common_schema() {
    let fields = Fields::load();
    let own = own();
    assert_none(&problems(ecs(), |line| fields.problems(&line.value, &own)));
    assert_none(&problems(odd(), |line| fields.problems(&line.value, &own)));
    for line in ecs().iter().chain(odd()) {
        let version = line.value.get("ecs.version").and_then(Json::text);
        assert_eq!(version, Some(Fields::VERSION));
    }
}

#[test]
fn no_scalar_takes_the_place_of_any_object_of_the_schema() {
    let fields = Fields::load();
    let names: Vec<String> = fields.objects().into_iter().collect();
    assert!(names.len() > 100);
    let lines = named(&names);
    assert_none(&problems(&lines, |line| {
        fields.problems(&line.value, &["shop"])
    }));
    let mut found = Vec::new();
    lines.iter().for_each(|line| texts(&line.value, &mut found));
    let found: BTreeSet<&str> = found.into_iter().collect();
    let lost: Vec<&String> = names
        .iter()
        .filter(|name| !found.contains(&***name))
        .collect();
    assert_eq!(lost, Vec::<&String>::new(), "the value of each is its name");
}

#[test]
fn every_field_of_the_schema_has_its_own_name_unless_the_line_has_it_already() {
    let names: Vec<String> = Fields::load().scalars();
    assert!(names.len() > 1000);
    let mut moved = BTreeSet::new();
    for (name, line) in names.iter().zip(named(&names)) {
        let is_there =
            |path: &str| spec::find(&line.value, path).and_then(Json::text) == Some(name);
        if !is_there(name) {
            let label = format!("labels.{}", name.replace('.', "_"));
            assert!(is_there(&label), "{name}: {}", line.text);
            moved.insert(name.as_str());
        }
    }
    let taken = taken(&names);
    let needless: Vec<&&str> = moved.difference(&taken).collect();
    assert_eq!(needless, Vec::<&&str>::new());
}

/// Those of the names that a line has by itself.
fn taken(names: &[String]) -> BTreeSet<&str> {
    let plainest = &ecs().first().expect("the samples have lines").value;
    let names = names.iter().map(String::as_str);
    names
        .filter(|name| spec::find(plainest, name).is_some())
        .collect()
}

#[test]
fn no_object_takes_the_place_of_a_field_that_lines_have() {
    let fields = Fields::load();
    let names = fields.scalars();
    let mut outer = taken(&names);
    assert!(outer.len() > 10);
    outer.extend(
        names
            .iter()
            .map(String::as_str)
            .filter(|name| !name.contains('.')),
    );
    let inner: Vec<String> = outer
        .iter()
        .flat_map(|name| [format!("{name}.x"), format!("{name}.x.y")])
        .collect();
    let lines = named(&inner);
    assert_none(&problems(&lines, |line| {
        fields.problems(&line.value, &["shop"])
    }));
}

#[test]
fn scalars_named_like_objects_are_moved_and_not_lost() {
    let mut found = Vec::new();
    ecs().iter().for_each(|line| texts(&line.value, &mut found));
    let found: BTreeSet<&str> = found.into_iter().collect();
    for root in Fields::load().object_roots() {
        assert!(found.contains(&*format!("value of {root}")), "{root}");
    }
}

#[test]
fn no_line_tells_a_secret() {
    for line in ecs().iter().chain(plain()) {
        assert!(!line.text.contains("hunter"), "{}", line.text);
    }
    let redacted = |lines: &[Line]| {
        lines
            .iter()
            .filter(|line| line.message().starts_with("secrets"))
            .count()
    };
    assert_eq!((redacted(ecs()), redacted(plain())), (2, 2));
}
