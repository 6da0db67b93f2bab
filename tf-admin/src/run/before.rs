//! What happens before a task starts: secrets, state, confirmation, the first record.

use std::ffi::OsStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use clap::ArgMatches;
use secrecy::ExposeSecret;
use tokio::task::JoinError;
use tracing::Instrument;

use super::Run;
use super::acquire::Wanted;
use super::verdict::End;
use crate::args::{Globals, Parsed, SecretSource, SecretSpec, Stop, parse_resolved};
use crate::audit::Action;
use crate::confirm::Confirmation;
use crate::guard::Guard;
use crate::mask::one_line;
use crate::outcome::Outcome;
use crate::secret::SecretArg;
use crate::setup::{Given, Setup, SetupError};
use crate::task::{Danger, LockWish, Prepared};

/// A task that may start.
pub(super) struct Ready<S> {
    pub(super) prepared: Prepared<S>,
    pub(super) state: S,
    pub(super) wanted: Option<Wanted>,
    pub(super) confirmation: Confirmation,
    pub(super) globals: Globals,
}

impl<S: Send + Sync + 'static> Run<'_, S> {
    /// Does all that comes before the task, in the order of its docs; nothing has happened if it fails.
    pub(super) async fn prepare(&mut self, mut parsed: Parsed) -> Result<Ready<S>, End> {
        self.watch.start()?;
        self.note_facts(&mut parsed);
        self.check_release(parsed.globals.expect_release.as_deref())?;
        let protect = Confirmation::protects(self.env.var("ADMIN_PROTECT"))
            .map_err(|text| End::new(Outcome::Config, text))?;
        let timeout = parsed.globals.timeout.or(self.task.spec.timeout);
        self.watch.limit(timeout);
        let (mut matches, globals) = self.resolve(parsed).await?;
        let prepare = || (self.task.prepare)(&mut matches);
        let prepared = catch_unwind(AssertUnwindSafe(prepare))
            .map_err(|panic| End::panic("while reading arguments", &*panic))?
            .map_err(|error| usage(error.into()))?;
        self.say_deprecated();
        let (state, given) = self.set_up().await?;
        self.facts.config_fingerprint = given
            .config_fingerprint
            .or_else(|| self.facts.config_fingerprint.take());
        let guard = given.lock.or_else(|| self.registry.lock.clone());
        let wanted = self.wanted(guard, prepared.key_part.as_deref())?;
        // A person may take their time.
        self.watch.limit(None);
        let confirmation = Confirmation {
            protect,
            given: globals.confirm.clone(),
            stdin: self.stdin.clone(),
        };
        self.confirm(&confirmation).await?;
        self.record_start().await?;
        self.watch.limit(timeout);
        Ok(Ready {
            prepared,
            state,
            wanted,
            confirmation,
            globals,
        })
    }

    fn note_facts(&mut self, parsed: &mut Parsed) {
        let globals = &parsed.globals;
        self.facts.dry_run = globals.dry_run;
        self.facts.reason = globals.reason.as_deref().map(one_line);
        if let Some(actor) = &globals.actor {
            self.facts.actor = Some(one_line(actor));
            self.facts.actor_source = "flag";
        }
        self.facts.args = std::mem::take(&mut parsed.shown);
        for (_, values) in &mut self.facts.args {
            values.iter_mut().for_each(|value| *value = one_line(value));
        }
    }

    fn check_release(&self, expected: Option<&str>) -> Result<(), End> {
        let Some(expected) = expected else {
            return Ok(());
        };
        match self.facts.release.as_deref() {
            Some(release) if release == expected => Ok(()),
            Some(release) => Err(End::new(
                Outcome::Usage,
                format!("the release is `{release}`, not `{expected}`"),
            )),
            None => Err(End::new(
                Outcome::Usage,
                format!("the release is not known; expected `{expected}`"),
            )),
        }
    }

