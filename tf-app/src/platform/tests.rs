use expect_test::expect;

use super::*;

fn kind(name: &str) -> ProcessType {
    let arguments = match name {
        "web" => vec!["web".to_owned()],
        name => vec!["worker".to_owned(), name.to_owned()],
    };
    ProcessType {
        name: name.to_owned(),
        arguments,
        is_web: name == "web",
    }
}

fn variable(name: &str, is_required: bool, is_secret: bool) -> Variable {
    Variable {
        name: name.to_owned(),
        is_required,
        is_secret,
    }
}

fn orders(types: &[&str], tasks: &[&str]) -> Service {
    Service {
        name: "orders".to_owned(),
        program: "/opt/orders/orders".to_owned(),
        port: 5000,
        budget: Duration::from_secs(25),
        types: types.iter().map(|name| kind(name)).collect(),
        tasks: tasks.iter().map(ToString::to_string).collect(),
        variables: vec![
            variable("DATABASE_URL", true, true),
            variable("LOG_LEVEL", false, false),
            variable("PORT", false, false),
            variable("SHUTDOWN_TIMEOUT", false, false),
        ],
    }
}

/// Every kind of text.
fn kinds() -> [Kind; 5] {
    [
        Kind::Procfile,
        Kind::Supervisor { processes: None },
        Kind::Supervisor {
            processes: NonZeroU16::new(3),
        },
        Kind::Systemd,
        Kind::Kubernetes,
    ]
}

/// The part of `text` from the line `from` up to the line `to`.
fn part<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let begin = text.find(from).expect("it begins");
    let end = text[begin..].find(to).map_or(text.len(), |end| begin + end);
    &text[begin..end]
}

