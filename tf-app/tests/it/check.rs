//! What is wrong with how an app is put together.

use tf_admin::Task;
use tf_app::{App, Standard};
use tf_config::Config;

use crate::fixture::{Failure, GOOD, Settings, app, run_app};

#[derive(Config)]
struct Greedy {
    #[expect(dead_code, reason = "only the name matters")]
    port: Option<u16>,
    #[config(alias = "LOG_LEVEL")]
    #[expect(dead_code, reason = "only the name matters")]
    level: Option<String>,
    #[config(rename = "RELEASE_ID_FILE")]
    #[expect(dead_code, reason = "only the name matters")]
    release: Option<String>,
}

#[test]
fn the_fixture_is_right_and_so_are_the_standard_variables() {
    app().check().unwrap();
    tf_config::testing::assert_valid::<Standard>();
    tf_config::testing::assert_valid::<(Standard, Settings)>();
}

#[test]
fn a_service_variable_equal_to_a_standard_one_is_refused() {
    let app = || App::<Greedy>::new(tf_app::build!()).worker("w", async |_| Ok::<_, Failure>(()));
    let error = app().check().unwrap_err();
    assert_eq!(error.problems().len(), 3, "{error}");
    for name in ["`PORT`", "`LOG_LEVEL`", "`RELEASE_ID_FILE`"] {
        assert!(error.to_string().contains(name), "{error}");
    }
    for words in [
        &["worker", "w"][..],
        &["version"],
        &["config", "check"],
        &["admin", "list"],
    ] {
        let report = run_app(app(), words, &[]);
        assert_eq!(report.code(), 70, "{words:?}: {report:?}");
        assert!(report.stderr().contains("`PORT`"), "{report:?}");
    }
}

#[test]
fn every_mistake_is_named_at_once() {
    let nothing = async |_| Ok::<_, Failure>(());
    let task = || Task::new("twice", "Do").run(async |_, _| Ok(()));
    let app = App::<Settings>::new(tf_app::build!())
        .web(nothing)
        .web(nothing)
        .worker("all", nothing)
        .worker("Mail Man", nothing)
        .worker("mail", nothing)
        .worker("mail", nothing)
        .release_header("x release")
        .tasks(|tasks| tasks.add(task()).add(task()));
    let error = app.check().unwrap_err().to_string();
    for part in [
        "`web`",
        "`all`",
        "`Mail Man`",
        "`mail`",
        "`x release`",
        "twice",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[test]
fn a_mistake_in_a_task_ends_the_commands_that_see_it_with_70() {
    let task = || Task::new("Bad Name", "Do").run(async |_, _| Ok(()));
    let app = || App::<Settings>::new(tf_app::build!()).tasks(|tasks| tasks.add(task()));
    for words in [
        &["admin", "list"][..],
        &["admin", "hello"],
        &["completions", "bash"],
    ] {
        let report = run_app(app(), words, &GOOD);
        assert_eq!(report.code(), 70, "{words:?}: {report:?}");
        assert!(report.stderr().contains("Bad Name"), "{report:?}");
    }
}
