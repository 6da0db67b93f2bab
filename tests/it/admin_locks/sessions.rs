//! What the servers do with the locks of guards in one process.

use std::time::{Duration, Instant, SystemTime};

use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, raw_sql};
use tf_admin::{Attempt, Guard, Held, Holder};
use tokio::time::timeout;

use super::{MariaDb, Postgres, unique};

pub(super) fn holder() -> Holder {
    Holder {
        run_id: unique("0199"),
        task: "prune".into(),
        host: "web 1".into(),
        pid: 42,
        actor: "änne' */ -- \\".into(),
        since: SystemTime::UNIX_EPOCH + Duration::from_millis(1_790_000_000_123),
    }
}

pub(super) async fn take(guard: &dyn Guard, key: &str, holder: &Holder) -> Box<dyn Held> {
    match guard.try_acquire(key, holder).await {
        Ok(Attempt::Held(held)) => held,
        other => panic!("it should be free: {other:?}"),
    }
}

pub(super) async fn busy(guard: &dyn Guard, key: &str) -> Option<Holder> {
    match guard.try_acquire(key, &holder()).await {
        Ok(Attempt::Busy(by)) => by,
        other => panic!("it should be held: {other:?}"),
    }
}

/// Waits for the loss, which must be known in two seconds.
pub(super) async fn lost_in_time(held: &mut dyn Held, since: Instant) -> String {
    let lost = timeout(Duration::from_secs(20), held.lost()).await;
    let took = since.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
    lost.expect("the loss is known")
}

#[tokio::test]
async fn a_lock_is_held_shown_and_given_back() {
    for kind in [Postgres, MariaDb] {
        let guard = kind.guard(&kind.url().await);
        let key = unique("shop/Prüne");
        assert_eq!(guard.holder(&key).await.unwrap(), None);
        let holder = holder();
        let mut held = take(&*guard, &key, &holder).await;
        // Longer than between two proofs, and the server can always tell who it is.
        for _ in 0..20 {
            assert_eq!(busy(&*guard, &key).await, Some(holder.clone()), "{kind:?}");
            assert_eq!(guard.holder(&key).await.unwrap(), Some(holder.clone()));
        }
        let kept = timeout(Duration::from_millis(700), held.lost()).await;
        assert!(kept.is_err(), "{kind:?}: {kept:?}");
        held.release().await.unwrap();
        assert_eq!(guard.holder(&key).await.unwrap(), None);
        take(&*guard, &key, &holder).await.release().await.unwrap();
    }
}

#[tokio::test]
async fn a_lost_lock_is_not_taken_back_from_its_next_holder() {
    for kind in [Postgres, MariaDb] {
        let guard = kind.guard(&kind.url().await);
        let (key, first, second) = (unique("shop/prune"), holder(), holder());
        let mut held = take(&*guard, &key, &first).await;
        kind.end_session_of(&first.run_id).await;
        let reason = lost_in_time(&mut *held, Instant::now()).await;
        let next = take(&*guard, &key, &second).await;
        let error = held.release().await.unwrap_err().to_string();
        assert!(error.contains(&reason), "{kind:?}: {error}");
        assert_eq!(busy(&*guard, &key).await, Some(second), "{kind:?}");
        next.release().await.unwrap();
    }
}

#[tokio::test]
async fn a_dropped_lock_is_free_soon() {
    for kind in [Postgres, MariaDb] {
        let guard = kind.guard(&kind.url().await);
        let key = unique("shop/prune");
        drop(take(&*guard, &key, &holder()).await);
        let began = Instant::now();
        while guard.holder(&key).await.unwrap().is_some() {
            assert!(began.elapsed() < Duration::from_secs(10), "{kind:?}");
        }
        take(&*guard, &key, &holder())
            .await
            .release()
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_session_that_is_not_ours_is_shown_as_the_server_sees_it() {
    let url = Postgres.url().await;
    let guard = Postgres.guard(&url);
    let (key, ours) = (unique("shop/prune"), holder());
    let held = take(&*guard, &key, &ours).await;
    let options: PgConnectOptions = url.parse().unwrap();
    let mut psql = options.application_name("psql").connect().await.unwrap();
    // What the documentation tells people to ask.
    let statement = "SELECT (l.classid::bigint << 32) + l.objid::bigint, a.application_name \
                     FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
                     WHERE l.locktype = 'advisory' AND l.objsubid = 1";
    let rows = raw_sql(statement).fetch_all(&mut psql).await.unwrap();
    let is_ours = |row: &sqlx::postgres::PgRow| {
        let name: String = row.get(1);
        name.starts_with("tf-admin ") && name.contains(&ours.run_id)
    };
    let row = rows.into_iter().find(is_ours).expect("it is shown");
    let number: i64 = row.get(0);
    held.release().await.unwrap();

    let lock = format!("SELECT pg_advisory_lock({number})");
    raw_sql(AssertSqlSafe(lock))
        .execute(&mut psql)
        .await
        .unwrap();
    let by = busy(&*guard, &key).await.expect("the server knows it");
    assert_eq!((&*by.task, &*by.run_id), ("psql", ""));
    let (user, _) = Postgres.server().login().expect("it has a login");
    assert_eq!(by.actor, user);
    assert!(SystemTime::now().duration_since(by.since).unwrap() < Duration::from_secs(600));
    psql.close().await.unwrap();
}

#[tokio::test]
async fn a_session_of_others_that_has_the_name_is_shown_as_the_server_sees_it() {
    let url = MariaDb.url().await;
    let guard = MariaDb.guard(&url);
    let options: MySqlConnectOptions = url.parse().unwrap();
    let mut client = options.connect().await.unwrap();
    let key = unique("shop/prune");
    // The readable part, cut off, and the 64-bit FNV-1a hash.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in key.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let name = format!("tf-admin.{}-{hash:016x}", key.replace('/', "_"));
    let lock = format!("SELECT GET_LOCK('{name}', 0)");
    raw_sql(AssertSqlSafe(lock))
        .execute(&mut client)
        .await
        .unwrap();
    let by = busy(&*guard, &key).await.expect("the server knows it");
    let (user, _) = MariaDb.server().login().expect("it has a login");
    assert_eq!((&*by.actor, &*by.run_id), (user, ""));
    assert_ne!(by.pid, 0);
    client.close().await.unwrap();
}

#[tokio::test]
async fn databases_of_postgres_have_their_own_locks_and_those_of_mariadb_share_them() {
    for (kind, other) in [(Postgres, "template1"), (MariaDb, "mysql")] {
        let url = kind.url().await;
        let (start, _) = url.rsplit_once('/').unwrap();
        let (one, two) = (kind.guard(&url), kind.guard(&format!("{start}/{other}")));
        let (key, first) = (unique("shop/prune"), holder());
        let held = take(&*one, &key, &first).await;
        if kind == Postgres {
            take(&*two, &key, &holder()).await.release().await.unwrap();
        } else {
            assert_eq!(busy(&*two, &key).await, Some(first));
        }
        held.release().await.unwrap();
    }
}
