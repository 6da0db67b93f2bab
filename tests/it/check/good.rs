//! A program that does everything well passes every check.

use std::process::Command;
use std::time::Duration;

use harness::{binary, root, run, tool};

use super::{Check, PROFILE};

#[test]
fn a_good_service_passes_every_check_by_observation() {
    let mut git = Command::new(tool("git"));
    git.current_dir(root()).args(["rev-parse", "HEAD"]);
    let commit = run(&mut git).stdout;
    let extra = format!("source = \"{}\"", root().display());
    let commit = format!(
        "[variables.COMMIT]\nvalue = \"{}\"\n\
         [variables.WAY]\nvalue = \"starts-slowly\"\n",
        commit.trim()
    );
    let check = Check::new().profile(&format!("{extra}\n{PROFILE}{commit}"));
    let fixture = binary("tf-tests", "checked");
    let checklist = check
        .option(&["--strict"])
        .checklist(&[&fixture.display().to_string()]);
    let verdicts = checklist.verdicts();
    assert!(verdicts.len() >= 40, "{verdicts:#?}");
    for (check, verdict, remark) in verdicts {
        assert_eq!(verdict, "pass", "{check}: {remark}");
        assert!(!remark.is_empty(), "{check}");
    }
    assert_eq!(checklist.output.code, Some(0));
    let took = checklist.json["took_ms"].as_u64().expect("a number");
    assert!(took < Duration::from_secs(60).as_millis() as u64, "{took}");
}
