//! The 300 variables that every contestant starts from, and what they must be read as.

const VARIABLES: usize = 300;
const NOISE_PREFIXES: [&str; 8] = [
    "ACME",
    "ALERTS",
    "AMQP",
    "ANALYTICS",
    "CACHE",
    "HTTP",
    "KUBE",
    "TRACING",
];

/// `size` variables for the settings spread evenly among noise, `withheld` fewer than 300 in all.
pub fn variables(size: usize, withheld: usize) -> Vec<(String, String)> {
    let count = VARIABLES - withheld;
    let fields_before = |at: usize| at * size / count;
    (0..count)
        .map(|at| match fields_before(at) {
            nth if nth < fields_before(at + 1) => field(nth),
            _ => noise(at),
        })
        .collect()
}

fn field(at: usize) -> (String, String) {
    (
        format!("APP_FIELD_{at:03}"),
        value(at).trim_matches('"').to_owned(),
    )
}

fn noise(at: usize) -> (String, String) {
    let prefix = NOISE_PREFIXES[at % NOISE_PREFIXES.len()];
    let name = format!("{prefix}_NOISE_{at:03}");
    (name, format!("tcp://10.0.{}.{}:8080", at % 7, at % 250))
}

/// The field's value as Rust's `Debug` writes it.
fn value(at: usize) -> String {
    match at % 5 {
        0 => format!("\"text value {at:03}\""),
        1 => (1_000 + at).to_string(),
        2 => (10_000_000_000 + at).to_string(),
        3 => (at % 2 == 0).to_string(),
        _ => format!("{at}.25"),
    }
}

/// What `Debug` prints for the settings when every variable was read right.
pub fn expected(size: usize) -> String {
    let fields: Vec<_> = (0..size)
        .map(|at| format!("field_{at:03}: {}", value(at)))
        .collect();
    format!("Settings {{ {} }}", fields.join(", "))
}
