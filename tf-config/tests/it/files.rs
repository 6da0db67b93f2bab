//! `NAME_FILE`: the value in a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use tf_config::{Config, Origin, ProblemKind, Vars, WarningKind};

use crate::{load, problem_of, warning_kinds};

#[derive(Config)]
struct Secret {
    key: SecretString,
}

#[derive(Debug, Config)]
struct Plain {
    text: String,
    #[config(default = 1)]
    number: u16,
}

/// A folder with one file.
struct Folder(TempDir);

impl Folder {
    fn with(content: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        fs::write(folder.path().join("value"), content).expect("the file can be written");
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

fn text_of(path: &Path) -> String {
    load::<Plain>(&[("TEXT_FILE", path.to_str().expect("the path is UTF-8"))])
        .0
        .text
}

#[test]
fn one_newline_at_the_end_is_removed_and_no_more() {
    for (content, text) in [
        ("a", "a"),
        ("a\n", "a"),
        ("a\r\n", "a"),
        ("a\n\n", "a\n"),
        ("-----BEGIN\nxyz\n-----END\n", "-----BEGIN\nxyz\n-----END"),
        (" a \n", " a "),
    ] {
        assert_eq!(
            text_of(&Folder::with(content).path("value")),
            text,
            "{content:?}"
        );
    }
}

#[test]
fn numbers_come_from_files_too() {
    let folder = Folder::with(" 7 \n\n");
    let path = folder.path("value");
    let (plain, _) = load::<Plain>(&[("TEXT", "x"), ("NUMBER_FILE", path.to_str().unwrap())]);
    assert_eq!((plain.text.as_str(), plain.number), ("x", 7));
}

#[test]
fn both_the_variable_and_its_file_are_a_problem_unless_the_variable_is_empty() {
    let folder = Folder::with("a");
    let path = folder.path("value");
    let path = path.to_str().unwrap();
    let problem = problem_of::<Plain>(&[("TEXT", "b"), ("TEXT_FILE", path)]);
    assert_eq!(problem.kind(), ProblemKind::BothSet);
    assert!(problem.message().contains("TEXT_FILE"), "{problem}");
    let (plain, warnings) = load::<Plain>(&[("TEXT", ""), ("TEXT_FILE", path)]);
    assert_eq!(plain.text, "a");
    assert_eq!(warning_kinds(&warnings), [("TEXT", WarningKind::Empty)]);
    let (plain, _) = load::<Plain>(&[("TEXT", "b"), ("TEXT_FILE", "")]);
    assert_eq!(plain.text, "b");
}

#[test]
fn links_are_followed_as_kubernetes_lays_them() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("..2026")).unwrap();
    fs::write(folder.path().join("..2026/key"), "linked\n").unwrap();
    let link =
        |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
    link("..2026", "..data");
    link("..data/key", "key");
    assert_eq!(text_of(&folder.path().join("key")), "linked");
}

#[test]
fn a_relative_path_starts_at_the_working_folder() {
    assert_eq!(
        text_of(Path::new("tests/it/main.rs"))
            .lines()
            .next()
            .unwrap(),
        "//! What users of `tf-config` rely on."
    );
}

#[test]
fn what_cannot_be_read_is_a_problem_with_the_path_and_without_content() {
    let folder = Folder::with("v4lue");
    std::os::unix::fs::symlink("loop", folder.path("loop")).unwrap();
    fs::write(folder.path("big"), vec![b'x'; (1 << 20) + 1]).unwrap();
    fs::write(folder.path("empty"), "\n").unwrap();
    fs::write(folder.path("junk"), b"\xff\xfe").unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(folder.path("fifo"))
            .status()
            .unwrap()
            .success()
    );
    for (name, kind, words) in [
        ("missing", ProblemKind::File, "no such file"),
        (".", ProblemKind::File, "not a regular file"),
        ("fifo", ProblemKind::File, "not a regular file"),
        ("loop", ProblemKind::File, "cannot read"),
        ("big", ProblemKind::File, "larger than 1 MiB"),
        ("empty", ProblemKind::Empty, "the file is empty"),
        ("junk", ProblemKind::NotUnicode, "not UTF-8"),
    ] {
        let path = folder.path(name);
        let problem = problem_of::<Plain>(&[("TEXT_FILE", path.to_str().unwrap())]);
        assert_eq!(
            (problem.variable(), problem.kind()),
            ("TEXT_FILE", kind),
            "{problem}"
        );
        assert!(problem.message().contains(words), "{problem}");
        if kind == ProblemKind::File {
            assert!(
                problem.message().contains(path.to_str().unwrap()),
                "{problem}"
            );
        }
    }
}

#[test]
fn a_mebibyte_is_still_read() {
    let folder = Folder::with(vec![b'x'; 1 << 20]);
    assert_eq!(text_of(&folder.path("value")).len(), 1 << 20);
}

#[test]
fn a_secret_put_where_its_path_belongs_is_not_shown() {
    for secret in [
        "hunter2-s3cret",
        "/hunter2-s3cret",
        "/tmp/hunter2-s3cret",
        "./hunter2-s3cret",
        "a\0hunter2",
    ] {
        let problem = problem_of::<Secret>(&[("KEY_FILE", secret)]);
        assert_eq!(problem.kind(), ProblemKind::File);
        assert!(!problem.message().contains("hunter"), "{problem}");
    }
    let folder = Folder::with("x");
    let missing = folder.path("value/missing");
    let problem = problem_of::<Secret>(&[("KEY_FILE", missing.to_str().unwrap())]);
    assert!(
        problem
            .message()
            .contains(folder.path("value").to_str().unwrap()),
        "{problem}"
    );
}

#[test]
fn a_secret_that_ends_in_a_newline_is_kept_with_a_warning() {
    let (secret, warnings) = load::<Secret>(&[("KEY", "abc\n")]);
    assert_eq!(secret.key.expose_secret(), "abc\n");
    assert_eq!(
        warning_kinds(&warnings),
        [("KEY", WarningKind::TrailingNewline)]
    );
    let folder = Folder::with("abc\n");
    let path = folder.path("value");
    let (secret, warnings) = load::<Secret>(&[("KEY_FILE", path.to_str().unwrap())]);
    assert_eq!((secret.key.expose_secret(), warnings.len()), ("abc", 0));
}

#[test]
fn the_origin_is_the_file() {
    let folder = Folder::with("a");
    let path = folder.path("value");
    let vars = Vars::from_vars([("TEXT_FILE", path.as_os_str())]);
    let loaded = Plain::load(&vars).unwrap();
    assert_eq!(
        loaded.values()[0].origin(),
        &Origin::File(path.as_path().into())
    );
}

#[test]
fn a_field_without_a_file_leaves_the_name_to_others() {
    #[derive(Debug, Config)]
    struct Settings {
        #[config(no_file)]
        key: String,
        key_file: PathBuf,
    }
    tf_config::testing::assert_valid::<Settings>();
    let (settings, _) = load::<Settings>(&[("KEY", "k"), ("KEY_FILE", "/nonexistent")]);
    assert_eq!(
        (settings.key.as_str(), settings.key_file),
        ("k", PathBuf::from("/nonexistent"))
    );
}
