//! Lists of WebDAV servers, as some answered that were asked, and as none should.

use oxflow_artifacts::ArtifactError;

use crate::Reader;
use crate::web::{Answer, Web, answer};

/// Of WsgiDAV 4.4.0: two `propstat` for a folder.
const WSGIDAV: &str = r#"<?xml version="1.0" encoding="utf-8" ?>
<ns0:multistatus xmlns:ns0="DAV:"><ns0:response><ns0:href>/models/</ns0:href><ns0:propstat><ns0:prop><ns0:resourcetype><ns0:collection /></ns0:resourcetype></ns0:prop><ns0:status>HTTP/1.1 200 OK</ns0:status></ns0:propstat><ns0:propstat><ns0:prop><ns0:getcontentlength /></ns0:prop><ns0:status>HTTP/1.1 404 Not Found</ns0:status></ns0:propstat></ns0:response><ns0:response><ns0:href>/models/sub%20dir/</ns0:href><ns0:propstat><ns0:prop><ns0:resourcetype><ns0:collection /></ns0:resourcetype></ns0:prop><ns0:status>HTTP/1.1 200 OK</ns0:status></ns0:propstat><ns0:propstat><ns0:prop><ns0:getcontentlength /></ns0:prop><ns0:status>HTTP/1.1 404 Not Found</ns0:status></ns0:propstat></ns0:response><ns0:response><ns0:href>/models/empty</ns0:href><ns0:propstat><ns0:prop><ns0:resourcetype /><ns0:getcontentlength>0</ns0:getcontentlength></ns0:prop><ns0:status>HTTP/1.1 200 OK</ns0:status></ns0:propstat></ns0:response><ns0:response><ns0:href>/models/%C3%A9%20100%25%2Ba%26b.txt</ns0:href><ns0:propstat><ns0:prop><ns0:resourcetype /><ns0:getcontentlength>4</ns0:getcontentlength></ns0:prop><ns0:status>HTTP/1.1 200 OK</ns0:status></ns0:propstat></ns0:response><ns0:response><ns0:href>/models/a.txt</ns0:href><ns0:propstat><ns0:prop><ns0:resourcetype /><ns0:getcontentlength>6</ns0:getcontentlength></ns0:prop><ns0:status>HTTP/1.1 200 OK</ns0:status></ns0:propstat></ns0:response></ns0:multistatus>"#;

/// Of nginx 1.22.1 with nginx-dav-ext-module.
const NGINX: &str = r#"<?xml version="1.0" encoding="utf-8" ?>
<D:multistatus xmlns:D="DAV:">
<D:response>
<D:href>/models/</D:href>
<D:propstat>
<D:prop>
<D:resourcetype><D:collection/></D:resourcetype>
</D:prop>
<D:status>HTTP/1.1 200 OK</D:status>
</D:propstat>
</D:response>
<D:response>
<D:href>/models/sub%20dir/</D:href>
<D:propstat>
<D:prop>
<D:resourcetype><D:collection/></D:resourcetype>
</D:prop>
<D:status>HTTP/1.1 200 OK</D:status>
</D:propstat>
</D:response>
<D:response>
<D:href>/models/empty</D:href>
<D:propstat>
<D:prop>
<D:getcontentlength>0</D:getcontentlength>
<D:resourcetype></D:resourcetype>
</D:prop>
<D:status>HTTP/1.1 200 OK</D:status>
</D:propstat>
</D:response>
<D:response>
<D:href>/models/%C3%A9%20100%25+a&amp;b.txt</D:href>
<D:propstat>
<D:prop>
<D:getcontentlength>4</D:getcontentlength>
<D:resourcetype></D:resourcetype>
</D:prop>
<D:status>HTTP/1.1 200 OK</D:status>
</D:propstat>
</D:response>
<D:response>
<D:href>/models/a.txt</D:href>
<D:propstat>
<D:prop>
<D:getcontentlength>6</D:getcontentlength>
<D:resourcetype></D:resourcetype>
</D:prop>
<D:status>HTTP/1.1 200 OK</D:status>
</D:propstat>
</D:response>
</D:multistatus>
"#;

/// A server that answers so when it is asked for a list.
async fn listing(status: &'static str, body: String) -> (Web, Reader) {
    let web = Web::start(move |method, _| {
        assert_eq!(method, "PROPFIND");
        let length = format!("Content-Type: application/xml\nContent-Length: {}", body.len());
        answer(status, &length, &body)
    });
    let web = web.await;
    let reader = Reader::of(&format!("{}/models", web.origin));
    (web, reader)
}

/// A list of these addresses, of files all.
fn files(addresses: &[&str]) -> String {
    let found = addresses.iter().map(|address| {
        format!("<response><href>{address}</href><propstat><prop><getcontentlength>1</getcontentlength></prop></propstat></response>")
    });
    format!(
        "<multistatus xmlns='DAV:'>{}</multistatus>",
        found.collect::<String>()
    )
}

