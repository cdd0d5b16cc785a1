//! What is known of the bytes of artifacts.

use oxflow_core::ContentDigest;
use oxflow_store::ArtifactDigest;

use super::backend::{NOW_MS, store_tests};

const TREE: &str = "mlflow-artifacts:";

fn digest(path: &str, content: u8) -> ArtifactDigest {
    ArtifactDigest {
        path: path.to_owned(),
        sha256: ContentDigest::from([content; 32]),
        size_bytes: 5_000_000_000,
        etag: format!("\"{content}\""),
        recorded_time_ms: NOW_MS,
    }
}

/// In byte order, with names that other orders would place elsewhere, and that begin like a folder.
const PATHS: [&str; 8] = [
    "1/a",
    "1/a b",
    "1/a/B",
    "1/a/a%2F#?",
    "1/a/b/c",
    "1/a0",
    "1/ä",
    "2/a",
];

store_tests! {
    async fn the_last_digest_of_a_place_is_kept(store) {
        let store = &store.store;
        assert_eq!(store.artifact_digest(TREE, "1/a").await.unwrap(), None);
        for content in [1, 2] {
            store.keep_artifact_digest(TREE, digest("1/a", content)).await.unwrap();
        }
        store.keep_artifact_digest("s3://bucket", digest("1/a", 3)).await.unwrap();
        assert_eq!(store.artifact_digest(TREE, "1/a").await.unwrap(), Some(digest("1/a", 2)));
        assert_eq!(store.artifact_digest("s3://bucket", "1/a").await.unwrap(), Some(digest("1/a", 3)));
        let trees = store.artifact_digest_trees().await.unwrap();
        assert_eq!(trees, [(TREE.to_owned(), 1), ("s3://bucket".to_owned(), 1)]);
    }

    async fn a_digest_that_came_too_late_is_taken_back(store) {
        let store = &store.store;
        let keep = async |content| store.keep_artifact_digest(TREE, digest("1/a", content)).await.unwrap();
        let take_back = async |etag: &str, instead| {
            store.take_artifact_digest_back(TREE, "1/a", etag, instead).await.unwrap();
            store.artifact_digest(TREE, "1/a").await.unwrap()
        };
        assert_eq!(keep(1).await, None);
        let replaced = keep(2).await;
        assert_eq!(replaced, Some(digest("1/a", 1)));
        assert_eq!(take_back("\"1\"", None).await, Some(digest("1/a", 2)));
        assert_eq!(take_back("\"2\"", replaced).await, Some(digest("1/a", 1)));
        assert_eq!(take_back("\"1\"", None).await, None);
        assert_eq!(take_back("\"1\"", Some(digest("1/a", 3))).await, None);
        assert!(store.artifact_digests(TREE, None, "", 9).await.unwrap().is_empty());
        assert!(store.artifact_digests(TREE, Some("1"), "", 9).await.unwrap().is_empty());
        assert!(store.artifact_digest_trees().await.unwrap().is_empty());
        // Who comes next is told that somebody was there.
        assert_eq!(keep(4).await, Some(ArtifactDigest { etag: String::new(), ..digest("1/a", 1) }));
        assert_eq!(store.artifact_digest(TREE, "1/a").await.unwrap(), Some(digest("1/a", 4)));
    }

    async fn digests_are_read_in_pages_and_forgotten_with_their_folder(store) {
        let store = &store.store;
        for path in PATHS {
            store.keep_artifact_digest(TREE, digest(path, 1)).await.unwrap();
        }
        let read = async |below: Option<&str>, after: &str, limit: usize| {
            let page = store.artifact_digests(TREE, below, after, limit).await.unwrap();
            page.into_iter().map(|digest| digest.path).collect::<Vec<_>>()
        };
        assert_eq!(read(None, "", 100).await, PATHS);
        assert_eq!(read(None, "1/a b", 3).await, ["1/a/B", "1/a/a%2F#?", "1/a/b/c"]);
        assert_eq!(read(Some("1/a"), "", 100).await, ["1/a", "1/a/B", "1/a/a%2F#?", "1/a/b/c"]);
        assert_eq!(read(Some("1/a"), "1/a/B", 1).await, ["1/a/a%2F#?"]);
        assert_eq!(read(Some("2/a"), "", 100).await, ["2/a"]);
        store.forget_artifact_digests("other", "1/a").await.unwrap();
        store.forget_artifact_digests(TREE, "1/a").await.unwrap();
        assert_eq!(read(None, "", 100).await, ["1/a b", "1/a0", "1/ä", "2/a"]);
    }

    async fn of_the_longest_paths_nothing_is_kept(store) {
        let store = &store.store;
        let ends = [("x".repeat(2000), true), ("x".repeat(2001), false), ("ä".repeat(1000), true)];
        for (path, is_kept) in ends {
            store.keep_artifact_digest(TREE, digest(&path, 1)).await.unwrap();
            let found = store.artifact_digest(TREE, &path).await.unwrap();
            assert_eq!(found.is_some(), is_kept, "{}", path.len());
        }
    }
}
