//! Bytes that are no HTTP: refused or cut off, and the service lives.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::support::{LIMIT, REQUEST, Service, hello, life, read_until, start, start_with};

/// What the service answers to bytes after which the client says nothing more.
async fn answer(service: &Service, bytes: &[u8]) -> Vec<u8> {
    let mut stream = service.connect().await;
    // The service may have cut it off before all is written.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let read = timeout(LIMIT, stream.read_to_end(&mut answer)).await;
    let _ = read.expect("the connection is closed");
    answer
}

async fn is_alive(service: &Service) {
    let mut stream = service.send(REQUEST).await;
    read_until(&mut stream, "hello").await;
}

#[tokio::test]
async fn each_known_malformation_is_refused() {
    let cases: [&[u8]; 12] = [
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\n: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\0b\r\n\r\n",
        b"GET \xff HTTP/1.1\x01\r\nhost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n12",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello of TLS \r\n\r\n",
    ];
    let service = start(hello());
    for bytes in cases {
        let answer = answer(&service, bytes).await;
        let text = String::from_utf8_lossy(&answer);
        assert!(
            text.is_empty() || text.starts_with("HTTP/1.1 400"),
            "{:?}: {text}",
            String::from_utf8_lossy(bytes)
        );
    }
    is_alive(&service).await;
    service.end().await;
}

#[tokio::test]
async fn frames_of_http2_without_sense_cost_one_connection() {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let frames: [&[u8]; 4] = [
        // DATA on stream 0; HEADERS that do not decode; a frame longer than allowed; no SETTINGS first.
        b"\0\0\0\x04\0\0\0\0\0\0\0\x01\0\0\0\0\0\0x",
        b"\0\0\0\x04\0\0\0\0\0\0\0\x04\x01\x05\0\0\0\x01\xff\xff\xff\xff",
        b"\0\0\0\x04\0\0\0\0\0\xff\xff\xff\0\0\0\0\0\x01",
        b"\0\0\x08\x06\0\0\0\0\0abcdefgh",
    ];
    let service = start(hello());
    for frames in frames {
        answer(&service, &[PREFACE, frames].concat()).await;
    }
    is_alive(&service).await;
    service.end().await;
}

/// Bytes, and pieces of HTTP put together at random.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        &b"GET / HTTP/1.1\r\n"[..],
        b"POST / HTTP/1.0\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"host: a\r\n",
        b"content-length: 5\r\n",
        b"transfer-encoding: chunked\r\n",
        b"connection: upgrade\r\nupgrade: h2c\r\n",
        b"expect: 100-continue\r\n",
        b"\r\n",
        b"5\r\nhello\r\n",
        b"0\r\n\r\n",
        b"\0\0\0\x04\0\0\0\0\0",
    ]);
    let pieces = prop::collection::vec(
        prop_oneof![
            pieces.prop_map(<[u8]>::to_vec),
            prop::collection::vec(any::<u8>(), 0..16),
        ],
        0..12,
    );
    prop_oneof![
        pieces.prop_map(|pieces| pieces.concat()),
        prop::collection::vec(any::<u8>(), 0..256),
    ]
}

#[test]
fn any_bytes_leave_the_service_alive() {
    let runtime = Runtime::new().unwrap();
    let service = runtime.block_on(async {
        start_with(life(), hello(), |server| {
            server.header_timeout(Duration::from_millis(200))
        })
    });
    let mut runner = TestRunner::new(Config::with_cases(256));
    let run = runner.run(&noise(), |bytes| {
        runtime.block_on(answer(&service, &bytes));
        runtime.block_on(is_alive(&service));
        Ok(())
    });
    run.unwrap();
    // A connection that had panicked would be a failure of the report.
    let report = runtime.block_on(service.life.shutdown());
    assert_eq!(report.panicked_tasks(), 0, "{report}");
    assert_eq!(report.exit_code(), 0, "{report}");
}
