use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};

use tf_http::{Address, Error, ErrorKind, Listener, Origin};

fn listen(text: &str) -> Result<Listener, Error> {
    Listener::from_vars("http", [("LISTEN", text)])
}

#[test]
fn port_zero_reports_the_port_that_the_system_chose() {
    let listener = Listener::from_vars("http", [("PORT", "0")]).unwrap();
    let port = listener.port().unwrap();
    assert_ne!(port, 0);
    assert_eq!(listener.to_string(), format!("[::]:{port}"));
    assert_eq!(listener.origin(), Origin::Bound);
}

#[test]
fn a_port_alone_takes_both_families() {
    let listener = Listener::from_vars("http", [("PORT", "0")]).unwrap();
    let port = listener.port().unwrap();
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    TcpStream::connect((Ipv6Addr::LOCALHOST, port)).unwrap();
}

#[test]
fn listen_wins_over_port() {
    let vars = [("PORT", "1"), ("LISTEN", "127.0.0.1:0")];
    let listener = Listener::from_vars("http", vars).unwrap();
    assert!(listener.to_string().starts_with("127.0.0.1:"));
}

#[test]
fn a_busy_port_is_named() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let error = listen(&address).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InUse);
    assert!(error.to_string().contains(&address), "{error}");
}

#[test]
fn a_port_is_shared_only_on_request() {
    let builder = |port| {
        let address: Address = format!("127.0.0.1:{port}").parse().unwrap();
        Listener::builder(address).reuse_port(true)
    };
    let first = builder(0).bind().unwrap();
    let port = first.port().unwrap();
    builder(port).bind().unwrap();
    assert!(listen(&format!("127.0.0.1:{port}")).is_err());
}

#[test]
fn both_variables_are_reported_together() {
    let vars = [("LISTEN", "8080"), ("PORT", "tcp://10.0.3.7:80")];
    let error = Listener::from_vars("http", vars).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Variable);
    let text = error.to_string();
    assert!(
        text.contains("`LISTEN`: a port alone needs a colon"),
        "{text}"
    );
    assert!(text.contains("`PORT`: expected an integer"), "{text}");
    assert!(text.contains("Kubernetes"), "{text}");
    assert!(!text.contains("10.0.3.7"), "{text}");
}

#[test]
fn an_address_of_another_host_is_refused_by_name() {
    let error = listen("192.0.2.1:0").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("192.0.2.1:0"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn a_unix_socket_has_its_mode_and_goes_with_its_listener() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sock");
    let listener = listen(&format!("unix:{}?mode=0600", path.display())).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(listener.port(), None);
    UnixStream::connect(&path).unwrap();
    drop(listener);
    assert!(!path.exists());
}

#[test]
fn a_stale_unix_socket_is_replaced_and_a_live_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sock");
    let text = path.to_str().unwrap();
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let live = listen(text).unwrap();
    let error = listen(text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InUse);
    drop(live);
}

#[test]
fn a_file_that_is_no_socket_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sock");
    fs::write(&path, "precious").unwrap();
    let error = listen(path.to_str().unwrap()).unwrap_err();
    assert!(error.to_string().contains("no socket"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}

#[test]
fn the_socket_of_a_successor_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sock");
    let old = listen(path.to_str().unwrap()).unwrap();
    fs::remove_file(&path).unwrap();
    let successor = UnixListener::bind(&path).unwrap();
    drop(old);
    assert!(path.exists());
    drop(successor);
}

#[test]
fn a_socket_of_the_standard_library_can_be_given() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let listener = Listener::try_from(socket).unwrap();
    assert_eq!(listener.port(), Some(port));
    assert_eq!(listener.origin(), Origin::Inherited);
}

#[test]
fn a_socket_can_be_taken_for_another_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sock");
    let tcp = listen("127.0.0.1:0").unwrap();
    let port = tcp.port().unwrap();
    let tcp = UnixListener::try_from(tcp).expect_err("it is TCP");
    let tcp = TcpListener::try_from(tcp).unwrap();
    assert_eq!(tcp.local_addr().unwrap().port(), port);
    let unix = listen(path.to_str().unwrap()).unwrap();
    let unix = TcpListener::try_from(unix).expect_err("it is a Unix socket");
    let _unix = UnixListener::try_from(unix).unwrap();
    UnixStream::connect(&path).unwrap();
}
