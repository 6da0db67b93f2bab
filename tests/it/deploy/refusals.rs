//! What the release script does not do, and what it says instead.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::thread;

use harness::Running;

use super::site::{Site, app, finish};

#[test]
fn a_release_that_does_not_become_ready_replaces_nothing() {
    let site = Site::new(1);
    let one = site.create(&app(), "aaa", "GREETING=one\n");
    let greeting = site.write("greeting", "two");
    let two = format!("GREETING_FILE={}\n", greeting.display());
    let two = site.create(&app(), "aaa", &two);
    // It takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let three = format!(
        "GREETING=three\nDATABASE_URL=postgres://a:pq7Zk@{}/a\n",
        silent.local_addr().unwrap()
    );
    let three = site.create(&app(), "aaa", &three);
    fs::remove_file(greeting).unwrap();
    site.done(&["activate", &one]);
    let mut manager = site.run();
    manager.wait_until_ready(&one, 2);
    let before = site.running();

    let said = site.refused(69, &["activate", &two]);
    assert!(
        said.contains("v2 ended with 78 before it was ready; v1 goes on"),
        "{said}"
    );
    assert!(said.contains("GREETING_FILE"), "{said}");
    let mut hasty = site.command(&["activate", &three]);
    hasty.env("RELEASE_WAIT", "1");
    let hasty = finish(Running::start(hasty));
    assert_eq!(hasty.code, Some(69), "{hasty:?}");
    assert!(
        hasty
            .stderr
            .contains("v3 was not ready after 1 s; v1 goes on"),
        "{hasty:?}"
    );
    assert!(!hasty.stderr.contains("pq7Zk"), "{hasty:?}");

    assert_eq!(site.processes(), before);
    assert_eq!(site.current(), one);
    assert_eq!(
        site.story()[3..],
        ["activated v1 -", "refused v2 v1", "refused v3 v1"]
    );
    let events = manager.stop();
    assert!(
        events
            .iter()
            .all(|event| event["service"]["version"] == "v1"),
        "{events:#?}"
    );
}

#[test]
fn a_process_that_does_not_stay_brings_the_old_release_back() {
    let site = Site::new(1);
    let one = site.create(&app(), "aaa", "GREETING=one\n");
    // Well as web, so that the trial succeeds, and broken as a worker.
    let wrapper = format!(
        "#!/usr/bin/env bash\ncase $1 in worker) sleep 1.2; exit 1 ;; procfile) name={} ;; *) name=$0 ;; esac\n\
         exec -a \"$name\" {} \"$@\"\n",
        site.path("current/run").display(),
        app().display()
    );
    let wrapper = site.write("app", &wrapper);
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    let two = site.create(&wrapper, "bbb", "GREETING=two\n");
    site.done(&["activate", &one]);
    let mut manager = site.run();
    manager.wait_until_ready(&one, 2);
    let said = site.refused(69, &["activate", &two]);
    assert!(
        said.contains("not every process of v2 kept running; v1 runs again"),
        "{said}"
    );
    manager.wait_until_ready(&one, 1);
    assert_eq!(site.current(), one);
    let story = ["activated v1 -", "activated v2 v1", "returned v1 v2"];
    assert_eq!(site.story()[2..], story);
    let states = site.processes();
    assert!(
        states.iter().all(|[_, state, _]| state == "RUNNING"),
        "{states:?}"
    );
    manager.stop();
}

#[test]
fn all_that_is_wrong_with_a_configuration_is_said_and_no_value_is() {
    let site = Site::new(1);
    site.create(&app(), "aaa", "GREETING=fine\n");
    let wrong = "GREETING=qx7Zm\nGREETING=qx7Zm\nqx7Zm Zm\n\n# qx7Zm\nRELEASE_ID=qx7Zm\nLISTEN=qx7Zm\nA=qx7Zm\r\n";
    let file = site.write("wrong", wrong);
    let said = site.refused(78, &["create", "aaa", file.to_str().unwrap()]);
    for words in [
        "line 2: GREETING is set a second time",
        "line 3 is not NAME=VALUE",
        "line 6: RELEASE_ID is set by the release",
        "line 7: LISTEN is set by the release",
        "line 8: the value of A has a control character",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("qx7Zm"), "{said}");
    // What the program itself refuses.
    let file = site.write("wrong", "GREETIN=qx7Zm\nPORT=qx7Zm");
    let said = site.refused(78, &["create", "aaa", file.to_str().unwrap()]);
    assert!(
        said.contains("did you mean GREETING?") && said.contains("PORT"),
        "{said}"
    );
    assert_eq!(site.story(), ["created v1 -"]);
    let left = fs::read_dir(site.path("releases")).unwrap().count();
    assert_eq!(left, 1);
}

#[test]
fn what_is_unknown_or_damaged_is_refused() {
    let site = Site::empty();
    assert!(site.refused(2, &["list"]).contains("is not set up"));
    let site = Site::new(1);
    site.refused(2, &["init"]);
    site.refused(2, &["dance"]);
    let mut odd = site.command(&["list"]);
    odd.env("RELEASE_WAIT", "soon");
    assert_eq!(finish(Running::start(odd)).code, Some(2));
    site.refused(2, &["run"]);
    site.refused(2, &["create", "aaa"]);
    site.refused(2, &["rollback"]);
    let one = site.create(&app(), "aaa", "GREETING=one\n");
    site.done(&["activate", &one]);
    site.refused(2, &["rollback"]);
    for id in ["v2", "v01", "../v1", "", "v1 "] {
        site.refused(2, &["activate", id]);
    }
    // A folder alone makes no release.
    fs::create_dir(site.path("releases/v7")).unwrap();
    site.refused(2, &["rollback", "v7"]);
    assert_eq!(site.done(&["create", "aaa"]), "v8");
    let program = site.path("builds/aaa/app");
    fs::remove_file(&program).unwrap();
    fs::copy("/bin/true", &program).unwrap();
    assert!(
        site.refused(65, &["activate", &one])
            .contains("not what was released")
    );
    site.write("ledger.jsonl", "{\"what\":\"created\",");
    site.refused(65, &["create", "aaa"]);
    site.refused(65, &["list"]);
}

#[test]
fn calls_at_the_same_time_wait_for_each_other() {
    const CALLS: usize = 6;
    let site = Site::new(1);
    site.create(&app(), "aaa", "GREETING=one\n");
    site.done(&["activate", "v1"]);
    let mut ids: Vec<_> = thread::scope(|scope| {
        let create = || site.done(&["create", "aaa"]);
        let calls: Vec<_> = (0..CALLS).map(|_| scope.spawn(create)).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    ids.sort();
    assert_eq!(ids, ["v2", "v3", "v4", "v5", "v6", "v7"]);
    thread::scope(|scope| {
        for id in &ids[..3] {
            scope.spawn(|| site.done(&["activate", id]));
        }
    });
    let moves = site.story().split_off(2 + CALLS);
    assert_eq!(moves.len(), 3, "{moves:?}");
    // Each comes from the one before it, and the last one is in force.
    let mut at = "v1".to_owned();
    for line in moves {
        let words: Vec<_> = line.split(' ').collect();
        assert_eq!((words[0], words[2]), ("activated", &*at), "{line}");
        at = words[1].to_owned();
    }
    assert_eq!(site.current(), at);
    let mut busy = site.command(&["create", "aaa"]);
    busy.env("RELEASE_LOCK_WAIT", "0");
    let lock = fs::File::options()
        .append(true)
        .open(site.path("lock"))
        .unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let busy = finish(Running::start(busy));
    assert_eq!(busy.code, Some(75), "{busy:?}");
}
