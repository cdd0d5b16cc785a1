//! The same things on every store: a folder, S3 and Azure. `tools/object-stores` starts real servers for the last two.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use std::num::NonZeroUsize;
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use oxflow_artifacts::{
    ArtifactError, ArtifactPath, Artifacts, ArtifactsConfig, Completed, DonePart, Entry, Environment,
    ListToken, NewUpload, PageWanted, ServableLocation, UploadLimits,
};
use sha2::{Digest, Sha256};

/// Over two parts of an upload to an object store, which are 5 MiB.
const LARGE: usize = 12 * 1024 * 1024 + 17;

struct TestStore {
    name: &'static str,
    artifacts: Artifacts,
    at: ServableLocation,
    _folder: tempfile::TempDir,
}

impl TestStore {
    fn open(
        name: &'static str,
        destination: String,
        variables: &[(&str, &str)],
        folder: tempfile::TempDir,
    ) -> Self {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let artifacts = Artifacts::open(&ArtifactsConfig {
            destination,
            default_root: "mlflow-artifacts:/".to_owned(),
            serve: true,
            extra_roots: Vec::new(),
            environment: Environment::new(variables),
        });
        let artifacts = artifacts.unwrap();
        Self {
            name,
            at: artifacts.proxy().unwrap().clone(),
            artifacts,
            _folder: folder,
        }
    }

    fn local() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::open(
            "local",
            folder.path().join("store").display().to_string(),
            &[],
            folder,
        )
    }

    /// A folder of its own in a bucket.
    fn s3() -> Option<Self> {
        let (folder, name) = fresh();
        let destination = format!("s3://{}/{name}", variable("OXFLOW_TEST_S3_BUCKET")?);
        let endpoint = variable("OXFLOW_TEST_S3")?;
        Some(Self::open("s3", destination, &s3_variables(&endpoint), folder))
    }

    fn azure() -> Option<Self> {
        let (folder, name) = fresh();
        let container = variable("OXFLOW_TEST_AZURE_CONTAINER")?;
        let destination = format!("wasbs://{container}@account.blob.core.windows.net/{name}");
        let connection = variable("OXFLOW_TEST_AZURE")?;
        let variables = [("AZURE_STORAGE_CONNECTION_STRING", connection.as_str())];
        Some(Self::open("azure", destination, &variables, folder))
    }

    /// Google's XML dialect, in what it shares with S3's, against a server of the latter. No test has Google's own server.
    fn gcs() -> Option<Self> {
        let (folder, name) = fresh();
        let destination = format!("gs://{}/{name}", variable("OXFLOW_TEST_S3_BUCKET")?);
        let emulator = variable("OXFLOW_TEST_GCS")?;
        Some(Self::open(
            "gcs",
            destination,
            &[("STORAGE_EMULATOR_HOST", &emulator)],
            folder,
        ))
    }

    async fn put(&self, to: &str, content: &[u8]) -> Result<(), ArtifactError> {
        let limits = UploadLimits {
            expected_bytes: Some(content.len() as u64),
            max_bytes: None,
        };
        let pieces: Vec<_> = content.chunks(300_000).map(piece).collect();
        let body = futures::stream::iter(pieces);
        let stored = self.artifacts.put(&self.at, &path(to), body, limits).await?;
        assert_eq!(stored.size_bytes, content.len() as u64);
        assert_eq!(stored.sha256, <[u8; 32]>::from(Sha256::digest(content)).into());
        // What was kept of it is recognised when it is read.
        let file = self.artifacts.open_file(&self.at, &path(to)).await?;
        assert_eq!(stored.etag.as_deref(), Some(file.store_etag()));
        Ok(())
    }

    async fn read(&self, from: &str) -> Result<Vec<u8>, ArtifactError> {
        let file = self.artifacts.open_file(&self.at, &path(from)).await?;
        let size = file.size_bytes();
        let content = collect(file.into_stream(None)).await;
        assert_eq!(content.len() as u64, size);
        Ok(content)
    }

    async fn etag(&self, of: &str) -> String {
        let file = self.artifacts.open_file(&self.at, &path(of)).await.unwrap();
        file.etag()
    }

    async fn list(&self, folder: &str) -> Vec<Entry> {
        let folder = ArtifactPath::parse_directory(folder).unwrap();
        self.artifacts.list(&self.at, folder.as_ref()).await.unwrap()
    }

    /// What is in a folder; the names of folders end with a slash.
    async fn names(&self, folder: &str) -> Vec<String> {
        let entries = self.list(folder).await.into_iter();
        let name = |entry: Entry| format!("{}{}", entry.name, if entry.is_dir { "/" } else { "" });
        entries.map(name).collect()
    }

    /// The same, page by page.
    async fn pages(&self, folder: &str, max: usize) -> Vec<Vec<String>> {
        let folder = ArtifactPath::parse_directory(folder).unwrap();
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let max_entries = NonZeroUsize::new(max).unwrap();
            let wanted = PageWanted { max_entries, after };
            let page = self.artifacts.list_page(&self.at, folder.as_ref(), wanted).await;
            let page = page.unwrap();
            let name = |entry: Entry| format!("{}{}", entry.name, if entry.is_dir { "/" } else { "" });
            pages.push(page.entries.into_iter().map(name).collect());
            let Some(next) = page.next else { return pages };
            after = Some(ListToken::parse(&next.to_string()).unwrap());
        }
    }

    async fn is_empty(&self, folder: &str) -> bool {
        self.list(folder).await.is_empty()
    }

    async fn delete(&self, what: &str) {
        self.artifacts.delete(&self.at, &path(what)).await.unwrap();
    }
}

