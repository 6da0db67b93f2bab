//! The locks of the crate.

mod file;
mod memory;
#[cfg(any(feature = "lock-mysql", feature = "lock-postgres"))]
mod servers;

use std::time::{Duration, SystemTime};

use tf_admin::{Attempt, Guard, GuardError, Held, Holder};

pub(crate) const KEY: &str = "shop/prune";

pub(crate) fn holder(run_id: &str) -> Holder {
    Holder {
        run_id: run_id.into(),
        task: "prune".into(),
        host: "web 1".into(),
        pid: 42,
        actor: "änne".into(),
        since: SystemTime::UNIX_EPOCH + Duration::from_millis(1_790_000_000_123),
    }
}

/// Takes the lock, which must be free.
pub(crate) async fn take(guard: &impl Guard, run_id: &str) -> Box<dyn Held> {
    match guard.try_acquire(KEY, &holder(run_id)).await {
        Ok(Attempt::Held(held)) => held,
        other => panic!("it should be free: {other:?}"),
    }
}

/// Who holds the lock, which must not be free.
pub(crate) async fn busy(guard: &impl Guard) -> Option<Holder> {
    match guard.try_acquire(KEY, &holder("late")).await {
        Ok(Attempt::Busy(by)) => by,
        other => panic!("it should be held: {other:?}"),
    }
}

/// Everything that a program may show of an error.
pub(crate) fn shown(error: &GuardError) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}\n");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text += &format!("{error}\n{error:?}\n{error:#?}\n");
        cause = error.source();
    }
    text
}

/// What every guard promises, for two handles that stand for two processes.
async fn keeps_its_promises(ours: impl Guard, theirs: impl Guard) {
    assert_eq!(ours.holder(KEY).await.expect("the store works"), None);
    let held = take(&ours, "first").await;
    assert_eq!(busy(&theirs).await, Some(holder("first")));
    assert_eq!(busy(&ours).await, Some(holder("first")));
    assert_eq!(
        theirs.holder(KEY).await.expect("the store works"),
        Some(holder("first"))
    );
    let other = ours.try_acquire("shop/other", &holder("other")).await;
    assert!(matches!(other, Ok(Attempt::Held(_))), "{other:?}");

    held.release().await.expect("the store works");
    assert_eq!(ours.holder(KEY).await.expect("the store works"), None);
    let held = take(&theirs, "second").await;
    assert_eq!(busy(&ours).await, Some(holder("second")));

    drop(held);
    assert_eq!(ours.holder(KEY).await.expect("the store works"), None);
    take(&ours, "third")
        .await
        .release()
        .await
        .expect("the store works");
}
