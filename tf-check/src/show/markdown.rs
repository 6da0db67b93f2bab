//! The checklist as teams keep it: `Factor | Status | Remarks`.

use std::fmt::Write as _;

use super::table::totals;
use super::{remarks, status};
use crate::Checklist;

pub(crate) fn markdown(checklist: &Checklist) -> String {
    let mut text = format!("`{}`", checklist.command);
    for line in &checklist.about {
        let _ = write!(text, "; {}", escaped(line));
    }
    text += "\n\n| Factor | Status | Remarks |\n|---|---|---|\n";
    for row in &checklist.rows {
        let remarks: Vec<String> = remarks(row).iter().map(|remark| escaped(remark)).collect();
        let remarks = remarks.join("<br>");
        let _ = writeln!(text, "| {} | {} | {remarks} |", row.factor, status(row));
    }
    let _ = writeln!(text, "\n{}", totals(checklist));
    text
}

/// What would end a cell, or begin an element or a link; between backticks only the former.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut is_code = false;
    for character in text.chars() {
        is_code ^= character == '`';
        match character {
            '|' => out += "\\|",
            '<' if !is_code => out += "&lt;",
            '[' if !is_code => out += "\\[",
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_remark_is_text_in_one_cell() {
        let text = "on [::]:80 <a|b>, `x[1] < y|z`";
        let expected = "on \\[::]:80 &lt;a\\|b>, `x[1] < y\\|z`";
        assert_eq!(escaped(text), expected);
    }
}