fn s3_variables(endpoint: &str) -> [(&str, &str); 4] {
    [
        ("MLFLOW_S3_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "oxflow-key"),
        ("AWS_SECRET_ACCESS_KEY", "oxflow-secret"),
        ("AWS_CONFIG_FILE", "/dev/null"),
    ]
}

fn variable(name: &str) -> Option<String> {
    let found = std::env::var(name).ok();
    if found.is_none() {
        eprintln!("skipped: `{name}` is not set; tools/object-stores runs a command with it");
        // Whoever runs all tests has all servers.
        assert!(
            std::env::var("OXFLOW_TEST_STORES_NEEDED").is_err(),
            "`{name}` is not set"
        );
    }
    found
}

/// A name that no other test has.
fn fresh() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    let name = name.trim_start_matches('.').to_owned();
    (folder, name)
}

fn path(text: &str) -> ArtifactPath {
    ArtifactPath::parse(text).unwrap()
}

fn piece(bytes: &[u8]) -> Result<Bytes, std::io::Error> {
    Ok(Bytes::copy_from_slice(bytes))
}

async fn collect(stream: impl futures::Stream<Item = std::io::Result<Bytes>>) -> Vec<u8> {
    let pieces: Vec<Bytes> = stream.try_collect().await.unwrap();
    pieces.concat()
}

fn large() -> Vec<u8> {
    (0..LARGE).map(|i| ((i / 251 + i % 251) % 256) as u8).collect()
}

/// Sends a part as clients do, and returns its entity tag.
async fn put_url(url: &str, content: &[u8]) -> String {
    let request = reqwest::Client::new()
        .put(url)
        .header("x-ms-blob-type", "BlockBlob")
        .body(content.to_vec());
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{status} {text}");
    let etag = headers.get("etag").map(|etag| etag.to_str().unwrap().to_owned());
    etag.unwrap_or_default()
}

