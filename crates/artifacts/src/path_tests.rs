use std::path::{Component, Path};

use proptest::prelude::*;

use super::*;

/// Every one of these is refused. The request value was decoded once before it got here.
const HOSTILE: &[&str] = &[
    // Nothing, and roots.
    "",
    "/",
    "//",
    "///",
    ".",
    "./",
    "..",
    "../",
    "/.",
    "/..",
    // Climbing.
    "../x",
    "x/..",
    "x/../..",
    "x/../y",
    "a/b/../../..",
    "./x",
    "x/.",
    "x/./y",
    "../../etc/passwd",
    // Climbing, encoded once more, twice more, up to five times.
    "%2e%2e",
    "%2e%2e/x",
    "%2E%2E/x",
    ".%2e/x",
    "%2e./x",
    "..%2fx",
    "..%2f..%2fetc",
    "x%2f..",
    "x%2F%2E%2E%2Fy",
    "%252e%252e/x",
    "%25252e%25252e/x",
    "%2525252e%2525252e",
    "%252525252e%252525252e",
    "%2e",
    "x/%2e",
    "%2e/x",
    "%25252525252e%25252525252e",
    "%2525252525252e%2525252525252e",
    // Empty segments and outer slashes.
    "a//b",
    "a/",
    "a//",
    "/a",
    "//a",
    "///a",
    "//abs",
    "%2fa",
    "a%2f%2fb",
    "a%2f",
    "%252fetc",
    // Backslashes: a Windows client joins them.
    "\\",
    "\\\\",
    "..\\x",
    "a\\..\\b",
    "a\\b",
    "a\\",
    "\\\\host\\share",
    "\\\\?\\C:\\x",
    "a%5cb",
    "..%5c..",
    "%255c%255chost",
    // Drives.
    "C:",
    "C:/x",
    "c:x",
    "C:\\x",
    "C%3a/x",
    "z%253a/x",
    // URIs.
    "file:x",
    "file:/etc/passwd",
    "file:///etc/passwd",
    "FILE:///x",
    "file%3a///x",
    "http:x",
    "http://evil/x",
    "https://evil",
    "s3://b/k",
    "runs:/x",
    "models:/m/1",
    "mlflow-artifacts:/x",
    "data:text,x",
    "javascript:x",
    "foo:/x",
    "a+b.c-d://x",
    // Control characters.
    "\0",
    "a\0b",
    "a\0",
    "a%00b",
    "a%2500b",
    "\n",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "\u{1b}[0m",
    "a%0ab",
    "a%0d%0aX: y",
    "a\u{7f}b",
    "a\u{85}b",
    "a%c2%85b",
    // What `%10` to `%19` decode to: not as such, and not to hide something else.
    "a\u{17}b",
    ".%17./x",
    "a/%17/x",
    // Query and fragment.
    "#",
    "a#b",
    "a%23b",
    "a%2523b",
    "?",
    "a?b",
    "a%3fb",
    "?path=x",
    "a/b?c/../d",
    // Our own.
    ".oxflow-tmp",
    ".oxflow-tmp/x",
    ".oxflow-tmp/",
    ".OXFLOW-TMP/x",
    "%2eoxflow-tmp/x",
    "a/.oxflow-tmp/x",
    // Behind bytes that are not UTF-8.
    "%ff/%2e%2e/x",
    "%ff%00",
];

const LEGAL: &[&str] = &[
    "a",
    "a b",
    "é",
    "e\u{301}",
    "日本語/モデル",
    "a+b",
    "...",
    "..x",
    "x..",
    "..x/y..",
    ".hidden",
    "a%25b",
    "%",
    "100%",
    "%zz",
    "a%20b",
    "a%2fb",
    "~x",
    "-rf",
    "a;b",
    "a&b=c",
    "loss:train.json",
    "model/MLmodel",
    "a|b*\"<>'",
    " a",
    "a ",
    "$HOME",
    "`id`",
    "%ff",
    // An image of the clients 2.22 and 3.6, logged with key and step.
    "images/dog%step%10%timestamp%1795252641760%z3128d4d-06b8-4cf9-a96b-4fdf22b75840%compressed.webp",
    "a%25252525b",
    "oxflow-tmp",
    ".oxflow-tmp2",
    "x/C:/y",
    "foo:bar",
    "1:/x",
];

#[test]
fn hostile_texts_are_refused() {
    assert!(HOSTILE.len() >= 60, "the table shrank to {}", HOSTILE.len());
    for text in HOSTILE {
        assert_eq!(ArtifactPath::parse(text), Err(InvalidPath), "{text:?}");
    }
}

