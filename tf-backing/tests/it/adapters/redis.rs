//! Redis through its driver of the same name.

use redis::{ConnectionAddr, ConnectionInfo, ProtocolVersion, RedisConnectionInfo};
use tf_backing::{AdapterErrorKind as Kind, Redis};

use super::{LOGIN, PASSWORD, USER, refusal};

fn info(url: &str) -> ConnectionInfo {
    super::convert::<Redis, _>(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn list(url: &str) -> Vec<ConnectionInfo> {
    super::convert::<Redis, _>(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn refused(url: &str) -> Kind {
    refusal::<Redis, ConnectionInfo>(url).kind()
}

fn tcp(host: &str, port: u16) -> ConnectionAddr {
    ConnectionAddr::Tcp(host.to_owned(), port)
}

#[test]
fn every_part_has_its_place() {
    let info = info(&format!("valkey://{LOGIN}@db:6380/7?protocol=3"));
    assert_eq!(info.addr(), &tcp("db", 6380));
    let settings = info.redis_settings();
    assert_eq!(settings.username(), Some(USER));
    assert_eq!(settings.password(), Some(PASSWORD));
    assert_eq!(settings.db(), 7);
    assert!(matches!(settings.protocol(), ProtocolVersion::RESP3));
    assert!(!format!("{info:?}").contains(PASSWORD));
}

#[test]
fn a_password_needs_no_user() {
    let info = info("redis://:secret@[::1]");
    assert_eq!(info.addr(), &tcp("::1", 6379));
    assert_eq!(info.redis_settings().username(), None);
    assert_eq!(info.redis_settings().password(), Some("secret"));
}

#[test]
fn sockets_are_paths() {
    let info = info("redis+unix:///run/redis.sock?db=2");
    assert_eq!(info.addr(), &ConnectionAddr::Unix("/run/redis.sock".into()));
    assert_eq!(info.redis_settings().db(), 2);
}

#[test]
fn each_node_of_a_cluster_has_the_login() {
    let nodes = list("redis-cluster://u:p@a,b:7000");
    let addresses: Vec<_> = nodes.iter().map(ConnectionInfo::addr).collect();
    assert_eq!(addresses, [&tcp("a", 6379), &tcp("b", 7000)]);
    assert!(
        nodes
            .iter()
            .all(|node| node.redis_settings().password() == Some("p"))
    );
    assert_eq!(list("redis://a").len(), 1);
}

#[test]
fn sentinels_have_a_login_of_their_own() {
    let url =
        "redis-sentinel://u:p@a,b/3?sentinelServiceName=main&sentinelUsername=s&sentinelPassword=q";
    let sentinels = list(url);
    assert_eq!(sentinels.len(), 2);
    for sentinel in &sentinels {
        let settings = sentinel.redis_settings();
        assert_eq!(
            (settings.username(), settings.password()),
            (Some("s"), Some("q"))
        );
        assert_eq!(settings.db(), 0);
    }
    let server: RedisConnectionInfo = super::convert::<Redis, _>(url).unwrap();
    assert_eq!(
        (server.username(), server.password()),
        (Some("u"), Some("p"))
    );
    assert_eq!(server.db(), 3);
}

#[test]
fn what_has_no_place_is_told_without_its_value() {
    assert_eq!(refused("redis-cluster://a,b"), Kind::SeveralHosts);
    assert_eq!(refused("redis-sentinel://a"), Kind::SeveralHosts);
    assert_eq!(refused("redis://a?ssl_keyfile=hunter2"), Kind::Option);
    assert_eq!(refused("redis://a?token=hunter2"), Kind::Option);
    assert_eq!(refused("redis://a?protocol=hunter2"), Kind::OptionValue);
    assert_eq!(refused("rediss://a?ssl_check_hostname=false"), Kind::Tls);
}

#[test]
fn encryption_that_the_driver_is_built_without_is_refused() {
    let address = ConnectionAddr::TcpTls {
        host: String::new(),
        port: 0,
        insecure: false,
        tls_params: None,
    };
    // Another crate of the build may turn TLS on.
    match address.is_supported() {
        true => assert!(info("rediss://a").addr().is_supported()),
        false => assert_eq!(refused("rediss://a"), Kind::Tls),
    }
}