#[tokio::test]
async fn lists_of_real_servers_are_read() {
    for recorded in [WSGIDAV, NGINX] {
        let (web, reader) = listing("207 Multi-Status", recorded.to_owned()).await;
        let file = |name: &str, size| (name.to_owned(), size);
        assert_eq!(
            reader.list("").await.unwrap(),
            [
                file("a.txt", 6),
                file("empty", 0),
                file("sub dir/", 0),
                file("é 100%+a&b.txt", 4)
            ]
        );
        let head = web.heads().remove(0);
        assert!(head.starts_with("PROPFIND /models/ HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("\r\ndepth: 1"), "{head}");
    }
}

#[tokio::test]
async fn the_page_of_a_folder_is_no_file() {
    let web = Web::start(|method, path| match method {
        // As WsgiDAV 4.4.0.
        "HEAD" => answer("200 OK", "Content-Type: text/html\nContent-Length: 0", ""),
        _ => {
            let body = WSGIDAV.replace("/models/", &format!("{path}/"));
            answer(
                "207 Multi-Status",
                &format!("Content-Length: {}", body.len()),
                &body,
            )
        }
    });
    let web = web.await;
    let reader = Reader::of(&web.origin);
    let error = reader.open("models").await.unwrap_err();
    assert!(matches!(error, ArtifactError::IsDirectory { .. }), "{error:?}");
}

#[tokio::test]
async fn only_children_with_names_of_artifacts_are_listed() {
    let addresses = [
        "/models",
        "http://other.example:1/models/of-another-host",
        "//other.example/models/of-another-host-2",
        "/models/absolute",
        "relative",
        "/models/a b",
        "/models/caf\u{e9}",
        " /models/spaced ",
        "/models/folder/deeper",
        "/models/a%2Fb",
        "/models/..",
        "/models/../x",
        "/models/%2e%2e",
        "/models/%252e%252e",
        "/models/.",
        "/models/a%5Cb",
        "/models/a%23b",
        "/models/a%3Fb",
        "/models/a%00b",
        "/models/a%ffb",
        "/models-2/sibling",
        "/etc/passwd",
        "/models/.oxflow-tmp",
        "javascript:alert(1)",
        "",
    ];
    let (_web, reader) = listing("207 Multi-Status", files(&addresses)).await;
    let names: Vec<String> = reader
        .list("")
        .await
        .unwrap()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    // What another host is said to have is only a name here: it is asked of this one.
    assert_eq!(
        names,
        [
            "a b",
            "absolute",
            "café",
            "of-another-host",
            "of-another-host-2",
            "relative",
            "spaced"
        ]
    );
}

#[tokio::test]
async fn a_server_without_lists_says_so() {
    for status in [
        "405 Method Not Allowed",
        "501 Not Implemented",
        "400 Bad Request",
        "200 OK",
    ] {
        let (_web, reader) = listing(status, "<html>".to_owned()).await;
        let error = reader.list("sub").await.unwrap_err();
        assert!(
            matches!(error, ArtifactError::NotOffered { .. }),
            "{status}: {error:?}"
        );
        assert!(error.to_string().contains("downloaded by their names"), "{error}");
    }
    let (_web, reader) = listing("404 Not Found", String::new()).await;
    assert_eq!(reader.list("sub").await.unwrap(), []);
    let (_web, reader) = listing("403 Forbidden", String::new()).await;
    let error = reader.list("").await.unwrap_err();
    assert!(
        matches!(error, ArtifactError::NotForEverybody { .. }),
        "{error:?}"
    );
    let (_web, reader) = listing("502 Bad Gateway", String::new()).await;
    let error = reader.list("").await.unwrap_err();
    assert!(matches!(error, ArtifactError::StoreFailed { .. }), "{error:?}");
}

#[tokio::test]
async fn lists_that_are_none_are_errors() {
    for body in [
        "",
        "no list",
        "<multistatus",
        "<multistatus><response></response></multistatus>",
        "<!DOCTYPE m [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><multistatus><response><href>&e;</href></response></multistatus>",
    ] {
        let (_web, reader) = listing("207 Multi-Status", body.to_owned()).await;
        let error = reader.list("").await.unwrap_err();
        assert!(
            matches!(error, ArtifactError::StoreFailed { .. }),
            "{body}: {error:?}"
        );
    }
    let elsewhere = files(&["/other/", "/other/a"]);
    for body in [
        elsewhere.as_str(),
        "<multistatus xmlns='DAV:'/>",
        "<html><body/></html>",
    ] {
        let (_web, reader) = listing("207 Multi-Status", body.to_owned()).await;
        let error = reader.list("").await.unwrap_err();
        assert!(error.to_string().contains("another folder"), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn an_endless_list_is_given_up() {
    let web = Web::start(|_, _| {
        Answer::Endless(
            "HTTP/1.1 207 Multi-Status\r\n\r\n<multistatus>".to_owned(),
            "<response><href>/a</href></response>".repeat(1000),
        )
    });
    let web = web.await;
    let reader = Reader::of(&web.origin);
    let error = reader.list("").await.unwrap_err();
    assert!(error.to_string().contains("too long to show"), "{error:?}");
}
