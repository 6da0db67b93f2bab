//! The example of `tf-backing`, as its users run it.

mod urls;

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::thread;

use harness::{Output, example, run};
use serde_json::{Value, json};

/// The password of every URL here: no four characters of it stand in our sentences by chance.
const PASSWORD: &str = "Xq7Zw9#/Kv3Jy8";
const ENCODED: &str = "Xq7Zw9%23%2FKv3Jy8";

/// The example in an environment that has these variables alone.
fn command(arguments: &[&str], vars: &[(&str, &str)]) -> Command {
    let mut command = Command::new(example("backing"));
    command
        .args(arguments)
        .env_clear()
        .envs(vars.iter().copied());
    command
}

/// Runs the example, which must not show a piece of the password.
fn backing(arguments: &[&str], vars: &[(&str, &str)]) -> Output {
    let output = run(&mut command(arguments, vars));
    assert_hidden(&output, PASSWORD);
    assert_hidden(&output, ENCODED);
    output
}

fn assert_hidden(output: &Output, secret: &str) {
    let characters: Vec<char> = secret.chars().collect();
    for piece in characters.windows(4) {
        let piece: String = piece.iter().collect();
        assert!(!output.stdout.contains(&piece), "{piece}: {output:?}");
        assert!(!output.stderr.contains(&piece), "{piece}: {output:?}");
    }
}

/// The one JSON object of a run that went well.
fn object(output: &Output) -> Value {
    assert_eq!(
        (output.code, &*output.stderr),
        (Some(0), ""),
        "{}",
        output.stdout
    );
    assert_eq!(output.stdout.lines().count(), 1, "{}", output.stdout);
    let object: Value = serde_json::from_str(&output.stdout).expect("the output is JSON");
    assert!(object.is_object(), "{object}");
    object
}

/// What a run says that must fail like this, with nothing on standard output.
fn refusal(output: &Output, code: i32) -> &str {
    assert_eq!((output.code, &*output.stdout), (Some(code), ""));
    assert!(!output.stderr.trim().is_empty());
    &output.stderr
}

