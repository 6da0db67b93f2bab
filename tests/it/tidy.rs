//! The repository checks itself.

use std::fs;
use std::path::{Path, PathBuf};

use harness::root;
use toml::{Table, Value};

/// Everything at the top, and why it is there: the design of the house.
const TOP_LEVEL: [&str; 23] = [
    ".cargo",
    ".ci",
    ".gitignore",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "benches",
    "clippy.toml",
    "deny.toml",
    "examples",
    "scripts",
    "tests",
    "tf-admin",
    "tf-app",
    "tf-backing",
    "tf-check",
    "tf-config",
    "tf-http",
    "tf-logs",
    "tf-shutdown",
];

const FLOOR: [&str; 5] = [
    "tf-admin",
    "tf-backing",
    "tf-config",
    "tf-logs",
    "tf-shutdown",
];

/// The doors to the process: the only files of the libraries that may name `std::env`.
const PROCESS_DOORS: [&str; 8] = [
    "tf-admin/src/process.rs",
    "tf-app/src/process.rs",
    "tf-backing/src/process.rs",
    "tf-check/src/process.rs",
    "tf-config/src/source/process.rs",
    "tf-http/src/process.rs",
    "tf-logs/src/process.rs",
    "tf-shutdown/src/process.rs",
];

/// The only file of the libraries that may end the process: at the hard deadline, or forced by a person.
const THE_EXIT: &str = "tf-shutdown/src/process.rs";

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifest(path: impl AsRef<Path>) -> Table {
    read(path).parse().expect("a manifest is TOML")
}

fn names(value: &Value) -> Vec<String> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|name| name.as_str().expect("a list of texts").to_owned())
        .collect()
}

fn members() -> Vec<String> {
    names(&manifest("Cargo.toml")["workspace"]["members"])
}

/// The files of the repository with this extension, relative to its root.
fn files(extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be listed") {
            let path = entry.expect("the folder can be listed").path();
            let name = path
                .file_name()
                .expect("an entry has a name")
                .to_string_lossy()
                .into_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | ".git") {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(
                    path.strip_prefix(root())
                        .expect("it lies below the root")
                        .to_owned(),
                );
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

#[test]
fn every_top_level_entry_has_a_purpose() {
    let ignored = ["target", ".git"];
    for entry in fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            TOP_LEVEL.contains(&&*name) || ignored.contains(&&*name),
            "{name}"
        );
    }
}

#[test]
fn members_inherit_lints_edition_and_licence() {
    for member in members() {
        let manifest = manifest(format!("{member}/Cargo.toml"));
        assert_eq!(
            manifest["lints"]["workspace"].as_bool(),
            Some(true),
            "{member}"
        );
        for key in ["edition", "license"] {
            let inherited = manifest["package"][key]
                .get("workspace")
                .and_then(Value::as_bool);
            assert_eq!(inherited, Some(true), "{member}: {key}");
        }
    }
}

#[test]
fn workspace_dependencies_have_their_default_features_off() {
    let manifest = manifest("Cargo.toml");
    for (name, dependency) in manifest["workspace"]["dependencies"].as_table().unwrap() {
        let is_derive = name == "tf-config-derive";
        let off = dependency.get("default-features").and_then(Value::as_bool) == Some(false);
        assert!(off || is_derive, "{name}");
    }
}

#[test]
fn the_derive_is_pinned_to_its_own_version() {
    let version = manifest("tf-config/derive/Cargo.toml")["package"]["version"]
        .as_str()
        .unwrap()
        .to_owned();
    let pinned =
        manifest("Cargo.toml")["workspace"]["dependencies"]["tf-config-derive"]["version"].clone();
    assert_eq!(pinned.as_str(), Some(&*format!("={version}")));
    let config = manifest("tf-config/Cargo.toml")["package"]["version"].clone();
    assert_eq!(config.as_str(), Some(&*version));
}

#[test]
fn floor_crates_do_not_know_each_other() {
    for member in members()
        .iter()
        .filter(|member| FLOOR.contains(&member.as_str()))
    {
        let manifest = manifest(format!("{member}/Cargo.toml"));
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(dependencies) = manifest.get(section).and_then(Value::as_table) else {
                continue;
            };
            for name in dependencies.keys().filter(|name| name.starts_with("tf-")) {
                assert_eq!(
                    (name.as_str(), member.as_str()),
                    ("tf-config-derive", "tf-config")
                );
            }
        }
    }
}

#[test]
fn the_readme_lists_every_crate_and_example() {
    let readme = read("README.md");
    let crates = members()
        .into_iter()
        .filter(|member| member.starts_with("tf-") && !member.contains('/'));
    for member in crates {
        assert!(
            readme.contains(&format!("[`{member}`]({member})")),
            "{member}"
        );
    }
    for example in fs::read_dir(root().join("examples/src/bin")).unwrap() {
        let name = example.unwrap().file_name().into_string().unwrap();
        assert!(
            readme.contains(&format!("examples/src/bin/{name}")),
            "{name}"
        );
    }
}

#[test]
fn crates_have_their_papers() {
    for member in members()
        .iter()
        .filter(|member| member.starts_with("tf-") && !member.contains('/'))
    {
        assert!(
            read(format!("{member}/README.md")).lines().count() <= 120,
            "{member}/README.md"
        );
        assert!(
            read(format!("{member}/CHANGELOG.md")).starts_with("# Changelog"),
            "{member}"
        );
    }
    assert!(read("CONTRIBUTING.md").lines().count() <= 100);
}

#[test]
fn no_file_has_more_than_500_lines() {
    for path in files("rs") {
        let lines = read(&path).lines().count();
        assert!(lines <= 500, "{}: {lines}", path.display());
    }
}

#[test]
fn only_the_named_files_touch_the_process_environment() {
    let library = |path: &&PathBuf| {
        path.starts_with("tf-config/src") || path.iter().nth(1).is_some_and(|part| part == "src")
    };
    let mut doors = Vec::new();
    for path in files("rs")
        .iter()
        .filter(library)
        .filter(|path| !path.starts_with("examples"))
    {
        let text = read(path);
        // Doc comments and tests may show what a program does.
        let code = text.lines().take_while(|line| *line != "#[cfg(test)]");
        let mut code = code.filter(|line| !line.trim_start().starts_with("//"));
        if code.any(|line| line.contains("std::env") || line.contains(" env::")) {
            doors.push(path.to_str().unwrap().to_owned());
        }
    }
    for door in doors {
        assert!(PROCESS_DOORS.contains(&door.as_str()), "{door}");
    }
}

#[test]
fn libraries_print_nothing_and_end_no_process() {
    for path in files("rs") {
        let is_library =
            path.iter().nth(1).is_some_and(|part| part == "src") && !path.starts_with("examples");
        if !is_library {
            continue;
        }
        let text = read(&path);
        let code = text.lines().take_while(|line| *line != "#[cfg(test)]");
        for line in code.filter(|line| !line.trim_start().starts_with("//")) {
            for word in [
                "println!",
                "eprintln!",
                "process::exit",
                "todo!",
                "unimplemented!",
                "dbg!",
            ] {
                assert!(!line.contains(word), "{}: {line}", path.display());
            }
            let ends = line.contains("low_level::exit") || line.contains("emulate_default_handler");
            assert!(
                !ends || path == Path::new(THE_EXIT),
                "{}: {line}",
                path.display()
            );
        }
    }
}