#[test]
fn a_procfile_has_a_line_per_process_type() {
    let mut service = orders(&["web", "mailer", "mail out"], &["migrate"]);
    service.program = "./it's/orders".to_owned();
    expect![[r"
        web: './it'\''s/orders' web
        mailer: './it'\''s/orders' worker mailer
        mail-out: './it'\''s/orders' worker 'mail out'
    "]]
    .assert_eq(&text(Kind::Procfile, &service));
}

#[test]
fn supervisor_has_a_program_per_process_type() {
    let text = text(
        Kind::Supervisor { processes: None },
        &orders(&["web", "mailer"], &[]),
    );
    expect![[r#"
        ; orders under supervisor: a file for its [include], or to append to a configuration.
        ; Exit codes 2, 77, 78 ask for a person; after any other but 0 the process starts again.
        ; Where supervisord's own output is a socket (as under systemd), /dev/fd/1 and /dev/fd/2 cannot be
        ; opened: name files instead.
        ; The programs inherit supervisord's environment, and read there:
        ;   DATABASE_URL  required, secret
        ;   LOG_LEVEL
        ;   PORT

        [program:web]
        command=/opt/orders/orders web
        environment=SHUTDOWN_TIMEOUT="25s"
        autorestart=unexpected
        exitcodes=0,2,77,78
        startsecs=1
        stopsignal=TERM
        stopwaitsecs=30
        killasgroup=true
        redirect_stderr=false
        stdout_logfile=/dev/fd/1
        stdout_logfile_maxbytes=0
        stderr_logfile=/dev/fd/2
        stderr_logfile_maxbytes=0

    "#]]
    .assert_eq(part(&text, "; orders", "[program:mailer]"));
    assert_eq!(text.matches("\n[program:").count(), 2);
}

#[test]
fn web_processes_share_a_port_under_supervisor() {
    let kind = Kind::Supervisor {
        processes: NonZeroU16::new(3),
    };
    let text = text(kind, &orders(&["web", "mailer"], &[]));
    expect![[r#"
        [fcgi-program:web]
        socket=tcp://0.0.0.0:5000
        socket_backlog=4096
        numprocs=3
        process_name=%(program_name)s_%(process_num)02d
        command=/opt/orders/orders web
        environment=LISTEN="fd:0",SHUTDOWN_TIMEOUT="25s"
    "#]]
    .assert_eq(part(&text, "[fcgi-program:web]", "autorestart"));
    assert!(!text.contains("[program:web]"), "{text}");
    assert!(text.contains("[program:mailer]"), "{text}");
}

#[test]
fn systemd_holds_the_port_and_knows_when_the_process_is_ready() {
    let text = text(Kind::Systemd, &orders(&["web"], &["sessions:prune"]));
    expect![[r#"
        # file: orders-web.service
        [Unit]
        Description=orders web
        Wants=network-online.target
        After=network-online.target
        Requires=orders-web.socket
        StartLimitIntervalSec=0

        [Service]
        Type=notify
        NotifyAccess=main
        ExecStart=/opt/orders/orders web
        TimeoutStartSec=120
        WatchdogSec=30
        Restart=on-failure
        RestartSec=5
        RestartPreventExitStatus=2 77 78
        SuccessExitStatus=0
        KillSignal=SIGTERM
        KillMode=mixed
        TimeoutStopSec=30
        Environment=SHUTDOWN_TIMEOUT=25s
        # It sets what is read, and is readable by root alone:
        #   DATABASE_URL  required, secret
        #   LOG_LEVEL
        EnvironmentFile=/etc/orders/environment
    "#]]
    .assert_eq(part(&text, "# file", "DynamicUser"));
    expect![[r#"
        # file: orders-web.socket
        [Unit]
        Description=orders port

        [Socket]
        ListenStream=5000
        Backlog=4096
        FileDescriptorName=http

        [Install]
        WantedBy=sockets.target

        # file: orders-admin@.service
        # One-off tasks; after exit code 2, 70, 77, 78 another run changes nothing:
        #   systemctl start 'orders-admin@sessions:prune'
        [Unit]
        Description=orders task %i
        Wants=network-online.target
        After=network-online.target

        [Service]
        Type=oneshot
        ExecStart=/opt/orders/orders admin %i
    "#]]
    .assert_eq(part(
        &text,
        "# file: orders-web.socket",
        "SuccessExitStatus",
    ));
}

#[test]
fn kubernetes_gets_a_deployment_and_a_service_for_web() {
    let mut service = orders(&["web"], &[]);
    service.variables.truncate(2);
    expect![[r##"
        # The image's entry point is the program; put the image of the release in place of its name.
        # Keys of the ConfigMap "orders":
        #   LOG_LEVEL
        # Keys of the Secret "orders":
        #   DATABASE_URL  required, secret
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: "orders-web"
          labels: {app.kubernetes.io/name: "orders", app.kubernetes.io/component: "web"}
        spec:
          strategy:
            rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
          selector:
            matchLabels: {app.kubernetes.io/name: "orders", app.kubernetes.io/component: "web"}
          template:
            metadata:
              labels: {app.kubernetes.io/name: "orders", app.kubernetes.io/component: "web"}
            spec:
              terminationGracePeriodSeconds: 30
              enableServiceLinks: false
              automountServiceAccountToken: false
              securityContext:
                runAsNonRoot: true
                runAsUser: 65532
                runAsGroup: 65532
                seccompProfile: {type: RuntimeDefault}
              containers:
                - name: process
                  image: "orders"
                  args: ["web"]
                  env:
                    - {name: SHUTDOWN_TIMEOUT, value: "25s"}
                    - name: "DATABASE_URL"
                      valueFrom:
                        secretKeyRef: {name: "orders", key: "DATABASE_URL"}
                    - name: "LOG_LEVEL"
                      valueFrom:
                        configMapKeyRef: {name: "orders", key: "LOG_LEVEL", optional: true}
                    - {name: PORT, value: "5000"}
                  ports:
                    - {name: http, containerPort: 5000}
                  startupProbe:
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
                  resources:
                    requests: {cpu: 100m, memory: 64Mi}
                    limits: {memory: 256Mi}
                  securityContext:
                    allowPrivilegeEscalation: false
                    readOnlyRootFilesystem: true
                    capabilities: {drop: [ALL]}
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: "orders-web"
          labels: {app.kubernetes.io/name: "orders", app.kubernetes.io/component: "web"}
        spec:
          selector: {app.kubernetes.io/name: "orders", app.kubernetes.io/component: "web"}
          ports:
            - {name: http, port: 80, targetPort: http}
    "##]]
    .assert_eq(&text(Kind::Kubernetes, &service));
}

#[test]
fn kubernetes_gets_a_suspended_job_per_task() {
    let text = text(Kind::Kubernetes, &orders(&["mailer"], &["sessions:prune"]));
    expect![[r##"
        # `args` takes the task's own arguments, before this is applied. Applied, it waits to be started:
        #   kubectl patch job orders-sessions-prune --type=merge --patch='{"spec":{"suspend":false}}'
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: "orders-sessions-prune"
          labels: {app.kubernetes.io/name: "orders", app.kubernetes.io/component: "sessions-prune"}
        spec:
          suspend: true
          backoffLimit: 3
          ttlSecondsAfterFinished: 86400
          podReplacementPolicy: Failed
          podFailurePolicy:
            rules:
              - action: FailJob
                onExitCodes:
                  containerName: task
                  operator: In
                  values: [2, 70, 77, 78]
              - action: Ignore
                onPodConditions:
                  - {type: DisruptionTarget, status: "True"}
          template:
            metadata:
              labels: {app.kubernetes.io/name: "orders", app.kubernetes.io/component: "sessions-prune"}
            spec:
              restartPolicy: Never
    "##]].assert_eq(part(&text, "# `args`", "      terminationGrace"));
}

#[test]
fn the_platform_waits_longer_than_the_process_and_its_sentinel() {
    for millis in [0, 1, 999, 4_500, 9_000, 25_000, 600_001] {
        let mut service = orders(&["web", "mailer"], &["migrate"]);
        service.budget = Duration::from_millis(millis);
        let sentinel = Duration::from_millis(500);
        let patience = Duration::from_secs(service.patience());
        assert!(patience > service.budget + sentinel, "{millis}");
        for (kind, key) in [
            (kinds()[1], "stopwaitsecs="),
            (kinds()[2], "stopwaitsecs="),
            (Kind::Systemd, "TimeoutStopSec="),
            (Kind::Kubernetes, "terminationGracePeriodSeconds: "),
        ] {
            let text = text(kind, &service);
            let waits: Vec<_> = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix(key))
                .collect();
            assert!(waits.len() >= 2, "{text}");
            assert!(
                waits
                    .iter()
                    .all(|wait| *wait == patience.as_secs().to_string()),
                "{text}"
            );
            let timeout: Timeout = service.timeout().parse().unwrap();
            assert_eq!(Duration::from(timeout), service.budget);
            assert!(text.contains(&service.timeout()), "{text}");
        }
    }
}

#[test]
fn a_word_of_a_command_stays_one_word() {
    let mut service = orders(&["a;b"], &["t"]);
    service.program = r#"/o p/;x #y %z "q" $HOME \e 'n"#.to_owned();
    let supervisor = text(Kind::Supervisor { processes: None }, &service);
    expect![[r#"
        command=/o' 'p/\;x' '\#y' '%%z' '\"q\"' '\$HOME' '\\e' '\'n worker a\;b
    "#]]
    .assert_eq(part(&supervisor, "command=", "environment="));
    let systemd = text(Kind::Systemd, &service);
    expect![[r#"
        ExecStart=:/usr/bin/env "/o p/;x #y %%z \"q\" $HOME \\e 'n" worker "a;b"
    "#]]
    .assert_eq(part(&systemd, "ExecStart=", "TimeoutStart"));
    service.types[0].arguments = vec!["$(A)\u{85}\u{2028}é".to_owned()];
    let kubernetes = text(Kind::Kubernetes, &service);
    assert!(
        kubernetes.contains(r#"args: ["$$(A)\u0085\u2028é"]"#),
        "{kubernetes}"
    );
}

#[test]
fn a_unit_names_an_absolute_path() {
    for (program, path) in [
        ("/opt/orders", "/opt/orders"),
        ("orders", "/usr/local/bin/orders"),
        ("./target/debug/orders", "/usr/local/bin/orders"),
    ] {
        let mut service = orders(&["web"], &[]);
        service.program = program.to_owned();
        let text = text(Kind::Systemd, &service);
        assert!(text.contains(&format!("ExecStart={path} web\n")), "{text}");
    }
}

#[test]
fn an_environment_file_may_be_missing_when_no_variable_is_required() {
    let mut service = orders(&["web"], &[]);
    service.variables.remove(0);
    let text = text(Kind::Systemd, &service);
    assert!(
        text.contains("EnvironmentFile=-/etc/orders/environment\n"),
        "{text}"
    );
}

#[test]
fn names_that_become_equal_stay_apart() {
    let service = orders(&["mail_out", "mail-out", "Mail Out"], &["mail:out"]);
    let manifests = text(Kind::Kubernetes, &service);
    let mut names: Vec<_> = manifests
        .lines()
        .filter(|line| line.starts_with("  name: "))
        .collect();
    names.dedup();
    assert_eq!(names.len(), 4, "{manifests}");
    let mut components: Vec<_> = manifests
        .lines()
        .filter(|line| line.starts_with("  labels: "))
        .collect();
    components.dedup();
    assert_eq!(components.len(), 4, "{manifests}");
    let supervisor = text(Kind::Supervisor { processes: None }, &service);
    for section in [
        "[program:mail_out]",
        "[program:mail-out]",
        "[program:Mail-Out]",
    ] {
        assert!(supervisor.contains(section), "{supervisor}");
    }
}

#[test]
fn odd_names_break_no_line() {
    let mut service = orders(&["a\nb]\u{7}"], &["t"]);
    service.name = "or\nders\\".to_owned();
    service.program = "/opt/x\r\ny".to_owned();
    for kind in kinds() {
        let text = text(kind, &service);
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text}");
        let is_whole = |line: &str| {
            !line.starts_with(['b', 'y', ']']) && !line.starts_with("ders") && !line.ends_with('\\')
        };
        assert!(text.lines().all(is_whole), "{text}");
        assert!(!text.contains(['\r', '\u{7}']), "{text}");
    }
}
