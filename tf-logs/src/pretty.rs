//! Lines for people.

use tracing_core::Level;

/// What a readable line is made of; all texts are free of control characters.
pub(crate) struct Readable<'a> {
    pub(crate) time: &'a str,
    pub(crate) level: Level,
    pub(crate) target: &'a str,
    /// JSON text without its quotes.
    pub(crate) message: &'a str,
    /// Outermost first.
    pub(crate) spans: &'a [&'a str],
    /// Name and JSON text, those of the event first.
    pub(crate) fields: &'a [(&'a str, &'a str)],
    pub(crate) color: bool,
}

/// The column at which fields begin, unless what stands before them is longer.
const FIELDS_AT: usize = 64;
const INDENT: &str = "      ";

/// Appends the line and its line feed.
///
/// It reads `INFO  09:30:00.125 orders::cart checkout:price: order priced      items=3`. Text of several lines
/// follows below, indented, so that it cannot be taken for lines of its own.
pub(crate) fn render(out: &mut Vec<u8>, readable: &Readable<'_>) {
    let mut line = Line {
        out,
        color: readable.color,
        width: 0,
    };
    line.level(readable.level);
    line.painted(DIM, time_of_day(readable.time));
    line.plain(" ");
    line.painted(DIM, readable.target);
    line.plain(" ");
    for (index, span) in readable.spans.iter().enumerate() {
        line.plain(if index == 0 { "" } else { ":" });
        line.painted(BOLD, span);
    }
    line.plain(if readable.spans.is_empty() { "" } else { ": " });
    line.text(readable.message);
    line.fields(readable.fields);
    line.out.push(b'\n');
}

const BOLD: &str = "1";
const DIM: &str = "2";

/// The time without its date, to milliseconds.
fn time_of_day(time: &str) -> &str {
    let time = time.split_once('T').map_or(time, |(_, time)| time);
    time.get(..12).unwrap_or(time)
}

struct Line<'o> {
    out: &'o mut Vec<u8>,
    color: bool,
    /// Characters so far in this line, without colours.
    width: usize,
}

impl Line<'_> {
    fn plain(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.width += text.chars().count();
    }

    fn painted(&mut self, style: &str, text: &str) {
        if self.color {
            self.out.extend_from_slice(b"\x1b[");
            self.out.extend_from_slice(style.as_bytes());
            self.out.push(b'm');
        }
        self.plain(text);
        if self.color {
            self.out.extend_from_slice(b"\x1b[0m");
        }
    }

    fn level(&mut self, level: Level) {
        let (style, name) = match level {
            Level::ERROR => ("1;31", "ERROR"),
            Level::WARN => ("33", "WARN "),
            Level::INFO => ("32", "INFO "),
            Level::DEBUG => ("34", "DEBUG"),
            Level::TRACE => ("35", "TRACE"),
        };
        self.painted(style, name);
        self.plain(" ");
    }

    /// Writes JSON text without its quotes, line by line.
    fn text(&mut self, mut json: &str) {
        while let Some(at) = json.find('\\') {
            self.plain(&json[..at]);
            let escape = json[at + 1..].chars().next();
            match escape {
                Some('n') => {
                    self.width = 0;
                    self.out.push(b'\n');
                    self.plain(INDENT);
                }
                Some('t') => self.plain("    "),
                Some('"') => self.plain("\""),
                Some('\\') => self.plain("\\"),
                // What else is escaped must not reach a terminal as it is.
                Some(other) => {
                    self.plain("\\");
                    self.plain(other.encode_utf8(&mut [0; 4]));
                }
                None => self.plain("\\"),
            }
            json = &json[at + 1 + escape.map_or(0, char::len_utf8)..];
        }
        self.plain(json);
    }

    fn fields(&mut self, fields: &[(&str, &str)]) {
        let (long, short): (Vec<_>, Vec<_>) =
            fields.iter().partition(|(_, value)| has_lines(value));
        for (index, (name, value)) in short.into_iter().enumerate() {
            let gap = match index {
                0 => FIELDS_AT.saturating_sub(self.width).max(2),
                _ => 1,
            };
            self.plain(&" ".repeat(gap));
            self.painted(DIM, name);
            self.plain("=");
            self.plain(value);
        }
        for (name, value) in long {
            self.out.push(b'\n');
            self.plain("    ");
            self.painted(DIM, name);
            self.plain(":\n");
            self.plain(INDENT);
            let inner = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'));
            self.text(inner.unwrap_or(value));
        }
    }
}

/// Whether a JSON text is a string with a line feed in it.
fn has_lines(json: &str) -> bool {
    let mut escaped = false;
    json.starts_with('"')
        && json.chars().any(|c| {
            let found = escaped && c == 'n';
            escaped = c == '\\' && !escaped;
            found
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(message: &str, fields: &[(&str, &str)], color: bool) -> String {
        let mut out = Vec::new();
        let readable = Readable {
            time: "2026-11-22T09:30:00.125731Z",
            level: Level::INFO,
            target: "orders::cart",
            message,
            spans: &["checkout", "price"],
            fields,
            color,
        };
        render(&mut out, &readable);
        String::from_utf8(out).unwrap()
    }

    fn without_colors(text: &str) -> String {
        let mut parts = text.split("\x1b[");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |plain, part| plain + part.split_once('m').unwrap().1)
    }

    #[test]
    fn colours_change_nothing_else() {
        let fields = [("items", "3"), ("trail", r#""a\nb""#)];
        for message in ["priced", r"two\nlines", ""] {
            let colored = rendered(message, &fields, true);
            assert!(colored.contains('\x1b'));
            assert_eq!(without_colors(&colored), rendered(message, &fields, false));
        }
    }

    #[test]
    fn the_time_is_shown_to_milliseconds() {
        assert!(rendered("m", &[], false).contains(" 09:30:00.125 "));
        assert_eq!(time_of_day("odd"), "odd");
    }

    #[test]
    fn only_a_line_feed_opens_a_block() {
        for (json, expected) in [
            (r#""a\nb""#, true),
            (r#""a\\nb""#, false),
            (r#""a\\\nb""#, true),
            (r#""n""#, false),
            ("17", false),
            (r#""\""#, false),
        ] {
            assert_eq!(has_lines(json), expected, "{json}");
        }
        assert!(rendered("m", &[("a", r#""\n""#), ("b", "1")], false).contains("b=1"));
    }

    #[test]
    fn escapes_that_are_not_for_people_stay_escaped() {
        let text = rendered(r#"a\u001b[31m\r\"q\"\\"#, &[], false);
        assert!(text.contains(r#"a\u001b[31m\r"q"\"#), "{text}");
        assert!(rendered("odd\\", &[], false).ends_with("odd\\\n"));
    }
}
