//! A lock that a session of a database server holds.

use std::future::Future;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, timeout};

use super::server::Server;
use super::{BoxFuture, GuardError, Held};

/// A run is to know within two seconds that its lock is gone: so long after a proof began, the next one has failed.
const KNOWN: Duration = Duration::from_millis(1800);

/// A session that took a lock.
pub(super) trait Session: Send + 'static {
    /// The time between the beginnings of two proofs.
    const PERIOD: Duration;

    /// Asks the server whether this session holds the lock.
    fn prove(&mut self) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;

    /// Gives the lock back, and returns whether the session still had it. Ends the session.
    fn unlock(self) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;
}

/// Keeps proving that the session holds its lock, in a task of its own.
pub(super) fn keep(session: impl Session, server: Server) -> Box<dyn Held> {
    let (release, asked) = oneshot::channel();
    let (lost, loss) = watch::channel(None);
    tokio::spawn(watch_over(session, server, asked, lost));
    Box::new(Kept { release, loss })
}

type Answer = oneshot::Sender<Result<(), GuardError>>;

async fn watch_over<S: Session>(
    mut session: S,
    server: Server,
    mut asked: oneshot::Receiver<Answer>,
    lost: watch::Sender<Option<String>>,
) {
    let patience = KNOWN - S::PERIOD;
    let reason = loop {
        let began = Instant::now();
        match timeout(patience, session.prove()).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => break "the server says that the session does not hold it".to_owned(),
            Ok(Err(error)) => break server.shown(&error),
            Err(_) => break format!("the server did not prove it within {patience:?}"),
        }
        // Between two proofs, so that no statement is cut off in the middle.
        let pause = S::PERIOD.saturating_sub(began.elapsed());
        match timeout(pause, &mut asked).await {
            Err(_) => {}
            Ok(Ok(answer)) => {
                let _ = answer.send(unlock(session, &server).await);
                return;
            }
            // Dropped: the server frees the lock when the connection closes.
            Ok(Err(_)) => return,
        }
    };
    lost.send_replace(Some(reason.clone()));
    // The session stays while the task winds up: a server that is only slow keeps others out until then.
    if let Ok(answer) = asked.await {
        let text = format!("the lock had been lost: {reason}");
        let _ = answer.send(Err(GuardError::unavailable(text)));
    }
    drop(session);
}

async fn unlock(session: impl Session, server: &Server) -> Result<(), GuardError> {
    match server.ask(session.unlock()).await? {
        true => Ok(()),
        false => Err(GuardError::unavailable("the lock had been lost")),
    }
}

#[derive(Debug)]
struct Kept {
    release: oneshot::Sender<Answer>,
    loss: watch::Receiver<Option<String>>,
}

impl Held for Kept {
    fn lost(&mut self) -> BoxFuture<'_, String> {
        Box::pin(async {
            let lost = self.loss.wait_for(Option::is_some).await;
            let reason = lost.ok().and_then(|reason| reason.clone());
            reason.unwrap_or_else(|| "nobody proves it any more".to_owned())
        })
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, Result<(), GuardError>> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            let is_asked = self.release.send(answer).is_ok();
            let answered = if is_asked { answered.await.ok() } else { None };
            let gone = || Err(GuardError::unavailable("the lock's session has ended"));
            answered.unwrap_or_else(gone)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::future::pending;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A server that gives these answers, then always `true`, and one to the release.
    #[derive(Clone)]
    struct Scripted {
        proofs: Arc<Mutex<VecDeque<Proof>>>,
        alive: Arc<()>,
    }

    enum Proof {
        True,
        False,
        Fails,
        Hangs,
    }

    fn scripted(proofs: impl IntoIterator<Item = Proof>) -> (Scripted, Box<dyn Held>) {
        let session = Scripted {
            proofs: Arc::new(Mutex::new(proofs.into_iter().collect())),
            alive: Arc::default(),
        };
        let server = Server::new("postgres://u:s3cr3t@h/d".into());
        (session.clone(), keep(session, server))
    }

    const PERIOD: Duration = Duration::from_millis(500);

    impl Session for Scripted {
        const PERIOD: Duration = PERIOD;

        async fn prove(&mut self) -> Result<bool, sqlx::Error> {
            let proof = self.proofs.lock().unwrap().pop_front();
            match proof {
                None | Some(Proof::True) => Ok(true),
                Some(Proof::False) => Ok(false),
                Some(Proof::Fails) => Err(sqlx::Error::Protocol("it knew s3cr3t".into())),
                Some(Proof::Hangs) => pending().await,
            }
        }

        async fn unlock(self) -> Result<bool, sqlx::Error> {
            Ok(true)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn every_kind_of_loss_is_known_within_two_seconds() {
        for (proof, word) in [
            (Proof::False, "not hold"),
            (Proof::Fails, "it knew ***"),
            (Proof::Hangs, "within"),
        ] {
            let (_, mut held) = scripted([Proof::True, Proof::True, proof]);
            // The lock may be lost right after the second proof, which is after half a second.
            let began = Instant::now() + PERIOD;
            let reason = held.lost().await;
            assert!(reason.contains(word), "{reason}");
            let took = began.elapsed();
            assert!(took < Duration::from_secs(2), "{word}: {took:?}");
            assert_eq!(held.lost().await, reason, "it is told again");
            let error = held.release().await.unwrap_err();
            assert!(error.to_string().contains(&reason), "{error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_session_stays_until_its_holder_lets_go() {
        let (session, mut held) = scripted([Proof::Hangs]);
        held.lost().await;
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(Arc::strong_count(&session.alive), 2);
        drop(held);
        tokio::task::yield_now().await;
        assert_eq!(Arc::strong_count(&session.alive), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lock_that_is_proven_is_kept_and_given_back_once() {
        let (session, mut held) = scripted([]);
        let minute = Duration::from_secs(60);
        assert!(timeout(minute, held.lost()).await.is_err());
        held.release().await.unwrap();
        assert_eq!(Arc::strong_count(&session.alive), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lock_that_is_dropped_ends_its_session() {
        let (session, held) = scripted([]);
        drop(held);
        tokio::time::sleep(PERIOD).await;
        assert_eq!(Arc::strong_count(&session.alive), 1);
    }
}
