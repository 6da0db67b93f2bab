//! Probes of real TLS endpoints.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use harness::{packaged, run};
use tempfile::TempDir;
use tf_backing::Outcome;

use super::{ask, outcome};

/// OpenSSL's test server, which ends with the test.
struct TlsServer {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl TlsServer {
    fn start(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let openssl = || {
            let mut command = Command::new(packaged("openssl", "openssl"));
            command.current_dir(&folder);
            command
        };
        let output = run(openssl()
            .args([
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=localhost",
            ])
            .args(["-keyout", "key.pem", "-out", "cert.pem"]));
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        let mut process = openssl()
            .args([
                "s_server",
                "-accept",
                "127.0.0.1:0",
                "-cert",
                "cert.pem",
                "-key",
                "key.pem",
            ])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl starts");
        let output = process.stdout.take().expect("stdout is a pipe");
        let mut lines = BufReader::new(output).lines();
        let address = lines.find_map(|line| Some(line.ok()?.strip_prefix("ACCEPT ")?.to_owned()));
        let address = address.expect("the server tells where it listens");
        let (_, port) = address.rsplit_once(':').expect("an address and a port");
        // It writes all it hears; somebody has to read that.
        let port = port.parse().expect("a port");
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            process,
            port,
            _folder: folder,
        }
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_hello_is_answered_by_every_version_of_tls() {
    for version in ["-tls1_2", "-tls1_3"] {
        let server = TlsServer::start(&[version]);
        for scheme in ["rediss", "amqps", "https", "mqtts", "kafka+ssl"] {
            let report = ask(&format!("{scheme}://u:p@localhost:{}", server.port)).await;
            assert_eq!(report.best(), Outcome::Reachable, "{version} {report}");
            assert_eq!(report.endpoints()[0].detail(), Some("TLS answered"));
        }
    }
}

#[tokio::test]
async fn plain_text_on_a_port_of_tls_is_told_which_scheme_to_use() {
    let server = TlsServer::start(&[]);
    for (scheme, advice) in [
        ("redis", "use rediss://"),
        ("amqp", "use amqps://"),
        ("http", "use https://"),
        ("mqtt", "use mqtts://"),
    ] {
        let url = format!("{scheme}://127.0.0.1:{}", server.port);
        assert_eq!(outcome(&url).await, Outcome::TlsRequired, "{url}");
        assert_eq!(ask(&url).await.endpoints()[0].detail(), Some(advice));
    }
}
