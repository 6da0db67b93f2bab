//! What was built.

/// The name, version and commit of a program; made by [`build!`](crate::build!).
///
/// # Examples
///
/// ```
/// let build = tf_app::build!().named("orders");
/// assert_eq!(build.name(), "orders");
/// assert!(!build.version().is_empty() && !build.commit().is_empty());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Build {
    name: &'static str,
    version: &'static str,
    commit: &'static str,
}

impl Build {
    /// Creates the facts about a build; an empty commit counts as unknown.
    #[must_use]
    pub const fn new(
        name: &'static str,
        version: &'static str,
        commit: Option<&'static str>,
    ) -> Self {
        let commit = match commit {
            Some(commit) if !commit.is_empty() => commit,
            _ => "unknown",
        };
        Self {
            name,
            version,
            commit,
        }
    }

    /// Names the service where that is not the package's name.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// Gives the name of the service.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Gives the version of the package.
    #[must_use]
    pub const fn version(&self) -> &'static str {
        self.version
    }

    /// Gives the commit that was built, or `unknown`.
    #[must_use]
    pub const fn commit(&self) -> &'static str {
        self.commit
    }
}

/// Makes the [`Build`] of the package that calls it.
///
/// Name and version are those of its manifest. The commit is what the variable `BUILD_COMMIT` said while it was
/// compiled: Dockerfile, release script and CI set it.
#[macro_export]
macro_rules! build {
    () => {
        $crate::Build::new(
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_VERSION"),
            option_env!("BUILD_COMMIT"),
        )
    };
}
