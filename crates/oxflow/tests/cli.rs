//! The program from outside: exit codes, output, signals.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longest wait for anything in these tests.
const DEADLINE: Duration = Duration::from_secs(30);

fn oxflow(dir: &Path, line: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oxflow"));
    command
        .args(line)
        .current_dir(dir)
        .env_clear()
        .stdin(Stdio::null());
    command
}

fn run(line: &[&str]) -> Output {
    let dir = TempDir::new().unwrap();
    oxflow(dir.path(), line).output().unwrap()
}

/// Exit code, standard output and standard error, for comparison with a file.
fn report(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    let code = output
        .status
        .code()
        .map_or("none".to_owned(), |code| code.to_string());
    format!("exit code {code}\n--- standard output\n{out}--- standard error\n{err}")
}

/// Compares with `tests/snapshots/<name>.txt`; `OXFLOW_TEST_UPDATE=1` writes it.
fn assert_snapshot(name: &str, seen: &str) {
    let path: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "tests",
        "snapshots",
        &format!("{name}.txt"),
    ]
    .iter()
    .collect();
    if std::env::var_os("OXFLOW_TEST_UPDATE").is_some() {
        std::fs::write(&path, seen).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        seen, expected,
        "{name}: run with OXFLOW_TEST_UPDATE=1 and look at the difference"
    );
}

#[test]
fn help_teaches() {
    assert_snapshot("help", &report(&run(&["--help"])));
    assert_snapshot("server_help", &report(&run(&["server", "--help"])));
    assert_snapshot("import_help", &report(&run(&["import", "--help"])));
    assert_snapshot("gc_help", &report(&run(&["gc", "--help"])));
    assert_snapshot("demo_help", &report(&run(&["demo", "--help"])));
    let mut artifacts = report(&run(&["artifacts", "--help"]));
    for command in ["log-artifact", "log-artifacts", "list", "download"] {
        let output = report(&run(&["artifacts", command, "--help"]));
        artifacts += &format!("\n$ oxflow artifacts {command} --help\n{output}");
    }
    assert_snapshot("artifacts_help", &artifacts);
    assert_eq!(run(&["ui", "--help"]).stdout, run(&["server", "--help"]).stdout);
}

#[test]
fn a_database_uri_that_means_nothing_is_explained() {
    let mut seen = String::new();
    for uri in [
        "sqlite://mlflow.db",
        "mysql://mlflow:secret@db/mlflow",
        "postgresql://mlflow:se@cret@db/mlflow",
        "postgresql://mlflow:secret@db/mlflow?sslmode=strict",
        "postgresql://mlflow:secret@db/mlflow?sslcrl=x",
    ] {
        let output = run(&["server", "--backend-store-uri", uri]);
        assert_eq!(output.status.code(), Some(1), "{uri}");
        let said = report(&output);
        assert!(!said.contains("secret") && !said.contains("se@cret"), "{said}");
        seen += &format!(
            "$ oxflow server --backend-store-uri {}\n{said}\n",
            uri.replace("secret", "…")
        );
    }
    assert_snapshot("database_uris", &seen);
}

#[test]
fn a_folder_that_is_no_web_ui_is_explained() {
    let dir = TempDir::new().unwrap();
    std::fs::create_dir(dir.path().join("empty")).unwrap();
    let mut seen = String::new();
    for ui in ["missing", "empty"] {
        let output = oxflow(dir.path(), &["server", "--port", "0", "--ui-dir", ui])
            .output()
            .unwrap();
        let place = dir.path().canonicalize().unwrap().display().to_string();
        // The log has times and comes before.
        let said = report(&output).replace(&place, "<dir>");
        let (_, said) = said.split_once("error: ").unwrap();
        assert_eq!(output.status.code(), Some(1), "{ui}");
        seen += &format!("$ oxflow server --ui-dir {ui}\nerror: {said}\n");
    }
    assert_snapshot("not_a_ui", &seen);
}

