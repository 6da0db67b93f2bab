//! Which events are written.

mod active;
mod error;
mod parse;
mod suggest;

use std::fmt;
use std::str::FromStr;

use tracing_core::{Level, LevelFilter};

pub(crate) use self::active::Active;
pub use self::error::{FilterError, FilterProblem};

/// Says which events and spans are written, by level and target.
///
/// A filter is a list of directives, separated by commas:
///
/// | directive | meaning |
/// |---|---|
/// | `info` | events of this level and above, from every target without a directive of its own |
/// | `sqlx=warn` | the same for targets that begin with `sqlx`; the longest beginning decides |
/// | `orders::cart` | all events of targets that begin so |
/// | `off`, `hyper=off` | none |
///
/// Levels are `error`, `warn`, `info`, `debug`, `trace`, in either case, or 1 to 5, and `off` or 0.
/// White space around directives is ignored; of two directives for the same target the later counts.
/// Without a directive for every target, targets that no directive names are off. An empty text is `info`,
/// so that nothing is silent by accident. There are no directives for spans or fields, and no patterns.
///
/// A word that looks like a misspelt level is an error, and so is text that can be no directive.
///
/// # Examples
///
/// ```
/// use tf_logs::Filter;
/// use tracing::Level;
///
/// let filter: Filter = "info, sqlx=warn, orders::cart=trace".parse()?;
/// assert!(filter.enables(&Level::INFO, "hyper::client"));
/// assert!(!filter.enables(&Level::INFO, "sqlx::query"));
/// assert_eq!(filter.to_string(), "info,sqlx=warn,orders::cart=trace");
///
/// let error = "inof".parse::<Filter>().unwrap_err();
/// assert_eq!(error.problems()[0].suggestion(), Some("info"));
/// # Ok::<(), tf_logs::FilterError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Filter {
    /// The longest target first; the empty one stands for every target.
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    target: String,
    level: LevelFilter,
}

impl Filter {
    fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        let mut filter = Self { rules: Vec::new() };
        for rule in rules {
            let place = filter.rules.binary_search_by(|other| {
                let by_length = rule.target.len().cmp(&other.target.len());
                by_length.then_with(|| other.target.cmp(&rule.target))
            });
            match place {
                Ok(index) => filter.rules[index] = rule,
                Err(index) => filter.rules.insert(index, rule),
            }
        }
        filter
    }

    /// Says whether events of this level and target are written.
    #[must_use]
    pub fn enables(&self, level: &Level, target: &str) -> bool {
        let rule = self
            .rules
            .iter()
            .find(|rule| target.starts_with(&*rule.target));
        rule.is_some_and(|rule| *level <= rule.level)
    }

    /// Gives the most verbose level that any target has.
    #[must_use]
    pub fn max_level(&self) -> LevelFilter {
        let levels = self.rules.iter().map(|rule| rule.level);
        levels.max().unwrap_or(LevelFilter::OFF)
    }
}

impl Default for Filter {
    /// Gives `info`.
    fn default() -> Self {
        Self::new([Rule {
            target: String::new(),
            level: LevelFilter::INFO,
        }])
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        parse::rules(text).map(Self::new)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rule) in self.rules.iter().rev().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            let equals = if rule.target.is_empty() { "" } else { "=" };
            write!(f, "{separator}{}{equals}{}", rule.target, rule.level)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({self})")
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.to_string()
    }
}
