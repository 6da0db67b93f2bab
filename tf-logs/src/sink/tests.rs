use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_setfl, open};
use rustix::pipe::{fcntl_setpipe_size, pipe};

use super::descriptor::Descriptor;
use super::kernel::{PIPE_BUF, Target, Way};
use super::losses::Losses;
use super::{Place, Resumed, Sink};
use crate::settings::Stall;

mod writer;

const SHORT: Stall = Stall::DropAfter(Duration::from_millis(20));
const LONG: Stall = Stall::DropAfter(Duration::from_secs(20));

#[cfg(target_os = "linux")]
const BOUNDED: [Way; 2] = [Way::NoWait, Way::Poll];
#[cfg(not(target_os = "linux"))]
const BOUNDED: [Way; 1] = [Way::Poll];

fn sink(fd: impl Into<OwnedFd>, stall: Stall) -> Sink {
    Sink::target(Target::Owned(fd.into()), stall)
}

fn sink_by(fd: impl Into<OwnedFd>, stall: Stall, way: Way) -> Sink {
    let descriptor = Descriptor::new(Target::Owned(fd.into()), stall).with(way);
    Sink {
        losses: Losses::default(),
        place: Place::Descriptor(descriptor),
    }
}

fn notice(out: &mut Vec<u8>, resumed: Resumed) {
    assert!(resumed.since.elapsed().unwrap() < Duration::from_secs(60));
    out.extend_from_slice(format!("lost {}\n", resumed.dropped).as_bytes());
}

/// A pipe that holds two pages.
fn small_pipe() -> (File, OwnedFd) {
    let (reader, writer) = pipe().unwrap();
    let pages = fcntl_setpipe_size(&writer, 2 * PIPE_BUF).unwrap();
    assert_eq!(pages, 2 * PIPE_BUF);
    (reader.into(), writer)
}

/// A line of this length, with its line feed.
fn line(byte: u8, length: usize) -> Vec<u8> {
    let mut line = vec![byte; length - 1];
    line.push(b'\n');
    line
}

/// All that is in the pipe once no writer is left.
fn rest(mut reader: impl Read) -> String {
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    text
}

fn read(reader: &mut impl Read, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).unwrap();
    bytes
}

#[test]
fn nobody_waits_twice_for_a_reader_who_does_not_read() {
    for way in BOUNDED {
        let (_reader, writer) = small_pipe();
        let budget = Duration::from_millis(200);
        let sink = sink_by(writer, Stall::DropAfter(budget), way);
        sink.write(&line(b'a', PIPE_BUF), &notice);
        sink.write(&line(b'b', PIPE_BUF), &notice);
        let asked = AtomicUsize::new(0);
        let begin = Instant::now();
        sink.write(b"first\n", &notice);
        assert!(begin.elapsed() >= budget, "{way:?}");
        for _ in 0..100 {
            sink.write(b"further\n", &|_, _| {
                asked.fetch_add(1, Ordering::Relaxed);
            });
        }
        assert!(begin.elapsed() < 50 * budget, "{way:?}");
        assert_eq!((sink.dropped(), sink.write_errors()), (101, 0));
        assert_eq!(asked.into_inner(), 0, "nobody is there to be told");
    }
}

#[test]
fn a_reader_who_comes_back_is_told_first_how_many_are_lost() {
    for way in BOUNDED {
        let (mut reader, writer) = small_pipe();
        let sink = sink_by(writer, SHORT, way);
        let full = line(b'a', PIPE_BUF);
        sink.write(&full, &notice);
        sink.write(&full, &notice);
        for _ in 0..3 {
            sink.write(b"lost\n", &notice);
        }
        assert!(!sink.flush(Duration::ZERO, &notice));
        read(&mut reader, 2 * PIPE_BUF);
        sink.write(b"one\n", &notice);
        sink.write(b"two\n", &notice);
        assert!(sink.flush(Duration::ZERO, &notice));
        assert_eq!(sink.dropped(), 3);
        drop(sink);
        assert_eq!(rest(reader), "lost 3\none\ntwo\n", "{way:?}");
    }
}

#[test]
fn a_flush_waits_for_the_reader_to_tell_what_is_lost() {
    let (mut reader, writer) = small_pipe();
    let sink = sink(writer, SHORT);
    sink.write(&line(b'a', 3 * PIPE_BUF), &notice);
    assert!(!sink.flush(Duration::from_millis(5), &notice));
    thread::scope(|scope| {
        let flushing = scope.spawn(|| sink.flush(Duration::from_secs(20), &notice));
        let all = read(&mut reader, 2 * PIPE_BUF + 8);
        assert!(all.ends_with(b"a\nlost 1\n"));
        assert!(flushing.join().unwrap());
    });
    sink.write(b"next\n", &notice);
    drop(sink);
    assert_eq!(rest(reader), "next\n");
}

