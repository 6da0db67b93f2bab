//! Sources and what is said of the values that came from them.

use std::borrow::Cow;
use std::ffi::OsStr;

use tf_config::{Config, Error, Loaded, Origin, Problem, ProblemKind, Source, Value, Vars};

#[derive(Debug, Config)]
#[config(prefix = "APP")]
struct Settings {
    #[config(default = 5000)]
    port: u16,
    host: String,
    #[config(secret)]
    token: Option<String>,
}

#[test]
fn handles_are_send_and_sync() {
    fn assert<T: Send + Sync + 'static>() {}
    assert::<Vars>();
    assert::<Error>();
    assert::<Loaded<Settings>>();
    assert::<tf_config::Reference>();
}

#[test]
fn values_are_described_with_their_origins() {
    let vars = Vars::from_vars([("APP_HOST", "a\tb"), ("APP_TOKEN", "t0psecret")]);
    let loaded = Settings::load(&vars).unwrap();
    expect_test::expect![[r#"
        APP_PORT   5000      default
        APP_HOST   a\tb      given
        APP_TOKEN  (hidden)  given
    "#]]
    .assert_eq(&loaded.describe_values());
    let settings = loaded.into_value();
    assert_eq!((settings.port, settings.host.as_str()), (5000, "a\tb"));
    assert_eq!(settings.token.as_deref(), Some("t0psecret"));
}

#[test]
fn the_process_environment_is_a_source() {
    // Cargo sets these for every test.
    #[derive(Debug, Config)]
    #[config(prefix = "CARGO_PKG")]
    struct Package {
        name: String,
    }
    assert_eq!(Package::from_env().unwrap().name, "tf-config");
    let loaded = Package::load(&Vars::from_env()).unwrap();
    assert_eq!(loaded.values()[0].origin(), &Origin::Environment);
}

#[test]
fn debug_of_variables_shows_none_of_them() {
    let vars = Vars::from_vars([("APP_TOKEN", "t0psecret")]);
    assert_eq!(format!("{vars:?}"), "Vars { len: 1, .. }");
}

struct Vault {
    problems: Vec<Problem>,
}

impl Source for Vault {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        let text = OsStr::new("from the vault");
        (name == "APP_HOST").then(|| Value::new(text, Origin::custom("vault")))
    }

    fn names(&self) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
        Box::new(["APP_HOST", "APP_PROT"].into_iter().map(Cow::Borrowed))
    }

    fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

#[test]
fn a_source_of_ones_own_has_names_and_problems() {
    let loaded = Settings::load(&Vault {
        problems: Vec::new(),
    })
    .unwrap();
    assert_eq!(loaded.values()[1].origin().to_string(), "vault");
    assert!(
        loaded.warnings()[0]
            .message()
            .contains("did you mean APP_PORT?")
    );
    let sealed = Problem::new(ProblemKind::Source, "vault", "the vault is sealed");
    let error = Settings::load(&Vault {
        problems: vec![sealed],
    })
    .err()
    .unwrap();
    assert_eq!(
        error.problems()[0].to_string(),
        "`vault`: the vault is sealed"
    );
}

#[test]
fn equal_settings_have_equal_fingerprints() {
    let print = |vars: &[(&str, &str)]| {
        Settings::load(&Vars::from_vars(vars.iter().copied()))
            .unwrap()
            .fingerprint()
    };
    let base = print(&[("APP_HOST", "a")]);
    assert_eq!(base, print(&[("OTHER", "x"), ("APP_HOST", "a")]));
    assert_ne!(base, print(&[("APP_HOST", "b")]));
    assert_eq!(
        print(&[("APP_HOST", "a"), ("APP_PORT", "80")]),
        print(&[("APP_PORT", "80"), ("APP_HOST", "a")])
    );
}

#[test]
fn a_wrapper_derives_through_its_own_path() {
    mod acme {
        pub(crate) mod kit {
            pub(crate) use tf_config as config;
        }
    }
    #[derive(Debug, acme::kit::config::Config)]
    #[config(crate = acme::kit::config, prefix = "ACME")]
    struct Wrapped {
        level: Level,
    }
    #[derive(Debug, PartialEq, acme::kit::config::Config)]
    #[config(crate = acme::kit::config)]
    enum Level {
        Low,
    }
    assert_eq!(
        Wrapped::from_vars([("ACME_LEVEL", "low")]).unwrap().level,
        Level::Low
    );
}
