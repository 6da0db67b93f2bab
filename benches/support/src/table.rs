use std::fmt;

/// A Markdown table with a title, written by `Display`.
#[derive(Clone, Debug)]
pub struct Table {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Starts a table with its title and column heads.
    pub fn new(title: impl Into<String>, heads: &[impl AsRef<str>]) -> Self {
        let rule = heads.iter().map(|_| "---".to_owned()).collect();
        let heads = heads.iter().map(|head| head.as_ref().to_owned()).collect();
        Self {
            title: title.into(),
            rows: vec![heads, rule],
        }
    }

    /// Adds a row, which has one cell per head.
    pub fn row(&mut self, cells: impl Into<Vec<String>>) {
        let cells = cells.into();
        assert_eq!(
            cells.len(),
            self.rows[0].len(),
            "cells and heads of a table"
        );
        self.rows.push(cells);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "**{}**\n", self.title)?;
        for cells in &self.rows {
            writeln!(f, "| {} |", cells.join(" | "))?;
        }
        Ok(())
    }
}

/// Writes a number with commas between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The quotient of two counts.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts here are far below 2 to the 52"
)]
pub fn ratio(count: u64, of: u64) -> f64 {
    count as f64 / of as f64
}

/// The middle value (the upper one of two).
pub fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|one, other| one.partial_cmp(other).expect("a figure is a number"));
    values[values.len() / 2]
}
