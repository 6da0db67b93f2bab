//! The lock on a file.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use tf_admin::{
    DryRun, Env, FileGuard, Guard, GuardErrorKind, Interrupt, Interrupts, Io, Registry, Task,
};
use tokio::time::{Instant, timeout};

use super::{KEY, busy, holder, keeps_its_promises, shown, take};
use crate::support::run;

fn files(folder: &TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.path()).expect("the folder is there");
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    paths.collect::<Result<_, _>>().expect("it can be listed")
}

/// The one file that the guard made.
fn file(folder: &TempDir) -> PathBuf {
    let files = files(folder);
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

#[tokio::test]
async fn two_guards_on_one_folder_share_their_locks() {
    let folder = tempfile::tempdir().unwrap();
    let guard = || FileGuard::new(folder.path());
    keeps_its_promises(guard(), guard()).await;
    assert_eq!(
        files(&folder).len(),
        2,
        "a file for each key, and they stay"
    );
}

#[tokio::test]
async fn a_missing_folder_is_made_by_a_run_and_not_by_a_look() {
    let parent = tempfile::tempdir().unwrap();
    let guard = FileGuard::new(parent.path().join("a/b"));
    assert_eq!(guard.holder(KEY).await.unwrap(), None);
    assert!(files(&parent).is_empty());
    take(&guard, "first").await.release().await.unwrap();
    assert_eq!(files(&parent).len(), 1);
}

#[tokio::test]
async fn keys_become_names_within_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let guard = FileGuard::new(folder.path());
    let long = "ä/".repeat(1000);
    for key in ["../../up", "/etc/passwd", ".", "a\0b", "", "A", "a", &long] {
        let attempt = guard.try_acquire(key, &holder("first")).await;
        assert!(attempt.is_ok(), "{key:?}: {attempt:?}");
    }
    assert_eq!(files(&folder).len(), 8);
}

#[tokio::test]
async fn the_text_of_a_dead_holder_is_not_taken_for_a_holder() {
    let folder = tempfile::tempdir().unwrap();
    let guard = FileGuard::new(folder.path());
    drop(take(&guard, "killed").await);
    let path = file(&folder);
    assert!(fs::read_to_string(&path).unwrap().contains("killed"));
    assert_eq!(guard.holder(KEY).await.unwrap(), None);
    let held = take(&guard, "next").await;
    assert_eq!(busy(&guard).await, Some(holder("next")));
    held.release().await.unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "");
}

#[tokio::test(start_paused = true)]
async fn a_lock_file_that_somebody_removes_is_a_lost_lock() {
    let folder = tempfile::tempdir().unwrap();
    let guard = FileGuard::new(folder.path());
    let mut held = take(&guard, "first").await;
    let hour = Duration::from_secs(3600);
    assert!(timeout(hour, held.lost()).await.is_err());

    fs::remove_file(file(&folder)).unwrap();
    let began = Instant::now();
    let reason = held.lost().await;
    assert!(reason.contains("removed or replaced"), "{reason}");
    assert!(began.elapsed() < Duration::from_secs(2));

    let next = take(&guard, "next").await;
    assert_eq!(held.lost().await, reason);
    held.release().await.unwrap();
    assert_eq!(busy(&guard).await, Some(holder("next")));
    next.release().await.unwrap();
}

#[tokio::test]
async fn what_is_no_regular_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let guard = FileGuard::new(folder.path());
    drop(take(&guard, "first").await);
    let path = file(&folder);
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    fs::write(&elsewhere, "precious").unwrap();
    let links: [&dyn Fn(); 2] = [&|| symlink(&elsewhere, &path).unwrap(), &|| {
        fs::create_dir(&path).unwrap();
    }];
    fs::remove_file(&path).unwrap();
    for make in links {
        make();
        let error = guard.try_acquire(KEY, &holder("late")).await.unwrap_err();
        assert_eq!(error.kind(), GuardErrorKind::Config);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(shown(&error).contains(name), "{error:?}");
        assert!(guard.holder(KEY).await.is_err());
        let _ = fs::remove_file(&path);
    }
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "precious");
}

#[tokio::test]
async fn a_folder_that_cannot_be_one_is_a_mistake_of_the_configuration() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let guard = FileGuard::new(file.path());
    let error = guard.try_acquire(KEY, &holder("first")).await.unwrap_err();
    assert_eq!(error.kind(), GuardErrorKind::Config);
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn a_folder_that_all_share_needs_no_warning() {
    assert_eq!(FileGuard::new("/x").shared().warning(), None);
}

fn registry(folder: &TempDir) -> Registry {
    let task = Task::new("prune", "Do it").dry_run(DryRun::Supported);
    let task = task.run(|cx, _| async move {
        if !cx.is_dry_run() {
            cx.progress(1);
            cx.cancelled().await;
        }
        cx.checkpoint()?;
        Ok(())
    });
    let guard = FileGuard::new(folder.path()).shared();
    Registry::builder("shop")
        .lock(guard)
        .add(task)
        .build()
        .expect("the declaration is right")
}

#[tokio::test]
async fn a_run_takes_the_file_and_a_dry_run_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(&folder);
    assert_eq!(run(&registry, "prune --dry-run").await.code(), 0);
    assert!(files(&folder).is_empty());

    let guard = FileGuard::new(folder.path());
    let held = take(&guard, "0199-first").await;
    let report = run(&registry, "prune").await;
    assert_eq!(report.code(), 75, "{report:?}");
    assert!(report.stderr().contains("0199-first"), "{report:?}");
    let before = fs::read_to_string(file(&folder)).unwrap();
    let report = run(&registry, "prune --dry-run").await;
    assert_eq!(report.code(), 0);
    assert!(report.stderr().contains("0199-first"), "{report:?}");
    assert_eq!(fs::read_to_string(file(&folder)).unwrap(), before);
    held.release().await.unwrap();
}

#[tokio::test]
async fn a_run_that_is_interrupted_frees_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(&folder);
    let (interrupter, interrupts) = Interrupts::channel();
    interrupter.send(Interrupt::Term);
    let io = Io::captured().interrupts(interrupts);
    let report = registry.run(["prune"], Env::default(), io).await;
    assert_eq!(report.code(), 143, "{report:?}");
    let guard = FileGuard::new(folder.path());
    take(&guard, "next").await.release().await.unwrap();
}