/// Runs the example on these bytes.
fn with_input(arguments: &[&str], input: &[u8]) -> Output {
    let child = feed(command(arguments, &[]).stdout(Stdio::piped()), input);
    let output = child.wait_with_output().expect("the child can be awaited");
    let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
    Output {
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn feed(command: &mut Command, input: &[u8]) -> Child {
    let command = command.stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the example starts");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    let input = input.to_owned();
    // A child that does not read to the end closes the pipe, which is its right.
    thread::spawn(move || stdin.write_all(&input).ok());
    child
}

#[test]
fn each_common_mistake_is_named_by_its_part_and_its_fix() {
    for (sign, fix) in [
        ("#", "%23"),
        ("/", "%2F"),
        ("?", "%3F"),
        ("@", "%40"),
        ("%", "%25"),
    ] {
        for scheme in ["postgres", "mysql", "redis", "amqp", "nats", "mongodb"] {
            let secret = format!("Xq7Zw9{sign}Kv3Jy8");
            let output = backing(&["parse", &format!("{scheme}://app:{secret}@db/1")], &[]);
            assert_hidden(&output, &secret);
            let error = refusal(&output, 65);
            assert!(error.contains("in the password at byte "), "{error}");
            assert!(error.contains(&format!("`{sign}`")), "{error}");
            assert!(error.contains(&format!("; write {fix}")), "{error}");
        }
    }
    for (url, part, fix) in [
        ("app:PW@db:5432/shop", "scheme", "expected `scheme://…`"),
        (
            "postgres://app:PW@db:shop",
            "port",
            "a database stands after `/`, not after `:`",
        ),
        ("jdbc:postgresql://app:PW@db/shop", "scheme", "drop `jdbc:`"),
        (
            "mongodb+srv://app:PW@a.example,b.example/",
            "host",
            "write the scheme without `+srv`",
        ),
        (
            "redis://app:PW@cache/sessions",
            "database",
            "`/` and a number such as 0",
        ),
    ] {
        let output = backing(&["parse", &url.replace("PW", ENCODED)], &[]);
        let error = refusal(&output, 65);
        assert!(error.contains(part) && error.contains(fix), "{error}");
    }
    // A slash at the end is valid, so it is only warned of.
    let url = format!("amqp://app:{ENCODED}@mq/");
    let object = object(&backing(&["parse", &url], &[]));
    let warning = object["warnings"][0].as_str().unwrap();
    assert!(warning.contains("vhost with the empty name") && warning.contains("drop the slash"));
    assert_eq!(object["resource"], "");
}

#[test]
fn one_url_a_line_gives_one_json_object_a_line_and_always_ends_0() {
    let good = format!("postgres://app:{ENCODED}@db/shop");
    let mut input = format!("{good}\n\npostgres://app:{PASSWORD}@db/shop\n{good}\r\n").into_bytes();
    input.extend_from_slice(b"postgres://app:Xq7Zw9\xff\xfeKv3Jy8@db/shop\n\xc3\n\0\n");
    input.extend_from_slice(b"redis://cache/1");
    let output = with_input(&["parse", "--stdin"], &input);
    assert_hidden(&output, PASSWORD);
    assert_hidden(&output, ENCODED);
    assert_eq!((output.code, &*output.stderr), (Some(0), ""));
    let lines: Vec<Value> = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let parsed = object(&backing(&["parse", &good], &[]));
    let redis = object(&backing(&["parse", "redis://cache/1"], &[]));
    assert_eq!(lines.len(), 8, "{}", output.stdout);
    assert_eq!(
        [&lines[0], &lines[3], &lines[7]],
        [&parsed, &parsed, &redis]
    );
    for error in [&lines[1], &lines[2], &lines[4], &lines[5], &lines[6]] {
        assert_eq!(error.as_object().unwrap().len(), 1, "{error}");
        assert!(!error["error"].as_str().unwrap().is_empty(), "{error}");
    }

    let output = with_input(&["parse", "--expose", "--stdin"], good.as_bytes());
    assert_eq!(object(&output)["password"], PASSWORD);
    assert_eq!(object(&output)["url"], good.as_str());
    let output = with_input(&["parse", "--stdin"], b"");
    assert_eq!((output.code, &*output.stdout), (Some(0), ""));
}

#[test]
fn an_attached_service_is_found_in_each_place_and_shown_redacted() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("mysql://app:{ENCODED}@db/shop");
    let file = folder.path().join("url");
    fs::write(&file, format!("{url}\n")).unwrap();
    let binding = folder.path().join("orders-db");
    fs::create_dir(&binding).unwrap();
    for (name, text) in [
        ("type", "mysql"),
        ("host", "db"),
        ("username", "app"),
        ("password", PASSWORD),
        ("database", "shop"),
    ] {
        fs::write(binding.join(name), text).unwrap();
    }
    let vcap = json!({"p.mysql": [{"name": "orders-db", "tags": ["relational"], "credentials": {"uri": url}}]});
    let vcap = vcap.to_string();

    let expected = object(&backing(&["parse", &url], &[]));
    let file = ("DATABASE_URL_FILE", file.to_str().unwrap());
    let root = ("SERVICE_BINDING_ROOT", folder.path().to_str().unwrap());
    let vcap = ("VCAP_SERVICES", &*vcap);
    for (name, variable, origin) in [
        ("DATABASE_URL", ("DATABASE_URL", &*url), "`DATABASE_URL`"),
        ("DATABASE_URL", file, "`DATABASE_URL_FILE`"),
        ("orders-db", root, binding.to_str().unwrap()),
        ("orders-db", vcap, "service `orders-db`"),
        ("relational", vcap, "service `orders-db`"),
    ] {
        let mut found = object(&backing(&["attached", name], &[variable]));
        let place = found.as_object_mut().unwrap().remove("origin").unwrap();
        assert!(place.as_str().unwrap().contains(origin), "{place}");
        assert_eq!(found, expected, "{origin}");
    }
}

/// What is asked for, in which environment, and words of the error.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

#[test]
fn what_is_not_or_wrongly_attached_ends_78_and_says_where() {
    let broken = format!("mysql://app:{PASSWORD}@db/shop");
    let services = json!({"user-provided": [
        {"name": "orders-mq", "tags": ["queue"], "credentials": {"uri": format!("amqp://app:{ENCODED}@a")}},
        {"name": "mails-mq", "tags": ["queue"], "credentials": {"uri": format!("amqp://app:{ENCODED}@b")}},
    ]});
    let services = services.to_string();
    let no_file = [("MAIN_URL_FILE", "/nowhere/url")];
    let both = [("MAIN_URL", "redis://a"), ("MAIN_URL_FILE", "/nowhere/url")];
    let cases: [Case<'_>; 6] = [
        ("MAIN_URL", &[("OTHER_URL", "redis://a")], &["`MAIN_URL`"]),
        (
            "MAIN_URL",
            &[("MAIN_URL", &broken)],
            &["`MAIN_URL`", "in the password", "write %23"],
        ),
        ("MAIN_URL", &[("MAIN_URL", "")], &["`MAIN_URL`", "empty"]),
        ("MAIN_URL", &no_file, &["`MAIN_URL_FILE`", "does not exist"]),
        ("MAIN_URL", &both, &["`MAIN_URL`", "`MAIN_URL_FILE`"]),
        (
            "queue",
            &[("VCAP_SERVICES", &services)],
            &["`VCAP_SERVICES`", "`orders-mq`", "`mails-mq`"],
        ),
    ];
    for (name, vars, words) in cases {
        let output = backing(&["attached", name], vars);
        let error = refusal(&output, 78);
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
}

#[test]
fn wrong_usage_ends_2_and_repeats_no_argument() {
    let url = format!("postgres://app:{ENCODED}@db/shop");
    let cases: [&[&str]; 8] = [
        &[],
        &["parse"],
        &["parse", &url, &url],
        &["parse", "--stdin", &url],
        &["parse", "--verbose", &url],
        &["attached"],
        &["attached", "--expose", "DATABASE_URL"],
        &[&url],
    ];
    for arguments in cases {
        let output = backing(arguments, &[]);
        assert!(refusal(&output, 2).contains("usage: "), "{arguments:?}");
    }
}

#[test]
fn a_closed_reader_ends_141_without_a_word() {
    let vars = [("DATABASE_URL", "redis://cache")];
    for arguments in [
        &["parse", "redis://cache"][..],
        &["parse", "--stdin"],
        &["attached", "DATABASE_URL"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = command(arguments, &vars);
        let child = feed(command.stdout(writer), b"redis://cache\n");
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), &*output.stderr),
            (Some(141), &b""[..]),
            "{arguments:?}"
        );
    }
}

