//! What a repository shows.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process;

/// The first of these that is there, in the folder or one around it, up to the root of the repository.
fn first(source: &Path, names: &[&str]) -> Option<PathBuf> {
    for folder in source.ancestors() {
        let found = names
            .iter()
            .map(|name| folder.join(name))
            .find(|path| path.exists());
        if found.is_some() || folder.join(".git").exists() {
            return found;
        }
    }
    None
}

pub(super) fn version_control(source: &Path) -> Result<String, String> {
    let kept = [".git", ".hg", ".svn", ".jj"];
    let kept = source.ancestors().find_map(|folder| {
        kept.iter()
            .map(|name| folder.join(name))
            .find(|path| path.exists())
    });
    match kept {
        Some(path) => Ok(format!("`{}`", process::shown(&path))),
        None => Err("neither here nor above is a repository".to_owned()),
    }
}

/// A file that a tool builds everything from, and the step.
const BUILDS: [(&str, &str); 10] = [
    ("Cargo.toml", "cargo build"),
    ("go.mod", "go build ./..."),
    ("package.json", "npm run build"),
    ("pyproject.toml", "python -m build"),
    ("pom.xml", "mvn package"),
    ("build.gradle", "gradle build"),
    ("build.gradle.kts", "gradle build"),
    ("mix.exs", "mix release"),
    ("Makefile", "make"),
    ("Dockerfile", "docker build ."),
];

pub(super) fn build(source: &Path) -> Result<String, String> {
    let is_enough = |path: &Path| {
        // A package of Node has a build only if it says so.
        !path.ends_with("package.json")
            || fs::read_to_string(path).is_ok_and(|text| text.contains("\"build\""))
    };
    let found = BUILDS.iter().find_map(|(name, step)| {
        let path = first(source, &[name]).filter(|path| is_enough(path))?;
        Some(format!("`{step}`, by `{}`; it was not run", path.display()))
    });
    found.ok_or_else(|| {
        let names: Vec<&str> = BUILDS.iter().map(|(name, _)| *name).collect();
        format!("none of {} is here", names.join(", "))
    })
}

const INTEGRATION: [&str; 9] = [
    ".github/workflows",
    ".gitlab-ci.yml",
    ".ci",
    ".circleci/config.yml",
    ".woodpecker.yml",
    ".forgejo/workflows",
    "Jenkinsfile",
    "azure-pipelines.yml",
    ".buildkite",
];

pub(super) fn integration(source: &Path) -> Result<String, String> {
    let Some(path) = first(source, &INTEGRATION) else {
        return Err(format!("none of {} is here", INTEGRATION.join(", ")));
    };
    if path.is_dir() && fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_none()) {
        return Err(format!("`{}` is empty", path.display()));
    }
    Ok(format!(
        "`{}`; how often it runs is not to be seen",
        path.display()
    ))
}
