//! Ports, names, sockets, files, and locators that have none of them.

use tf_backing::{Locator, Looks, Outcome, ProbeOptions, Reason, probe};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::outcome;

#[tokio::test]
async fn refusal_and_unknown_names_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert_eq!(outcome("redis", port).await, Outcome::Refused);
    let unknown: Locator = "redis://no-such-host.invalid".parse().unwrap();
    assert_eq!(
        probe(&unknown, &ProbeOptions::new()).await.best(),
        Outcome::Dns
    );
    let nowhere: Locator = "postgres://%2Fno%2Fsuch%2Ffolder/db".parse().unwrap();
    let report = probe(&nowhere, &ProbeOptions::new()).await;
    assert_eq!(report.best(), Outcome::Refused);
    assert_eq!(
        report.endpoints()[0].endpoint(),
        "/no/such/folder/.s.PGSQL.5432"
    );
    assert_eq!(report.endpoints()[0].detail(), Some("no such socket"));
}

#[cfg(unix)]
#[tokio::test]
async fn sockets_are_asked_like_ports() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".s.PGSQL.5433");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(b"R\0\0\0\x0C\0\0\0\x05salt")
            .await
            .unwrap();
        let _ = stream.read(&mut [0; 64]).await;
    });
    let folder = folder.path().to_str().unwrap().replace('/', "%2F");
    let locator: Locator = format!("postgres://app@{folder}:5433/db").parse().unwrap();
    let report = probe(&locator, &ProbeOptions::new()).await;
    assert_eq!(report.best(), Outcome::Ready, "{report}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn abstract_sockets_are_asked_like_ports() {
    let name = format!("tf-backing-{}", std::process::id());
    let listener = tokio::net::UnixListener::bind(format!("\0{name}/.s.PGSQL.5432")).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(b"R\0\0\0\x0C\0\0\0\x05salt")
            .await
            .unwrap();
        let _ = stream.read(&mut [0; 64]).await;
    });
    let locator: Locator = format!("postgres://app@/db?host=@{name}").parse().unwrap();
    let report = probe(&locator, &ProbeOptions::new()).await;
    assert_eq!(report.best(), Outcome::Ready, "{report}");
}

#[tokio::test]
async fn an_sqlite_file_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("db"), b"SQLite format 3\0 and more").unwrap();
    std::fs::write(path("new"), b"").unwrap();
    std::fs::write(path("text"), b"certainly no database").unwrap();
    for (url, expected) in [
        ("sqlite::memory:".to_owned(), Outcome::Ready),
        (format!("sqlite://{}", path("db")), Outcome::Ready),
        (format!("sqlite://{}", path("new")), Outcome::Ready),
        (format!("sqlite://{}", path("absent")), Outcome::Reachable),
        (
            format!("sqlite://{}", path("no/folder")),
            Outcome::NotReady(Reason::Missing),
        ),
        (
            format!("sqlite://{}", path("text")),
            Outcome::WrongProtocol(Looks::Unknown),
        ),
        (
            format!("sqlite://{}", folder.path().display()),
            Outcome::Refused,
        ),
    ] {
        let locator: Locator = url.parse().unwrap();
        let report = probe(&locator, &ProbeOptions::new()).await;
        assert_eq!(report.best(), expected, "{url}: {report}");
    }
}

#[tokio::test]
async fn what_has_no_endpoint_says_so() {
    for url in ["s3://bucket/prefix", "mongodb+srv://cluster.example/db"] {
        let report = probe(&url.parse().unwrap(), &ProbeOptions::new()).await;
        assert_eq!(
            report.best(),
            Outcome::NotReady(Reason::NoEndpoint),
            "{url}"
        );
        assert_eq!(report.endpoints().len(), 1);
    }
}
