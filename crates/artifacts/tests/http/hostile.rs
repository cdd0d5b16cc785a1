//! Web servers that mean no good, or are broken.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use futures::TryStreamExt;
use oxflow_artifacts::{ArtifactError, NewUpload, UploadLimits};

use crate::web::{Answer, Web, answer};
use crate::{Reader, collect};

const HEADERS: &str = "Content-Length: 10\nETag: \"1\"\nLast-Modified: Sun, 22 Nov 2026 10:14:22 GMT";

/// A server whose file is there when it is looked up, and is then sent so.
async fn sent(status: &'static str, headers: &'static str, body: &'static str) -> (Web, Reader) {
    let web = Web::start(move |method, _| match method {
        "HEAD" => answer("200 OK", HEADERS, ""),
        _ => answer(status, headers, body),
    });
    let web = web.await;
    let reader = Reader::of(&format!("{}/models", web.origin));
    (web, reader)
}

/// What comes of it when the file is looked up.
async fn looked_up(status: &'static str, headers: &'static str) -> ArtifactError {
    let web = Web::start(move |_, _| answer(status, headers, "")).await;
    let reader = Reader::of(&format!("{}/models", web.origin));
    reader.open("a.txt").await.unwrap_err()
}

#[tokio::test]
async fn refusals_are_told_apart() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let error = looked_up(status, "WWW-Authenticate: Basic realm=\"x\"").await;
        assert!(
            matches!(error, ArtifactError::NotForEverybody { .. }),
            "{error:?}"
        );
    }
    for status in ["404 Not Found", "410 Gone"] {
        let error = looked_up(status, "").await;
        assert!(matches!(error, ArtifactError::NotFound { .. }), "{error:?}");
    }
    for status in [
        "500 Oh no",
        "503 Later",
        "429 Slower",
        "400 What",
        "206 Partial Content",
        "204 Nothing",
    ] {
        let error = looked_up(status, HEADERS).await;
        assert!(
            matches!(error, ArtifactError::StoreFailed { .. }),
            "{status}: {error:?}"
        );
    }
    for (status, headers) in [
        ("405 No", ""),
        ("501 No", ""),
        ("200 OK", "ETag: \"1\""),
        ("304 Same", ""),
    ] {
        let error = looked_up(status, headers).await;
        assert!(
            matches!(error, ArtifactError::NotOffered { .. }),
            "{status}: {error:?}"
        );
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let elsewhere = Web::start(|_, _| answer("200 OK", HEADERS, "0123456789")).await;
    let to = format!("{}/models/b.txt", elsewhere.origin);
    for location in [
        to.as_str(),
        "/models/b.txt",
        "b.txt",
        "https://127.0.0.1/models/a.txt",
        "file:///etc/passwd",
    ] {
        let location = format!("Location: {location}");
        let web = Web::start(move |method, path| match (method, path) {
            ("HEAD" | "PROPFIND", "/models/a.txt" | "/models/") => answer("302 Found", &location, ""),
            ("HEAD", "/models/later") => answer("200 OK", HEADERS, ""),
            ("GET", "/models/later") => answer("307 Temporary Redirect", &location, ""),
            other => panic!("{other:?} was asked for"),
        });
        let web = web.await;
        let reader = Reader::of(&format!("{}/models", web.origin));
        for error in [
            reader.open("a.txt").await.unwrap_err(),
            reader.list("").await.unwrap_err(),
        ] {
            assert!(matches!(error, ArtifactError::NotOffered { .. }), "{error:?}");
            assert!(error.to_string().contains("redirect"), "{error}");
        }
        let later = reader.open("later").await.unwrap();
        let error = collect(later).await.unwrap_err();
        assert!(error.to_string().contains("redirect"), "{error}");
        assert_eq!(web.heads().len(), 4);
    }
    assert!(elsewhere.heads().is_empty());
}

#[tokio::test]
async fn nothing_of_this_server_is_sent_along() {
    let (web, reader) = sent("200 OK", HEADERS, "0123456789").await;
    reader.read("a.txt").await;
    let heads = web.heads();
    assert_eq!(heads.len(), 2);
    for head in heads {
        let names = head.lines().skip(1).map(|line| line.split(':').next().unwrap());
        let known = ["accept", "accept-encoding", "host", "if-match", "user-agent"];
        for name in names {
            assert!(known.contains(&name), "{head}");
        }
    }
}

