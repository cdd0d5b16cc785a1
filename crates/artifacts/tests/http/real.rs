//! Files behind real web servers: nginx, with ranges and entity tags, and Python's, with neither.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use oxflow_artifacts::ArtifactError;

use crate::{Reader, collect};

/// A name of all that has a meaning in URLs and may be in a path.
const ODD: &str = "é 100% a+b&c=d;e'f\"(1)~:@,[x].txt";
/// The module that lists, of Debian's nginx-extras.
const DAV: &str = "/usr/lib/nginx/modules/ngx_http_dav_ext_module.so";
const LARGE: usize = 20 * 1024 * 1024 + 17;

/// A web server of the folder `models` and one beside it.
struct Server {
    process: Child,
    root: String,
    folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Server {
    /// `None` without an nginx.
    fn nginx(scheme: &str, modules: &str, settings: &str) -> Option<Self> {
        let nginx = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];
        let Some(nginx) = nginx.into_iter().find(|path| Path::new(path).exists()) else {
            eprintln!("skipped: there is no nginx; `tools/system nginx` installs it");
            return None;
        };
        let folder = files();
        // nginx does not choose a port itself.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let at = folder.path().display();
        let own = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let own: String = own
            .map(|name| format!("{name}_temp_path {at}/tmp-{name};\n"))
            .concat();
        let tls = if scheme == "https" { " ssl" } else { "" };
        let config = format!(
            "{modules}
            daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;
            events {{}}
            http {{ access_log off; {own}
                server {{ listen 127.0.0.1:{port}{tls}; root {at}/files; {settings} }} }}"
        );
        std::fs::write(folder.path().join("nginx.conf"), config).unwrap();
        let process = Command::new(nginx)
            .arg("-c")
            .arg(folder.path().join("nginx.conf"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self {
            process,
            root: format!("{scheme}://127.0.0.1:{port}/models"),
            folder,
        };
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "nginx does not listen");
            std::thread::yield_now();
        }
        Some(server)
    }

    fn python() -> Self {
        let folder = files();
        let mut process = Command::new("python3")
            .args([
                "-u",
                "-m",
                "http.server",
                "0",
                "--bind",
                "127.0.0.1",
                "--directory",
            ])
            .arg(folder.path().join("files"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let port = line.split(' ').skip_while(|word| *word != "port").nth(1).unwrap();
        Self {
            process,
            root: format!("http://127.0.0.1:{port}/models"),
            folder,
        }
    }

    fn write(&self, name: &str, content: &[u8]) {
        let file = self.folder.path().join("files/models").join(name);
        // As those do who replace files that are read.
        let new = self.folder.path().join("new");
        std::fs::write(&new, content).unwrap();
        std::fs::rename(new, file).unwrap();
    }
}

fn files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let models = folder.path().join("files/models");
    std::fs::create_dir_all(models.join("sub dir/ä")).unwrap();
    std::fs::create_dir(folder.path().join("files/models-2")).unwrap();
    for (name, content) in [
        ("a.txt", "0123456789"),
        ("empty", ""),
        (ODD, "odd"),
        ("sub dir/ä/x", "deep"),
        ("../models-2/secret", "secret"),
    ] {
        std::fs::write(models.join(name), content).unwrap();
    }
    std::fs::write(models.join("large"), large()).unwrap();
    folder
}

/// No two pieces of it are alike.
fn large() -> Vec<u8> {
    let numbers =
        (0..LARGE as u64 / 8 + 1).flat_map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    numbers.take(LARGE).collect()
}

async fn reads_what_is_there(server: &Server) {
    let reader = Reader::of(&server.root);
    assert_eq!(reader.read("a.txt").await, b"0123456789");
    assert_eq!(reader.read("empty").await, b"");
    assert_eq!(reader.read(ODD).await, b"odd");
    assert_eq!(reader.read("sub dir/ä/x").await, b"deep");
    let deeper = reader
        .artifacts
        .servable(&format!("{}/sub%20dir", server.root))
        .unwrap();
    let file = reader
        .artifacts
        .open_file(&deeper, &crate::path("ä/x"))
        .await
        .unwrap();
    assert_eq!(collect(file).await.unwrap(), b"deep");

    let whole = large();
    let file = reader.open("large").await.unwrap();
    assert_eq!(file.size_bytes(), LARGE as u64);
    let pieces: Vec<_> = file.into_stream(None).try_collect().await.unwrap();
    assert!(pieces.iter().all(|piece| piece.len() < 1024 * 1024));
    assert!(pieces.concat() == whole, "the large file is another one");
    for (first, last) in [
        (0, 0),
        (3, 1_000_000),
        (19_000_000, u64::MAX),
        (0, LARGE as u64 - 1),
    ] {
        let part = reader.range("large", first, last).await.unwrap();
        let end = last.saturating_add(1).min(LARGE as u64);
        assert!(part == whole[first as usize..end as usize], "{first}-{last}");
    }
    assert_eq!(reader.range("a.txt", 10, 20).await.unwrap(), b"");

    for missing in ["nope", "a.txt/x", "sub dir/nope", "models-2"] {
        let error = reader.open(missing).await.unwrap_err();
        assert!(
            matches!(error, ArtifactError::NotFound { .. }),
            "{missing}: {error}"
        );
    }
    let error = reader.open("sub dir").await.unwrap_err();
    assert!(matches!(error, ArtifactError::IsDirectory { .. }), "{error}");
}

async fn tells_that_a_file_was_replaced(server: &Server) {
    let reader = Reader::of(&server.root);
    for range in [None, Some(2..=5)] {
        server.write("a.txt", b"0123456789");
        let old = reader.open("a.txt").await.unwrap();
        server.write("a.txt", b"another one");
        let error = old
            .into_stream(range.clone())
            .try_collect::<Vec<_>>()
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the file was replaced while it was read",
            "{range:?}"
        );
        let new = reader.open("a.txt").await.unwrap();
        assert_eq!(collect(new).await.unwrap(), b"another one");
        let gone = reader.open("a.txt").await.unwrap();
        std::fs::remove_file(server.folder.path().join("files/models/a.txt")).unwrap();
        collect(gone).await.unwrap_err();
    }
}

