use std::fmt;

use crate::Table;

/// What the kit promises beside what was measured.
#[derive(Clone, Debug)]
pub struct Bars(Table);

impl Bars {
    /// Starts the table.
    pub fn new(title: &str) -> Self {
        Self(Table::new(title, &["what", "bar", "measured", "verdict"]))
    }

    /// Adds a figure and what it may be at most.
    pub fn at_most(&mut self, what: &str, bar: f64, measured: f64) {
        self.add(what, bar, measured, measured <= bar);
    }

    /// Adds a figure and what it must be at least.
    pub fn at_least(&mut self, what: &str, bar: f64, measured: f64) {
        self.add(what, bar, measured, measured >= bar);
    }

    fn add(&mut self, what: &str, bar: f64, measured: f64, is_held: bool) {
        let verdict = if is_held { "held" } else { "missed" };
        self.0.row([
            what.to_owned(),
            short(bar),
            short(measured),
            verdict.to_owned(),
        ]);
    }
}

/// At most three digits behind the point.
fn short(value: f64) -> String {
    let digits = format!("{value:.3}");
    let shown = digits.trim_end_matches('0').trim_end_matches('.');
    shown.to_owned()
}

impl fmt::Display for Bars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
