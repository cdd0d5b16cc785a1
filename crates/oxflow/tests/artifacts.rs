//! `oxflow artifacts` with a server of its own, and with servers that mean harm.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

fn oxflow(dir: &Path, line: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oxflow"));
    command
        .args(line)
        .current_dir(dir)
        .env_clear()
        .stdin(Stdio::null());
    command
}

/// A server process; ends with the test.
struct Server {
    process: Child,
    url: String,
    dir: TempDir,
}

impl Server {
    fn start(flags: &[&str]) -> Self {
        let dir = TempDir::new().unwrap();
        let mut process = oxflow(dir.path(), &[&["server", "--port", "0"], flags].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { process, url, dir }
    }

    /// A new run.
    fn run(&self) -> String {
        let answer = ureq::post(format!("{}/api/2.0/mlflow/runs/create", self.url))
            .header("content-type", "application/json")
            .send(r#"{"experiment_id": "0"}"#)
            .unwrap();
        let mut text = String::new();
        answer
            .into_body()
            .into_reader()
            .read_to_string(&mut text)
            .unwrap();
        let (_, rest) = text.split_once("\"run_id\"").unwrap();
        rest.split('"').nth(1).unwrap().to_owned()
    }

    fn artifacts(&self, line: &[&str]) -> Output {
        artifacts(&self.url, self.dir.path(), line)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn artifacts(url: &str, dir: &Path, line: &[&str]) -> Output {
    oxflow(dir, &[&["artifacts"], line].concat())
        .env("MLFLOW_TRACKING_URI", url)
        .env("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Paths and bytes of all files below a folder.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(
                    path.strip_prefix(folder).unwrap().to_owned(),
                    std::fs::read(&path).unwrap(),
                );
            }
        }
    }
    found
}

/// Bytes that no compression and no repetition hides a mistake in.
fn noise(length: usize, mut seed: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        bytes.extend(seed.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

#[test]
fn a_folder_goes_up_and_comes_down_as_it_was() {
    let server = Server::start(&[]);
    let run = server.run();
    let local = server.dir.path().join("local");
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("a/b c/é ü.txt", b"1".to_vec()),
        ("a/100%25#+&=;.bin", noise(70_000, 1)),
        (".hidden/.file", b"2".to_vec()),
        ("large", noise(5 << 20, 2)),
    ] {
        let path = local.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    // `#` is in no name of an artifact; the server says so, and the rest arrives.
    let up = server.artifacts(&["log-artifacts", "-r", &run, "-l", "local", "-a", "x/y"]);
    assert_eq!(up.status.code(), Some(1), "{}", said(&up));
    assert!(
        said(&up).contains("100%25#") && said(&up).contains("1 file was not uploaded"),
        "{}",
        said(&up)
    );
    std::fs::rename(local.join("a/100%25#+&=;.bin"), local.join("a/100% +&=;.bin")).unwrap();
    succeeded(&server.artifacts(&["log-artifacts", "-r", &run, "-l", "local", "-a", "x/y"]));
    succeeded(&server.artifacts(&["log-artifact", "-r", &run, "-l", "local/large", "-a", "x/y/again"]));

    let down = succeeded(&server.artifacts(&["download", "-r", &run, "-d", "down"]));
    let place = server.dir.path().canonicalize().unwrap().join("down");
    assert_eq!(down, format!("\n{}\n", place.display()));
    let mut expected = tree(&local);
    expected.insert("again/large".into(), noise(5 << 20, 2));
    assert_eq!(tree(&place.join("x/y")), expected);

    let listed = succeeded(&server.artifacts(&["list", "-r", &run, "-a", "x/y/a/"]));
    assert!(
        listed
            .contains("\"path\": \"x/y/a/100% +&=;.bin\",\n  \"is_dir\": false,\n  \"file_size\": 70000\n}"),
        "{listed}"
    );
    assert_eq!(
        succeeded(&server.artifacts(&["list", "-r", &run, "-a", "nothing"])),
        "[]\n"
    );
}

#[test]
fn what_is_downloaded_is_named_as_by_mlflow() {
    let server = Server::start(&[]);
    let run = server.run();
    std::fs::create_dir(server.dir.path().join("in")).unwrap();
    std::fs::write(server.dir.path().join("in/f"), "1").unwrap();
    succeeded(&server.artifacts(&["log-artifacts", "-r", &run, "-l", "in", "-a", "a/b"]));
    let real = server.dir.path().canonicalize().unwrap();
    for (line, place) in [
        (vec!["-r", &run, "-a", "a/b/f", "-d", "1"], "1/f"),
        (vec!["-r", &run, "-a", "a/b", "-d", "2"], "2/b/f"),
        (vec!["-u", &format!("runs:/{run}/a/"), "-d", "3"], "3/a/b/f"),
        (vec!["-u", &format!("runs:/{run}"), "-d", "4"], "4/a/b/f"),
        (
            vec![
                "-u",
                &format!("mlflow-artifacts:/0/{run}/artifacts/a/b"),
                "-d",
                "5",
            ],
            "5/b/f",
        ),
        (
            vec![
                "-u",
                &format!(
                    "{}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/a/b/f",
                    server.url
                ),
                "-d",
                "6",
            ],
            "6/f",
        ),
        (
            vec![
                "-u",
                "mlflow-artifacts:/0",
                "-r",
                "ignored",
                "-a",
                "ignored",
                "-d",
                "7",
            ],
            &format!("7/0/{run}/artifacts/a/b/f"),
        ),
    ] {
        let printed = succeeded(&server.artifacts(&[&["download"], line.as_slice()].concat()));
        assert!(real.join(place).is_file(), "{line:?}: {printed}");
        assert!(
            real.join(place).starts_with(printed.trim()),
            "{line:?}: {printed}"
        );
    }
    let temporary = succeeded(&server.artifacts(&["download", "-r", &run]));
    assert!(Path::new(temporary.trim()).join("a/b/f").is_file());
    std::fs::remove_dir_all(temporary.trim()).unwrap();
    for (line, what) in [
        (
            vec!["-r", run.as_str(), "-a", "nothing", "-d", "8"],
            "there is no artifact `nothing`",
        ),
        (vec!["-r", &run, "-a", "../x", "-d", "8"], "lead elsewhere"),
        (
            vec!["-r", "unknown", "-d", "8"],
            "run `unknown` could not be asked for",
        ),
        (
            vec!["-u", "s3://bucket/x", "-d", "8"],
            "through the tracking server",
        ),
        (vec!["-d", "8"], "--artifact-uri"),
        (
            vec!["-r", &run, "-a", "a/b/f", "-d", "in/f"],
            "could not open the folder",
        ),
    ] {
        let refused = server.artifacts(&[&["download"], line.as_slice()].concat());
        assert_eq!(refused.status.code(), Some(1), "{line:?}");
        assert!(said(&refused).contains(what), "{line:?}: {}", said(&refused));
    }
}

#[test]
fn what_cannot_be_uploaded_is_told_and_the_rest_is() {
    let server = Server::start(&[]);
    let run = server.run();
    let local = server.dir.path().join("local");
    std::fs::create_dir_all(local.join("empty")).unwrap();
    std::fs::write(local.join("f"), "1").unwrap();
    symlink("f", local.join("link")).unwrap();
    symlink("..", local.join("up")).unwrap();
    let line = ["log-artifacts", "-r", &run, "-l", "local"];
    let partly = server.artifacts(&line);
    succeeded(&partly);
    for what in [
        "empty`, an empty folder",
        "up`, a link to a folder",
        "logged 2 files",
    ] {
        assert!(said(&partly).contains(what), "{}", said(&partly));
    }
    let _socket = UnixListener::bind(local.join("socket")).unwrap();
    symlink("nothing", local.join("broken")).unwrap();
    let refused = server.artifacts(&line);
    assert_eq!(refused.status.code(), Some(1));
    for what in [
        "socket` cannot be uploaded: it is a socket",
        "broken` cannot be uploaded: it is a link",
        "2 files were",
    ] {
        assert!(said(&refused).contains(what), "{}", said(&refused));
    }
    for (line, what) in [
        (["log-artifact", "-r", &run, "-l", "local"], "log-artifacts"),
        (["log-artifact", "-r", &run, "-l", "missing"], "could not read"),
        (["log-artifacts", "-r", &run, "-l", "local/f"], "is not a folder"),
        (["log-artifacts", "-r", &run, "-l", "missing"], "does not exist"),
    ] {
        let refused = server.artifacts(&line);
        assert_eq!(refused.status.code(), Some(1), "{line:?}");
        assert!(said(&refused).contains(what), "{line:?}: {}", said(&refused));
    }
}

#[test]
fn local_artifacts_are_copied_and_stay_where_a_run_has_them() {
    let root = TempDir::new().unwrap();
    let server = Server::start(&[
        "--default-artifact-root",
        root.path().to_str().unwrap(),
        "--no-serve-artifacts",
    ]);
    let run = server.run();
    let local = server.dir.path().join("local");
    std::fs::create_dir_all(local.join("d")).unwrap();
    std::fs::write(local.join("d/f"), "1").unwrap();
    succeeded(&server.artifacts(&["log-artifacts", "-r", &run, "-l", "local", "-a", "x"]));
    succeeded(&server.artifacts(&["log-artifact", "-r", &run, "-l", "local/d/f"]));
    let artifacts = root.path().join(format!("0/{run}/artifacts"));
    let names: Vec<PathBuf> = tree(&artifacts).into_keys().collect();
    assert_eq!(names, [PathBuf::from("f"), "x/d/f".into()]);
    let listed = succeeded(&server.artifacts(&["list", "-r", &run]));
    assert!(
        listed.contains("\"path\": \"f\"") && listed.contains("\"path\": \"x\""),
        "{listed}"
    );
    // Without a destination they are where they are; with one they are copied.
    let place = succeeded(&server.artifacts(&["download", "-r", &run]));
    assert_eq!(place.trim(), artifacts.to_str().unwrap());
    succeeded(&server.artifacts(&["download", "-r", &run, "-a", "x", "-d", "down"]));
    assert_eq!(std::fs::read(server.dir.path().join("down/x/d/f")).unwrap(), b"1");
}

/// What a made-up server does with a request.
type Answerer = Box<dyn Fn(&str) -> Vec<u8> + Send + Sync>;

/// A server of made-up answers, one connection per request; ends with the process.
struct MadeUp {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl MadeUp {
    fn start(answer: Answerer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let head = head(&stream);
                    seen.lock().unwrap().push(head.clone());
                    let _ = (&stream).write_all(&answer(&head));
                });
            }
        });
        Self { url, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// The request line and the headers; the body is read and dropped.
fn head(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    let _ = std::io::copy(&mut reader.take(length.unwrap_or(0)), &mut std::io::sink());
    head
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn json(body: &str) -> Vec<u8> {
    answer("200 OK", "content-type: application/json\r\n", body.as_bytes())
}

const RUN: &str = r#"{"run": {"info": {"run_id": "r", "experiment_id": "0", "artifact_uri": "mlflow-artifacts:/0/r/artifacts"}}}"#;

#[test]
fn a_server_cannot_have_files_written_outside_of_the_destination() {
    let dir = TempDir::new().unwrap();
    let target = dir.path().join("a/b/down");
    std::fs::create_dir_all(&target).unwrap();
    std::fs::create_dir(dir.path().join("outside")).unwrap();
    symlink(dir.path().join("outside"), target.join("link")).unwrap();
    let absolute = dir.path().join("absolute");
    for name in [
        "../evil",
        "..",
        ".",
        "",
        "/evil",
        absolute.to_str().unwrap(),
        "x/../../evil",
        "x/../../../evil",
        "link/evil",
        "f\\u0000",
        "f.oxflow-part",
    ] {
        for kind in ["false", "true"] {
            let listed = format!(r#"{{"files": [{{"path": "{name}", "is_dir": {kind}, "file_size": 1}}]}}"#);
            let server = MadeUp::start(Box::new(move |head| match head {
                _ if head.contains("/runs/get?") => json(RUN),
                _ if head.contains("artifacts?path=0%2Fr%2Fartifacts ") => json(&listed),
                _ if head.contains("artifacts?path=") => {
                    json(r#"{"files": [{"path": "evil", "is_dir": false}]}"#)
                }
                _ => answer("200 OK", "", b"!"),
            }));
            let before = tree(dir.path());
            let refused = artifacts(
                &server.url,
                dir.path(),
                &["download", "-r", "r", "-d", "a/b/down"],
            );
            // A folder may well be called so.
            if (name, kind) != ("f.oxflow-part", "true") {
                assert_eq!(
                    refused.status.code(),
                    Some(1),
                    "{name} {kind}: {}",
                    said(&refused)
                );
                assert_eq!(tree(dir.path()), before, "{name} {kind}");
            }
        }
    }
    // A folder that is called as a link that is there, and a file that is.
    for (listed, ends) in [("link", Some(1)), ("to-file", Some(0))] {
        symlink(dir.path().join("outside/file"), target.join("to-file")).unwrap();
        let is_dir = listed == "link";
        let server = MadeUp::start(Box::new(move |head| match head {
            _ if head.contains("/runs/get?") => json(RUN),
            _ if head.contains("artifacts?path=0%2Fr%2Fartifacts ") => json(&format!(
                r#"{{"files": [{{"path": "{listed}", "is_dir": {is_dir}}}]}}"#
            )),
            _ if head.contains("artifacts?path=") => {
                json(r#"{"files": [{"path": "evil", "is_dir": false}]}"#)
            }
            _ => answer("200 OK", "", b"!"),
        }));
        let output = artifacts(
            &server.url,
            dir.path(),
            &["download", "-r", "r", "-d", "a/b/down"],
        );
        assert_eq!(output.status.code(), ends, "{listed}: {}", said(&output));
        assert!(tree(&dir.path().join("outside")).is_empty(), "{listed}");
        std::fs::remove_file(target.join("to-file")).unwrap();
    }
}

#[test]
fn a_server_can_neither_choose_where_an_upload_is_copied_nor_have_the_login_sent_elsewhere() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("f"), "1").unwrap();
    let elsewhere = MadeUp::start(Box::new(|_| answer("200 OK", "", b"{}")));
    let foreign = format!(
        "mlflow-artifacts://{}/0/r/artifacts",
        elsewhere.url.trim_start_matches("http://")
    );
    let home = dir.path().join("home");
    for (uri, code) in [(home.to_str().unwrap(), 1), (foreign.as_str(), 0)] {
        let run = RUN.replace("mlflow-artifacts:/0/r/artifacts", uri);
        let server = MadeUp::start(Box::new(move |_| json(&run)));
        let output = oxflow(dir.path(), &["artifacts", "log-artifact", "-r", "r", "-l", "f"])
            .env("MLFLOW_TRACKING_URI", &server.url)
            .env("MLFLOW_TRACKING_TOKEN", "secret")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(server.requests()[0].contains("Bearer secret"));
    }
    assert!(!home.exists());
    assert!(
        elsewhere
            .requests()
            .iter()
            .all(|head| head.starts_with("PUT ") && !head.contains("secret"))
    );
    assert_eq!(elsewhere.requests().len(), 1);
}

/// A server of one large file that breaks off after `at` bytes whenever it is asked for all of it.
fn breaks_off(content: Arc<Mutex<Vec<u8>>>, at: usize, digest: Option<&'static str>) -> MadeUp {
    MadeUp::start(Box::new(move |head| {
        if head.contains("/runs/get?") {
            return json(RUN);
        }
        if head.contains("artifacts?path=") || head.starts_with("POST") {
            return json("{}");
        }
        let content = content.lock().unwrap();
        let etag = format!("\"{}\"", content[0]);
        let mut headers = format!("etag: {etag}\r\n");
        if let Some(digest) = digest {
            headers += &format!("repr-digest: sha-256=:{digest}:\r\n");
        }
        let lower = head.to_ascii_lowercase();
        let from = lower
            .split("range: bytes=")
            .nth(1)
            .and_then(|rest| rest.split('-').next()?.parse::<usize>().ok());
        match from {
            Some(from) if lower.contains(&format!("if-range: {etag}\r\n")) => {
                let (last, all) = (content.len() - 1, content.len());
                headers += &format!("content-range: bytes {from}-{last}/{all}\r\n");
                answer("206 Partial Content", &headers, &content[from..])
            }
            _ => {
                let mut whole = answer("200 OK", &headers, &content);
                whole.truncate(whole.len() - content.len() + at.min(content.len()));
                whole
            }
        }
    }))
}

const DOWNLOAD: [&str; 7] = ["download", "-r", "r", "-a", "f", "-d", "down"];

#[test]
fn a_download_that_broke_off_goes_on_where_it_ended() {
    let dir = TempDir::new().unwrap();
    let content = Arc::new(Mutex::new(noise(3 << 20, 7)));
    let server = breaks_off(Arc::clone(&content), 2 << 20, None);
    let broken = artifacts(&server.url, dir.path(), &DOWNLOAD);
    assert_eq!(broken.status.code(), Some(1), "{}", said(&broken));
    let names: Vec<PathBuf> = tree(&dir.path().join("down")).into_keys().collect();
    assert_eq!(
        names,
        [PathBuf::from("f.oxflow-part"), "f.oxflow-part.etag".into()]
    );
    assert_eq!(
        std::fs::metadata(dir.path().join("down/f.oxflow-part"))
            .unwrap()
            .len(),
        2 << 20
    );

    succeeded(&artifacts(&server.url, dir.path(), &DOWNLOAD));
    assert_eq!(
        tree(&dir.path().join("down")),
        BTreeMap::from([("f".into(), content.lock().unwrap().clone())])
    );
    let last = server
        .requests()
        .into_iter()
        .rfind(|head| head.contains("/artifacts/0/r/artifacts/f "))
        .unwrap();
    assert!(
        last.to_ascii_lowercase().contains("range: bytes=2097152-\r\n"),
        "{last}"
    );
}

#[test]
fn a_file_that_changed_meanwhile_begins_again() {
    let dir = TempDir::new().unwrap();
    let content = Arc::new(Mutex::new(noise(3 << 20, 7)));
    let server = breaks_off(Arc::clone(&content), 2 << 20, None);
    artifacts(&server.url, dir.path(), &DOWNLOAD);
    // Shorter than what the server lets through at once.
    let other = noise(3 << 19, 8);
    assert_ne!(other[0], content.lock().unwrap()[0]);
    *content.lock().unwrap() = other.clone();
    succeeded(&artifacts(&server.url, dir.path(), &DOWNLOAD));
    assert_eq!(
        tree(&dir.path().join("down")),
        BTreeMap::from([("f".into(), other)])
    );
}

#[test]
fn one_command_goes_on_by_itself_while_it_may_try_again() {
    let dir = TempDir::new().unwrap();
    let content = Arc::new(Mutex::new(noise(3 << 20, 7)));
    let server = breaks_off(Arc::clone(&content), 2 << 20, None);
    let output = oxflow(dir.path(), &[&["artifacts"], &DOWNLOAD[..]].concat())
        .env("MLFLOW_TRACKING_URI", &server.url)
        .env("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(
        std::fs::read(dir.path().join("down/f")).unwrap(),
        *content.lock().unwrap()
    );
}

#[test]
fn a_server_that_begins_again_each_time_is_not_asked_for_ever() {
    let dir = TempDir::new().unwrap();
    let server = MadeUp::start(Box::new(|head| match head {
        _ if head.contains("/runs/get?") => json(RUN),
        _ if head.contains("artifacts?path=") || head.starts_with("POST") => json("{}"),
        _ => {
            let mut whole = answer("200 OK", "etag: \"1\"\r\n", &noise(3 << 20, 7));
            whole.truncate(2 << 20);
            whole
        }
    }));
    let output = oxflow(dir.path(), &[&["artifacts"], &DOWNLOAD[..]].concat())
        .env("MLFLOW_TRACKING_URI", &server.url)
        .env("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
        .env("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
        .env("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let asked = server
        .requests()
        .iter()
        .filter(|head| head.contains("/artifacts/0/r/artifacts/f "))
        .count();
    assert_eq!(asked, 4, "once, and three times more");
}

#[test]
fn bytes_that_do_not_match_the_digest_are_not_kept() {
    let dir = TempDir::new().unwrap();
    let content = Arc::new(Mutex::new(b"abc".to_vec()));
    let right = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
    let wrong = "AAAAv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
    let server = breaks_off(Arc::clone(&content), usize::MAX, Some(wrong));
    let refused = artifacts(&server.url, dir.path(), &DOWNLOAD);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("SHA-256"), "{}", said(&refused));
    assert!(tree(&dir.path().join("down")).is_empty());
    let server = breaks_off(content, usize::MAX, Some(right));
    succeeded(&artifacts(&server.url, dir.path(), &DOWNLOAD));
    assert_eq!(std::fs::read(dir.path().join("down/f")).unwrap(), b"abc");
}

#[test]
fn a_busy_server_is_asked_again_and_a_refusal_is_not() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("f"), noise(2 << 20, 3)).unwrap();
    let asked = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&asked);
    let server = MadeUp::start(Box::new(move |head| {
        if head.contains("/runs/get?") {
            return json(RUN);
        }
        match count.fetch_add(1, Ordering::Relaxed) {
            0 => answer("503 Service Unavailable", "retry-after: 0\r\n", b""),
            1 => answer("429 Too Many Requests", "retry-after: 0\r\n", b""),
            2 => Vec::new(), // The connection closes.
            _ => answer("200 OK", "", b""),
        }
    }));
    let line = ["artifacts", "log-artifact", "-r", "r", "-l", "f"];
    let output = oxflow(dir.path(), &line)
        .env("MLFLOW_TRACKING_URI", &server.url)
        .env("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
        .env("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0")
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(asked.load(Ordering::Relaxed), 4);

    let refusing = MadeUp::start(Box::new(|head| {
        if head.contains("/runs/get?") {
            return json(RUN);
        }
        answer("403 Forbidden", "", b"{\"message\": \"not\\u001b[2J yours\"}")
    }));
    let output = oxflow(dir.path(), &line)
        .env("MLFLOW_TRACKING_URI", &refusing.url)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("403: not\u{fffd}[2J yours"),
        "{}",
        said(&output)
    );
    assert_eq!(refusing.requests().len(), 2);
}

#[test]
fn large_files_go_in_parts_where_the_server_offers_it() {
    let dir = TempDir::new().unwrap();
    let content = noise(25_000, 4);
    std::fs::write(dir.path().join("big"), &content).unwrap();
    for fails in [false, true] {
        let url = Arc::new(Mutex::new(String::new()));
        let own = Arc::clone(&url);
        let server = MadeUp::start(Box::new(move |head| {
            let url = own.lock().unwrap().clone();
            match head {
                _ if head.contains("/runs/get?") => json(RUN),
                _ if head.contains("/server-info ") => json(r#"{"multipart_uploads_enabled": true}"#),
                _ if head.contains("/mpu/create/") => {
                    let credentials: Vec<String> = (1..=3)
                        .map(|n| format!(r#"{{"url": "{url}/store?part={n}", "part_number": {n}, "headers": {{"x-sign": "s{n}"}}}}"#))
                        .collect();
                    json(&format!(
                        r#"{{"upload_id": "u", "credentials": [{}]}}"#,
                        credentials.join(",")
                    ))
                }
                _ if fails && head.starts_with("PUT /store?part=2") => answer("403 Forbidden", "", b""),
                _ if head.starts_with("PUT /store?part=") => answer("200 OK", "etag: \"e\"\r\n", b""),
                _ => json("{}"),
            }
        }));
        url.lock().unwrap().clone_from(&server.url);
        let output = oxflow(
            dir.path(),
            &["artifacts", "log-artifact", "-r", "r", "-l", "big", "-a", "d e"],
        )
        .env("MLFLOW_TRACKING_URI", &server.url)
        .env("MLFLOW_TRACKING_TOKEN", "secret")
        .env("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "25000")
        .env("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "10000")
        .output()
        .unwrap();
        assert_eq!(output.status.success(), !fails, "{}", said(&output));
        let requests = server.requests();
        let of = |start: &str| {
            requests
                .iter()
                .filter(|head| head.starts_with(start))
                .cloned()
                .collect::<Vec<_>>()
        };
        let mut parts = of("PUT /store?part=");
        parts.sort();
        for (part, (n, length)) in parts.iter().zip([(1, 10_000), (2, 10_000), (3, 5_000)]) {
            let part = part.to_ascii_lowercase();
            assert!(
                part.contains(&format!("part={n} ")) && part.contains(&format!("x-sign: s{n}\r\n")),
                "{part}"
            );
            assert!(
                part.contains(&format!("content-length: {length}\r\n")) && !part.contains("secret"),
                "{part}"
            );
        }
        let ended = of("POST /api/2.0/mlflow-artifacts/mpu/complete/0/r/artifacts/d%20e ").len();
        let aborted = of("POST /api/2.0/mlflow-artifacts/mpu/abort/0/r/artifacts/d%20e ").len();
        assert_eq!(
            (ended, aborted),
            if fails { (0, 1) } else { (1, 0) },
            "{requests:#?}"
        );
        assert!(of("PUT /api").is_empty());
    }
}

#[test]
fn without_a_server_it_says_what_to_do() {
    let dir = TempDir::new().unwrap();
    let output = artifacts("http://ada:hidden@127.0.0.1:1", dir.path(), &["list", "-r", "r"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("MLFLOW_TRACKING_URI") && !said(&output).contains("hidden"),
        "{}",
        said(&output)
    );
    let output = artifacts("sqlite:///x.db", dir.path(), &["list", "-r", "r"]);
    assert_eq!(output.status.code(), Some(2));
}