#[test]
fn the_same_program_moves_between_databases_by_its_variable_alone() {
    let mut others = Vec::new();
    for (url, shown) in [
        (
            "sqlite:///data/shop.db?mode=rwc&key=PW",
            "sqlite:///data/shop.db?mode=rwc&key=***",
        ),
        (
            "mysql://app:PW@db:3306/shop",
            "mysql://app:***@db:3306/shop",
        ),
        ("postgres://app:PW@a,b/shop", "postgres://app:***@a,b/shop"),
    ] {
        let url = url.replace("PW", ENCODED);
        let mut command = Command::new(example("config"));
        let output = run(command.env_clear().env("SHOP_DATABASE_URL", url));
        assert_hidden(&output, PASSWORD);
        assert_hidden(&output, ENCODED);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        let (database, rest): (Vec<&str>, Vec<&str>) = output
            .stdout
            .lines()
            .partition(|line| line.starts_with("SHOP_DATABASE_URL "));
        let words: Vec<&str> = database[0].split_whitespace().collect();
        assert_eq!(words[..2], ["SHOP_DATABASE_URL", shown]);
        // Columns are as wide as their longest text.
        let rest = rest.iter().flat_map(|line| line.split_whitespace());
        others.push(rest.map(str::to_owned).collect::<Vec<_>>());
    }
    assert!(others.iter().all(|rest| *rest == others[0]), "{others:?}");
}
