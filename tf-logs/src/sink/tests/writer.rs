use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak, mpsc};
use std::thread;
use std::time::Duration;

use super::notice;
use crate::sink::{Resumed, Sink};

/// Shows what it is given, in calls.
#[derive(Clone, Default)]
struct Calls(Arc<Mutex<Vec<Vec<u8>>>>);

impl Calls {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().concat()).unwrap()
    }
}

impl Write for Calls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Does with each call what the function says, which knows the number of the call.
struct Scripted<F>(usize, F);

impl<F: FnMut(usize, &[u8]) -> io::Result<usize>> Write for Scripted<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += 1;
        (self.1)(self.0, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_gets_one_call_per_line() {
    let calls = Calls::default();
    let sink = Sink::writer(Box::new(calls.clone()));
    sink.write(b"one\n", &notice);
    sink.write(b"two\n", &notice);
    assert_eq!(*calls.0.lock().unwrap(), [b"one\n", b"two\n"]);
    assert!(sink.flush(Duration::ZERO, &notice));
}

#[test]
fn a_writer_may_fail_panic_and_take_pieces() {
    let calls = Calls::default();
    let mut out = calls.clone();
    let script = move |call, bytes: &[u8]| match call {
        1 => Err(io::ErrorKind::Interrupted.into()),
        2 => Err(io::ErrorKind::WouldBlock.into()),
        3 => panic!("the writer's own fault"),
        4 => Ok(0),
        5 => out.write(&bytes[..1]),
        6 => Err(io::ErrorKind::StorageFull.into()),
        7 => out.write(bytes),
        8 => Ok(bytes.len() + 1),
        _ => out.write(&bytes[..bytes.len().min(3)]),
    };
    let sink = Sink::writer(Box::new(Scripted(0, script)));
    for text in ["1-2\n", "3\n", "4\n", "5-6\n", "7-8\n", "abcdefgh\n"] {
        sink.write(text.as_bytes(), &notice);
    }
    assert_eq!((sink.dropped(), sink.write_errors()), (1, 3));
    assert_eq!(calls.text(), "l\nlost 4\nabcdefgh\n");
}

#[test]
fn a_writer_that_logs_neither_hangs_nor_recurses() {
    static SINK: OnceLock<Weak<Sink>> = OnceLock::new();
    let calls = Calls::default();
    let mut out = calls.clone();
    let writer = Scripted(0, move |_, bytes: &[u8]| {
        let sink = SINK.get().unwrap().upgrade().unwrap();
        sink.write(b"from inside\n", &notice);
        assert!(!sink.flush(Duration::from_secs(20), &notice));
        out.write(bytes)
    });
    let sink = Arc::new(Sink::writer(Box::new(writer)));
    SINK.set(Arc::downgrade(&sink)).unwrap();
    let (done, finished) = mpsc::channel();
    thread::spawn(move || {
        sink.write(b"one\n", &notice);
        sink.write(b"two\n", &notice);
        done.send(sink.dropped()).unwrap();
    });
    assert_eq!(finished.recv_timeout(Duration::from_secs(20)), Ok(2));
    assert_eq!(calls.text(), "one\ntwo\n");
}

#[test]
fn a_notice_that_panics_costs_only_itself() {
    let calls = Calls::default();
    let mut out = calls.clone();
    let sink = Sink::writer(Box::new(Scripted(0, move |call, bytes: &[u8]| {
        if call == 1 {
            Err(io::ErrorKind::WouldBlock.into())
        } else {
            out.write(bytes)
        }
    })));
    let asked = AtomicUsize::new(0);
    let panics = |out: &mut Vec<u8>, _: Resumed| {
        asked.fetch_add(1, Ordering::Relaxed);
        out.extend_from_slice(b"half a not");
        panic!("while formatting");
    };
    sink.write(b"lost\n", &panics);
    sink.write(b"line\n", &panics);
    sink.write(b"next\n", &panics);
    assert_eq!(
        (calls.text().as_str(), asked.into_inner()),
        ("line\nnext\n", 1)
    );
}
