//! One-off tasks.

use std::sync::{Arc, Mutex};

use tf_admin::{Action, AuditError, AuditEvent, AuditSink, Key, MemoryGuard, Task};
use tf_app::{App, Context, Env, Extension, Io};
use tf_shutdown::Stage;

use crate::fixture::{GOOD, Settings, actions, app, field, fields, good, run, run_app};

#[test]
fn a_task_has_the_configuration_and_its_result_is_alone_on_stdout() {
    let report = run(&["admin", "hello"], &GOOD);
    assert_eq!((report.code(), report.stdout()), (0, "hi\n"));
    let seen = actions(report.stderr());
    assert_eq!(seen, ["config.loaded", "admin.started", "admin.finished"]);
}

#[test]
fn log_lines_of_a_task_go_where_the_operator_wants_them() {
    let report = run(&["admin", "hello"], &good(&[("LOG_STREAM", "stdout")]));
    assert!(actions(report.stdout()).contains(&"admin.finished".to_owned()));
    assert_eq!(actions(report.stderr()), Vec::<String>::new());
}

#[test]
fn each_end_of_a_task_has_its_code() {
    assert_eq!(run(&["admin", "fail"], &GOOD).code(), 3);
    assert_eq!(run(&["admin", "broken"], &GOOD).code(), 70);
    let report = run(&["admin", "hello"], &[]);
    assert_eq!(report.code(), 78, "{report:?}");
    assert_eq!(
        actions(report.stderr()),
        ["config.invalid", "admin.refused"]
    );
}

#[test]
fn a_task_is_interrupted_as_by_sigterm() {
    let io = Io::captured().stop_when(async {});
    let report = app().run_in(["admin", "stuck"], Env::from_vars(GOOD), io);
    assert_eq!(report.code(), 143, "{report:?}");
}

#[test]
fn task_and_process_name_the_same_configuration() {
    let vars = good(&[("RELEASE_ID", "v42")]);
    let task = run(&["admin", "hello"], &vars);
    // Platforms give each process a time of its own.
    let of_web = [("SHUTDOWN_TIMEOUT", "7s"), ("RELEASE_ID", "v42")];
    let web = run(&["web"], &good(&of_web));
    let of = |lines: &str| {
        fields(lines, "config.fingerprint")
            .into_iter()
            .flatten()
            .next()
    };
    assert!(of(task.stderr()).is_some());
    assert_eq!(of(task.stderr()), of(web.stdout()));
    let last = task
        .stderr()
        .lines()
        .rfind(|line| line.starts_with('{'))
        .unwrap();
    assert_eq!(field(last, "admin.config_fingerprint"), of(web.stdout()));
    assert_eq!(field(last, "admin.release").as_deref(), Some("v42"));
    assert_eq!(
        field(last, "admin.release_source").as_deref(),
        Some("RELEASE_ID")
    );
}

#[test]
fn what_a_task_registers_at_its_lifecycle_is_done_before_the_run_ends() {
    let task = Task::new("open", "Open").run(async |cx: tf_admin::Cx<Context<Settings>>, _| {
        let life = cx.state().lifecycle();
        life.hook(Stage::Resources, "pool", async || {
            tracing::info!("the pool is closed");
        });
        Ok(())
    });
    let app = App::new(tf_app::build!()).tasks(|tasks| tasks.add(task));
    let report = run_app(app, &["admin", "open"], &GOOD);
    assert_eq!(report.code(), 0, "{report:?}");
    assert!(report.stderr().contains("the pool is closed"), "{report:?}");
}

#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<AuditEvent>>>);

impl AuditSink for Kept {
    fn record<'a>(
        &'a self,
        event: &'a AuditEvent,
    ) -> tf_admin::BoxFuture<'a, Result<(), AuditError>> {
        self.0
            .lock()
            .expect("no test panics with it")
            .push(event.clone());
        Box::pin(async { Ok(()) })
    }
}

#[test]
fn a_framework_brings_audit_lock_and_log_fields() {
    let kept = Kept::default();
    let once = Task::new("once", "Do once")
        .single_flight(Key::Task)
        .run(async |_, _| Ok(()));
    let house = Extension::new()
        .audit(kept.clone())
        .lock(MemoryGuard::new())
        .log_field("labels.team", "checkout");
    let app = App::<Settings>::new(tf_app::build!().named("shop"))
        .extend(house)
        .tasks(|tasks| tasks.add(once));
    let report = run_app(app, &["admin", "once"], &GOOD);
    assert_eq!(report.code(), 0, "{report:?}");
    let teams = fields(report.stderr(), "labels.team");
    assert!(!teams.is_empty() && teams.iter().all(|team| team.as_deref() == Some("checkout")));
    let events = kept.0.lock().unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(events[1].action, Action::Finished);
    assert!(events[1].run.lock_key.is_some(), "{events:?}");
}
