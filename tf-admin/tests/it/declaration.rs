//! Mistakes in a declaration are found when the registry is built, all at once.

use tf_admin::{Danger, Error, Key, ProblemKind, Registry, RegistryBuilder, SecretArg, Task};

use crate::support::{TestLock, run};

fn task(name: &str) -> Task {
    Task::new(name, "Do it").run(|_, _| async { Ok(()) })
}

fn build(tasks: Vec<Task>) -> Result<Registry, Error> {
    let builder = Registry::builder("shop");
    let builder = tasks.into_iter().fold(builder, RegistryBuilder::add);
    builder.build()
}

fn kinds(tasks: Vec<Task>) -> Vec<ProblemKind> {
    let error = build(tasks).expect_err("the declaration is wrong");
    error
        .problems()
        .iter()
        .map(tf_admin::Problem::kind)
        .collect()
}

#[test]
fn every_bad_name_is_reported_together() {
    let long = "a".repeat(65);
    let names = [
        "",
        "Prune",
        "1st",
        "a b",
        "ä",
        "a/b",
        "-x",
        &long,
        "list",
        "help",
        "completions",
        "admin",
    ];
    let tasks: Vec<Task> = names.iter().map(|name| task(name)).collect();
    let error = build(tasks).expect_err("the declaration is wrong");
    assert_eq!(error.problems().len(), names.len(), "{error}");
    let reserved = error.problems().iter();
    let reserved = reserved.filter(|problem| problem.kind() == ProblemKind::ReservedName);
    assert_eq!(reserved.count(), 4);
}

#[test]
fn names_may_have_parts() {
    build(vec![task("sessions:prune"), task("users.export-all_2")]).unwrap();
}

#[test]
fn a_name_belongs_to_one_task_only() {
    let alias = |name: &str, alias: &str| {
        Task::new(name, "Do it")
            .alias(alias)
            .run(|_, _| async { Ok(()) })
    };
    assert_eq!(
        kinds(vec![task("a"), task("a")]),
        [ProblemKind::DuplicateName]
    );
    assert_eq!(
        kinds(vec![task("a"), alias("b", "a")]),
        [ProblemKind::DuplicateName]
    );
    assert_eq!(kinds(vec![alias("a", "a")]), [ProblemKind::DuplicateName]);
    assert_eq!(kinds(vec![alias("a", "help")]), [ProblemKind::ReservedName]);
    let error = build(vec![task("a"), alias("b", "a")]).unwrap_err();
    assert_eq!(error.problems()[0].task(), "b");
}

#[test]
fn codes_outside_the_range_are_refused_never_truncated() {
    for code in [i32::MIN, -1, 0, 1, 2, 64, 78, 255, 256, 259, i32::MAX] {
        let task = Task::new("t", "Do it")
            .code(code, "odd")
            .run(|_, _| async { Ok(()) });
        assert_eq!(kinds(vec![task]), [ProblemKind::BadCode], "{code}");
    }
    let twice = Task::new("t", "Do it")
        .code(3, "a")
        .code(3, "b")
        .run(|_, _| async { Ok(()) });
    assert_eq!(kinds(vec![twice]), [ProblemKind::BadCode]);
    let nameless = Task::new("t", "Do it")
        .code(3, " ")
        .run(|_, _| async { Ok(()) });
    assert_eq!(kinds(vec![nameless]), [ProblemKind::BadCode]);
    let fine = Task::new("t", "Do it")
        .code(3, "a")
        .code(63, "b")
        .run(|_, _| async { Ok(()) });
    build(vec![fine]).unwrap();
}

#[derive(clap::Args)]
struct Clash {
    #[arg(long)]
    reason: String,
    #[arg(short = 'h', long)]
    host: String,
}

#[derive(clap::Args)]
struct Leaky {
    #[arg(short, long, alias = "token")]
    key: SecretArg,
    #[arg(long)]
    many: Vec<SecretArg>,
    word: SecretArg,
}

#[test]
fn arguments_that_cannot_work_are_reported() {
    let clash = Task::new("t", "Do it")
        .args::<Clash>()
        .run(|_, args| async move {
            drop((args.reason, args.host));
            Ok(())
        });
    assert_eq!(kinds(vec![clash]), [ProblemKind::ArgumentConflict; 2]);
    let leaky = Task::new("t", "Do it")
        .args::<Leaky>()
        .run(|_, args| async move {
            drop((args.key, args.many, args.word));
            Ok(())
        });
    assert_eq!(kinds(vec![leaky]), [ProblemKind::BadSecret; 4]);
}

#[test]
fn single_flight_needs_a_lock() {
    let task = || {
        Task::new("t", "Do it")
            .single_flight(Key::Task)
            .run(|_, _| async { Ok(()) })
    };
    assert_eq!(kinds(vec![task()]), [ProblemKind::NoLock]);
    let lock = TestLock::default();
    Registry::builder("shop")
        .lock(lock)
        .add(task())
        .build()
        .unwrap();
}

#[test]
fn the_state_comes_before_the_tasks_that_use_it() {
    let error = Registry::builder("shop")
        .add(task("t"))
        .with_state(|_| async { Ok(1) })
        .build()
        .unwrap_err();
    assert_eq!(error.problems()[0].kind(), ProblemKind::Order);
}

#[test]
fn an_error_has_a_line_for_each_problem() {
    let error = build(vec![task(""), task("A")]).unwrap_err();
    assert_eq!(error.to_string().lines().count(), 2, "{error}");
}

#[tokio::test]
async fn aliases_run_the_task_and_old_names_say_so() {
    let task = Task::new("prune", "Do it")
        .alias("sweep")
        .danger(Danger::ReadOnly)
        .deprecated("2.0", "clean")
        .run(|cx, _| async move { Ok(cx.output(cx.task())?) });
    let registry = build(vec![task]).unwrap();
    let report = run(&registry, "sweep").await;
    assert_eq!(report.stdout(), "prune\n");
    assert!(
        report.stderr().contains("2.0") && report.stderr().contains("`clean`"),
        "{report:?}"
    );
}

#[test]
fn handles_move_between_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Registry>();
    is_shared::<Task>();
    is_shared::<tf_admin::Cx>();
    is_shared::<tf_admin::Env>();
    is_shared::<tf_admin::Report>();
    is_shared::<Error>();
    is_shared::<tf_admin::Interrupter>();
    fn is_sent<T: Send>(value: T) -> T {
        value
    }
    let registry = build(vec![task("a")]).unwrap();
    drop(is_sent(registry.run(
        ["a"],
        tf_admin::Env::default(),
        tf_admin::Io::captured(),
    )));
}
