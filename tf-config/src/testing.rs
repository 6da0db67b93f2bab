//! Assertions for the tests of programs that use the derive.
//!
//! ```
//! use tf_config::Config;
//!
//! #[derive(Config)]
//! struct Settings {
//!     #[config(default = 5000)]
//!     port: u16,
//! }
//!
//! tf_config::testing::assert_valid::<Settings>();
//! ```

use std::collections::HashMap;
use std::path::Path;

use crate::config::Config;
use crate::reader::{Purpose, Reader};
use crate::source::Vars;

/// Asserts that the declaration itself is right, without any environment.
///
/// It finds two fields that read the same variable, also by way of an alias or of `NAME_FILE`;
/// defaults that do not decode, lie outside their range or are refused by their check; types that
/// cannot be read from one variable; and `redacted` types that show the password of a URL.
///
/// # Panics
///
/// Panics with all that is wrong.
pub fn assert_valid<T: Config>() {
    let nothing = Vars::from_vars::<String, String>([]);
    let mut reader = Reader::new(&nothing, T::SECTION, Purpose::Check);
    T::read(&mut reader);
    let problems = reader.into_problems();
    let mut wrong: Vec<String> = problems.iter().map(ToString::to_string).collect();
    wrong.extend(clashes::<T>());
    assert!(
        wrong.is_empty(),
        "the configuration's declaration is wrong:\n  {}",
        wrong.join("\n  ")
    );
}

/// Every name that two fields read.
fn clashes<T: Config>() -> Vec<String> {
    let mut readers: HashMap<String, String> = HashMap::new();
    let mut clashes = Vec::new();
    T::SECTION.walk(&mut |place| {
        let field = place.field();
        let others = place.leaf.other_names().map(|(name, _)| name.to_owned());
        for name in [place.name()].into_iter().chain(others) {
            let file = place.leaf.file.then(|| format!("{name}_FILE"));
            for name in [Some(name), file].into_iter().flatten() {
                if let Some(first) = readers.insert(name.clone(), field.clone()) {
                    clashes.push(format!(
                        "`{name}`: read by the fields `{first}` and `{field}`"
                    ));
                }
            }
        }
    });
    clashes
}

/// Asserts that a committed reference is what the declaration gives now.
///
/// A name that ends in `.md` is compared with the Markdown table, `.json` with the JSON Schema, and
/// any other with the `.env.example`. A relative path starts at the package's folder, where Cargo
/// runs tests.
///
/// # Panics
///
/// Panics with the first line that differs, or if the file cannot be read.
pub fn assert_reference_matches<T: Config>(path: impl AsRef<Path>) {
    let path = path.as_ref();
    let reference = T::reference();
    let (wanted, method) = match path.extension().and_then(|extension| extension.to_str()) {
        Some("md") => (reference.to_markdown(), "to_markdown"),
        Some("json") => (reference.to_json_schema(), "to_json_schema"),
        _ => (reference.to_dotenv(), "to_dotenv"),
    };
    let found = match std::fs::read_to_string(path) {
        Ok(found) => found,
        Err(error) => panic!(
            "cannot read {}: {error}; write `{method}()` of the reference to it",
            path.display()
        ),
    };
    // A checkout on Windows may have turned the line ends.
    let found = found.replace("\r\n", "\n");
    if found == wanted {
        return;
    }
    let differs = found
        .lines()
        .zip(wanted.lines())
        .take_while(|(found, wanted)| found == wanted)
        .count();
    let line = |text: &str| text.lines().nth(differs).unwrap_or("(the end)").to_owned();
    panic!(
        "{} is out of date; write `{method}()` of the reference to it\nline {}:\n  found    {}\n  expected {}",
        path.display(),
        differs + 1,
        line(&found),
        line(&wanted),
    );
}