/// A test on every store.
macro_rules! on_every_store {
    ($(async fn $name:ident($store:ident) $body:block)*) => {
        $(async fn $name($store: &TestStore) $body)*
        mod local {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                super::$name(&super::TestStore::local()).await;
            })*
        }
        mod s3 {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                if let Some(store) = super::TestStore::s3() { super::$name(&store).await; }
            })*
        }
        mod azure {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                if let Some(store) = super::TestStore::azure() { super::$name(&store).await; }
            })*
        }
    };
}

/// A test of those above, on Google Cloud Storage. Its URLs are signed with the keys of an account, which no emulator has.
macro_rules! also_on_gcs {
    ($($name:ident)*) => {
        mod gcs {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                if let Some(store) = super::TestStore::gcs() { super::$name(&store).await; }
            })*
        }
    };
}

also_on_gcs! {
    what_is_stored_is_read
    odd_names_are_kept_as_they_are
    parts_of_a_file_are_read
    folders_are_listed_by_their_children
    many_entries_come_in_pages
    pages_of_a_list_are_the_list
    what_is_not_there_is_told
    a_cut_body_leaves_what_was_there
}

on_every_store! {
    async fn what_is_stored_is_read(store) {
        for (name, content) in [("a/one.txt", b"one".to_vec()), ("empty", Vec::new()), ("a/b/large.bin", large())] {
            store.put(name, &content).await.unwrap();
            assert!(store.read(name).await.unwrap() == content, "{name}");
        }
        store.put("a/one.txt", b"another").await.unwrap();
        assert_eq!(store.read("a/one.txt").await.unwrap(), b"another");
        let before = store.etag("a/one.txt").await;
        store.put("a/one.txt", b"anothes").await.unwrap();
        let after = store.etag("a/one.txt").await;
        assert_ne!(before, after);
        assert!(after.starts_with('"') && after.ends_with('"'), "{after}");
    }

    async fn odd_names_are_kept_as_they_are(store) {
        let mut long = ["x".repeat(250), "y".repeat(250), "z".repeat(250), "w".repeat(180)].join("/");
        if matches!(store.name, "s3" | "gcs") {
            // The test server makes one file name of a key, and those have 255 bytes at most. S3 itself has no such limit.
            long.truncate(120);
        }
        let names = [
            "a b", " lead", "trail ", "ümlaut/日本", "100%", "a%25b", "a+b&c=d", "a;b,c", "~x", "(1)[2]{3}", "quo'te\"",
            "...", "a..b", "<tag>", "back`tick", "star*", "caret^", "pipe|", "e\u{301}", long.as_str(),
        ];
        for name in names {
            let name = format!("odd/{name}");
            store.put(&name, name.as_bytes()).await.unwrap();
            assert_eq!(store.read(&name).await.unwrap(), name.as_bytes(), "{name:?}");
        }
        let first = |name: &&str| name.split_once('/').map_or_else(|| (*name).to_owned(), |(first, _)| format!("{first}/"));
        let mut expected: Vec<String> = names.iter().map(first).collect();
        expected.sort_unstable();
        let mut listed = store.names("odd").await;
        listed.sort_unstable();
        assert_eq!(listed, expected);
        store.delete("odd").await;
        assert!(store.is_empty("odd").await);
    }

    async fn parts_of_a_file_are_read(store) {
        let content = large();
        store.put("large.bin", &content).await.unwrap();
        let (middle, last) = (9 * 1024 * 1024, LARGE as u64 - 1);
        for range in [0..=0, 5..=9, middle..=middle + 1, last..=last, 7..=u64::MAX - 1] {
            let file = store.artifacts.open_file(&store.at, &path("large.bin")).await.unwrap();
            let read = collect(file.into_stream(Some(range.clone()))).await;
            let end = (*range.end()).min(last) as usize;
            assert!(read == content[*range.start() as usize..=end], "{range:?}");
        }
        store.put("empty", b"").await.unwrap();
        let file = store.artifacts.open_file(&store.at, &path("empty")).await.unwrap();
        assert_eq!(collect(file.into_stream(Some(0..=0))).await, b"");
    }

    async fn folders_are_listed_by_their_children(store) {
        for name in ["f/b.txt", "f/a/1", "f/a/2", "f/c", "f.txt", "g/1"] {
            store.put(name, b"12345").await.unwrap();
        }
        assert_eq!(store.names("f").await, ["a/", "b.txt", "c"]);
        assert_eq!(store.names("").await, ["f/", "f.txt", "g/"]);
        assert_eq!(store.list("f").await[1].size_bytes, 5);
        for nothing in ["missing", "f/c", "f/b.tx"] {
            assert!(store.is_empty(nothing).await, "{nothing}");
        }
    }

    async fn many_entries_come_in_pages(store) {
        let puts = (0..2100).map(|i| async move { store.put(&format!("many/{i:05}"), b"x").await });
        let puts = futures::stream::iter(puts).buffer_unordered(32);
        puts.try_collect::<Vec<()>>().await.unwrap();
        let listed = store.names("many").await;
        assert_eq!((listed.len(), listed[0].as_str(), listed[2099].as_str()), (2100, "00000", "02099"));
        // Pages larger and smaller than those of the store.
        for max in [1500, 999] {
            let pages = store.pages("many", max).await;
            assert!(pages.iter().all(|page| page.len() <= max), "{max}");
            assert_eq!(pages.concat(), listed, "{max}");
        }
        store.delete("many").await;
        assert!(store.is_empty("").await);
    }

    async fn pages_of_a_list_are_the_list(store) {
        for name in ["a/1", "a/2", "a.txt", "b", "c d/e/f", "c d/g", "z%41", "é/1"] {
            store.put(&format!("f/{name}"), b"12345").await.unwrap();
        }
        store.put("f.txt", b"x").await.unwrap();
        let listed = store.names("f").await;
        for max in 1..8 {
            let pages = store.pages("f", max).await;
            assert!(pages.iter().all(|page| page.len() <= max), "{max}: {pages:?}");
            let mut all = pages.concat();
            let in_keys = all.is_sorted();
            let by_name = all.is_sorted_by(|a, b| a.trim_end_matches("/") <= b.trim_end_matches("/"));
            assert!(if store.name == "local" { by_name } else { in_keys }, "{max}: {all:?}");
            // An object store counts the slash of a folder's name.
            all.sort_by(|a, b| a.trim_end_matches('/').cmp(b.trim_end_matches('/')));
            assert_eq!(all, listed, "{max}");
        }
        assert_eq!(store.pages("missing", 5).await.concat(), [""; 0]);
    }

    async fn what_is_not_there_is_told(store) {
        store.put("folder/file", b"x").await.unwrap();
        for missing in ["nothing", "folder/other", "folder/fil"] {
            let error = store.read(missing).await.unwrap_err();
            assert!(matches!(error, ArtifactError::NotFound { .. }), "{missing}: {error}");
        }
        let error = store.read("folder").await.unwrap_err();
        assert!(matches!(error, ArtifactError::IsDirectory { .. }), "{error}");
        store.delete("nothing").await;
        store.delete("folder/file").await;
        assert!(store.is_empty("folder").await);
    }

    async fn a_cut_body_leaves_what_was_there(store) {
        let content = large();
        store.put("kept", b"before").await.unwrap();
        for (name, length) in [("kept", 100), ("kept", LARGE), ("new", 100), ("new", LARGE)] {
            let body = futures::stream::iter([piece(&content[..length]), Err(std::io::Error::other("cut"))]);
            let limits = UploadLimits::default();
            let error = store.artifacts.put(&store.at, &path(name), body, limits).await.unwrap_err();
            assert!(matches!(error, ArtifactError::Body(_)), "{error}");
            let short = UploadLimits { expected_bytes: Some(length as u64 + 1), max_bytes: None };
            let body = futures::stream::iter([piece(&content[..length])]);
            let error = store.artifacts.put(&store.at, &path(name), body, short).await.unwrap_err();
            assert!(matches!(error, ArtifactError::ShortBody { .. }), "{error}");
        }
        assert_eq!(store.read("kept").await.unwrap(), b"before");
        assert_eq!(store.names("").await, ["kept"]);
    }

    async fn an_upload_in_parts_becomes_one_file(store) {
        let content = large();
        let at = path("model/weights 1.bin");
        let pieces: Vec<&[u8]> = content.chunks(6 * 1024 * 1024).collect();
        let hour = Duration::from_secs(3600);
        let begun = store.artifacts.begin_parts(&store.at, &at, pieces.len() as u32, hour).await.unwrap();
        let mut done = Vec::new();
        // The last part comes first.
        for (i, bytes) in pieces.iter().enumerate().rev() {
            let number = i as u32 + 1;
            let etag = match &begun {
                NewUpload::ToStore { parts, .. } => put_url(&parts[i].url, bytes).await,
                NewUpload::ToServer { id } => {
                    // A part that is sent again counts as it came last.
                    let mut etag = String::new();
                    for bytes in [b"wrong", *bytes] {
                        let (body, limits) = (futures::stream::iter([piece(bytes)]), UploadLimits::default());
                        etag = store.artifacts.put_part(&store.at, &at, (id, number), body, limits).await.unwrap();
                    }
                    etag
                }
            };
            done.push(DonePart { number, etag });
        }
        let (NewUpload::ToStore { id, .. } | NewUpload::ToServer { id }) = &begun;
        assert!(store.is_empty("model").await);
        let missing = done.iter().filter(|part| part.number != 2).cloned().collect();
        assert!(store.artifacts.complete_parts(&store.at, &at, id, missing).await.is_err());
        let completed = store.artifacts.complete_parts(&store.at, &at, id, done.clone()).await.unwrap();
        if let Completed::Made(stored) = &completed {
            assert_eq!(stored.sha256, <[u8; 32]>::from(Sha256::digest(&content)).into());
        }
        assert!(store.read("model/weights 1.bin").await.unwrap() == content);
        if let (NewUpload::ToServer { .. }, Completed::Made(stored)) = (&begun, completed) {
            let again = store.artifacts.complete_parts(&store.at, &at, id, done).await.unwrap();
            assert_eq!(again, Completed::MadeBefore(stored));
            store.artifacts.abort_parts(&store.at, &at, id).await.unwrap();
            assert!(store.read("model/weights 1.bin").await.unwrap() == content);
        }
    }

    async fn an_aborted_upload_leaves_nothing(store) {
        let at = path("model/weights.bin");
        let minute = Duration::from_secs(60);
        let begun = store.artifacts.begin_parts(&store.at, &at, 2, minute).await.unwrap();
        match &begun {
            NewUpload::ToStore { parts, .. } => drop(put_url(&parts[0].url, b"part").await),
            NewUpload::ToServer { id } => {
                let (body, limits) = (futures::stream::iter([piece(b"part")]), UploadLimits::default());
                let elsewhere = path("model/other.bin");
                let refused = store.artifacts.put_part(&store.at, &elsewhere, (id, 1), body, limits).await.unwrap_err();
                assert!(matches!(refused, ArtifactError::NoSuchUpload(_)), "{refused}");
                let body = futures::stream::iter([piece(b"part")]);
                store.artifacts.put_part(&store.at, &at, (id, 1), body, limits).await.unwrap();
            }
        }
        let (NewUpload::ToStore { id, .. } | NewUpload::ToServer { id }) = &begun;
        store.artifacts.abort_parts(&store.at, &at, id).await.unwrap();
        assert!(store.is_empty("").await);
        if matches!(begun, NewUpload::ToServer { .. }) {
            let gone = vec![DonePart { number: 1, etag: "0".repeat(32) }];
            let error = store.artifacts.complete_parts(&store.at, &at, id, gone).await.unwrap_err();
            assert!(matches!(error, ArtifactError::NoSuchUpload(_)), "{error}");
        }
    }

    async fn a_signed_url_gives_the_file_to_whoever_has_it(store) {
        store.put("a/secret ü.txt", b"secret").await.unwrap();
        let (at, minute) = (path("a/secret ü.txt"), Duration::from_secs(60));
        let signed = store.artifacts.presigned_download(&store.at, &at, minute).await.unwrap();
        let Some(signed) = signed else {
            return; // a folder: the server signs
        };
        assert_eq!(signed.size_bytes, 6);
        let got = reqwest::get(&signed.url).await.unwrap();
        assert_eq!(got.bytes().await.unwrap().as_ref(), b"secret");
        let unsigned = signed.url.split('?').next().unwrap();
        let refused = reqwest::get(unsigned).await.unwrap().status();
        assert!(refused.is_client_error(), "{refused}");
        let missing = store.artifacts.presigned_download(&store.at, &path("nothing"), minute).await.unwrap_err();
        assert!(matches!(missing, ArtifactError::NotFound { .. }), "{missing}");
        let put = store.artifacts.presigned_upload(&store.at, &path("put.txt"), minute).await.unwrap().unwrap();
        put_url(&put, b"put").await;
        assert_eq!(store.read("put.txt").await.unwrap(), b"put");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_part_that_comes_many_times_at_once_is_lost_by_none() {
    let store = &TestStore::local();
    let at = &path("weights.bin");
    let begun = store
        .artifacts
        .begin_parts(&store.at, at, 1, Duration::from_secs(60))
        .await;
    let NewUpload::ToServer { id } = &begun.unwrap() else {
        panic!("a folder has no store to send parts to");
    };
    let sends = (0..32_u8).map(|i| async move {
        let body = futures::stream::iter([piece(&[i; 1000])]);
        let limits = UploadLimits::default();
        let put = store.artifacts.put_part(&store.at, at, (id, 1), body, limits);
        (i, put.await.unwrap())
    });
    let sent: Vec<(u8, String)> = futures::stream::iter(sends).buffer_unordered(16).collect().await;
    let (meant, etag) = sent[7].clone();
    let done = vec![DonePart { number: 1, etag }];
    store
        .artifacts
        .complete_parts(&store.at, at, id, done)
        .await
        .unwrap();
    assert_eq!(store.read("weights.bin").await.unwrap(), [meant; 1000]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_store_refuses_is_said() {
    let (Some(endpoint), Some(bucket)) = (variable("OXFLOW_TEST_S3"), variable("OXFLOW_TEST_S3_BUCKET"))
    else {
        return;
    };
    let open = |bucket: &str, secret: &'static str, endpoint: &str| {
        let mut variables = s3_variables(endpoint);
        variables[2].1 = secret;
        let folder = tempfile::tempdir().unwrap();
        TestStore::open("s3", format!("s3://{bucket}/x"), &variables, folder)
    };
    let wrong = open(&bucket, "wrong", &endpoint)
        .put("a", b"x")
        .await
        .unwrap_err();
    assert!(matches!(wrong, ArtifactError::StoreRefuses { .. }), "{wrong:?}");
    // Of a bucket that is not there the test server makes one when something is put into it.
    let missing = open("no-such-bucket", "oxflow-secret", &endpoint);
    let missing = missing.artifacts.list(&missing.at, None).await.unwrap_err();
    assert!(matches!(missing, ArtifactError::NoBucket { .. }), "{missing:?}");
    assert!(missing.to_string().contains("s3://no-such-bucket"), "{missing}");
    let down = open(&bucket, "oxflow-secret", "http://127.0.0.1:9")
        .put("a", b"x")
        .await
        .unwrap_err();
    assert!(matches!(down, ArtifactError::StoreFailed { .. }), "{down:?}");
}
