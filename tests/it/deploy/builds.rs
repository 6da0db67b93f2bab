//! Builds from commits: small programs of their own, compiled by the real Cargo.

use std::path::Path;
use std::process::Command;

use harness::{Output, packaged, run};

use super::site::Site;

const MAIN: &str = r#"fn main() {
    let commit = option_env!("BUILD_COMMIT").unwrap_or("none");
    println!("{{\"name\": \"tiny\", \"version\": \"{}\", \"commit\": \"{commit}\"}}", env!("CARGO_PKG_VERSION"));
}
"#;

fn manifest(version: &str) -> String {
    format!(
        "[package]\nname = \"tiny\"\nversion = \"{version}\"\nedition = \"2024\"\n[workspace]\n"
    )
}

fn lock(version: &str) -> String {
    format!("version = 4\n\n[[package]]\nname = \"tiny\"\nversion = \"{version}\"\n")
}

/// A repository of a program without dependencies.
struct Repository<'a>(&'a Site);

impl Repository<'_> {
    fn git(&self, words: &[&str]) -> Output {
        let mut git = Command::new(packaged("git", "git"));
        git.arg("-C").arg(self.path()).args(words).env_clear();
        git.env("PATH", "/usr/bin:/bin")
            .env("HOME", self.0.path(""));
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), "a")
                .env(format!("GIT_{who}_EMAIL"), "a@b");
        }
        let output = run(&mut git);
        assert_eq!(output.code, Some(0), "{words:?}: {output:?}");
        output
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path("repository")
    }

    fn write(&self, name: &str, text: &str) {
        self.0.write(&format!("repository/{name}"), text);
    }

    fn commit(&self, version: &str, locked: &str) -> String {
        self.write("Cargo.toml", &manifest(version));
        self.write("Cargo.lock", &lock(locked));
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", version]);
        self.git(&["rev-parse", "HEAD"]).stdout.trim().to_owned()
    }
}

fn version(program: &Path) -> String {
    run(&mut Command::new(program)).stdout
}

#[test]
fn a_build_is_of_a_commit_and_never_changes() {
    let site = Site::new(1);
    let repository = Repository(&site);
    std::fs::create_dir_all(repository.path().join("src")).unwrap();
    repository.git(&["init", "--quiet"]);
    repository.write("src/main.rs", MAIN);
    let first = repository.commit("0.1.0", "0.1.0");
    let second = repository.commit("0.2.0", "0.2.0");
    // What is not committed is in no build.
    repository.write("src/main.rs", "fn main() { broken");
    let path = repository.path();
    let path = path.to_str().unwrap();
    assert_eq!(site.done(&["build", path, "tiny"]), second);
    assert_eq!(site.done(&["build", path, "tiny", "HEAD~1"]), first);
    for (commit, number) in [(&first, "0.1.0"), (&second, "0.2.0")] {
        let said = version(&site.path(&format!("builds/{commit}/tiny")));
        assert!(said.contains(commit) && said.contains(number), "{said}");
    }
    let fact = std::fs::read_to_string(site.path(&format!("builds/{first}/build.json"))).unwrap();
    let again = site.release(&["build", path, "tiny", &first]);
    assert_eq!(again.code, Some(0));
    assert!(
        again.stderr.contains("is built already and stays as it is"),
        "{again:?}"
    );
    let now = std::fs::read_to_string(site.path(&format!("builds/{first}/build.json"))).unwrap();
    assert_eq!(now, fact);
}

#[test]
fn a_build_keeps_to_the_lockfile() {
    let site = Site::new(1);
    let repository = Repository(&site);
    std::fs::create_dir_all(repository.path().join("src")).unwrap();
    repository.git(&["init", "--quiet"]);
    repository.write("src/main.rs", MAIN);
    repository.commit("0.2.0", "0.1.0");
    let path = repository.path();
    let said = site.refused(1, &["build", path.to_str().unwrap(), "tiny"]);
    assert!(
        said.contains("--locked") && said.contains("`tiny` does not build at"),
        "{said}"
    );
    let said = site.refused(2, &["build", path.to_str().unwrap(), "tiny", "nowhere"]);
    assert!(said.contains("has no commit `nowhere`"), "{said}");
    assert_eq!(std::fs::read_dir(site.path("builds")).unwrap().count(), 0);
}
