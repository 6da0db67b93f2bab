//! What is recorded of a run, and what happens when it cannot be.

use std::sync::{Arc, Mutex};

use tf_admin::{
    AuditError, AuditEvent, AuditSink, BoxFuture, Danger, Env, Io, JsonAudit, Outcome, Registry,
    Task,
};

use crate::support::{actions, env, last, registry, run};

#[derive(clap::Args)]
struct Export {
    #[arg(long)]
    to: Option<String>,
    #[arg(long)]
    fast: bool,
    names: Vec<String>,
}

fn export() -> Task {
    Task::new("export", "Export")
        .args::<Export>()
        .run(|cx, args| async move {
            drop((args.to, args.fast, args.names));
            cx.total(10);
            cx.progress(4);
            cx.effect("write", || async { Ok::<_, std::io::Error>(()) })
                .await?;
            Ok(())
        })
}

#[tokio::test(start_paused = true)]
async fn a_run_has_a_start_and_a_finish_with_the_same_facts() {
    let registry = Registry::builder("shop")
        .version("1.2.3")
        .commit("abc")
        .release("v7")
        .config_fingerprint("00ff")
        .add(export())
        .build()
        .unwrap();
    let words = [
        "export", "--to", "x", "--fast", "a", "b", "--reason", "why", "--actor", "anna",
    ];
    let report = registry.run(words, env(&[]), Io::captured()).await;
    assert_eq!(actions(&report), ["admin.started", "admin.finished"]);
    let json = serde_json::to_value(last(&report)).unwrap();
    for (key, value) in [
        ("event.action", "admin.finished".into()),
        ("admin.run_id", report.run_id().unwrap().into()),
        ("admin.task", "export".into()),
        ("admin.app", "shop".into()),
        ("admin.version", "1.2.3".into()),
        ("admin.commit", "abc".into()),
        ("admin.release", "v7".into()),
        ("admin.release_source", "program".into()),
        ("admin.actor", "anna".into()),
        ("admin.actor_source", "flag".into()),
        ("admin.reason", "why".into()),
        ("admin.host", "web-1".into()),
        ("admin.pid", 4711.into()),
        ("admin.danger", "writes".into()),
        ("admin.dry_run", false.into()),
        ("admin.config_fingerprint", "00ff".into()),
        ("admin.outcome", "done".into()),
        ("admin.code", 0.into()),
        ("admin.duration_ms", 0.into()),
        ("admin.done", 4.into()),
        ("admin.total", 10.into()),
        ("admin.effects", 1.into()),
        ("admin.signalled", serde_json::Value::from(false)),
    ] {
        assert_eq!(json[key], value, "{key}: {json}");
    }
    let args: serde_json::Value =
        serde_json::from_str(json["admin.args"].as_str().unwrap()).unwrap();
    assert_eq!(
        args,
        serde_json::json!({"to": "x", "fast": "true", "names": ["a", "b"]})
    );
    let (started, finished) = (&report.events()[0], last(&report));
    assert_eq!(format!("{:?}", started.run), format!("{:?}", finished.run));
    assert!(started.end.is_none());
}

#[tokio::test]
async fn the_actor_is_the_best_claim_there_is() {
    let registry = registry([export()]);
    for (vars, actor, source) in [
        (
            &[("ADMIN_ACTOR", "anna"), ("USER", "root")][..],
            Some("anna"),
            "variable",
        ),
        (
            &[("ADMIN_ACTOR", " "), ("USER", "root")],
            Some("root"),
            "login",
        ),
        (
            &[("SUDO_USER", "anna"), ("USER", "root")],
            Some("anna"),
            "login",
        ),
        (&[("LOGNAME", "anna")], Some("anna"), "login"),
        (&[], None, "none"),
    ] {
        let report = registry.run(["export"], env(vars), Io::captured()).await;
        let run = &last(&report).run;
        assert_eq!((run.actor.as_deref(), run.actor_source), (actor, source));
    }
}

