//! Manifests for Kubernetes: a Deployment per process type, a Service for web, a Job per task.

use super::{FINAL_TASK, ProcessType, SAID, Service, TIMEOUT, Variable, list, names};

const PROBES: &str = "          startupProbe:
            httpGet: {path: /startupz, port: http}
            periodSeconds: 1
            timeoutSeconds: 3
            failureThreshold: 120
          readinessProbe:
            httpGet: {path: /readyz, port: http}
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          livenessProbe:
            httpGet: {path: /livez, port: http}
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 3
";

const CONTAINER_RULES: &str = "          resources:
            requests: {cpu: 100m, memory: 64Mi}
            limits: {memory: 256Mi}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
";

const POD_RULES: &str = "      enableServiceLinks: false
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        seccompProfile: {type: RuntimeDefault}
";

pub(super) fn text(service: &Service) -> String {
    let app = names::label(&service.name);
    let types = service.types.iter().map(|kind| &kind.name);
    // Types and tasks are kept apart, so that no selector takes the pods of another.
    let parts = types.chain(&service.tasks).map(|name| names::label(name));
    let parts = names::apart(parts);
    let objects = parts
        .iter()
        .map(|part| names::label(&format!("{app}-{part}")));
    let objects = names::apart(objects);
    let mut places = parts.iter().zip(&objects).map(|(part, object)| Place {
        service,
        app: &app,
        part,
        object,
    });
    let mut manifests = Vec::new();
    for kind in &service.types {
        let place = places.next().expect("a name per process type");
        manifests.push(place.deployment(kind));
        if kind.is_web {
            manifests.push(place.service());
        }
    }
    for task in &service.tasks {
        let place = places.next().expect("a name per task");
        manifests.push(place.job(task));
    }
    head(service, &app) + &manifests.join("---\n")
}

fn head(service: &Service, app: &str) -> String {
    let keys = |from_secret: bool| {
        let variables = service.given(&SAID);
        let variables = variables.filter(|variable| variable.is_secret == from_secret);
        variables
            .map(|variable| variable.comment("#"))
            .collect::<String>()
    };
    format!(
        "# The image's entry point is the program; put the image of the release in place of its name.\n\
         # Keys of the ConfigMap \"{app}\":\n{}# Keys of the Secret \"{app}\":\n{}",
        keys(false),
        keys(true)
    )
}

/// One object and where it belongs.
struct Place<'a> {
    service: &'a Service,
    app: &'a str,
    part: &'a str,
    object: &'a str,
}

impl Place<'_> {
    fn deployment(&self, kind: &ProcessType) -> String {
        let labels = self.labels();
        let words = kind.arguments.iter().map(String::as_str);
        let rollout = match kind.is_web {
            true => "  strategy:\n    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}\n",
            false => "",
        };
        let web = match kind.is_web {
            true => self.port(),
            false => String::new(),
        };
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: \"{}\"\n  labels: {labels}\n\
             spec:\n{rollout}  selector:\n    matchLabels: {labels}\n  template:\n    metadata:\n      \
             labels: {labels}\n    spec:\n{}{}{web}{CONTAINER_RULES}",
            self.object,
            self.pod(),
            self.container("process", words)
        )
    }

    /// Follows the list of variables.
    fn port(&self) -> String {
        let port = self.service.port;
        format!(
            "            - {{name: PORT, value: \"{port}\"}}\n          ports:\n            \
             - {{name: http, containerPort: {port}}}\n{PROBES}"
        )
    }

    fn service(&self) -> String {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: \"{}\"\n  labels: {labels}\nspec:\n  \
             selector: {labels}\n  ports:\n    - {{name: http, port: 80, targetPort: http}}\n",
            self.object,
            labels = self.labels()
        )
    }

    /// Suspended, so that applying all manifests runs no task.
    fn job(&self, task: &str) -> String {
        let labels = self.labels();
        format!(
            "# `args` takes the task's own arguments, before this is applied. Applied, it waits to be started:\n\
             #   kubectl patch job {object} --type=merge --patch='{{\"spec\":{{\"suspend\":false}}}}'\n\
             apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: \"{object}\"\n  labels: {labels}\nspec:\n  \
             suspend: true\n  backoffLimit: 3\n  ttlSecondsAfterFinished: 86400\n  podReplacementPolicy: Failed\n  \
             podFailurePolicy:\n    rules:\n      - action: FailJob\n        onExitCodes:\n          \
             containerName: task\n          operator: In\n          values: [{}]\n      \
             - action: Ignore\n        onPodConditions:\n          \
             - {{type: DisruptionTarget, status: \"True\"}}\n  \
             template:\n    metadata:\n      labels: {labels}\n    spec:\n      restartPolicy: Never\n{}{}{CONTAINER_RULES}",
            list(&FINAL_TASK, ", "),
            self.pod(),
            self.container("task", ["admin", task].into_iter()),
            object = self.object,
        )
    }

    fn labels(&self) -> String {
        format!(
            "{{app.kubernetes.io/name: \"{}\", app.kubernetes.io/component: \"{}\"}}",
            self.app, self.part
        )
    }

    fn pod(&self) -> String {
        format!(
            "      terminationGracePeriodSeconds: {}\n{POD_RULES}      containers:\n",
            self.service.patience()
        )
    }

    fn container<'a>(&self, name: &str, words: impl Iterator<Item = &'a str>) -> String {
        let words: Vec<_> = words.map(scalar).collect();
        let environment: String = self
            .service
            .given(&SAID)
            .map(|variable| self.reference(variable))
            .collect();
        format!(
            "        - name: {name}\n          image: \"{}\"\n          args: [{}]\n          env:\n            \
             - {{name: {TIMEOUT}, value: \"{}\"}}\n\
             {environment}",
            self.app,
            words.join(", "),
            self.service.timeout()
        )
    }

    fn reference(&self, variable: &Variable) -> String {
        let from = match variable.is_secret {
            true => "secretKeyRef",
            false => "configMapKeyRef",
        };
        let optional = match variable.is_required {
            true => "",
            false => ", optional: true",
        };
        let name = scalar(&variable.name);
        format!(
            "            - name: {name}\n              valueFrom:\n                \
             {from}: {{name: \"{}\", key: {name}{optional}}}\n",
            self.app
        )
    }
}

/// Text in quotes, so that YAML takes it for nothing else; `$(NAME)` stays as it is.
fn scalar(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
            format!("\\u{:04x}", u32::from(c))
        }
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    let escaped: String = text.replace("$(", "$$(").chars().map(escaped).collect();
    format!("\"{escaped}\"")
}