#[tokio::test]
async fn a_file_that_is_another_one_when_it_is_read_is_an_error() {
    for (status, headers) in [
        ("200 OK", "Content-Length: 10\nETag: \"2\""),
        ("200 OK", "Content-Length: 10\nETag: W/\"1\""),
        ("200 OK", "Content-Length: 10"),
        ("200 OK", "Content-Length: 11\nETag: \"1\""),
        ("200 OK", "Content-Length: 9\nETag: \"1\""),
        ("412 Precondition Failed", "Content-Length: 0"),
        ("404 Not Found", "Content-Length: 0"),
        (
            "206 Partial Content",
            "Content-Length: 10\nETag: \"1\"\nContent-Range: bytes 1-10/11",
        ),
    ] {
        let (_web, reader) = sent(status, headers, "0123456789a").await;
        let error = collect(reader.open("a.txt").await.unwrap()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the file was replaced while it was read",
            "{headers}"
        );
    }
    for headers in [
        "Content-Length: 3\nETag: \"2\"\nContent-Range: bytes 2-4/10",
        "Content-Length: 3\nETag: \"1\"\nContent-Range: bytes 3-5/10",
        "Content-Length: 3\nETag: \"1\"\nContent-Range: bytes 2-4/11",
        "Content-Length: 2\nETag: \"1\"\nContent-Range: bytes 2-4/10",
        "Content-Length: 3\nETag: \"1\"",
    ] {
        let (_web, reader) = sent("206 Partial Content", headers, "234").await;
        let error = reader.range("a.txt", 2, 4).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the file was replaced while it was read",
            "{headers}"
        );
    }
    let right = "Content-Length: 3\nETag: \"1\"\nContent-Range: bytes 2-4/10";
    let (web, reader) = sent("206 Partial Content", right, "234").await;
    assert_eq!(reader.range("a.txt", 2, 4).await.unwrap(), b"234");
    let get = web.heads().pop().unwrap();
    assert!(
        get.contains("\r\nrange: bytes=2-4") && get.contains("\r\nif-match: \"1\""),
        "{get}"
    );
}

#[tokio::test]
async fn a_body_of_another_length_is_an_error() {
    let (_web, reader) = sent("200 OK", HEADERS, "01234").await;
    collect(reader.open("a.txt").await.unwrap()).await.unwrap_err();
    let (_web, reader) = sent("200 OK", HEADERS, "").await;
    collect(reader.open("a.txt").await.unwrap()).await.unwrap_err();
    let (_web, reader) = sent("200 OK", HEADERS, "01234").await;
    reader.range("a.txt", 4, 8).await.unwrap_err();

    let endless = Web::start(|method, _| match method {
        "HEAD" => answer("200 OK", HEADERS, ""),
        _ => Answer::Endless(
            "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
            format!("1000\r\n{}\r\n", "x".repeat(4096)),
        ),
    });
    let endless = endless.await;
    let reader = Reader::of(&endless.origin);
    collect(reader.open("a.txt").await.unwrap()).await.unwrap_err();

    let longer = Web::start(|method, _| match method {
        "HEAD" => answer("200 OK", HEADERS, ""),
        _ => Answer::Endless(
            format!("HTTP/1.1 200 OK\r\n{}\r\n\r\n", HEADERS.replace('\n', "\r\n")),
            "x".repeat(4096),
        ),
    });
    let longer = longer.await;
    let reader = Reader::of(&longer.origin);
    assert_eq!(reader.read("a.txt").await, b"xxxxxxxxxx");
}

#[tokio::test]
async fn a_file_without_tag_and_time_is_never_the_same() {
    let web = Web::start(|method, _| match method {
        "HEAD" => answer("200 OK", "Content-Length: 10", ""),
        "PROPFIND" => answer("405 Method Not Allowed", "Content-Length: 0", ""),
        _ => answer("200 OK", "Content-Length: 10", "0123456789"),
    });
    let web = web.await;
    let reader = Reader::of(&web.origin);
    let before = SystemTime::now();
    let file = reader.open("a.txt").await.unwrap();
    assert!(file.last_modified() >= before);
    assert_ne!(file.etag(), reader.open("a.txt").await.unwrap().etag());
    assert_eq!(collect(file).await.unwrap(), b"0123456789");
}

#[tokio::test]
async fn a_weak_tag_is_not_passed_on() {
    let headers = "Content-Length: 10\nETag: W/\"1\"\nLast-Modified: Sun, 22 Nov 2026 10:14:22 GMT";
    let web = Web::start(move |_, _| answer("200 OK", headers, "")).await;
    let reader = Reader::of(&web.origin);
    let tag = reader.open("a.txt").await.unwrap().etag();
    assert!(tag.starts_with("\"a-"), "{tag}");
}

/// The clock goes on as soon as everybody waits.
#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let web = Web::start(|method, path| match (method, path) {
        ("HEAD", "/late") => answer("200 OK", HEADERS, ""),
        _ => Answer::Silence,
    });
    let web = web.await;
    let reader = Reader::of(&web.origin);
    tokio::time::pause();
    let error = reader.open("a.txt").await.unwrap_err();
    assert!(matches!(error, ArtifactError::StoreFailed { .. }), "{error:?}");
    let error = reader.list("").await.unwrap_err();
    assert!(matches!(error, ArtifactError::StoreFailed { .. }), "{error:?}");
    let late = reader.open("late").await.unwrap();
    collect(late).await.unwrap_err();
}

