//! The floors: the kit's line written out by hand, and the bytes of a ready line alone.

use std::hint::black_box;
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use bench_support::Job;

use crate::contestants::Sink;
use crate::memory::Memory;
use crate::work::{self, ORDER, Order, REQUEST, Request, STEP, Step, Work};

/// Does `job` with the named floor.
pub fn race(job: Job, work: Work, contestant: &str, sink: Sink) {
    let ready = (contestant == "write-raw").then(|| Hand::new(sink, work).ready());
    let one = |hand: &mut Hand| match &ready {
        Some(line) => sink.write(line),
        None => hand.line(),
    };
    let times = work.batch();
    match work {
        Work::Event | Work::Request => {
            let mut hand = Hand::new(sink, work);
            job.run(|| (0..times).for_each(|_| one(&mut hand)));
        }
        Work::Pair => job.run(|| {
            work::pair(|| {
                let mut hand = Hand::new(sink, work);
                work::of_a_thread(|| one(&mut hand));
            });
        }),
        Work::Dotted | Work::Disabled => panic!("no floor takes part in {work}"),
    }
}

impl Sink {
    fn write(self, line: &[u8]) {
        let written = match self {
            Self::Stdout => rustix::io::write(rustix::stdio::stdout(), line).ok(),
            Self::Memory => Memory.write(line).ok(),
        };
        assert_eq!(written, Some(line.len()), "the sink takes a whole line");
    }
}

/// What the kit says about the process and the place.
fn head() -> String {
    let pid = std::process::id();
    [
        r#"","log.level":"INFO","message":"order accepted","ecs.version":"9.4.0","#,
        r#""service":{"name":"bench","ephemeral_id":"da912202834870fa","#,
        r#""node":{"name":"da912202834870fa"}},"event":{"dataset":"bench"},"#,
        r#""log":{"logger":"bench_logs::work","#,
        r#""origin":{"file":{"line":210,"name":"logs/src/work.rs"}}},"#,
        &format!(r#""process":{{"pid":{pid},"thread":{{"id":1,"name":"main"}}}}"#),
    ]
    .concat()
}

struct Hand {
    sink: Sink,
    inside: Option<&'static Step>,
    head: String,
    line: Vec<u8>,
    second: u64,
    /// Date and time of `second`.
    stamp: String,
}

impl Hand {
    fn new(sink: Sink, work: Work) -> Self {
        Self {
            sink,
            inside: (work != Work::Request).then_some(&STEP),
            head: head(),
            line: Vec::with_capacity(1_024),
            second: 0,
            stamp: String::new(),
        }
    }

    fn ready(mut self) -> Vec<u8> {
        self.format(&ORDER, &REQUEST);
        self.line
    }

    fn line(&mut self) {
        self.format(black_box(&ORDER), black_box(&REQUEST));
        self.sink.write(&self.line);
    }

    #[inline(never)]
    fn format(&mut self, order: &Order, request: &Request) {
        self.line.clear();
        self.timestamp();
        self.line.extend_from_slice(self.head.as_bytes());
        self.string(r#","customer":"#, order.customer);
        self.integer(r#","items":"#, order.items);
        self.text(r#","total":"#);
        self.text(zmij::Buffer::new().format(order.total));
        self.boolean(r#","paid":"#, order.paid);
        self.integer(r#","port":"#, order.port.into());
        write!(self.line, r#","peer":"{}""#, order.peer).expect("a Vec takes all bytes");
        if let Some(step) = black_box(self.inside) {
            self.string(r#","tenant":"#, step.tenant);
            self.integer(r#","shard":"#, step.shard);
            self.boolean(r#","cached":"#, step.cached);
        }
        self.string(r#","request_id":"#, request.request_id);
        self.string(r#","path":"#, request.path);
        self.integer(r#","attempt":"#, request.attempt);
        self.text("}\n");
    }

    fn timestamp(&mut self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.expect("it is later than 1970");
        if now.as_secs() != self.second {
            self.second = now.as_secs();
            self.stamp = date_and_time(self.second);
        }
        self.line.extend_from_slice(br#"{"@timestamp":""#);
        self.line.extend_from_slice(self.stamp.as_bytes());
        let mut digits = itoa::Buffer::new();
        let micros = digits.format(1_000_000 + now.subsec_micros());
        self.line.push(b'.');
        self.text(&micros[1..]);
        self.line.push(b'Z');
    }

    fn text(&mut self, text: &str) {
        self.line.extend_from_slice(text.as_bytes());
    }

    fn integer(&mut self, key: &str, value: u64) {
        self.text(key);
        self.text(itoa::Buffer::new().format(value));
    }

    fn boolean(&mut self, key: &str, value: bool) {
        self.text(key);
        self.text(if value { "true" } else { "false" });
    }

    /// The values have quotes and backslashes at worst.
    fn string(&mut self, key: &str, value: &str) {
        self.text(key);
        self.line.push(b'"');
        let plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
        if value.bytes().all(plain) {
            self.text(value);
        } else {
            for byte in value.bytes() {
                if !plain(byte) {
                    self.line.push(b'\\');
                }
                self.line.push(byte);
            }
        }
        self.line.push(b'"');
    }
}

/// By Howard Hinnant's civil-from-days.
fn date_and_time(second: u64) -> String {
    let days = second / 86_400 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute) = (second / 3_600 % 24, second / 60 % 60);
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}",
        second % 60
    )
}
