//! What users of `tf-config` rely on.

mod collections;
mod dotenv;
mod files;
mod groups;
mod names;
mod properties;
mod reference;
mod report;
mod secrets;
mod sources;
mod types;
mod values;

use tf_config::{Config, Error, Problem, ProblemKind, Warning, WarningKind};

/// The error of a configuration that must not load.
fn error_of<T: Config>(vars: &[(&str, &str)]) -> Error {
    match T::from_vars(vars.iter().copied()) {
        Ok(_) => panic!("it loads"),
        Err(error) => error,
    }
}

/// The only problem of a configuration that must not load.
fn problem_of<T: Config>(vars: &[(&str, &str)]) -> Problem {
    let error = error_of::<T>(vars);
    match error.problems() {
        [problem] => problem.clone(),
        problems => panic!("{} problems: {error}", problems.len()),
    }
}

fn kinds(error: &Error) -> Vec<(&str, ProblemKind)> {
    error
        .problems()
        .iter()
        .map(|problem| (problem.variable(), problem.kind()))
        .collect()
}

/// The value and the warnings of a configuration that must load.
fn load<T: Config>(vars: &[(&str, &str)]) -> (T, Vec<Warning>) {
    let vars = tf_config::Vars::from_vars(vars.iter().copied());
    match T::load(&vars) {
        Ok(loaded) => {
            let warnings = loaded.warnings().to_vec();
            (loaded.into_value(), warnings)
        }
        Err(error) => panic!("it does not load: {error}"),
    }
}

fn warning_kinds(warnings: &[Warning]) -> Vec<(&str, WarningKind)> {
    warnings
        .iter()
        .map(|warning| (warning.variable(), warning.kind()))
        .collect()
}
