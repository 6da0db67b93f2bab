//! The peers, each used as its documentation says.

use std::fmt::{self, Debug, Formatter};

use bench_support::Job;
use serde::de::DeserializeOwned;

use crate::by_hand::{self, ByHand};
use crate::environment;

/// The structs of one size.
pub trait Shapes {
    type Kit: tf_config::Config + Debug;
    type Serde: DeserializeOwned + Debug;
    type Confique: confique::Config + Debug;
    type Envconfig: envconfig::Envconfig + Debug;
    type Clap: clap::Parser + Debug;
    type Conf: conf::Conf + Debug;
    type ByHand: ByHand;
}

include!(concat!(env!("OUT_DIR"), "/settings.rs"));

/// Contestants that read the process environment; the first is the measure of the others, the
/// second the kit.
pub const FROM_PROCESS: [&str; 11] = [
    "envy",
    "tf-config",
    "tf-config-from-env",
    "figment",
    "config",
    "confique",
    "conf",
    "clap-env",
    "envconfig",
    "std-vars",
    "hand-var",
];

/// Contestants that read ready pairs; the first is the measure of the others, the
/// second the kit.
pub const FROM_PAIRS: [&str; 4] = ["envy-iter", "tf-config-pairs", "conf-iter", "hand-scan"];

/// Does `job` with the named contestant and struct size.
pub fn race(job: Job, size: usize, contestant: &str) {
    match size {
        10 => race_with::<N10>(job, size, contestant),
        50 => race_with::<N50>(job, size, contestant),
        200 => race_with::<N200>(job, size, contestant),
        _ => panic!("no struct of {size} fields was built"),
    }
}

fn race_with<S: Shapes>(job: Job, size: usize, contestant: &str) {
    let pairs = environment::variables(size, 0);
    let env = envy::prefixed("APP_");
    let no_args = ["bench"];
    match contestant {
        "tf-config" => load(job, size, || {
            <S::Kit as tf_config::Config>::load(&tf_config::Vars::from_env()).map(Provenance)
        }),
        "tf-config-from-env" => load(job, size, <S::Kit as tf_config::Config>::from_env),
        "tf-config-pairs" => load(job, size, || {
            let borrowed = pairs
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str()));
            <S::Kit as tf_config::Config>::from_vars(borrowed)
        }),
        "envy" => load(job, size, || env.from_env::<S::Serde>()),
        "envy-iter" => load(job, size, || {
            env.from_iter::<_, S::Serde>(pairs.iter().cloned())
        }),
        "figment" => load(job, size, || {
            let env = figment::providers::Env::prefixed("APP_");
            let settings = figment::Figment::new().merge(env).extract::<S::Serde>();
            settings.map_err(Box::new)
        }),
        "config" => load(job, size, || {
            config::Config::builder()
                .add_source(config::Environment::with_prefix("APP"))
                .build()?
                .try_deserialize::<S::Serde>()
        }),
        "confique" => load(job, size, || {
            <S::Confique as confique::Config>::builder().env().load()
        }),
        "conf" => load(job, size, || {
            <S::Conf as conf::Conf>::try_parse_from(no_args, std::env::vars_os())
        }),
        "conf-iter" => load(job, size, || {
            let borrowed = pairs.iter().map(|(name, text)| (name, text));
            <S::Conf as conf::Conf>::try_parse_from(no_args, borrowed)
        }),
        "clap-env" => load(job, size, || {
            <S::Clap as clap::Parser>::try_parse_from(no_args)
        }),
        "envconfig" => load(
            job,
            size,
            <S::Envconfig as envconfig::Envconfig>::init_from_env,
        ),
        "std-vars" => job.run(|| std::env::vars().count()),
        "hand-var" => load(job, size, || Ok::<_, String>(S::ByHand::from_process())),
        "hand-scan" => load(job, size, || {
            Ok::<_, String>(by_hand::scan::<S::ByHand>(&pairs))
        }),
        _ => panic!("no contestant is called {contestant}"),
    }
}

/// What `load` gives, which is kept whole until it is dropped.
struct Provenance<T>(tf_config::Loaded<T>);

impl<T: Debug> Debug for Provenance<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.value().fmt(f)
    }
}

/// Checks once that the contestant reads every field right, then does the job.
fn load<T: Debug, E: Debug>(job: Job, size: usize, load: impl Fn() -> Result<T, E>) {
    let settings = load().expect("the runner sets a complete environment");
    assert_eq!(format!("{settings:?}"), environment::expected(size));
    assert_eq!(std::env::vars_os().count(), 300, "variables of the process");
    job.run(load);
}
