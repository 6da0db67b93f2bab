//! From text to rules.

use tracing_core::LevelFilter;

use super::Rule;
use super::error::{Fault, FilterError, FilterProblem};
use super::suggest;

const LEVELS: &str = "expected `error`, `warn`, `info`, `debug`, `trace` or `off`";

/// Reads every directive; white space and empty places between commas are no directives.
pub(super) fn rules(text: &str) -> Result<Vec<Rule>, FilterError> {
    let mut rules = Vec::new();
    let mut problems = Vec::new();
    let mut column = 1;
    for piece in text.split(',') {
        let directive = piece.trim();
        let before = piece.chars().take_while(|c| c.is_whitespace()).count();
        if !directive.is_empty() {
            match rule(directive) {
                Ok(rule) => rules.push(rule),
                Err(fault) => {
                    let fault = fault.suggest(suggest::with_commas(directive));
                    problems.push(FilterProblem::new(directive, column + before, fault));
                }
            }
        }
        column += piece.chars().count() + 1;
    }
    if rules.is_empty() && problems.is_empty() {
        let fault =
            Fault::new("there is no directive; expected a level, a target or `target=level`");
        problems.push(FilterProblem::new(text.trim(), 1, fault));
    }
    match problems.is_empty() {
        true => Ok(rules),
        false => Err(FilterError::new(problems)),
    }
}

pub(super) fn rule(directive: &str) -> Result<Rule, Fault> {
    if directive.contains(['[', ']', '{', '}']) {
        let message = "directives for spans and fields are not supported; name a target";
        return Err(Fault::new(message).suggest(suggest::without_span(directive)));
    }
    match directive.split_once('=') {
        None => bare(directive),
        Some((_, level)) if level.contains('=') => {
            Err(Fault::new("more than one `=`; expected `target=level`"))
        }
        Some((target, level)) => pair(target.trim(), level.trim()),
    }
}

/// A directive that is one word.
fn bare(word: &str) -> Result<Rule, Fault> {
    if let Some(level) = level(word) {
        return Ok(Rule {
            target: String::new(),
            level,
        });
    }
    target(word)?;
    if word.chars().all(|c| c.is_ascii_digit()) {
        let message = "no level has this number; expected 0 (off) to 5 (trace) or a name";
        return Err(Fault::new(message));
    }
    if let Some(level) = suggest::level(word).filter(|_| !word.contains("::")) {
        let message = format!("not a level, {LEVELS}; a target of this name is `{word}=trace`");
        return Err(Fault::new(message).suggest(Some(level.to_owned())));
    }
    Ok(Rule {
        target: word.to_owned(),
        level: LevelFilter::TRACE,
    })
}

fn pair(name: &str, word: &str) -> Result<Rule, Fault> {
    if name.is_empty() {
        let meant = level(word).map(|_| word.to_owned());
        return Err(Fault::new("the target is missing before `=`").suggest(meant));
    }
    target(name)?;
    let Some(found) = level(word) else {
        let message = match word.is_empty() {
            true => format!("the level is missing after `=`; {LEVELS}"),
            false => format!("not a level after `=`; {LEVELS}"),
        };
        let nearest = || suggest::level(word).map(|level| format!("{name}={level}"));
        let swapped = || suggest::swapped(name, word);
        return Err(Fault::new(message).suggest(nearest().or_else(swapped)));
    };
    Ok(Rule {
        target: name.to_owned(),
        level: found,
    })
}

pub(super) fn level(word: &str) -> Option<LevelFilter> {
    const WORDS: [(&str, LevelFilter); 6] = [
        ("off", LevelFilter::OFF),
        ("error", LevelFilter::ERROR),
        ("warn", LevelFilter::WARN),
        ("info", LevelFilter::INFO),
        ("debug", LevelFilter::DEBUG),
        ("trace", LevelFilter::TRACE),
    ];
    let number = match word.as_bytes() {
        [digit @ b'0'..=b'5'] => Some(usize::from(digit - b'0')),
        _ => None,
    };
    let name = || {
        WORDS
            .iter()
            .position(|(name, _)| name.eq_ignore_ascii_case(word))
    };
    number.or_else(name).map(|index| WORDS[index].1)
}

/// Refuses names that no target has, which a reader of the text meant otherwise.
fn target(name: &str) -> Result<(), Fault> {
    let odd = |c: &char| !c.is_alphanumeric() && !"_:-./@#$<>+~".contains(*c);
    match name.chars().find(odd) {
        None => colon(name),
        Some('*' | '?') => {
            let message = "there are no patterns; a target stands for all that begin with it";
            Err(Fault::new(message).suggest(suggest::without_pattern(name)))
        }
        Some(c) if c.is_whitespace() || matches!(c, ';' | '|' | '&') => {
            Err(Fault::new("directives are separated by commas"))
        }
        Some(c) => Err(Fault::new(format!(
            "no target contains `{}`",
            c.escape_debug()
        ))),
    }
}

/// `target:level`, as some other loggers write it, would be a target that nothing has.
fn colon(name: &str) -> Result<(), Fault> {
    match name.rsplit_once(':') {
        Some((target, word)) if level(word).is_some() && !target.ends_with(':') => {
            let meant = suggest::checked(format!("{target}={word}"));
            Err(Fault::new("a level follows `=`").suggest(meant))
        }
        _ => Ok(()),
    }
}
