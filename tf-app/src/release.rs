//! Which release runs.

use tf_admin::Env;

/// The variables of platforms that name a release, besides `RELEASE_ID`; the first that is set counts.
const PLATFORMS: [&str; 3] = ["HEROKU_RELEASE_VERSION", "HEROKU_SLUG_COMMIT", "K_REVISION"];
const OWN: &str = "RELEASE_ID";

/// A build together with its configuration, as whoever deploys it calls it.
///
/// Found in `RELEASE_ID`, else in what the platform sets: `HEROKU_RELEASE_VERSION`, `HEROKU_SLUG_COMMIT`,
/// `K_REVISION`. Every log line, `version`, the audit, and if wanted every response carry it.
///
/// # Examples
///
/// ```
/// use tf_app::{Env, Release};
///
/// let release = Release::from_vars(&Env::from_vars([("HEROKU_RELEASE_VERSION", "v42")]));
/// assert_eq!((release.id(), release.source()), (Some("v42"), Some("HEROKU_RELEASE_VERSION")));
/// assert_eq!(Release::from_vars(&Env::default()).id(), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release(Option<(String, &'static str)>);

impl Release {
    /// Looks in these variables.
    #[must_use]
    pub fn from_vars(env: &Env) -> Self {
        Self::find(None, env)
    }

    /// Takes what the configuration has read, perhaps from a file, before all else.
    pub(crate) fn find(own: Option<&str>, env: &Env) -> Self {
        let clean = |text: &str| {
            let text = text.trim().replace(char::is_control, "\u{fffd}");
            (!text.is_empty()).then_some(text)
        };
        let own = own.and_then(clean).map(|id| (id, OWN));
        let named = [OWN].into_iter().chain(PLATFORMS);
        Self(own.or_else(|| {
            let mut set = named.filter_map(|name| Some((clean(env.var(name)?)?, name)));
            set.next()
        }))
    }

    /// Gives the name of the release, if one is known.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.0.as_ref().map(|(id, _)| id.as_str())
    }

    /// Names the variable that the name came from.
    #[must_use]
    pub fn source(&self) -> Option<&'static str> {
        self.0.as_ref().map(|(_, source)| *source)
    }
}