#[test]
fn a_line_lost_right_after_a_notice_belongs_to_the_next() {
    let (mut reader, writer) = small_pipe();
    let sink = sink(writer, SHORT);
    let full = line(b'a', PIPE_BUF);
    for _ in 0..4 {
        sink.write(&full, &notice);
    }
    read(&mut reader, PIPE_BUF);
    sink.write(&full, &notice);
    assert_eq!(read(&mut reader, PIPE_BUF + 7)[PIPE_BUF..], *b"lost 2\n");
    sink.write(b"back\n", &notice);
    assert_eq!(read(&mut reader, 12), b"lost 1\nback\n");
}

#[test]
fn a_reader_who_is_back_is_waited_for_again() {
    let (mut reader, writer) = small_pipe();
    let budget = Duration::from_millis(100);
    let sink = sink(writer, Stall::DropAfter(budget));
    let full = line(b'a', PIPE_BUF);
    for lost in 1..4 {
        sink.write(&full, &notice);
        sink.write(&full, &notice);
        let begin = Instant::now();
        sink.write(b"lost\n", &notice);
        assert!(begin.elapsed() >= budget && sink.dropped() == lost);
        read(&mut reader, 2 * PIPE_BUF);
        sink.write(b"back\n", &notice);
        read(&mut reader, 12);
    }
}

#[test]
fn each_gap_is_told_with_its_own_number() {
    let (mut reader, writer) = small_pipe();
    let sink = sink(writer, SHORT);
    let full = line(b'a', PIPE_BUF);
    for lost in 1..4_u8 {
        sink.write(&full, &notice);
        sink.write(&full, &notice);
        for _ in 0..lost {
            sink.write(b"lost\n", &notice);
        }
        read(&mut reader, 2 * PIPE_BUF);
        sink.write(b"back\n", &notice);
        let expected = format!("lost {lost}\nback\n").into_bytes();
        assert_eq!(read(&mut reader, expected.len()), expected);
    }
    assert_eq!(sink.dropped(), 6);
}

#[test]
fn an_abandoned_line_spoils_no_other() {
    for way in BOUNDED {
        let (mut reader, writer) = small_pipe();
        let sink = sink_by(writer, SHORT, way);
        sink.write(&line(b'a', PIPE_BUF), &notice);
        sink.write(&line(b'b', 3 * PIPE_BUF), &notice);
        assert_eq!(sink.dropped(), 1);
        read(&mut reader, 2 * PIPE_BUF);
        sink.write(b"next\n", &notice);
        drop(sink);
        let text = rest(reader);
        let (fragment, others) = text.split_once('\n').unwrap();
        assert!(fragment.bytes().all(|byte| byte == b'b'), "{way:?}");
        assert_eq!(others, "lost 1\nnext\n", "{way:?}");
    }
}

#[test]
fn long_lines_arrive_whole_at_a_slow_reader() {
    for way in BOUNDED {
        let (mut reader, writer) = small_pipe();
        let sink = sink_by(writer, LONG, way);
        let long = line(b'x', 40 * PIPE_BUF + 17);
        thread::scope(|scope| {
            scope.spawn(|| sink.write(&long, &notice));
            let mut arrived = Vec::new();
            while arrived.len() < long.len() {
                arrived.extend(read(&mut reader, 1 + arrived.len() % 100));
                if arrived.len() + 200 > long.len() {
                    let left = long.len() - arrived.len();
                    arrived.extend(read(&mut reader, left));
                }
            }
            assert!(arrived == long, "{way:?}");
        });
        assert_eq!(sink.dropped(), 0);
    }
}

#[test]
fn threads_do_not_wait_one_after_another() {
    for way in BOUNDED {
        let (_reader, writer) = small_pipe();
        let budget = Duration::from_millis(500);
        let sink = sink_by(writer, Stall::DropAfter(budget), way);
        sink.write(&line(b'a', 2 * PIPE_BUF), &notice);
        let begin = Instant::now();
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| sink.write(b"lost\n", &notice));
            }
        });
        assert!(begin.elapsed() < 8 * budget, "{way:?}");
        assert_eq!(sink.dropped(), 16);
    }
}

