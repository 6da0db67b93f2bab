//! rsyslog and jq read what a service wrote.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use harness::{packaged, run};

use super::json::parse;
use super::rsyslog::Rsyslog;
use super::{ecs, odd, plain, read, samples};

/// Lines that rsyslog takes as they are, and one that it refuses.
const BY_HAND: &str = "{\"message\":\"a\\u001b\\n\\ufffd\",\"n\":[1,-9223372036854775808,1.0,1e300,null,true],\"a/b\":{\"\":\"\"}}\n\
    {\"message\":\"b\",\"message\":\"c\"} trailing\n\
    {\"$!x\":\"é😀\"}\n";

#[test]
fn rsyslog_tells_json_from_other_lines() {
    let rsyslog = Rsyslog::start();
    rsyslog
        .stdout()
        .write_all(BY_HAND.as_bytes())
        .expect("the file is open");
    let understood = rsyslog.understood(3);
    let verdicts: Vec<bool> = understood.iter().map(|(is_json, _)| *is_json).collect();
    assert_eq!(verdicts, [true, false, true]);
    for (line, (is_json, value)) in BY_HAND.lines().zip(&understood) {
        assert!(
            !is_json || parse(line).is_ok_and(|line| line.same(value)),
            "{line}: {value:?}"
        );
    }
    assert_eq!(rsyslog.rest(), 0);
}

#[test]
fn rsyslog_understands_every_line_as_it_is_written() {
    for schema in ["ecs", "plain", "odd"] {
        let rsyslog = Rsyslog::start();
        let status = samples(schema)
            .stdin(Stdio::null())
            .stdout(rsyslog.stdout())
            .status()
            .expect("the samples start");
        assert!(status.success(), "{status}");
        let lines = read(&rsyslog.written());
        let understood = rsyslog.understood(lines.len());
        for (line, (is_json, value)) in lines.iter().zip(&understood) {
            assert!(is_json, "{}", line.text);
            assert!(line.value.same(value), "{}\n{value:?}", line.text);
        }
        assert_eq!(rsyslog.rest(), 0);
    }
}

#[test]
fn jq_takes_each_line() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("lines");
    let takes = |lines: &[&str]| {
        fs::write(&file, lines.join("\n")).expect("the folder can be written to");
        let each = format!(
            "[inputs | fromjson | type] | length == {} and all(. == \"object\")",
            lines.len()
        );
        let mut jq = Command::new(packaged("jq", "jq"));
        run(jq.args(["-e", "-n", "-R", &each]).arg(&file)).code == Some(0)
    };
    assert!(takes(&["{}", "{\"a\":[1]}"]));
    for line in ["[]", "{} {}", "{\"a\":}", "{\"a\":1", "{\"a\":\"\t\"}\n"] {
        assert!(!takes(&["{}", line]), "{line}");
    }
    for lines in [ecs(), plain(), odd()] {
        let texts: Vec<&str> = lines.iter().map(|line| &*line.text).collect();
        assert!(takes(&texts));
        let mut jq = Command::new(packaged("jq", "jq"));
        let output = run(jq.args(["-e", "-c", "."]).arg(&file));
        assert_eq!(
            (output.code, output.stdout.lines().count()),
            (Some(0), texts.len())
        );
    }
}
