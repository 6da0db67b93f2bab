//! Cuts a line that is too long.

/// What is left of a text at least, however many there are.
const LEAST_TEXT: usize = 64;

/// Shortens a finished line to `max` bytes, its line feed included, and notes its `original` length in it.
///
/// The stack trace is cut first, then the longest texts. Where that is not enough, members go, those at the end first.
pub(crate) fn shrink(line: &mut Vec<u8>, max: usize, original: usize, is_ecs: bool) {
    let quote = if is_ecs { "\"" } else { "" };
    let mark = format!("\"truncated\":{quote}{original}{quote}");
    let reserve = mark.len() + ",\"labels\":{,}}\n".len();
    let room = max.saturating_sub(reserve);
    let limits = Limits::new(line, room);
    let mut rest = Rest {
        json: line,
        at: 0,
        out: Vec::with_capacity(max),
        room,
        limits,
        is_ecs,
        mark,
        is_marked: false,
    };
    rest.root();
    *line = rest.out;
}

/// How long texts may be.
struct Limits {
    trace: usize,
    text: usize,
}

impl Limits {
    fn new(line: &[u8], room: usize) -> Self {
        let (mut trace, mut texts) = (0, Vec::new());
        let mut at = 0;
        while let Some(quote) = line[at..].iter().position(|byte| *byte == b'"') {
            let (start, end) = (at + quote, string_end(line, at + quote));
            at = end;
            match line[end] {
                b':' if &line[start..end] == TRACE && line[end + 1] == b'"' => {
                    at = string_end(line, end + 1);
                    trace = at - end - 3;
                }
                b':' => {}
                _ => texts.push(end - start - 2),
            }
        }
        let excess = line.len().saturating_sub(room);
        let trace_limit = trace.saturating_sub(excess).max(LEAST_TEXT);
        let excess = excess.saturating_sub(trace.saturating_sub(trace_limit));
        Self {
            trace: trace_limit,
            text: level(texts, excess),
        }
    }
}

const TRACE: &[u8] = b"\"stack_trace\"";

/// The greatest length that takes `excess` bytes from texts that are longer.
fn level(mut texts: Vec<usize>, excess: usize) -> usize {
    texts.sort_unstable_by(|a, b| b.cmp(a));
    let mut sum = 0;
    for (index, length) in texts.iter().enumerate() {
        let (count, next) = (index + 1, texts.get(index + 1).copied().unwrap_or(0));
        sum += length;
        // With all texts so far cut to the length of the next one, is enough gone?
        if sum - count * next >= excess {
            return (sum.saturating_sub(excess) / count).max(LEAST_TEXT);
        }
    }
    LEAST_TEXT
}

/// Copies a line piece by piece as long as there is room.
struct Rest<'a> {
    json: &'a [u8],
    at: usize,
    out: Vec<u8>,
    room: usize,
    limits: Limits,
    is_ecs: bool,
    mark: String,
    is_marked: bool,
}

impl Rest<'_> {
    fn root(&mut self) {
        self.object(0);
        self.out.pop();
        if !self.is_marked {
            let (before, after) = if self.is_ecs {
                ("\"labels\":{", "}")
            } else {
                ("", "")
            };
            self.comma();
            for part in [before, &self.mark, after] {
                self.out.extend_from_slice(part.as_bytes());
            }
        }
        self.out.extend_from_slice(b"}\n");
    }

    /// Copies the object that begins here, `depth` objects inside the root; tells whether it has members.
    fn object(&mut self, depth: usize) -> bool {
        self.at += 1;
        self.out.push(b'{');
        let start = self.out.len();
        let is_labels = depth == 1 && self.out.ends_with(b"\"labels\":{") && self.is_ecs;
        if is_labels {
            self.out.extend_from_slice(self.mark.as_bytes());
            self.is_marked = true;
            self.room += self.mark.len();
        }
        while self.json[self.at] != b'}' {
            if self.json[self.at] == b',' {
                self.at += 1;
            }
            self.member(depth, is_labels);
        }
        self.at += 1;
        self.out.push(b'}');
        self.out.len() > start + 1
    }

    fn member(&mut self, depth: usize, is_label: bool) {
        let key = &self.json[self.at..string_end(self.json, self.at) + 1];
        self.at += key.len();
        let before = self.out.len();
        let is_mark = key == b"\"truncated\":" && (is_label || (depth == 0 && !self.is_ecs));
        self.comma();
        self.out.extend_from_slice(key);
        let fits = match self.json[self.at] {
            b'{' => self.object(depth + 1),
            b'"' => {
                let limit = if key.starts_with(TRACE) {
                    self.limits.trace
                } else {
                    self.limits.text
                };
                self.text(limit);
                true
            }
            _ => {
                let end = value_end(self.json, self.at);
                self.out.extend_from_slice(&self.json[self.at..end]);
                self.at = end;
                true
            }
        };
        let is_labels = depth == 0 && key == b"\"labels\":" && self.is_marked;
        let too_long = self.out.len() + depth > self.room && !is_labels;
        if !fits || too_long || is_mark {
            self.out.truncate(before);
        }
    }

    fn text(&mut self, limit: usize) {
        let end = string_end(self.json, self.at);
        let inside = &self.json[self.at + 1..end - 1];
        self.out.push(b'"');
        self.out
            .extend_from_slice(&inside[..boundary(inside, limit)]);
        self.out.push(b'"');
        self.at = end;
    }

    fn comma(&mut self) {
        if !self.out.ends_with(b"{") {
            self.out.push(b',');
        }
    }
}

/// The greatest length up to `limit` that splits neither a character nor an escape.
fn boundary(text: &[u8], limit: usize) -> usize {
    let mut at = 0;
    while at < text.len() {
        let length = match text[at..] {
            [b'\\', b'u', ..] => 6,
            [b'\\', ..] => 2,
            [0xf0..=0xff, ..] => 4,
            [0xe0..=0xef, ..] => 3,
            [0xc0..=0xdf, ..] => 2,
            _ => 1,
        };
        if at + length > limit {
            break;
        }
        at += length;
    }
    at
}

/// The position behind the string that begins at `at`.
fn string_end(json: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while json[end] != b'"' {
        end += if json[end] == b'\\' { 2 } else { 1 };
    }
    end + 1
}

/// The position behind the value without members that begins at `at`.
fn value_end(json: &[u8], at: usize) -> usize {
    let (mut end, mut is_list) = (at, false);
    loop {
        match json[end] {
            b'"' => end = string_end(json, end),
            b'[' => (is_list, end) = (true, end + 1),
            b']' => return end + 1,
            b',' | b'}' if !is_list => return end,
            _ => end += 1,
        }
    }
}
