//! A checklist as text.

mod json;
mod markdown;
mod table;

pub(crate) use json::json;
pub(crate) use markdown::markdown;
pub(crate) use table::table;

use crate::{Finding, Row, Verdict};

/// What stands in the column *Status*: the verdict, and what of the row is not covered by it.
fn status(row: &Row) -> String {
    let verdict = row.verdict();
    let others = [Verdict::Declared, Verdict::NotTested]
        .into_iter()
        .filter(|other| *other > Verdict::Pass && verdict == Verdict::Pass)
        .filter_map(|other| match row.count(other) {
            0 => None,
            many => Some(format!("{many} {other}")),
        });
    let others: Vec<String> = others.collect();
    match others.is_empty() {
        true => verdict.to_string(),
        false => format!("{verdict} ({})", others.join(", ")),
    }
}

/// The remark of each check, with the verdicts that are not the row's; checks that say the same say it once.
fn remarks(row: &Row) -> Vec<String> {
    let row_verdict = row.verdict();
    let same =
        |one: &Finding, two: &Finding| one.verdict == two.verdict && one.remark == two.remark;
    let groups = row.findings.chunk_by(same).map(|group| {
        let names: Vec<&str> = group.iter().map(|finding| finding.check).collect();
        let (names, verdict) = (names.join(", "), group[0].verdict);
        match verdict == row_verdict {
            true => format!("{names}: {}", group[0].remark),
            false => format!("{names} ({verdict}): {}", group[0].remark),
        }
    });
    groups.collect()
}
