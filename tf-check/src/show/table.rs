//! Columns for a terminal.

use std::fmt::Write as _;

use super::{remarks, status};
use crate::waiting::took;
use crate::{Checklist, Verdict};

/// As wide as asked for; long remarks go on below.
pub(crate) fn table(checklist: &Checklist, width: usize) -> String {
    let rows = &checklist.rows;
    let longest =
        |texts: &mut dyn Iterator<Item = String>| texts.map(|text| text.chars().count()).max();
    let factors = longest(&mut rows.iter().map(|row| row.factor.to_string())).unwrap_or(6);
    let statuses = longest(&mut rows.iter().map(status)).unwrap_or(6).max(6);
    let left = width.saturating_sub(factors + statuses + 4).max(30);
    let mut text = format!("{}\n", checklist.command);
    for line in &checklist.about {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(
        text,
        "\n{:factors$}  {:statuses$}  Remarks",
        "Factor", "Status"
    );
    for row in rows {
        let mut first = (row.factor.to_string(), status(row));
        for remark in remarks(row) {
            for line in wrapped(&remark, left) {
                let (factor, status) = std::mem::take(&mut first);
                let line = format!("{factor:factors$}  {status:statuses$}  {line}");
                let _ = writeln!(text, "{}", line.trim_end());
            }
        }
        if !first.0.is_empty() {
            let _ = writeln!(text, "{}  {}", first.0, first.1);
        }
    }
    let _ = writeln!(text, "\n{}", totals(checklist));
    text
}

pub(super) fn totals(checklist: &Checklist) -> String {
    let count = |verdict| checklist.count(verdict);
    format!(
        "{} checks: {} passed, {} failed, {} not tested, {} declared; {}",
        Verdict::ALL.into_iter().map(count).sum::<usize>(),
        count(Verdict::Pass),
        count(Verdict::Fail),
        count(Verdict::NotTested),
        count(Verdict::Declared),
        took(checklist.took)
    )
}

/// Lines of at most this many characters, broken at spaces; all but the first are set in.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    const INDENT: &str = "  ";
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let fits = line.chars().count() + 1 + word.chars().count() <= width;
        if !fits && !line.trim().is_empty() {
            lines.push(std::mem::replace(&mut line, INDENT.to_owned()));
        } else if !line.is_empty() && line != INDENT {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_remarks_are_broken_at_spaces_and_set_in() {
        assert_eq!(
            wrapped("one two three four", 9),
            ["one two", "  three", "  four"]
        );
        assert_eq!(wrapped("unbreakable text", 5), ["unbreakable", "  text"]);
        assert_eq!(wrapped("short", 80), ["short"]);
    }
}
