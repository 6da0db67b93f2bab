//! No secret is in any output.

use tf_admin::Task;
use tf_app::{App, Context};

use crate::fixture::{Settings, app, free_port, good, run, run_app};

const KEY: &str = "kq7ZzvMARKERx1";
const PASSWORD: &str = "pW9tMARKERy22";

/// Every half of a secret, so that a cut one is found too.
fn pieces(secret: &str) -> [&str; 3] {
    let half = secret.len() / 2;
    [
        &secret[..half],
        &secret[half..],
        &secret[half / 2..half / 2 + half],
    ]
}

fn assert_hidden(what: &str, output: &str) {
    for piece in pieces(KEY).into_iter().chain(pieces(PASSWORD)) {
        assert!(!output.contains(piece), "{what}: {piece} in {output}");
    }
}

#[test]
fn no_command_shows_a_secret_whether_it_is_right_or_wrong() {
    let port = free_port();
    let right = format!("postgres://app:{PASSWORD}@127.0.0.1:{port}/shop");
    let wrong = format!("postgres://app:{PASSWORD}#@127.0.0.1:x/shop");
    for url in [&right, &wrong] {
        let vars = good(&[
            ("SIGNING_KEY", KEY),
            ("DATABASE_URL", url),
            ("ADMIN_LOCK_URL", url),
            ("BACKING_WAIT", "1s"),
            ("LOG_LEVEL", "trace"),
        ]);
        let right_alone: Vec<_> = vars
            .iter()
            .copied()
            .filter(|(name, _)| *name != "ADMIN_LOCK_URL")
            .collect();
        for vars in [&vars, &right_alone] {
            for words in [
                &["web"][..],
                &["all"],
                &["worker", "tick"],
                &["config", "check"],
                &["config", "check", "--format", "json"],
                &["config", "print"],
                &["config", "print", "--format", "json"],
                &["config", "template"],
                &["backing", "check"],
                &["backing", "check", "--format", "json"],
                &["version", "--json"],
                &["procfile", "--k8s"],
                &["admin", "hello"],
            ] {
                let report = run(words, vars);
                assert_hidden(&words.join(" "), &format!("{report:?}"));
            }
        }
    }
}

#[test]
fn a_task_cannot_write_a_secret_of_the_configuration() {
    use secrecy::ExposeSecret;

    let leak = Task::new("leak", "Leak").run(async |cx: tf_admin::Cx<Context<Settings>>, _| {
        let key = cx.state().config().signing_key.as_ref().unwrap();
        let key = key.expose_secret().to_owned();
        cx.note(&key);
        Err::<(), _>(format!("could not sign with {key}").into())
    });
    let app = App::new(tf_app::build!()).tasks(|tasks| tasks.add(leak));
    let report = run_app(app, &["admin", "leak"], &good(&[("SIGNING_KEY", KEY)]));
    assert_eq!(report.code(), 1, "{report:?}");
    assert_hidden("leak", &format!("{report:?}"));
}

#[test]
fn no_debug_output_has_a_secret() {
    let seen = App::<Settings>::new(tf_app::build!())
        .backing_if_set(|settings| [("database", settings.database_url.as_ref())])
        .tasks(|tasks| {
            tasks.add(Task::new("show", "Show").run(
                async |cx: tf_admin::Cx<Context<Settings>>, _| {
                    Ok(cx.output(&format!("{:?}", cx.state()))?)
                },
            ))
        });
    // A file that does not exist yet is asked for nothing.
    let url = format!("sqlite::memory:?password={PASSWORD}");
    let vars = good(&[("SIGNING_KEY", KEY), ("DATABASE_URL", &url)]);
    let report = run_app(seen, &["admin", "show"], &vars);
    assert_hidden("Context", &format!("{report:?}"));
    assert_hidden("App", &format!("{:?}", app()));
}
