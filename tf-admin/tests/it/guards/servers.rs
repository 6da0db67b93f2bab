//! What the guards over a server do without one.

use std::net::{Ipv4Addr, TcpListener};

use secrecy::SecretString;
use tf_admin::{Guard, GuardError, GuardErrorKind};

use super::{KEY, holder, shown};

const SECRET: &str = "s3cr3t-marker%2F0123";

/// Each guard of this build over a URL of its scheme.
fn guards(rest: &str) -> Vec<Box<dyn Guard>> {
    vec![
        #[cfg(feature = "lock-postgres")]
        Box::new(tf_admin::PostgresGuard::new(format!("postgres://{rest}"))),
        #[cfg(feature = "lock-mysql")]
        Box::new(tf_admin::MySqlGuard::new(SecretString::from(format!(
            "mysql://{rest}"
        )))),
    ]
}

async fn errors(guard: &dyn Guard) -> [GuardError; 2] {
    let taken = guard.try_acquire(KEY, &holder("first")).await;
    [
        taken.expect_err("nothing can be taken"),
        guard.holder(KEY).await.expect_err("nobody answers"),
    ]
}

fn assert_hidden(text: &str) {
    for piece in [SECRET, "s3cr3t-marker/0123", "s3cr3t", "marker"] {
        assert!(!text.contains(piece), "{text}");
    }
}

#[tokio::test]
async fn a_url_that_is_none_is_a_mistake_of_the_configuration_and_stays_hidden() {
    for guard in [
        guards(&format!("u:{SECRET}@host:99999/d")),
        guards(&format!("u:{SECRET}@[::1/d")),
        guards(&format!("u:{SECRET}@127.0.0.1:1/d?sslmode={SECRET}")),
        #[cfg(feature = "lock-postgres")]
        vec![Box::new(tf_admin::PostgresGuard::new(format!(
            "mysql://u:{SECRET}@h/d"
        )))],
        #[cfg(feature = "lock-postgres")]
        vec![Box::new(tf_admin::PostgresGuard::new(format!(
            "postgres://h/d?sslpassword={SECRET}"
        )))],
        #[cfg(feature = "lock-mysql")]
        vec![Box::new(tf_admin::MySqlGuard::new(SECRET))],
        #[cfg(feature = "lock-mysql")]
        vec![Box::new(tf_admin::MySqlGuard::new(""))],
    ]
    .into_iter()
    .flatten()
    {
        assert_hidden(&format!("{guard:?}{guard:#?}"));
        for error in errors(&*guard).await {
            assert_eq!(error.kind(), GuardErrorKind::Config, "{error:?}");
            assert_hidden(&shown(&error));
        }
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    for guard in guards(&format!("u:{SECRET}@127.0.0.1:{port}/d")) {
        for error in errors(&*guard).await {
            assert_eq!(error.kind(), GuardErrorKind::Unavailable, "{error:?}");
            assert_hidden(&shown(&error));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_unavailable_after_a_while() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    for guard in guards(&format!("u:{SECRET}@127.0.0.1:{port}/d")) {
        for error in errors(&*guard).await {
            assert_eq!(error.kind(), GuardErrorKind::Unavailable, "{error:?}");
            assert!(error.to_string().contains("did not answer"), "{error}");
        }
    }
}