#[test]
fn wrong_usage_is_exit_code_2_and_says_what_is_wrong() {
    let mut seen = String::new();
    for line in [
        &["server", "--prot", "5000"][..],
        &["server", "--port", "70000"],
        &["server", "--workers", "0"],
        &["server", "--static-prefix", "mlflow/"],
        &["server", "--max-body-size", "many"],
        &["server", "--secrets-cache-ttl", "5"],
        &["server", "--auto-migrate", "maybe"],
        &["server", "--app-name", "my-app"],
        &["server", "--backend-store-uri", "./mlruns"],
        &["server", "--config", "missing.toml"],
        &["--env-file", "missing.env", "server"],
        &["healthcheck", "--url", "ftp://localhost"],
        &["server", "--tls-cert", "cert.pem"],
        &["server", "--uds", "m.sock", "--uds-mode", "rw-rw----"],
        &["db", "check"],
        &["db", "wait", "--timeout", "soon", "sqlite:///mlflow.db"],
        &["db", "upgrade", "./mlruns"],
        &["gc", "--older-than", "1w"],
        &["gc", "--run-ids", "../x"],
        &["gc", "--experiment-ids", "one"],
        &["gc", "--logged-model-ids", "m/1"],
        &["gc", "--workspace", "a", "--all-workspaces"],
        &["gc", "--backend-store-uri", "./mlruns"],
        &["gc", "--backend-store-uri", "sqlite://"],
        &["gc", "--tracking-uri", "http://127.0.0.1:1", "--orphans"],
        &["serve"],
        &["artifacts"],
        &["artifacts", "list"],
        &["artifacts", "log-artifact", "--run-id", "r"],
        &["artifacts", "download", "--jobs", "0", "-r", "r"],
        &["artifacts", "list", "-r", "r", "--tracking-uri", "sqlite:///x.db"],
    ] {
        let output = run(line);
        assert_eq!(output.status.code(), Some(2), "{line:?}");
        seen += &format!("$ oxflow {}\n{}\n", line.join(" "), report(&output));
    }
    assert_snapshot("wrong_usage", &seen);
}

#[test]
fn the_version_is_printed() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        report(&run(&["--version"])),
        format!("exit code 0\n--- standard output\noxflow {version}\n--- standard error\n")
    );
    let printed = String::from_utf8(run(&["version"]).stdout).unwrap();
    assert_eq!(printed, format!("oxflow {version} (MLflow API 3.17.2)\n"));
}

/// The schema of an older MLflow, as far as it takes to tell which.
fn old_database(path: &Path, revision: &str) {
    let schema = include_str!("../../store/tests/fixtures/mlflow_1_30.sqlite.sql");
    let schema = schema.replace("97727af70f4d');", &format!("{revision}');"));
    rusqlite::Connection::open(path)
        .unwrap()
        .execute_batch(&schema)
        .unwrap();
}

#[test]
fn a_database_is_looked_at_upgraded_and_waited_for() {
    let dir = TempDir::new().unwrap();
    old_database(&dir.path().join("old.db"), "97727af70f4d");
    old_database(&dir.path().join("ancient.db"), "bd07f7e963c5");
    std::fs::write(dir.path().join("text.db"), "no database".repeat(99)).unwrap();
    let uri = "sqlite:///old.db";
    let mut seen = String::new();
    for line in [
        &["db", "check", uri][..],
        &["db", "info", uri],
        &["db", "upgrade", "--backup-before-migrate=old.backup.db", uri],
        &["db", "check", uri],
        &["db", "upgrade", "--backup-before-migrate", uri],
        &["db", "info", uri],
        &["db", "upgrade", "sqlite:///new.db"],
        &["db", "check", "sqlite:///missing.db"],
        &["db", "upgrade", "sqlite:///ancient.db"],
        &["db", "info", "sqlite:///ancient.db"],
        &["db", "upgrade", "sqlite:///text.db"],
        &["db", "check", "sqlite://"],
        &["db", "wait", "--timeout", "0s", "sqlite:///missing.db"],
    ] {
        let output = oxflow(dir.path(), line).output().unwrap();
        seen += &format!("$ oxflow {}\n{}\n", line.join(" "), report(&output));
    }
    let real_path = dir.path().canonicalize().unwrap();
    let mut seen = seen
        .replace(real_path.to_str().unwrap(), "<dir>")
        .replace(dir.path().to_str().unwrap(), "<dir>");
    for (before, after) in [(" in ", "s\n"), ("kind      SQLite ", "\n")] {
        seen = redacted(&seen, before, after);
    }
    assert_snapshot("db", &seen);
    let waited = oxflow(dir.path(), &["db", "wait", uri]).output().unwrap();
    assert_eq!(waited.status.code(), Some(0));
    let by_variable = oxflow(dir.path(), &["db", "check"])
        .env("MLFLOW_BACKEND_STORE_URI", uri)
        .output()
        .unwrap();
    assert_eq!(by_variable.status.code(), Some(0));
}

