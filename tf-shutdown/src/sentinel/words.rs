//! The last words of a process that is ended: one line of JSON for a collector, text for a person.

use std::fmt::{self, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::core::Core;
use crate::process;
use crate::report::{Report, Straggler};
use crate::signals::Signal;

/// Why the process is ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Why {
    Deadline,
    Forced(Signal),
}

/// What is said at the end, with its line feed.
pub(super) fn compose(
    why: Why,
    code: u8,
    stopping: Duration,
    core: Option<&Core>,
    to_a_person: bool,
) -> String {
    let message = message(why, stopping, core.is_none());
    let report = core.map(|core| core.snapshot_report(code));
    if to_a_person {
        return match report {
            Some(report) => format!("{message}\n{report}\n"),
            None => format!("{message}\n"),
        };
    }
    let line = Line {
        time: process::now(),
        message: &message,
        code,
        stopping,
        report: report.as_ref(),
    };
    format!("{line}\n")
}

/// Who is at work, one a line.
pub(super) fn dump(core: &Core) -> String {
    let stragglers = core.stragglers();
    let mut text = format!("SIGQUIT: {} at work\n", stragglers.len());
    for straggler in stragglers {
        text.push_str(&format!("  {straggler}\n"));
    }
    text
}

fn message(why: Why, stopping: Duration, never_ran: bool) -> String {
    let after = format!(
        "{:.1} s after the first request to stop",
        stopping.as_secs_f64()
    );
    let what = match why {
        Why::Deadline => format!("ended by the hard deadline, {after}"),
        Why::Forced(signal) => format!("forced by a second {signal}, {after}"),
    };
    match never_ran {
        true => format!("{what}; the service was never run"),
        false => what,
    }
}

/// The event `lifecycle.stopped` as tf-logs would write it.
struct Line<'a> {
    time: SystemTime,
    message: &'a str,
    code: u8,
    stopping: Duration,
    report: Option<&'a Report>,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"{{"@timestamp":"{}","#, Timestamp(self.time))?;
        write!(
            f,
            r#""log.level":"ERROR","message":{},"#,
            Text(self.message)
        )?;
        // The version of the Elastic Common Schema whose names these are.
        f.write_str(r#""ecs.version":"9.4.0","#)?;
        f.write_str(r#""event":{"action":"lifecycle.stopped"},"lifecycle":{"#)?;
        write!(
            f,
            r#""exit_code":{},"total_ms":{}"#,
            self.code,
            self.stopping.as_millis()
        )?;
        if let Some(report) = self.report {
            if let Some(reason) = report.reason() {
                write!(f, r#","reason":{}"#, Text(&reason.to_string()))?;
            }
            f.write_str(r#","stragglers":["#)?;
            for (at, straggler) in report.stragglers().iter().enumerate() {
                let comma = if at == 0 { "" } else { "," };
                write!(f, "{comma}{}", Late(straggler))?;
            }
            f.write_char(']')?;
        }
        f.write_str("}}")
    }
}

struct Late<'a>(&'a Straggler);

impl fmt::Display for Late<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(straggler) = self;
        write!(f, r#"{{"group":{},"#, Text(straggler.group()))?;
        write!(f, r#""count":{}"#, straggler.count())?;
        if let Some(name) = straggler.name() {
            write!(f, r#","task":{}"#, Text(name))?;
        }
        if let Some(age) = straggler.age() {
            write!(f, r#","age_ms":{}"#, age.as_millis())?;
        }
        if let Some(place) = straggler.place() {
            write!(f, r#","spawned_at":{}"#, Text(&place.to_string()))?;
        }
        f.write_char('}')
    }
}

/// A text of JSON, with its quotes.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

/// A moment as RFC 3339 has it, in UTC.
struct Timestamp(SystemTime);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A clock before 1970 is wrong anyway.
        let since = self.0.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
        let (year, month, day) = date(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let micros = since.subsec_micros();
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"
        )
    }
}

/// Year, month and day of a day since 1970, in the Gregorian calendar.
fn date(mut day: u64) -> (u64, u64, u64) {
    let is_leap = |year: u64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    loop {
        let days = if is_leap(year) { 366 } else { 365 };
        if day < days {
            break;
        }
        day -= days;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    (year, month, day + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_utc() {
        let text = |seconds| Timestamp(UNIX_EPOCH + Duration::from_micros(seconds)).to_string();
        assert_eq!(text(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(text(951_782_400_000_001), "2000-02-29T00:00:00.000001Z");
        assert_eq!(text(1_798_761_599_999_999), "2026-12-31T23:59:59.999999Z");
    }

    #[test]
    fn texts_are_escaped() {
        let text = "a \"b\" \\ \n\u{7f} ü";
        let back: String = serde_json::from_str(&Text(text).to_string()).unwrap();
        assert_eq!(back, text);
    }

    #[test]
    fn a_service_that_never_ran_says_so_in_one_line() {
        let text = compose(Why::Deadline, 124, Duration::from_millis(2500), None, false);
        let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
        assert_eq!(text.lines().count(), 1);
        assert_eq!(line["event"]["action"], "lifecycle.stopped");
        assert_eq!(line["lifecycle"]["exit_code"], 124);
        assert_eq!(line["lifecycle"]["total_ms"], 2500);
        assert!(line["message"].as_str().unwrap().contains("never run"));
    }
}