async fn says_that_there_is_no_list(server: &Server) {
    let reader = Reader::of(&server.root);
    let error = reader.list("").await.unwrap_err();
    assert!(matches!(error, ArtifactError::NotOffered { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!(
            "could not list the artifacts: {} offers no list of its files (WebDAV); they can be downloaded by their names",
            server.root
        )
    );
}

#[tokio::test]
async fn nginx_is_read() {
    let Some(server) = Server::nginx("http", "", "") else {
        return;
    };
    reads_what_is_there(&server).await;
    says_that_there_is_no_list(&server).await;
    let reader = Reader::of(&server.root);
    let tag = reader.open("a.txt").await.unwrap().etag();
    // Of time and size, in hexadecimal digits.
    assert!(tag.starts_with('"') && tag.ends_with("-a\""), "{tag}");
    assert_eq!(reader.open("a.txt").await.unwrap().etag(), tag);
    tells_that_a_file_was_replaced(&server).await;
}

#[tokio::test]
async fn nginx_with_webdav_is_listed() {
    if !Path::new(DAV).exists() {
        eprintln!("skipped: there is no {DAV}; Debian has it in nginx-extras");
        return;
    }
    let modules = format!("load_module {DAV};");
    let Some(server) = Server::nginx("http", &modules, "dav_ext_methods PROPFIND OPTIONS;") else {
        return;
    };
    let reader = Reader::of(&server.root);
    let file = |name: &str, size| (name.to_owned(), size);
    assert_eq!(
        reader.list("").await.unwrap(),
        [
            file("a.txt", 10),
            file("empty", 0),
            file("large", LARGE as u64),
            file("sub dir/", 0),
            file(ODD, 3)
        ]
    );
    assert_eq!(reader.list("sub dir").await.unwrap(), [file("ä/", 0)]);
    assert_eq!(reader.list("sub dir/ä").await.unwrap(), [file("x", 4)]);
    assert_eq!(reader.list("nope").await.unwrap(), []);
    assert_eq!(reader.list("a.txt").await.unwrap(), []);
    reads_what_is_there(&server).await;
}

#[tokio::test]
async fn a_server_without_ranges_and_tags_is_read() {
    let server = Server::python();
    reads_what_is_there(&server).await;
    says_that_there_is_no_list(&server).await;
    let reader = Reader::of(&server.root);
    let file = reader.open("a.txt").await.unwrap();
    let metadata = std::fs::metadata(server.folder.path().join("files/models/a.txt")).unwrap();
    let since = |time: std::time::SystemTime| time.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert_eq!(since(file.last_modified()), since(metadata.modified().unwrap()));
    assert_eq!(
        file.etag(),
        format!("\"a-{:x}\"", since(file.last_modified()) * 1_000_000)
    );
    tells_that_a_file_was_replaced(&server).await;
}

/// The certificates that are trusted are read from the environment of the process, so this test is run again in one of its own.
#[tokio::test]
async fn nginx_with_tls_is_read_if_its_certificate_is_trusted() {
    const ROOT: &str = "OXFLOW_TEST_TRUSTED_WEB_ROOT";
    if let Ok(root) = std::env::var(ROOT) {
        let reader = Reader::of(&root);
        assert_eq!(reader.read("a.txt").await, b"0123456789");
        let error = Reader::of(&root.replace("127.0.0.1", "localhost"))
            .open("a.txt")
            .await
            .unwrap_err();
        assert!(matches!(error, ArtifactError::StoreFailed { .. }), "{error:?}");
        return;
    }
    let keys = tempfile::tempdir().unwrap();
    let pair = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let certificate = keys.path().join("certificate.pem");
    std::fs::write(&certificate, pair.cert.pem()).unwrap();
    std::fs::write(keys.path().join("key.pem"), pair.signing_key.serialize_pem()).unwrap();
    let at = keys.path().display();
    let settings = format!("ssl_certificate {at}/certificate.pem; ssl_certificate_key {at}/key.pem;");
    let Some(server) = Server::nginx("https", "", &settings) else {
        return;
    };
    let error = Reader::of(&server.root).open("a.txt").await.unwrap_err();
    assert!(matches!(error, ArtifactError::StoreFailed { .. }), "{error:?}");
    let again = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "real::nginx_with_tls_is_read_if_its_certificate_is_trusted",
        ])
        .env(ROOT, &server.root)
        .env("SSL_CERT_FILE", &certificate)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success() && said.contains("1 passed"), "{said}");
}
