//! Three processes on one port, which supervisor opens and passes as descriptor 0.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use harness::{example, packaged, run};

use super::load::{Load, Place};
use super::service::{Service, bare, reserved, rounds};

const PROCESSES: u32 = 3;

fn supervisor(folder: &Path, address: SocketAddr) -> Command {
    let at = folder.display();
    let service = example("http");
    let configuration = format!(
        "[supervisord]\nnodaemon=true\nlogfile={at}/log\npidfile={at}/pid\nchildlogdir={at}\n\
         [unix_http_server]\nfile={at}/control\n\
         [rpcinterface:supervisor]\n\
         supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\
         [supervisorctl]\nserverurl=unix://{at}/control\n\
         [fcgi-program:web]\ncommand={}\nsocket=tcp://{address}\n\
         process_name=%(program_name)s_%(process_num)d\nnumprocs={PROCESSES}\nstartsecs=0\nstopwaitsecs=10\n\
         environment=LISTEN=\"fd:0\"\n\
         stdout_logfile=/dev/fd/1\nstdout_logfile_maxbytes=0\nstderr_logfile={at}/errors\n",
        service.display()
    );
    let file = folder.join("conf");
    fs::write(&file, configuration).expect("the folder is there");
    let mut command = Command::new(packaged("supervisord", "supervisor"));
    command.arg("--configuration").arg(file);
    bare(&mut command, &[]);
    command
}

fn restart(folder: &Path, number: u32) {
    let mut command = Command::new(packaged("supervisorctl", "supervisor"));
    command.arg("--configuration").arg(folder.join("conf"));
    let output = run(command.args(["restart", &format!("web:web_{number}")]));
    assert_eq!(output.code, Some(0), "{output:?}");
}

#[test]
fn processes_that_share_a_port_are_restarted_in_turn_without_a_loss() {
    let folder = tempfile::tempdir().unwrap();
    let (_reserved, address) = reserved();
    let mut manager = Service::start(supervisor(folder.path(), address));
    for _ in 0..PROCESSES {
        manager.wait_for("lifecycle.ready");
    }
    let load = Load::start(&Place::Tcp(address), 8);
    for number in (0..PROCESSES).cycle().take(rounds() as usize) {
        restart(folder.path(), number);
        manager.wait_for("lifecycle.stopped");
        manager.wait_for("lifecycle.ready");
        load.go_on();
    }
    let (answered, failures) = load.end();
    assert!(failures.is_empty(), "{answered} answered, {failures:?}");
    manager.signal(rustix::process::Signal::TERM);
    assert_eq!(manager.end().code, Some(0));
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let stops = log.matches("stopped: web_").count();
    assert_eq!(log.matches("(exit status 0)").count(), stops, "{log}");
}