#[tokio::test]
async fn a_connection_that_breaks_is_made_anew() {
    let asked = AtomicUsize::new(0);
    let web = Web::start(
        move |_, path| match (path, asked.fetch_add(1, Ordering::Relaxed)) {
            ("/a.txt", 0 | 1) | ("/broken", _) => Answer::Bytes(String::new()),
            _ => answer("200 OK", HEADERS, ""),
        },
    );
    let web = web.await;
    let reader = Reader::of(&web.origin);
    reader.open("a.txt").await.unwrap();
    assert_eq!(web.heads().len(), 3);
    let error = reader.open("broken").await.unwrap_err();
    assert!(matches!(error, ArtifactError::StoreFailed { .. }), "{error:?}");
    assert_eq!(web.heads().len(), 6);
}

#[tokio::test]
async fn a_server_that_is_down_may_be_up_again() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    for scheme in ["http", "https"] {
        let reader = Reader::of(&format!("{scheme}://127.0.0.1:{port}/models"));
        let error = reader.open("a.txt").await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "could not read the artifact: {scheme}://127.0.0.1:{port}/models does not answer as it should; try again"
            )
        );
    }
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_asked() {
    let proxy = Web::start(|method, _| match method {
        "HEAD" => answer("200 OK", HEADERS, ""),
        _ => answer("200 OK", HEADERS, "0123456789"),
    });
    let proxy = proxy.await;
    let variables = [("http_proxy", proxy.origin.as_str()), ("no_proxy", "127.0.0.1")];
    let reader = Reader::with("http://files.example.com/models", &variables);
    assert_eq!(reader.read("a.txt").await, b"0123456789");
    let head = proxy.heads().remove(0);
    assert!(
        head.starts_with("HEAD http://files.example.com/models/a.txt HTTP/1.1\r\n"),
        "{head}"
    );

    let web = Web::start(|_, _| answer("200 OK", HEADERS, "")).await;
    Reader::with(&web.origin, &variables).open("a.txt").await.unwrap();
    assert_eq!((web.heads().len(), proxy.heads().len()), (1, 2));
}

#[tokio::test]
async fn what_https_names_is_asked_with_tls_only() {
    let web = Web::start(|_, _| answer("200 OK", HEADERS, "")).await;
    let reader = Reader::of(&web.origin.replace("http:", "https:"));
    // The server waits for a request that it can read.
    tokio::time::pause();
    let error = reader.open("a.txt").await.unwrap_err();
    assert!(matches!(error, ArtifactError::StoreFailed { .. }), "{error:?}");
    assert!(web.heads().is_empty());
}

#[tokio::test]
async fn nothing_is_written_or_deleted() {
    let web = Web::start(|method, _| panic!("{method} was asked for")).await;
    let reader = Reader::of(&format!("{}/models", web.origin));
    let (artifacts, at, to) = (&reader.artifacts, &reader.at, &crate::path("a.txt"));
    let body = || futures::stream::iter([Ok::<_, std::io::Error>("x".into())]);
    let (limits, hour) = (UploadLimits::default(), std::time::Duration::from_secs(3600));
    let root = format!("{}/models", web.origin);
    assert!(at.is_only_read());
    for (what, error) in [
        (
            "store the artifact",
            artifacts.put(at, to, body(), limits).await.map(drop),
        ),
        ("delete the artifacts", artifacts.delete(at, to).await),
        (
            "begin the upload",
            artifacts
                .begin_parts(at, to, 2, hour)
                .await
                .map(|_: NewUpload| ()),
        ),
        (
            "complete the upload",
            artifacts.complete_parts(at, to, "id", Vec::new()).await.map(drop),
        ),
        ("abort the upload", artifacts.abort_parts(at, to, "id").await),
        (
            "sign the download",
            artifacts.presigned_download(at, to, hour).await.map(drop),
        ),
        (
            "sign the upload",
            artifacts.presigned_upload(at, to, hour).await.map(drop),
        ),
        ("sign a URL", artifacts.signing_key(at, [0; 32]).await.map(drop)),
    ] {
        let error = error.unwrap_err();
        assert!(matches!(error, ArtifactError::NotOffered { .. }), "{error:?}");
        let expected = format!("could not {what}: {root} is only read by this server");
        assert_eq!(error.to_string(), expected);
    }
    let part = artifacts
        .put_part(at, to, ("id", 1), body(), limits)
        .await
        .unwrap_err();
    assert!(matches!(part, ArtifactError::NotAFolder { .. }), "{part:?}");
    assert!(web.heads().is_empty());
}

#[tokio::test]
async fn a_stream_that_is_dropped_ends_the_request() {
    let web = Web::start(|method, _| match method {
        "HEAD" => answer("200 OK", "Content-Length: 1000000000000\nETag: \"1\"", ""),
        _ => Answer::Endless(
            "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\nETag: \"1\"\r\n\r\n".to_owned(),
            "x".repeat(65_536),
        ),
    });
    let web = web.await;
    let reader = Reader::of(&web.origin);
    let mut stream = reader.open("a.txt").await.unwrap().into_stream(None);
    let mut read = 0;
    while read < 10_000_000 {
        read += stream.try_next().await.unwrap().unwrap().len();
    }
}