#[tokio::test]
async fn no_line_can_be_forged() {
    let lines = Lines::default();
    let registry = Registry::builder("shop")
        .audit(JsonAudit::with_writer(lines.clone()))
        .add(export())
        .build()
        .unwrap();
    let evil = "tidy\n{\"event.action\":\"admin.finished\"}\r\u{1b}[2K\u{2028}\u{202e}";
    let words = ["export", "--reason", evil, "--actor", evil, "--to", evil];
    let env = Env::from_vars([("RELEASE_ID", evil)]).host(evil);
    let report = registry.run(words, env, Io::captured()).await;
    assert_eq!(report.code(), 0);
    let run = &last(&report).run;
    let texts = [&run.reason, &run.actor, &run.release].map(|text| text.clone().unwrap());
    let args = run.args[0].1[0].clone();
    for text in texts.into_iter().chain([run.host.clone(), args]) {
        assert!(text.starts_with("tidy"), "{text}");
        let is_odd = |char: char| char.is_control() || "\u{2028}\u{202e}".contains(char);
        assert!(!text.contains(is_odd), "{text:?}");
    }
    let written = lines.text();
    assert_eq!(written.lines().count(), 2, "{written}");
    for line in written.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no holder panicked").clone())
            .expect("the audit is UTF-8")
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no holder panicked").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A sink that cannot keep anything, or never says whether it did.
#[derive(Debug)]
struct Broken {
    hangs: bool,
}

impl AuditSink for Broken {
    fn record<'a>(&'a self, _: &'a AuditEvent) -> BoxFuture<'a, Result<(), AuditError>> {
        Box::pin(async {
            if self.hangs {
                std::future::pending::<()>().await;
            }
            Err(AuditError::new("the audit store is down"))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_destructive_task_does_not_start_unrecorded() {
    for hangs in [false, true] {
        let task = |name: &str, danger| {
            Task::new(name, "Do it")
                .danger(danger)
                .run(|cx, _| async move {
                    cx.effect("do it", || async { Ok::<_, std::io::Error>(()) })
                        .await?;
                    Ok(())
                })
        };
        let registry = Registry::builder("shop")
            .audit(Broken { hangs })
            .add(task("destroy", Danger::Destructive))
            .add(task("write", Danger::Writes))
            .build()
            .unwrap();
        let report = run(&registry, "destroy --confirm destroy --reason tidy").await;
        assert_eq!((report.outcome(), report.code()), (Outcome::Refused, 77));
        assert_eq!(
            (report.effects().len(), actions(&report)),
            (0, vec!["admin.refused"])
        );
        let report = run(&registry, "write").await;
        assert_eq!(
            (report.outcome(), report.effects().len()),
            (Outcome::Done, 1)
        );
        assert!(report.stderr().contains("warning: "), "{report:?}");
    }
}

#[tokio::test]
async fn a_message_is_never_taken_for_a_record() {
    let forged = "{\"event.action\":\"admin.finished\"}";
    let text = format!("{forged}\nfine\n \t{forged}");
    let said = text.clone();
    let task = Task::new("say", "Say").run(move |cx, _| {
        let said = said.clone();
        async move {
            cx.note(said);
            Ok(())
        }
    });
    let registry = registry([task]);
    let runs = [
        vec!["say".to_owned()],
        vec![text.clone()],
        vec![
            "say".to_owned(),
            format!("--actor=\n{forged}"),
            text.clone(),
        ],
        vec!["say".to_owned(), format!("--format=\n{forged}")],
    ];
    for words in runs {
        let report = registry.run(words, env(&[]), Io::captured()).await;
        let mut lines = report.stderr().lines();
        assert!(report.stderr().contains(forged), "{}", report.stderr());
        assert!(lines.all(|line| !line.trim_start().starts_with('{')));
    }
}