#[test]
fn a_foreign_o_nonblock_loses_nothing() {
    for stall in [Stall::Block, LONG] {
        let (reader, writer) = small_pipe();
        fcntl_setfl(&writer, OFlags::NONBLOCK).unwrap();
        let sink = sink(writer, stall);
        let reading = thread::spawn(move || rest(reader));
        for number in 0..5000 {
            sink.write(format!("{number:0>30}\n").as_bytes(), &notice);
        }
        sink.write(&line(b'x', 5 * PIPE_BUF), &notice);
        assert_eq!((sink.dropped(), sink.write_errors()), (0, 0));
        drop(sink);
        let text = reading.join().unwrap();
        assert_eq!(text.lines().count(), 5001);
        for (number, line) in text.lines().take(5000).enumerate() {
            assert_eq!(line.parse(), Ok(number));
        }
    }
}

#[test]
fn whoever_wants_to_wait_waits() {
    let (mut reader, writer) = small_pipe();
    let sink = Arc::new(sink(writer, Stall::Block));
    let writing = thread::spawn({
        let sink = Arc::clone(&sink);
        move || {
            for _ in 0..3 {
                sink.write(&line(b'a', 2 * PIPE_BUF), &notice);
            }
        }
    });
    read(&mut reader, 2 * PIPE_BUF);
    // The second line fills the pipe and the third waits, so the lock is taken most of the time; a
    // flush ends anyway.
    let _ = sink.flush(Duration::from_millis(10), &notice);
    read(&mut reader, 4 * PIPE_BUF);
    writing.join().unwrap();
    assert_eq!((sink.dropped(), sink.write_errors()), (0, 0));
    assert!(sink.flush(Duration::ZERO, &notice));
}

#[test]
fn a_closed_reader_is_counted_and_a_new_one_told() {
    let (reader, writer) = pipe().unwrap();
    let sink = sink(writer.try_clone().unwrap(), SHORT);
    drop(reader);
    for _ in 0..10 {
        sink.write(b"into the void\n", &notice);
    }
    assert_eq!((sink.dropped(), sink.write_errors()), (0, 10));
    let again = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&writer));
    let reader = open(again, OFlags::RDONLY, rustix::fs::Mode::empty()).unwrap();
    sink.write(b"anybody\n", &notice);
    drop((sink, writer));
    assert_eq!(rest(File::from(reader)), "lost 10\nanybody\n");
}

#[test]
fn sockets_files_and_devices_take_lines_too() {
    let (reader, writer) = std::os::unix::net::UnixStream::pair().unwrap();
    let memory =
        File::from(rustix::fs::memfd_create("lines", rustix::fs::MemfdFlags::empty()).unwrap());
    let mut other = memory.try_clone().unwrap();
    let null = File::options().write(true).open("/dev/null").unwrap();
    let full = File::options().write(true).open("/dev/full").unwrap();
    for (fd, errors) in [
        (OwnedFd::from(writer), 0),
        (memory.into(), 0),
        (null.into(), 0),
        (full.into(), 2),
    ] {
        let sink = sink(fd, SHORT);
        sink.write(b"one\n", &notice);
        sink.write(b"two\n", &notice);
        assert_eq!((sink.dropped(), sink.write_errors()), (0, errors));
    }
    assert_eq!(rest(reader), "one\ntwo\n");
    io::Seek::rewind(&mut other).unwrap();
    assert_eq!(rest(other), "one\ntwo\n");
}

#[test]
fn a_stalled_socket_drops_and_resumes() {
    for way in BOUNDED {
        let (mut reader, writer) = std::os::unix::net::UnixStream::pair().unwrap();
        let sink = sink_by(writer, SHORT, way);
        let mut sent = 0_u64;
        while sink.dropped() == 0 {
            sink.write(&line(b's', 1000), &notice);
            sent += 1;
        }
        let mut arrived = read(&mut reader, 1000 * usize::try_from(sent - 1).unwrap());
        sink.write(b"back\n", &notice);
        drop(sink);
        reader.read_to_end(&mut arrived).unwrap();
        let text = String::from_utf8(arrived).unwrap();
        assert!(text.ends_with("lost 1\nback\n"), "{way:?}");
    }
}

#[test]
fn lines_of_many_threads_are_never_torn() {
    let (reader, writer) = pipe().unwrap();
    let sink = sink(writer, LONG);
    let reading = thread::spawn(move || rest(File::from(reader)));
    thread::scope(|scope| {
        for thread in 0..8_u8 {
            let sink = &sink;
            scope.spawn(move || {
                for round in 0..200_usize {
                    let length = 2 + (round * 2731 + usize::from(thread) * 977) % 16_384;
                    sink.write(&line(b'a' + thread, length), &notice);
                }
            });
        }
    });
    drop(sink);
    let text = reading.join().unwrap();
    assert_eq!(text.lines().count(), 1600);
    for line in text.lines() {
        assert!(
            line.bytes().all(|byte| byte == line.as_bytes()[0]),
            "{line}"
        );
    }
}