    /// Reads the values of secret arguments and puts them in their places.
    async fn resolve(&mut self, parsed: Parsed) -> Result<(ArgMatches, Globals), End> {
        if parsed.secrets.is_empty() {
            return Ok((parsed.matches, parsed.globals));
        }
        let mut problems = Vec::new();
        let mut secrets = Vec::new();
        for (spec, source) in parsed.secrets {
            match self.read(&spec, source).await? {
                Ok(secret) => {
                    self.mask.add(secret.expose_secret());
                    secrets.push((spec, SecretArg::new(secret)));
                }
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(End::new(Outcome::Usage, problems.join("\n")));
        }
        let usage_of = self.registry.usage();
        let matches = parse_resolved(self.task, usage_of, &parsed.argv, secrets).map_err(usage)?;
        Ok((matches, parsed.globals))
    }

    async fn read(
        &mut self,
        spec: &SecretSpec,
        source: SecretSource,
    ) -> Result<Result<secrecy::SecretString, String>, End> {
        let long = &spec.long;
        let (place, text) = match source {
            SecretSource::Variable(name) => {
                let place = format!("`--{long}-env`: the variable `{}`", name.to_string_lossy());
                (place, self.variable(&name))
            }
            SecretSource::Stdin if self.stdin.is_terminal => {
                let text = "a terminal shows what is typed; send the value through a pipe";
                return Ok(Err(format!("`--{long}-stdin`: {text}")));
            }
            SecretSource::Stdin => {
                let stdin = self.stdin.clone();
                let read = self.watch.unless_cut("reading a secret", stdin.all()).await;
                let read = read.inspect_err(|_| self.left_behind = true)?;
                (format!("`--{long}-stdin`: stdin"), read.map_err(unreadable))
            }
            SecretSource::File(path) => {
                let place = format!("`--{long}-file`: `{}`", path.display());
                let read = tokio::task::spawn_blocking(move || read_file(&path));
                let read = self.watch.unless_cut("reading a secret", read).await;
                let read = read.inspect_err(|_| self.left_behind = true)?;
                (place, read.unwrap_or_else(|error| Err(unreadable(error))))
            }
        };
        Ok(match text {
            Ok(text) => {
                let value = text.strip_suffix('\n').unwrap_or(&text);
                let value = value.strip_suffix('\r').unwrap_or(value);
                if value.is_empty() {
                    Err(format!("{place} is empty"))
                } else {
                    Ok(value.into())
                }
            }
            Err(problem) => Err(format!("{place} {problem}")),
        })
    }

    fn variable(&self, name: &OsStr) -> Result<String, String> {
        let value = self.env.var_os(name).ok_or("is not set")?;
        let value = value.to_str().ok_or("is not UTF-8")?;
        Ok(value.to_owned())
    }

    fn say_deprecated(&self) {
        if let Some(deprecated) = &self.task.spec.deprecated {
            let name = &self.task.spec.name;
            let (since, instead) = (&deprecated.since, &deprecated.instead);
            self.stderr.message(&format!(
                "warning: `{name}` is deprecated since {since}; use `{instead}`"
            ));
        }
    }

    /// Makes the state, where it cannot hold up the watch.
    async fn set_up(&mut self) -> Result<(S, Given), End> {
        let setup = Setup::new(
            self.env.clone(),
            &self.task.spec.name,
            self.facts.dry_run,
            self.mask.clone(),
        );
        let given = setup.clone();
        let state = (self.registry.setup)(setup).instrument(self.span());
        let mut state = self.workers.spawn(state);
        let made = self.watch.unless_cut("setting up", &mut state).await;
        match made {
            Err(end) => {
                self.abandon(&mut state).await;
                Err(end)
            }
            Ok(made) => Self::judge_setup(made, &given),
        }
    }

    fn judge_setup(
        made: Result<Result<S, SetupError>, JoinError>,
        given: &Setup,
    ) -> Result<(S, Given), End> {
        match made {
            Ok(Ok(state)) => Ok((state, given.take())),
            Ok(Err(error)) => {
                let (outcome, code) = error.outcome();
                Err(End::new(outcome, error.to_string()).with_code(code))
            }
            Err(error) => Err(End::broken("while setting up", error)),
        }
    }

    /// The span in which the application's own code runs, so that its log lines carry the run.
    pub(super) fn span(&self) -> tracing::Span {
        tracing::info_span!(
            "admin",
            admin.run_id = self.facts.run_id.as_str(),
            admin.task = self.facts.task.as_str(),
        )
    }

    /// The lock that the run needs.
    fn wanted(
        &mut self,
        guard: Option<Arc<dyn Guard>>,
        part: Option<&str>,
    ) -> Result<Option<Wanted>, End> {
        let name = &self.task.spec.name;
        let guard = match (self.task.spec.lock, guard) {
            (LockWish::Never, _) | (LockWish::IfPossible, None) => return Ok(None),
            (LockWish::IfPossible | LockWish::Always, Some(guard)) => guard,
            (LockWish::Always, None) => {
                let text = format!("`{name}` must not run twice at once, and there is no lock");
                return Err(End::new(Outcome::Config, text));
            }
        };
        let app = &self.registry.app;
        let namespace = app.lock_namespace.as_deref().map(one_line);
        let parts = [
            namespace.as_deref(),
            Some(app.name.as_str()),
            Some(name.as_str()),
            part,
        ];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        let key = one_line(&parts.join("/"));
        let key = self.mask.apply(&key).into_owned();
        self.facts.lock_key = Some(key.clone());
        Ok(Some(Wanted { guard, key }))
    }

    async fn confirm(&mut self, confirmation: &Confirmation) -> Result<(), End> {
        let name = self.task.spec.name.as_str();
        if confirmation
            .given
            .as_deref()
            .is_some_and(|given| given != name)
        {
            let text = format!("`--confirm` does not say `{name}`");
            return Err(End::new(Outcome::Refused, text));
        }
        if self.task.spec.danger != Danger::Destructive || self.facts.dry_run {
            return Ok(());
        }
        let reason = self.facts.reason.clone();
        let ask = confirmation.before_start(&self.stderr, name, reason.as_deref());
        let asked = self
            .watch
            .unless_cut("asking for a confirmation", ask)
            .await;
        let asked = asked.inspect_err(|_| self.left_behind = true)?;
        asked.map_err(|refused| End::new(Outcome::Refused, refused.to_string()))
    }

    async fn record_start(&mut self) -> Result<(), End> {
        let Err(error) = self.record(Action::Started, None).await else {
            return Ok(());
        };
        if self.task.spec.danger == Danger::Destructive && !self.facts.dry_run {
            self.events.clear();
            let text = format!("the run cannot be recorded, and it is destructive: {error}");
            return Err(End::new(Outcome::Refused, text));
        }
        self.stderr.message(&format!(
            "warning: the start of the run is not recorded: {error}"
        ));
        Ok(())
    }
}

fn usage(stop: Stop) -> End {
    match stop {
        Stop::Help(text) | Stop::Usage(text) => End::new(Outcome::Usage, text),
    }
}

fn read_file(path: &std::path::Path) -> Result<String, String> {
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let bytes = crate::io::read_limited(&mut file).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8"))
}

fn unreadable(error: impl std::fmt::Display) -> String {
    format!("cannot be read: {error}")
}
