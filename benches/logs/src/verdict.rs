//! The kit's figures beside what they may be at most.

use bench_support::{Bars, Outcome};

const KIT: &str = "tf-logs";
const USUAL: &str = "fmt-json-flat";
const FASTEST: &str = "json-subscriber";

/// One row for each bar.
pub fn bars(event: &Outcome, dotted: &Outcome, request: &Outcome, disabled: [&Outcome; 2]) -> Bars {
    let mut bars = Bars::new("Bars of tf-logs");
    for (work, outcome) in [("event", event), ("event with dotted names", dotted)] {
        let what = format!("{work}, allocations");
        bars.at_most(&what, 0.0, outcome.of(KIT, "allocs"));
        let what = format!("{work}, system calls");
        bars.at_most(&what, 1.0, outcome.of(KIT, "syscalls"));
        share(&mut bars, work, USUAL, 1.0 / 10.0, outcome);
        share(&mut bars, work, FASTEST, 1.0 / 4.0, outcome);
    }
    let work = "span, event, close";
    let what = format!("{work}, allocations");
    bars.at_most(&what, 1.0, request.of(KIT, "allocs"));
    share(&mut bars, work, USUAL, 1.0 / 7.0, request);
    let [plain, of_another] = disabled;
    share(&mut bars, "refused", USUAL, 1.0, plain);
    share(
        &mut bars,
        "refused, another crate's level higher",
        USUAL,
        1.0,
        of_another,
    );
    bars
}

fn share(bars: &mut Bars, work: &str, of: &str, bar: f64, outcome: &Outcome) {
    let what = format!("{work}, instructions, x {of}");
    bars.at_most(&what, bar, outcome.share(KIT, of, "instr"));
}
