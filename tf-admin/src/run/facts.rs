//! What is known of a run from its beginning.

use crate::audit::RunFacts;
use crate::env::Env;
use crate::mask::{Mask, one_line};
use crate::process::now;
use crate::registry::App;
use crate::run_id::run_id;
use crate::task::Spec;

/// The variables that say who is logged in; `sudo` hides the person behind the other ones.
const LOGINS: [&str; 3] = ["SUDO_USER", "LOGNAME", "USER"];

const RELEASE: &str = "RELEASE_ID";

pub(super) fn begin(app: &App, spec: &Spec, env: &Env) -> RunFacts {
    let (release, release_source) = match (&app.release, env.var(RELEASE)) {
        (Some(release), _) => {
            let source = app.release_source.as_deref().unwrap_or("program");
            (Some(release.as_str()), source)
        }
        (None, Some(release)) => (Some(release), RELEASE),
        (None, None) => (None, "none"),
    };
    let login = || LOGINS.iter().find_map(|name| env.var(name));
    let (actor, actor_source) = match env.var("ADMIN_ACTOR").map(str::trim) {
        Some(actor) if !actor.is_empty() => (Some(actor), "variable"),
        _ => login().map_or((None, "none"), |login| (Some(login), "login")),
    };
    RunFacts {
        run_id: run_id(now()),
        task: spec.name.clone(),
        app: app.name.clone(),
        version: app.version.clone(),
        commit: app.commit.clone(),
        release: release.map(one_line),
        release_source: release_source.to_owned(),
        actor: actor.map(one_line),
        actor_source,
        reason: None,
        host: one_line(env.host_name()),
        pid: env.process_id(),
        args: Vec::new(),
        dry_run: false,
        danger: spec.danger.as_str(),
        lock_key: None,
        config_fingerprint: app.config_fingerprint.clone(),
    }
}

/// The facts without what has become known as a secret.
pub(super) fn masked(facts: &RunFacts, mask: &Mask) -> RunFacts {
    let mut facts = facts.clone();
    let hide = |text: &mut String| *text = mask.apply(text).into_owned();
    for text in [
        &mut facts.actor,
        &mut facts.reason,
        &mut facts.release,
        &mut facts.lock_key,
        &mut facts.config_fingerprint,
    ] {
        text.iter_mut().for_each(hide);
    }
    let values = facts.args.iter_mut().flat_map(|(_, values)| values);
    values.for_each(hide);
    facts
}