/// Numbers between two texts as `<n>`.
fn redacted(text: &str, before: &str, after: &str) -> String {
    let mut parts = text.split(before);
    let mut redacted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let number = part.split(after).next().unwrap_or_default();
        let is_number = number.chars().all(|c| c.is_ascii_digit() || c == '.');
        redacted += before;
        redacted += &if is_number {
            part.replacen(number, "<n>", 1)
        } else {
            part.to_owned()
        };
    }
    redacted
}

#[test]
fn a_database_that_does_not_come_is_waited_for_and_its_password_kept() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let uri = format!("postgresql://ada:geheim@127.0.0.1:{port}/ml");
    let output = run(&["db", "wait", "--timeout", "700ms", &uri]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(
        said.lines().filter(|line| line.starts_with("waiting, ")).count(),
        3,
        "{said}"
    );
    assert!(
        said.contains("did not answer within 700ms") && !said.contains("geheim"),
        "{said}"
    );
}

#[test]
fn with_auto_migrate_on_the_server_upgrades() {
    let dir = TempDir::new().unwrap();
    old_database(&dir.path().join("mlflow.db"), "97727af70f4d");
    let line = ["server", "--port", "0"];
    let refused = oxflow(dir.path(), &line).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("97727af70f4d (MLflow 1.30 or 2.0)") && said.contains("oxflow db upgrade"),
        "{said}"
    );
    let server = Server::start(dir.path(), &["--auto-migrate", "on"]);
    server.signal("TERM");
    assert_eq!(server.wait().0, Some(0));
    let checked = oxflow(dir.path(), &["db", "check", "sqlite:///mlflow.db"])
        .output()
        .unwrap();
    assert_eq!(checked.status.code(), Some(0));
}

#[test]
fn under_the_name_mlflow_it_is_the_same_program() {
    let dir = TempDir::new().unwrap();
    let link = dir.path().join("mlflow");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_oxflow"), &link).unwrap();
    let output = Command::new(&link)
        .args(["server", "--print-config", "-p", "81"])
        .env_clear()
        .output()
        .unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("port = 81\n"));
}

#[test]
fn settings_come_from_flag_variable_env_file_and_file() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("x.env"), "MLFLOW_PORT=1\nMLFLOW_WORKERS=3\n").unwrap();
    std::fs::write(dir.path().join("x.toml"), "port = 9\nlog_level = 'warn'\n").unwrap();
    let line = [
        "--env-file",
        "x.env",
        "server",
        "--config",
        "x.toml",
        "--host",
        "::1",
        "--print-config",
    ];
    let output = oxflow(dir.path(), &line)
        .env("MLFLOW_PORT", "2")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    for expected in [
        "port = 2\n",
        "workers = 3\n",
        "log_level = \"warn\"\n",
        "host = \"::1\"\n",
    ] {
        assert!(printed.contains(expected), "{printed}");
    }
}

