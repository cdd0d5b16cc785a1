//! Listing and downloading.

use std::io;
use std::time::SystemTime;

use futures::StreamExt;

use super::*;
use crate::ArtifactError;

#[tokio::test]
async fn lists_direct_children_sorted_by_name() {
    with_each_resolver(async |store| {
        for name in ["b.txt", "a/x", "a/y/z", "é", "B", "a.txt", "a b"] {
            store.put(name, b"content").await.unwrap();
        }
        assert_eq!(store.names("").await, ["B", "a/", "a b", "a.txt", "b.txt", "é"]);
        assert_eq!(store.names("a/").await, ["x", "y/"]);
        let entries = store.artifacts.list(&store.at, None).await.unwrap();
        let sizes: Vec<u64> = entries.iter().map(|entry| entry.size_bytes).collect();
        assert_eq!(sizes, [7, 0, 7, 7, 7, 7]);
    })
    .await;
}

#[tokio::test]
async fn a_page_leaves_out_what_the_list_leaves_out() {
    with_each_resolver(async |store| {
        for name in ["a", "b", "c"] {
            store.put(name, b"content").await.unwrap();
        }
        std::os::unix::fs::symlink("a", store.on_host("aa")).unwrap();
        std::fs::write(store.on_host("a\\b"), b"").unwrap();
        let mut wanted = crate::PageWanted {
            max_entries: std::num::NonZeroUsize::new(2).unwrap(),
            after: None,
        };
        let first = store.artifacts.list_page(&store.at, None, wanted.clone()).await;
        let first = first.unwrap();
        let names: Vec<&str> = first.entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["a"], "a link is no file");
        wanted.after = first.next;
        assert!(wanted.after.is_some());
        let second = store.artifacts.list_page(&store.at, None, wanted).await;
        let second = second.unwrap();
        let names: Vec<&str> = second.entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!((names, second.next), (vec!["b", "c"], None));
    })
    .await;
}

#[tokio::test]
async fn a_missing_directory_and_a_file_have_no_children() {
    with_each_resolver(async |store| {
        assert!(store.names("").await.is_empty(), "the root does not even exist");
        store.put("file", b"x").await.unwrap();
        for directory in ["missing", "file", "file/below", "missing/below"] {
            assert!(store.names(directory).await.is_empty(), "{directory}");
        }
    })
    .await;
}

#[tokio::test]
async fn only_a_file_can_be_read() {
    with_each_resolver(async |store| {
        assert!(matches!(
            store.read("a").await,
            Err(ArtifactError::NotFound { .. })
        ));
        store.put("a/b", b"x").await.unwrap();
        assert!(matches!(
            store.read("a").await,
            Err(ArtifactError::IsDirectory { .. })
        ));
        for missing in ["x", "a/x", "x/y/z", "a/b/c"] {
            let error = store.read(missing).await.unwrap_err();
            assert_eq!(error.to_string(), format!("No such artifact: '{missing}'"));
        }
    })
    .await;
}

#[tokio::test]
async fn ranges_are_inclusive_and_cut_at_the_end() {
    with_each_resolver(async |store| {
        store.put("digits", b"0123456789").await.unwrap();
        for (range, expected) in [
            (0..=0, "0"),
            (2..=4, "234"),
            (9..=9, "9"),
            (8..=100, "89"),
            (0..=u64::MAX, "0123456789"),
            (10..=10, ""),
            (50..=60, ""),
        ] {
            let file = store
                .artifacts
                .open_file(&store.at, &path("digits"))
                .await
                .unwrap();
            let chunks: Vec<Bytes> = file.into_stream(Some(range.clone())).try_collect().await.unwrap();
            assert_eq!(chunks.concat(), expected.as_bytes(), "{range:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_entity_tag_names_the_version() {
    with_each_resolver(async |store| {
        let tag = async |name| {
            store
                .artifacts
                .open_file(&store.at, &path(name))
                .await
                .unwrap()
                .etag()
        };
        store.put("a", b"same").await.unwrap();
        store.put("b", b"same").await.unwrap();
        let first = tag("a").await;
        assert!(first.starts_with('"') && first.ends_with('"') && !first.starts_with("W/"));
        assert_eq!(first, tag("a").await);
        assert_ne!(first, tag("b").await);
        let set_time = |name, time| {
            let file = std::fs::File::options()
                .write(true)
                .open(store.on_host(name))
                .unwrap();
            file.set_times(std::fs::FileTimes::new().set_modified(time))
                .unwrap();
        };
        let time = SystemTime::now();
        set_time("a", time);
        set_time("b", time);
        assert_ne!(tag("a").await, tag("b").await, "another file of the same age");
        let same_inode = tag("a").await;
        set_time("a", time + Duration::from_nanos(4));
        assert_ne!(same_inode, tag("a").await, "changed in place");
        store.put("a", b"same").await.unwrap();
        assert_ne!(first, tag("a").await);
    })
    .await;
}

#[tokio::test]
async fn an_open_file_says_its_size_and_age() {
    with_each_resolver(async |store| {
        store.put("a", b"12345").await.unwrap();
        let file = store.artifacts.open_file(&store.at, &path("a")).await.unwrap();
        assert_eq!(file.size_bytes(), 5);
        let on_host = std::fs::metadata(store.on_host("a")).unwrap().modified().unwrap();
        assert_eq!(file.last_modified(), on_host);
        assert!(file.last_modified() > SystemTime::UNIX_EPOCH);
    })
    .await;
}

#[tokio::test]
async fn readers_of_a_replaced_or_deleted_file_finish_with_the_old_content() {
    with_each_resolver(async |store| {
        let old = vec![b'o'; 1 << 20];
        for replace in [true, false] {
            store.put("a", &old).await.unwrap();
            let file = store.artifacts.open_file(&store.at, &path("a")).await.unwrap();
            let mut stream = Box::pin(file.into_stream(None));
            let first = stream.next().await.unwrap().unwrap();
            if replace {
                store.put("a", b"new").await.unwrap();
                assert_eq!(store.read("a").await.unwrap(), b"new");
            } else {
                store.delete("a").await.unwrap();
            }
            let rest: Vec<Bytes> = stream.try_collect().await.unwrap();
            assert!([first].into_iter().chain(rest).collect::<Vec<_>>().concat() == old);
        }
    })
    .await;
}

/// The file is read while it is sent: cutting it shows in the stream.
#[tokio::test]
async fn a_file_cut_by_another_program_ends_in_an_error() {
    with_each_resolver(async |store| {
        let place = store.plant("big");
        std::fs::File::create(&place).unwrap().set_len(64 << 20).unwrap();
        let file = store.artifacts.open_file(&store.at, &path("big")).await.unwrap();
        let mut stream = Box::pin(file.into_stream(None));
        assert_eq!(stream.next().await.unwrap().unwrap().len(), 256 * 1024);
        std::fs::File::options()
            .write(true)
            .open(&place)
            .unwrap()
            .set_len(1 << 20)
            .unwrap();
        let rest: Vec<io::Result<Bytes>> = stream.collect().await;
        assert_eq!(rest.len(), 4, "three more pieces and the error");
        let error = rest.into_iter().next_back().unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    })
    .await;
}
