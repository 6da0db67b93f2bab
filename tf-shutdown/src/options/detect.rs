//! The total budget by what the environment says about the platform.

use std::time::Duration;

/// Who ends the process by force, how it is recognised, and what it leaves of its own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Platform {
    /// Kept in the report: the variable that told, or words.
    pub(super) source: &'static str,
    pub(super) total: Duration,
}

/// Each total is below the time after which the platform kills.
///
/// Supervisor comes first: inside a container of another platform it is the one that kills first.
const BY_VARIABLE: [(&str, Duration); 7] = [
    ("SUPERVISOR_ENABLED", Duration::from_secs(9)),
    (KUBERNETES, Duration::from_secs(25)),
    ("DYNO", Duration::from_secs(25)),
    ("NOMAD_ALLOC_ID", Duration::from_millis(4500)),
    ("FLY_APP_NAME", Duration::from_millis(4500)),
    ("K_SERVICE", Duration::from_secs(9)),
    ("VCAP_APPLICATION", Duration::from_secs(9)),
];
const SYSTEMD: [&str; 2] = ["NOTIFY_SOCKET", "INVOCATION_ID"];
const KUBERNETES: &str = "KUBERNETES_SERVICE_HOST";
pub(super) const DEFAULT: Platform = Platform {
    source: "default",
    total: Duration::from_secs(25),
};

/// The platform's budget; the first row that fits wins.
pub(super) fn platform(is_set: impl Fn(&str) -> bool, is_first_process: bool) -> Platform {
    let row = BY_VARIABLE.into_iter().find(|(name, _)| is_set(name));
    if let Some((source, total)) = row {
        return Platform { source, total };
    }
    if is_first_process {
        // A plain container: `docker stop` kills after 10 seconds.
        return Platform {
            source: "process 1",
            total: Duration::from_secs(9),
        };
    }
    match SYSTEMD.into_iter().find(|name| is_set(name)) {
        Some(source) => Platform { source, ..DEFAULT },
        None => DEFAULT,
    }
}

/// How long a pod goes on as before after SIGTERM, while its address is taken out everywhere.
pub(super) fn pre_stop(is_set: impl Fn(&str) -> bool) -> Duration {
    match is_set(KUBERNETES) {
        true => Duration::from_secs(3),
        false => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(variables: &[&str], is_first_process: bool) -> (&'static str, f64) {
        let platform = platform(|name| variables.contains(&name), is_first_process);
        (platform.source, platform.total.as_secs_f64())
    }

    #[test]
    fn each_platform_gives_less_than_it_waits() {
        let waits = [
            ("SUPERVISOR_ENABLED", 10.0),
            ("KUBERNETES_SERVICE_HOST", 30.0),
            ("DYNO", 30.0),
            ("NOMAD_ALLOC_ID", 5.0),
            ("FLY_APP_NAME", 5.0),
            ("K_SERVICE", 10.0),
            ("VCAP_APPLICATION", 10.0),
            ("NOTIFY_SOCKET", 90.0),
            ("INVOCATION_ID", 90.0),
        ];
        for (variable, wait) in waits {
            let (source, total) = total(&[variable], false);
            assert_eq!(source, variable);
            // The last half second is the sentinel's.
            assert!(total + 0.5 <= wait && total > 0.0, "{variable}: {total}");
        }
    }

    #[test]
    fn the_first_process_of_a_container_expects_the_platform_then_docker() {
        assert_eq!(total(&[], true), ("process 1", 9.0));
        assert_eq!(total(&["INVOCATION_ID"], true).0, "process 1");
        assert_eq!(
            total(&["KUBERNETES_SERVICE_HOST"], true).0,
            "KUBERNETES_SERVICE_HOST"
        );
        assert_eq!(total(&[], false).0, "default");
    }

    #[test]
    fn supervisor_inside_a_pod_is_the_one_that_kills() {
        let variables = ["KUBERNETES_SERVICE_HOST", "SUPERVISOR_ENABLED"];
        assert_eq!(total(&variables, false), ("SUPERVISOR_ENABLED", 9.0));
        assert!(pre_stop(|name| variables.contains(&name)) > Duration::ZERO);
    }
}
