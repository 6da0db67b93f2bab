//! The checklist for machines.

use serde_json::{Value, json};

use crate::Checklist;

pub(crate) fn json(checklist: &Checklist) -> Value {
    let rows = checklist.rows.iter().map(|row| {
        let findings = row.findings.iter().map(|finding| {
            json!({
                "check": finding.check,
                "verdict": finding.verdict.to_string(),
                "remark": finding.remark,
            })
        });
        json!({
            "factor": row.factor.numeral(),
            "title": row.factor.title(),
            "verdict": row.verdict().to_string(),
            "checks": findings.collect::<Vec<_>>(),
        })
    });
    json!({
        "command": checklist.command,
        "about": checklist.about,
        "passes": checklist.passes(),
        "took_ms": u64::try_from(checklist.took.as_millis()).unwrap_or(u64::MAX),
        "rows": rows.collect::<Vec<_>>(),
    })
}
