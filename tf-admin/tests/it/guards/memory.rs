//! The lock within a process.

use tf_admin::{Guard, MemoryGuard};

use super::{KEY, busy, holder, keeps_its_promises, take};

#[tokio::test]
async fn clones_share_their_locks() {
    let guard = MemoryGuard::new();
    keeps_its_promises(guard.clone(), guard).await;
    let held = take(&MemoryGuard::new(), "first").await;
    drop(take(&MemoryGuard::new(), "second").await);
    drop(held);
}

#[tokio::test]
async fn a_lost_lock_is_told_and_is_not_given_back() {
    let guard = MemoryGuard::new();
    assert!(!guard.lose(KEY, "nobody has it"));
    let mut held = take(&guard, "first").await;
    assert!(guard.lose(KEY, "the plug"));
    assert_eq!(held.lost().await, "the plug");
    assert_eq!(held.lost().await, "the plug");

    let next = take(&guard, "next").await;
    assert!(held.release().await.is_err());
    assert_eq!(busy(&guard).await, Some(holder("next")));

    assert!(guard.lose(KEY, "again"));
    let last = take(&guard, "last").await;
    drop(next);
    assert_eq!(guard.holder(KEY).await.unwrap(), Some(holder("last")));
    last.release().await.unwrap();
}
