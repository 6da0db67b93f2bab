//! `.env` files.

use std::path::Path;

use tempfile::TempDir;
use tf_config::{Config, Origin, ProblemKind, Vars, WarningKind};

#[derive(Debug, Config)]
struct Settings {
    a: Option<String>,
    b: Option<String>,
    c: Option<String>,
}

fn file(content: impl AsRef<[u8]>) -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("dev.env");
    std::fs::write(&path, content).expect("the file can be written");
    (folder, path)
}

fn nothing() -> Vars {
    Vars::from_vars::<&str, &str>([])
}

fn a(content: &str) -> Option<String> {
    let (_folder, path) = file(content);
    match Settings::load(&nothing().or_dotenv(path)) {
        Ok(loaded) => loaded.into_value().a,
        Err(error) => panic!("{content:?}: {error}"),
    }
}

#[test]
fn lines_are_read_as_people_write_them() {
    for (content, text) in [
        ("A=1", "1"),
        ("A=1\n", "1"),
        ("A=1\r\nB=2\r\n", "1"),
        ("\u{feff}A=1\n", "1"),
        ("export A=1", "1"),
        ("  A = 1  ", "1"),
        ("A=a b c", "a b c"),
        ("A=a#b", "a#b"),
        ("A=a #b", "a"),
        ("# A=2\n\nA=1 # it's \"one\"", "1"),
        ("A='a #b'", "a #b"),
        ("A='a\\n$b'", "a\\n$b"),
        ("A=\"a\\n\\\"b\\\" \\$c \\x\"  # done", "a\n\"b\" $c \\x"),
        ("A=\"one\ntwo\"\nB=3", "one\ntwo"),
        ("A=\"one\r\ntwo\"", "one\ntwo"),
        ("A=$HOME/${B}", "$HOME/${B}"),
        ("A=x=y", "x=y"),
        ("A=1\nA=2", "2"),
        ("A=it's", "it's"),
    ] {
        assert_eq!(a(content).as_deref(), Some(text), "{content:?}");
    }
    assert_eq!(a("A="), None);
    assert_eq!(a("A=   # nothing"), None);
}

#[test]
fn export_is_a_name_like_any_other() {
    #[derive(Config)]
    struct Export {
        #[config(rename = "export")]
        export: String,
    }
    let (_folder, path) = file("export=1");
    assert_eq!(
        Export::load(&nothing().or_dotenv(path))
            .unwrap()
            .value()
            .export,
        "1"
    );
}

#[test]
fn wrong_lines_are_reported_together_by_number_without_their_content() {
    let (_folder, path) =
        file("A=1\nB\n=hunter2\n3X=hunter2\nB-C=hunter2\nB='x'hunter2\nC='hunter2\nA=2\n");
    let error = Settings::load(&nothing().or_dotenv(&path)).err().unwrap();
    let lines: Vec<_> = error
        .problems()
        .iter()
        .map(|problem| problem.variable().to_owned())
        .collect();
    let at = |line: u8| format!("{}:{line}", path.display());
    assert_eq!(lines, [at(2), at(3), at(4), at(5), at(6), at(7)]);
    assert!(
        error
            .problems()
            .iter()
            .all(|problem| problem.kind() == ProblemKind::Dotenv)
    );
    let text = format!("{error} {}", serde_json::to_string(&error).unwrap());
    assert!(!text.contains("hunter2"), "{text}");
    assert!(
        text.contains("the quote after `C=` is not closed"),
        "{text}"
    );
}

#[test]
fn problems_of_the_file_and_of_the_variables_are_one_report() {
    #[derive(Debug, Config)]
    struct Port {
        port: u16,
    }
    let (_folder, path) = file("PORT=x\noops\n");
    let error = Port::load(&nothing().or_dotenv(&path))
        .map(|loaded| loaded.into_value().port)
        .err()
        .unwrap();
    let kinds: Vec<_> = error
        .problems()
        .iter()
        .map(tf_config::Problem::kind)
        .collect();
    assert_eq!(kinds, [ProblemKind::Dotenv, ProblemKind::Invalid]);
}

#[test]
fn the_real_environment_wins_even_when_it_is_empty() {
    let (_folder, path) = file("A=file\nB=file\nC=file\n");
    let vars = Vars::from_vars([("A", "real"), ("B", "")]).or_dotenv(&path);
    let loaded = Settings::load(&vars).unwrap();
    let warnings: Vec<_> = loaded
        .warnings()
        .iter()
        .map(|warning| (warning.variable(), warning.kind()))
        .collect();
    assert_eq!(warnings, [("B", WarningKind::Empty)]);
    assert_eq!(
        loaded.values()[2].origin(),
        &Origin::Dotenv {
            path: path.as_path().into(),
            line: 3
        }
    );
    let settings = loaded.into_value();
    assert_eq!(settings.a.as_deref(), Some("real"));
    assert_eq!((settings.b, settings.c.as_deref()), (None, Some("file")));
}

#[test]
fn of_two_lines_the_last_counts_with_a_warning() {
    let (_folder, path) = file("A=1\nA=2\n");
    let loaded = Settings::load(&nothing().or_dotenv(path)).unwrap();
    assert_eq!(loaded.warnings()[0].kind(), WarningKind::Repeated);
    assert_eq!(loaded.value().a.as_deref(), Some("2"));
}

#[test]
fn a_file_that_is_not_there_is_a_problem_only_when_it_is_asked_for() {
    let missing = Path::new("/nonexistent/.env");
    let error = Settings::load(&nothing().or_dotenv(missing)).err().unwrap();
    assert!(error.to_string().contains("no such file"), "{error}");
    assert!(Settings::load(&nothing().or_dotenv_if_present(missing)).is_ok());
    let folder = tempfile::tempdir().unwrap();
    let error = Settings::load(&nothing().or_dotenv_if_present(folder.path()))
        .err()
        .unwrap();
    assert!(error.to_string().contains("not a regular file"), "{error}");
}

#[test]
fn a_line_that_is_not_utf_8_is_named() {
    let (_folder, path) = file(b"A=1\nB=\xff\n");
    let error = Settings::load(&nothing().or_dotenv(&path)).err().unwrap();
    assert_eq!(
        error.problems()[0].variable(),
        format!("{}:2", path.display())
    );
}
