//! The manifests, as kustomize puts them together and as Kubernetes' own schemas judge them.

use std::fs;
use std::path::Path;
use std::process::Command;

use harness::{packaged, run, tool};
use serde_json::Value;

use super::site::orders;
use super::texts::deploy;
use super::yaml::{documents, entries, succeeded};

/// All objects of the release, as kustomize makes them.
fn objects(folder: &Path) -> Vec<Value> {
    let mut kubectl = Command::new(packaged("kubectl", "kubernetes-client"));
    let made = succeeded(kubectl.arg("kustomize").arg(deploy().join("kubernetes")));
    let file = folder.join("objects.yaml");
    fs::write(&file, made.stdout).expect("the folder can be written to");
    documents(&file)
}

#[test]
fn kubernetes_takes_a_whole_release() {
    let folder = tempfile::tempdir().unwrap();
    let objects = objects(folder.path());
    // The first version in which pod failure policies are stable, and the newest that the checker knows.
    for version in [&["-k", "1.31.0"][..], &[]] {
        let mut checker = Command::new(tool("kubernetes-validate"));
        checker.arg("--strict").args(version);
        let told = succeeded(checker.arg(folder.path().join("objects.yaml")));
        let told = format!("{}{}", told.stdout, told.stderr);
        assert_eq!(
            told.matches(" passed for resource ").count(),
            objects.len(),
            "{told}"
        );
    }
    let kinds: Vec<_> = objects
        .iter()
        .map(|object| object["kind"].as_str().unwrap())
        .collect();
    for kind in ["ConfigMap", "Deployment", "Job", "Service"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[test]
fn each_pod_has_the_image_and_the_configuration_of_the_release() {
    let folder = tempfile::tempdir().unwrap();
    let objects = objects(folder.path());
    let map = objects
        .iter()
        .find(|object| object["kind"] == "ConfigMap")
        .unwrap();
    let pods = objects
        .iter()
        .filter(|object| object["spec"]["template"].is_object());
    let mut count = 0;
    for object in pods {
        count += 1;
        let pod = &object["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        assert_eq!(container["image"], "images.example/orders:v1");
        let references = container["env"].as_array().unwrap().iter();
        let taken: Vec<_> = references
            .filter(|variable| {
                variable["valueFrom"]["configMapKeyRef"]["name"] == map["metadata"]["name"]
            })
            .map(|variable| variable["name"].as_str().unwrap())
            .collect();
        for (name, _) in entries(&map["data"]) {
            assert!(taken.contains(&name.as_str()), "{name}: {taken:?}");
        }
        let required = container["env"].as_array().unwrap().iter();
        let required = required.filter(|variable| {
            let from = &variable["valueFrom"]["secretKeyRef"];
            from.is_object() && from["optional"] != true
        });
        let required: Vec<_> = required
            .map(|variable| variable["name"].as_str().unwrap())
            .collect();
        assert_eq!(required, ["DATABASE_URL", "QUEUE_URL"]);
    }
    assert!(count >= 4, "{objects:#?}");
}

#[test]
fn the_migration_gives_up_when_another_try_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let objects = objects(folder.path());
    let is_it =
        |object: &&Value| object["kind"] == "Job" && object["metadata"]["name"] == "orders-migrate";
    let job = objects.iter().find(is_it).unwrap();
    let rules = job["spec"]["podFailurePolicy"]["rules"].as_array().unwrap();
    let codes = &rules[0]["onExitCodes"];
    assert_eq!(
        (rules[0]["action"].as_str(), codes["operator"].as_str()),
        (Some("FailJob"), Some("In"))
    );
    // A wrong configuration ends so, as does a wrong command line.
    for words in [&["admin", "migrate"][..], &["admin", "migrat"]] {
        let code = run(Command::new(orders()).args(words).env_clear()).code;
        let is_final = codes["values"]
            .as_array()
            .unwrap()
            .iter()
            .any(|value| value.as_i64() == code.map(i64::from));
        assert!(is_final, "{words:?}: {code:?} {codes}");
    }
    assert_eq!(rules[1]["action"], "Ignore");
    assert_eq!(rules[1]["onPodConditions"][0]["type"], "DisruptionTarget");
    assert_eq!(job["spec"]["template"]["spec"]["restartPolicy"], "Never");
}
