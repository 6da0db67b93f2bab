//! curl, as people use it.

use std::process::{Command, Stdio};

use harness::{Output, Running, packaged, run};
use rustix::process::Signal;

use super::service::{Service, http};

fn curl(arguments: &[&str]) -> Command {
    let mut command = Command::new(packaged("curl", "curl"));
    command.args(["--silent", "--show-error", "--fail", "--max-time", "20"]);
    command.args(arguments);
    command
}

fn text(arguments: &[&str]) -> String {
    let Output {
        code,
        stdout,
        stderr,
    } = run(&mut curl(arguments));
    assert_eq!(code, Some(0), "{stderr}");
    stdout
}

#[test]
fn curl_reads_over_both_versions_and_both_families() {
    let (service, address) = Service::ready(http(&[("PORT", "0")]));
    let port = address.rsplit_once(':').expect("it has a port").1;
    for host in ["127.0.0.1", "[::1]"] {
        let url = format!("http://{host}:{port}/");
        assert_eq!(text(&[&url]), "hello\n");
        assert_eq!(text(&["--http2-prior-knowledge", &url]), "hello\n");
        assert!(text(&[&(url + "readyz")]).contains(r#""status":"pass""#));
    }
    service.stop();
}

#[test]
fn curl_reads_over_a_unix_socket_that_goes_with_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("http.sock");
    let listen = format!("unix:{}?mode=0600", path.display());
    let (service, said) = Service::ready(http(&[("LISTEN", &listen)]));
    let path = path.to_str().expect("it is UTF-8");
    assert_eq!(said, path);
    assert_eq!(text(&["--unix-socket", path, "http://a/"]), "hello\n");
    service.stop();
    assert!(!std::fs::exists(path).unwrap());
}

#[test]
fn a_stream_of_events_and_a_slow_request_end_well_at_the_stop() {
    let variables = [("LISTEN", "127.0.0.1:0"), ("SHUTDOWN_TIMEOUT", "20s")];
    let (service, address) = Service::ready(http(&variables));
    let start = |path: &str, more: &[&str]| {
        let url = format!("http://{address}{path}");
        let mut command = curl(&[&[&*url][..], more].concat());
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        Running::start(command)
    };
    let mut events = start("/events", &["--no-buffer"]);
    let slow = start("/slow", &["--http2-prior-knowledge", "--verbose"]);
    assert_eq!(events.stdout.next().as_deref(), Some("data: tick"));
    // The second tick is a second away, so the slow request is under way by then.
    assert_eq!(events.stdout.by_ref().nth(1).as_deref(), Some("data: tick"));
    service.signal(Signal::TERM);
    // curl ends with 18 where a response is not complete.
    assert_eq!(events.wait().code(), Some(0));
    assert_eq!(slow.wait().code(), Some(0));
    service.end().assert_stopped_well();
}
