//! How far a run is: a bar on a terminal, events elsewhere.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use tokio::time::Instant;

use crate::io::{Stderr, lock};

/// Two events are at least so far apart, but for the last one.
const BETWEEN_EVENTS: Duration = Duration::from_secs(10);

/// A terminal takes no more than that many bars a second.
const BARS_PER_SECOND: u8 = 10;

pub(crate) struct Progress {
    done: AtomicU64,
    /// Zero while it is unknown.
    total: AtomicU64,
    shown: Mutex<Shown>,
    stderr: Stderr,
    /// The width of the terminal, if there is one that can show a bar.
    width: Option<u16>,
}

#[derive(Default)]
struct Shown {
    bar: Option<ProgressBar>,
    last_event: Option<Instant>,
    last_done: u64,
}

impl Progress {
    pub(crate) fn new(stderr: Stderr, width: Option<u16>) -> Self {
        Self {
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            shown: Mutex::default(),
            stderr,
            width,
        }
    }

    pub(crate) fn total(&self, steps: u64) {
        self.total.store(steps, Ordering::Relaxed);
        if let Some(bar) = &lock(&self.shown).bar {
            bar.set_style(style(steps > 0));
            bar.set_length(steps);
        }
    }

    pub(crate) fn advance(&self, steps: u64) {
        let add = |done: u64| Some(done.saturating_add(steps));
        let before = self
            .done
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        let done = before.unwrap_or_else(|done| done).saturating_add(steps);
        let mut shown = lock(&self.shown);
        if let Some(width) = self.width {
            let bar = shown.bar.get_or_insert_with(|| self.begin_bar(width));
            let bar = bar.clone();
            drop(shown);
            bar.set_position(done);
            return;
        }
        let now = Instant::now();
        let is_due = shown
            .last_event
            .is_none_or(|last| now.duration_since(last) >= BETWEEN_EVENTS);
        if is_due {
            shown.last_event = Some(now);
            shown.last_done = done;
            drop(shown);
            self.event(done);
        }
    }

    fn begin_bar(&self, width: u16) -> ProgressBar {
        let total = self.done_and_total().1;
        let terminal = Terminal {
            stderr: self.stderr.clone(),
            width,
        };
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal), BARS_PER_SECOND);
        let bar = ProgressBar::with_draw_target(total, target).with_style(style(total.is_some()));
        self.stderr.set_bar(Some(bar.clone()));
        bar
    }

    fn event(&self, done: u64) {
        let total = self.done_and_total().1;
        tracing::info!(
            event.action = "admin.progress",
            admin.done = done,
            admin.total = total,
            "progress"
        );
    }

    /// What is counted; the total if it is known.
    pub(crate) fn done_and_total(&self) -> (u64, Option<u64>) {
        let total = self.total.load(Ordering::Relaxed);
        let done = self.done.load(Ordering::Relaxed);
        (done, (total > 0).then_some(total))
    }

    /// Takes the bar away, or says what was reached since the last event.
    pub(crate) fn end(&self) {
        self.stderr.set_bar(None);
        let (bar, last_event, last_done) = {
            let mut shown = lock(&self.shown);
            (shown.bar.take(), shown.last_event, shown.last_done)
        };
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let done = self.done.load(Ordering::Relaxed);
        if last_event.is_some() && done != last_done {
            self.event(done);
        }
    }
}

/// There is an estimate only where the total is known, and never a colour.
fn style(has_total: bool) -> ProgressStyle {
    let template = if has_total {
        "[{elapsed_precise}] {bar:30} {human_pos}/{human_len} eta {eta}"
    } else {
        "[{elapsed_precise}] {human_pos} {per_sec}"
    };
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

/// The terminal at stderr, through the one writer.
struct Terminal {
    stderr: Stderr,
    width: u16,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").finish_non_exhaustive()
    }
}

impl Terminal {
    /// Writes a control sequence of ECMA-48.
    fn control(&self, count: usize, end: char) -> io::Result<()> {
        if count > 0 {
            self.stderr.raw(&format!("\u{1b}[{count}{end}"));
        }
        Ok(())
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        self.width
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        self.control(lines, 'A')
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        self.control(lines, 'B')
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        self.control(columns, 'C')
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        self.control(columns, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.stderr.raw(&format!("{text}\n"));
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.stderr.raw(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.stderr.raw("\r\u{1b}[2K");
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}