#[test]
fn ordinary_names_are_kept_byte_for_byte() {
    for text in LEGAL {
        assert_eq!(
            ArtifactPath::parse(text)
                .unwrap_or_else(|_| panic!("{text:?}"))
                .as_str(),
            *text
        );
    }
}

#[test]
fn limits_are_exact() {
    let accepts = |text: String| ArtifactPath::parse(&text).is_ok();
    assert!(accepts("a".repeat(255)));
    assert!(!accepts("a".repeat(256)));
    assert!(!accepts("é".repeat(128)), "256 bytes in 128 characters");
    assert!(accepts(vec!["a"; 128].join("/")));
    assert!(!accepts(vec!["a"; 129].join("/")));
    let longest = vec!["a".repeat(240); 17].join("/");
    assert_eq!(longest.len(), 4096);
    assert!(accepts(longest.clone()));
    assert!(!accepts(longest + "a"));
}

#[test]
fn a_directory_may_be_the_root_or_end_in_one_slash() {
    let directory = |text| ArtifactPath::parse_directory(text).map(|path| path.map(|p| p.0));
    assert_eq!(directory(""), Ok(None));
    assert_eq!(directory("a"), Ok(Some("a".into())));
    assert_eq!(directory("a/b/"), Ok(Some("a/b".into())));
    for text in ["/", "//", "a//", "/a", ".", "./", "a/../", "a//b/", "a%2f"] {
        assert_eq!(directory(text), Err(InvalidPath), "{text:?}");
    }
}

#[test]
fn parts_of_a_path() {
    let path = |text| ArtifactPath::parse(text).unwrap();
    assert_eq!(path("a/b/c.tar.gz").file_name(), "c.tar.gz");
    assert_eq!(path("a/b/c.tar.gz").extension(), Some("gz"));
    assert_eq!(path("a.b/c").extension(), None);
    assert_eq!(path(".env").extension(), None);
    assert_eq!(path("a.").extension(), None);
    assert_eq!(path("a/b/c").parent(), Some(path("a/b")));
    assert_eq!(path("a").parent(), None);
    assert_eq!(path("a/b").join(&path("c")), Ok(path("a/b/c")));
    assert_eq!(path("a/b/c").segments().collect::<Vec<_>>(), ["a", "b", "c"]);
    let deep = path(&vec!["a"; 100].join("/"));
    assert_eq!(deep.join(&deep), Err(InvalidPath));
    assert_eq!(InvalidPath.to_string(), "Invalid path");
}

/// Text made of the pieces attacks are made of.
fn hostile_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "b.txt",
        ".",
        "..",
        "/",
        "//",
        "\\",
        "%",
        "%2e",
        "%2f",
        "%5c",
        "%25",
        "%00",
        "2e",
        "2f",
        "é",
        "C:",
        "file:",
        "#",
        "?",
        "\0",
        "~",
        ".oxflow-tmp",
        " ",
    ]);
    prop::collection::vec(pieces, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_constructed_path_stays_under_its_root(text in prop_oneof![hostile_text(), any::<String>()]) {
        if let Ok(path) = ArtifactPath::parse(&text) {
            prop_assert_eq!(path.as_str(), &text);
            let mut decoded = text;
            for _ in 0..7 {
                let joined = Path::new("/root").join(&decoded);
                prop_assert!(joined.starts_with("/root"));
                prop_assert!(joined.components().skip(2).all(|part| matches!(part, Component::Normal(_))));
                prop_assert!(!decoded.contains(['\\', '\0']));
                decoded = percent_decode_str(&decoded).decode_utf8_lossy().into_owned();
            }
        }
    }

    #[test]
    fn joining_two_paths_stays_under_both(a in hostile_text(), b in hostile_text()) {
        if let (Ok(a), Ok(b)) = (ArtifactPath::parse(&a), ArtifactPath::parse(&b)) {
            // Only a first segment that ends in a colon can make a URI of the two.
            let may_be_uri = a.as_str().ends_with(':') && a.segments().count() == 1;
            prop_assert!(may_be_uri || a.join(&b).is_ok());
            if let Ok(joined) = a.join(&b) {
                let prefix = format!("{a}/");
                prop_assert!(joined.as_str().starts_with(&prefix));
                prop_assert_eq!(joined.segments().count(), a.segments().count() + b.segments().count());
            }
        }
    }
}
