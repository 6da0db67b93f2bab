//! A lock for one process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::{Attempt, BoxFuture, Guard, GuardError, Held, Holder};

/// A lock within one process, for tests.
///
/// Clones share their locks: give one to the registry and keep the other one.
///
/// # Examples
///
/// ```
/// use tf_admin::{Env, Io, MemoryGuard, Outcome, Registry, Task};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let lock = MemoryGuard::new();
/// let kept = lock.clone();
/// let prune = Task::new("prune", "Delete old rows").run(move |cx, _| {
///     let lock = kept.clone();
///     async move {
///         lock.lose("shop/prune", "somebody pulled the plug");
///         cx.cancelled().await;
///         cx.checkpoint()?;
///         Ok(())
///     }
/// });
/// let registry = Registry::builder("shop").lock(lock).add(prune).build()?;
/// let report = registry.run(["prune"], Env::default(), Io::captured()).await;
/// assert_eq!(report.outcome(), Outcome::LockLost);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryGuard {
    locks: Locks,
}

type Locks = Arc<Mutex<HashMap<String, Lock>>>;

/// A lock that somebody holds.
#[derive(Debug)]
struct Lock {
    holder: Holder,
    /// Also what tells this lock from a later one under the same key.
    lost: watch::Sender<Option<String>>,
}

impl MemoryGuard {
    /// Creates a guard whose locks are free.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a lock away from whoever holds it, as a dropped connection would, and returns whether somebody did.
    pub fn lose(&self, key: &str, reason: impl Into<String>) -> bool {
        let lock = held(&self.locks).remove(key);
        let lock = lock.inspect(|lock| {
            lock.lost.send_replace(Some(reason.into()));
        });
        lock.is_some()
    }
}

fn held(locks: &Locks) -> MutexGuard<'_, HashMap<String, Lock>> {
    locks.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Guard for MemoryGuard {
    fn try_acquire<'a>(
        &'a self,
        key: &'a str,
        holder: &'a Holder,
    ) -> BoxFuture<'a, Result<Attempt, GuardError>> {
        Box::pin(async move {
            let mut locks = held(&self.locks);
            if let Some(lock) = locks.get(key) {
                return Ok(Attempt::Busy(Some(lock.holder.clone())));
            }
            let (lost, loss) = watch::channel(None);
            let holder = holder.clone();
            locks.insert(key.to_owned(), Lock { holder, lost });
            Ok(Attempt::Held(Box::new(MemoryHeld {
                locks: Arc::clone(&self.locks),
                key: key.to_owned(),
                loss,
            })))
        })
    }

    fn holder<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Holder>, GuardError>> {
        Box::pin(async move { Ok(held(&self.locks).get(key).map(|lock| lock.holder.clone())) })
    }
}

#[derive(Debug)]
struct MemoryHeld {
    locks: Locks,
    key: String,
    loss: watch::Receiver<Option<String>>,
}

impl Held for MemoryHeld {
    fn lost(&mut self) -> BoxFuture<'_, String> {
        Box::pin(async {
            let lost = self.loss.wait_for(Option::is_some).await;
            let reason = lost.ok().and_then(|reason| reason.clone());
            reason.unwrap_or_else(|| "the lock is gone".to_owned())
        })
    }

    fn release(mut self: Box<Self>) -> BoxFuture<'static, Result<(), GuardError>> {
        Box::pin(async move {
            let is_given_back = self.give_back();
            let gone = || GuardError::unavailable("the lock had been lost");
            is_given_back.then_some(()).ok_or_else(gone)
        })
    }
}

impl MemoryHeld {
    /// Frees the lock unless it is somebody else's by now.
    fn give_back(&mut self) -> bool {
        let mut locks = held(&self.locks);
        let is_ours = locks
            .get(&self.key)
            .is_some_and(|lock| lock.lost.subscribe().same_channel(&self.loss));
        if is_ours {
            locks.remove(&self.key);
        }
        is_ours
    }
}

impl Drop for MemoryHeld {
    fn drop(&mut self) {
        self.give_back();
    }
}
