//! YAML and lists, as a real parser reads them.

use std::path::Path;
use std::process::Command;

use harness::{Output, run, tool};
use serde_json::Value;

/// The documents of a YAML file, read by a real parser.
pub(super) fn documents(path: &Path) -> Vec<Value> {
    let script =
        "import json, sys, yaml\nprint(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let mut python = Command::new(tool("python3"));
    let output = run(python.args(["-c", script]).arg(path));
    assert_eq!(output.code, Some(0), "{output:?}");
    serde_json::from_str(&output.stdout).expect("it is JSON")
}

pub(super) fn succeeded(command: &mut Command) -> Output {
    let output = run(command);
    assert_eq!(output.code, Some(0), "{output:?}");
    output
}

pub(super) fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|text| text.as_str().expect("a text"))
        .collect()
}

pub(super) fn entries(map: &Value) -> impl Iterator<Item = (&String, &Value)> {
    map.as_object()
        .unwrap_or_else(|| panic!("no map: {map}"))
        .iter()
}
