//! What needs no configuration: lists, help, completions.

use std::fs;
use std::process::Command;

use harness::{Output, example, packaged, run};
use serde_json::Value;

/// Runs the example in an environment without a variable.
fn bare(words: &[&str]) -> Output {
    let output = run(Command::new(example("admin")).args(words).env_clear());
    assert_eq!(
        (output.code, output.stderr.as_str()),
        (Some(0), ""),
        "{words:?}"
    );
    assert!(output.stdout.ends_with('\n'), "{words:?}");
    output
}

/// The names of the tasks, by the list for machines.
fn names() -> Vec<String> {
    let catalogue: Value = serde_json::from_str(&bare(&["list", "--format", "json"]).stdout)
        .expect("the list is JSON");
    let tasks = catalogue["tasks"]
        .as_array()
        .expect("a list of tasks")
        .iter();
    tasks
        .map(|task| task["name"].as_str().expect("a task has a name").to_owned())
        .collect()
}

#[test]
fn the_list_has_every_task_in_both_forms() {
    let names = names();
    assert_eq!(names.len(), 8);
    let list = bare(&["list"]).stdout;
    let listed: Vec<&str> = list
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(listed, names);
}

#[test]
fn the_list_for_machines_says_what_a_task_may_do() {
    let catalogue: Value =
        serde_json::from_str(&bare(&["list", "--format", "json"]).stdout).unwrap();
    assert_eq!(catalogue["app"], "shop");
    let of = |name: &str| {
        let tasks = catalogue["tasks"].as_array().unwrap().iter();
        tasks
            .clone()
            .find(|task| task["name"] == name)
            .unwrap()
            .clone()
    };
    let prune = of("prune");
    assert_eq!(prune["danger"], "destructive");
    assert_eq!(
        (&prune["dry_run"], &prune["single_flight"]),
        (&true.into(), &true.into())
    );
    assert_eq!(of("hello")["danger"], "read_only");
    assert_eq!(of("nodry")["dry_run"], false);
    assert_eq!(of("code")["codes"][0]["code"], 7);
}

#[test]
fn help_needs_no_configuration() {
    let overview = bare(&["--help"]).stdout;
    assert_eq!(bare(&["help"]).stdout, overview);
    for name in names() {
        assert!(overview.contains(&name), "{name}");
        let help = bare(&["help", &name]).stdout;
        assert_eq!(bare(&[&name, "--help"]).stdout, help);
        assert!(help.contains("--reason"), "{help}");
    }
    bare(&["--version"]);
    bare(&["help", "list"]);
}

#[test]
fn a_first_word_admin_is_no_task() {
    assert_eq!(bare(&["admin", "list"]).stdout, bare(&["list"]).stdout);
}

#[test]
fn every_shell_has_a_completion_script() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = bare(&["completions", shell]).stdout;
        assert!(script.contains("older-than"), "{shell}");
    }
}

#[test]
fn bash_completes_tasks_and_options() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("admin.bash");
    fs::write(&script, bare(&["completions", "bash"]).stdout).unwrap();
    let complete = |words: &str, place: usize| {
        let code = format!(
            "source \"$0\"; COMP_WORDS=({words}); COMP_CWORD={place}; \
             _admin admin \"${{COMP_WORDS[$COMP_CWORD]}}\" \"\"; echo \"${{COMPREPLY[@]}}\""
        );
        let output = run(Command::new(packaged("bash", "bash"))
            .arg("-c")
            .arg(code)
            .arg(&script));
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
        output.stdout
    };
    assert_eq!(complete("admin pr", 1).trim(), "prune");
    let options = complete("admin prune --", 2);
    for option in ["--older-than", "--dry-run", "--reason"] {
        assert!(options.contains(option), "{options}");
    }
}