/// A running server; killed when the test ends early.
struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl Server {
    fn start(dir: &Path, line: &[&str]) -> Self {
        let line: Vec<&str> = ["server", "--port", "0"].iter().chain(line).copied().collect();
        let mut command = oxflow(dir, &line);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        stdout.read_line(&mut first).unwrap();
        let expected = format!("oxflow {} listening on ", env!("CARGO_PKG_VERSION"));
        let Some(url) = first.trim_end().strip_prefix(&expected) else {
            let mut err = String::new();
            child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
            panic!("no server: {first:?} {err}");
        };
        Self {
            child,
            stdout,
            url: url.to_owned(),
        }
    }

    fn address(&self) -> String {
        self.url.strip_prefix("http://").unwrap().to_owned()
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", name, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Exit code, standard output after the first line, and standard error.
    fn wait(mut self) -> (Option<i32>, String, String) {
        let started = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if started.elapsed() > DEADLINE => panic!("the server does not stop"),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        let (mut out, mut err) = (String::new(), String::new());
        self.stdout.read_to_string(&mut out).unwrap();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        (status.code(), out, err)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_says_where_it_is_answers_and_stops_cleanly() {
    for signal in ["TERM", "INT"] {
        let dir = TempDir::new().unwrap();
        let server = Server::start(dir.path(), &[]);
        let health = oxflow(dir.path(), &["healthcheck", "--url", &server.url])
            .output()
            .unwrap();
        assert_eq!(
            report(&health),
            "exit code 0\n--- standard output\nOK\n--- standard error\n"
        );
        server.signal("HUP");
        server.signal(signal);
        let url = server.url.clone();
        let (code, out, err) = server.wait();
        let dir_shown = dir.path().canonicalize().unwrap();
        let dir_shown = dir_shown.display();
        assert_eq!(
            out,
            format!("database  sqlite:///{dir_shown}/mlflow.db\nartifacts {dir_shown}/mlartifacts\n")
        );
        assert_eq!(code, Some(0), "{err}");
        assert!(
            err.contains("stopped; every request was answered"),
            "the last line: {err}"
        );
        assert!(
            err.lines().all(|line| line.starts_with('{')),
            "JSON when standard error is no terminal: {err}"
        );
        let health = oxflow(dir.path(), &["healthcheck", "--url", &url])
            .output()
            .unwrap();
        assert_eq!(health.status.code(), Some(1));
    }
}

#[test]
fn a_server_at_a_unix_socket_is_found_there_and_takes_its_file_with_it() {
    let dir = TempDir::new().unwrap();
    let server = Server::start(dir.path(), &["--uds", "m.sock"]);
    let socket = dir.path().canonicalize().unwrap().join("m.sock");
    assert_eq!(server.url, format!("unix:{}", socket.display()));
    let mut health = oxflow(dir.path(), &["healthcheck"]);
    assert_eq!(
        report(&health.env("OXFLOW_UDS", "m.sock").output().unwrap()),
        "exit code 0\n--- standard output\nOK\n--- standard error\n"
    );
    let second = oxflow(dir.path(), &["server", "--uds", "m.sock"])
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(
        said.contains("error: another server listens at the unix socket"),
        "{said}"
    );
    server.signal("TERM");
    let (code, _, err) = server.wait();
    assert_eq!(code, Some(0), "{err}");
    assert!(!socket.exists());
}

#[test]
fn tls_files_that_cannot_be_used_are_explained_before_anything_is_made() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("text.pem"), "no certificate").unwrap();
    let mut seen = String::new();
    for file in ["missing.pem", "text.pem"] {
        let line = ["server", "--tls-cert", file, "--tls-key", file];
        let output = oxflow(dir.path(), &line).output().unwrap();
        let place = dir.path().canonicalize().unwrap().display().to_string();
        let said = report(&output).replace(&place, "<dir>");
        assert_eq!(output.status.code(), Some(1), "{file}");
        seen += &format!("$ oxflow {}\n{said}\n", line.join(" "));
    }
    assert!(!dir.path().join("mlflow.db").exists());
    assert_snapshot("tls_files", &seen);
}

/// A connection whose request is not finished keeps the server from stopping.
fn open_request(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = format!(
        "POST /api/2.0/mlflow/experiments/create HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\nexpect: 100-continue\r\n\r\n",
        server.address()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    // The handler waits for the body once this is answered.
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100");
    stream
}

#[test]
fn a_request_that_outlasts_the_grace_is_cut_off_and_the_exit_code_says_so() {
    let dir = TempDir::new().unwrap();
    let server = Server::start(dir.path(), &["--shutdown-grace", "200ms"]);
    let stream = open_request(&server);
    server.signal("TERM");
    assert_eq!(server.wait().0, Some(1));
    drop(stream);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let dir = TempDir::new().unwrap();
    let mut server = Server::start(dir.path(), &["--shutdown-grace", "1h"]);
    let stream = open_request(&server);
    server.signal("TERM");
    // Once the port is closed the first signal has been heard.
    let started = Instant::now();
    while TcpStream::connect(server.address()).is_ok() && started.elapsed() < DEADLINE {
        std::thread::sleep(Duration::from_millis(5));
    }
    // Right after the first it would count as the same one, so it is repeated.
    while server.child.try_wait().unwrap().is_none() && started.elapsed() < DEADLINE {
        server.signal("INT");
        std::thread::sleep(Duration::from_millis(20));
    }
    let (code, _, err) = server.wait();
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("stopping at once"), "{err}");
    drop(stream);
}

#[test]
fn a_log_that_nobody_reads_holds_up_neither_requests_nor_the_stop() {
    let dir = TempDir::new().unwrap();
    let server = Server::start(dir.path(), &["--workers", "2"]); // Standard error is read by `wait` only.
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    let request = format!(
        "GET /api/2.0/mlflow/experiments/get?experiment_id=0 HTTP/1.1\r\nhost: {}\r\n\r\n",
        server.address()
    );
    for number in 0..2000 {
        stream.write_all(request.as_bytes()).unwrap();
        let status = read_answer(&mut answers);
        assert_eq!(status, "HTTP/1.1 200 OK", "request {number}");
    }
    server.signal("TERM");
    assert_eq!(server.wait().0, Some(0));
}

/// Reads one answer with a length and returns its first line.
fn read_answer(stream: &mut impl BufRead) -> String {
    let mut line = || {
        let mut line = String::new();
        stream.read_line(&mut line).expect("an answer in time");
        line.trim_end().to_ascii_lowercase()
    };
    let status = line().to_ascii_uppercase();
    let mut length = 0;
    loop {
        let header = line();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
    }
    stream.read_exact(&mut vec![0; length]).unwrap();
    status
}

#[test]
fn a_taken_port_is_explained() {
    let dir = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = oxflow(dir.path(), &["server", "--log-level", "error", "--port", &port])
        .output()
        .unwrap();
    assert_snapshot("port_taken", &report(&output).replace(&port, "<port>"));
}

#[test]
fn a_database_that_cannot_be_opened_is_explained() {
    let dir = TempDir::new().unwrap();
    std::fs::write(
        dir.path().join("mlflow.db"),
        "this is not a database, whatever its name says\n".repeat(20),
    )
    .unwrap();
    let output = oxflow(dir.path(), &["server", "--port", "0"]).output().unwrap();
    let folder = dir.path().canonicalize().unwrap().display().to_string();
    assert_snapshot("not_a_database", &report(&output).replace(&folder, "<dir>"));
}

#[test]
fn two_signals_at_once_are_one_request_to_stop() {
    let dir = TempDir::new().unwrap();
    let server = Server::start(dir.path(), &["--shutdown-grace", "1h"]);
    let stream = open_request(&server);
    server.signal("TERM");
    server.signal("INT");
    drop(stream);
    let (code, _, err) = server.wait();
    assert_eq!(code, Some(0), "{err}");
}

#[test]
fn with_auto_migrate_off_nothing_is_made() {
    let dir = TempDir::new().unwrap();
    let output = oxflow(dir.path(), &["server", "--port", "0", "--auto-migrate", "off"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("start the server once with `--auto-migrate create`")
    );
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_temporary_database_leaves_nothing_behind() {
    let dir = TempDir::new().unwrap();
    let line = ["server", "--port", "0", "--backend-store-uri", "sqlite://"];
    let mut child = oxflow(dir.path(), &line)
        .env("TMPDIR", dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    let during = std::fs::read_dir(dir.path()).unwrap().count();
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-s", "TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!((during, std::fs::read_dir(dir.path()).unwrap().count()), (1, 0));
}
