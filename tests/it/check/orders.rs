//! The example service keeps to all twelve factors, as its own profile has them checked.

use harness::{binary, root};

use super::Check;

#[test]
fn orders_passes_what_can_be_tested_and_declares_the_rest() {
    let profile = root().join("examples/orders/twelve-factor.toml");
    let check = Check::new().option(&["--strict", "--profile", &profile.display().to_string()]);
    let orders = binary("orders", "orders").display().to_string();
    let checklist = check.checklist(&[&orders]);
    let rows = checklist.json["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 12);
    let mut declared = Vec::new();
    for (check, verdict, remark) in checklist.verdicts() {
        match verdict {
            "declared" => declared.push(check),
            _ => assert_eq!(verdict, "pass", "{check}: {remark}"),
        }
    }
    // Parts of I and X, which nobody can see from outside.
    assert_eq!(declared, ["owner", "owner"]);
    for row in rows {
        assert_eq!(row["verdict"], "pass", "{row:#}");
    }
    assert_eq!(checklist.output.code, Some(0));
}
