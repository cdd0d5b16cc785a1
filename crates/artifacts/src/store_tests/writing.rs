//! Uploading and deleting.

use std::fs::FileTimes;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use futures::StreamExt;

use super::*;
use crate::ArtifactError;

#[tokio::test]
async fn what_was_put_is_read_back() {
    with_each_resolver(async |store| {
        for name in [
            "a",
            "dir/b",
            "deep/er/and/deeper/c",
            "a b",
            "é",
            "a+b",
            "...",
            "..x",
            "a%25b",
            "%",
            "~x",
        ] {
            store.put(name, name.as_bytes()).await.unwrap();
            assert_eq!(store.read(name).await.unwrap(), name.as_bytes());
            assert!(store.on_host(name).is_file(), "{name} is stored byte for byte");
        }
        store.put("a", b"second").await.unwrap();
        assert_eq!(store.read("a").await.unwrap(), b"second");
        assert_eq!(store.temp_files(), 0);
        assert!(!store.names("").await.contains(&format!("{TEMP_DIRECTORY}/")));
        let mode = std::fs::metadata(store.on_host(TEMP_DIRECTORY))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
    })
    .await;
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    with_each_resolver(async |store| {
        let limits = UploadLimits {
            expected_bytes: Some(0),
            max_bytes: Some(0),
        };
        store
            .artifacts
            .put(&store.at, &path("empty"), body(b""), limits)
            .await
            .unwrap();
        assert_eq!(store.read("empty").await.unwrap(), b"");
        assert_eq!(store.names("").await, ["empty"]);
    })
    .await;
}

#[tokio::test]
async fn a_failed_upload_leaves_nothing_and_keeps_the_old_version() {
    with_each_resolver(async |store| {
        store.put("kept", b"old").await.unwrap();
        let content = vec![b'n'; 600 * 1024];
        let len = content.len() as u64;
        let cut = || body(&content).map(|piece| piece.map_err(io::Error::other)).chain(stream::iter([Err(io::Error::other("gone"))]));
        let exactly = |bytes| UploadLimits { expected_bytes: Some(bytes), max_bytes: None };
        let at_most = |bytes| UploadLimits { expected_bytes: None, max_bytes: Some(bytes) };
        for name in ["kept", "new/file"] {
            let put = async |limits| store.artifacts.put(&store.at, &path(name), body(&content), limits).await.unwrap_err();
            assert!(matches!(put(exactly(len + 1)).await, ArtifactError::ShortBody { expected, got } if expected == len + 1 && got == len));
            assert!(matches!(put(exactly(len - 1)).await, ArtifactError::ShortBody { .. }));
            assert!(matches!(put(at_most(len - 1)).await, ArtifactError::TooLarge { limit_bytes } if limit_bytes == len - 1));
            let announced = UploadLimits { expected_bytes: Some(len), max_bytes: Some(10) };
            assert!(matches!(put(announced).await, ArtifactError::TooLarge { limit_bytes: 10 }));
            let error = store.artifacts.put(&store.at, &path(name), cut(), UploadLimits::default()).await;
            assert!(matches!(error, Err(ArtifactError::Body(_))));
            assert_eq!(store.temp_files(), 0);
        }
        assert_eq!(store.names("").await, ["kept"], "not even the directory was made");
        assert_eq!(store.read("kept").await.unwrap(), b"old");
        let limits = UploadLimits { expected_bytes: Some(len), max_bytes: Some(len) };
        store.artifacts.put(&store.at, &path("kept"), body(&content), limits).await.unwrap();
        assert!(store.read("kept").await.unwrap() == content);
    })
    .await;
}

#[tokio::test]
async fn a_dropped_upload_leaves_nothing() {
    with_each_resolver(async |store| {
        store.put("kept", b"old").await.unwrap();
        let content = vec![b'n'; 600 * 1024];
        let endless = body(&content).chain(stream::pending());
        let target = path("kept");
        let mut upload = Box::pin(
            store
                .artifacts
                .put(&store.at, &target, endless, UploadLimits::default()),
        );
        let written = || {
            let files = std::fs::read_dir(store.on_host(TEMP_DIRECTORY)).unwrap();
            files
                .map(|file| file.unwrap().metadata().unwrap().len())
                .sum::<u64>()
        };
        tokio::select! {
            _ = &mut upload => panic!("the body never ends"),
            () = eventually("some of the body is on disk", || written() >= 512 * 1024) => {}
        }
        drop(upload);
        eventually("the temporary file is gone", || store.temp_files() == 0).await;
        assert_eq!(store.read("kept").await.unwrap(), b"old");
    })
    .await;
}

#[tokio::test]
async fn a_directory_is_not_replaced_and_a_file_has_nothing_below() {
    with_each_resolver(async |store| {
        store.put("dir/file", b"x").await.unwrap();
        assert!(matches!(
            store.put("dir", b"y").await,
            Err(ArtifactError::IsDirectory { .. })
        ));
        for below in ["dir/file/a", "dir/file/a/b"] {
            assert!(matches!(
                store.put(below, b"y").await,
                Err(ArtifactError::NotADirectory { .. })
            ));
        }
        assert_eq!(store.temp_files(), 0);
        assert_eq!(store.read("dir/file").await.unwrap(), b"x");
    })
    .await;
}

#[tokio::test]
async fn an_impossible_upload_fails_before_its_body_is_read() {
    with_each_resolver(async |store| {
        store.put("dir/file", b"x").await.unwrap();
        for name in ["dir", "dir/file/a"] {
            let never = stream::pending::<Result<Bytes, Infallible>>();
            let target = path(name);
            let put = store
                .artifacts
                .put(&store.at, &target, never, UploadLimits::default());
            let put = tokio::time::timeout(Duration::from_secs(10), put).await;
            assert!(matches!(put, Ok(Err(_))), "{name}: {put:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_cannot_be_published_leaves_nothing() {
    with_each_resolver(async |store| {
        for name in ["late", "late/file"] {
            // What is in the way comes with the body.
            let body = stream::once(async {
                let place = store.plant("late");
                if name == "late" {
                    std::fs::create_dir(place).unwrap();
                } else {
                    std::fs::write(place, b"x").unwrap();
                }
                Ok::<_, Infallible>(Bytes::from_static(b"y"))
            });
            let put = store
                .artifacts
                .put(&store.at, &path(name), body, UploadLimits::default())
                .await;
            match name {
                "late" => assert!(matches!(put, Err(ArtifactError::IsDirectory { .. }))),
                _ => assert!(matches!(put, Err(ArtifactError::NotADirectory { .. }))),
            }
            assert_eq!(store.temp_files(), 0);
            store.delete("late").await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn delete_takes_files_and_trees_and_forgives_missing_ones() {
    with_each_resolver(async |store| {
        store.delete("never/there").await.unwrap();
        for number in 0..1500 {
            std::fs::write(store.plant(&format!("tree/flat/{number}")), b"").unwrap();
        }
        store.put("tree/a/b/c/d", b"x").await.unwrap();
        store.put("file", b"x").await.unwrap();
        store.put("kept", b"x").await.unwrap();
        store.delete("tree").await.unwrap();
        store.delete("file").await.unwrap();
        store.delete("file").await.unwrap();
        store.delete("kept/below").await.unwrap();
        assert_eq!(store.names("").await, ["kept"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn uploads_and_deletes_of_one_directory_do_not_disturb_each_other() {
    with_each_resolver(async |store| {
        let store = Arc::new(store);
        let uploads = (0..40).map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                store.put(&format!("dir/{number}/file"), b"x").await.unwrap();
                store.put("dir/same", b"x").await.unwrap();
                if number % 4 == 0 {
                    store.delete("dir").await.unwrap();
                }
            })
        });
        for upload in uploads.collect::<Vec<_>>() {
            upload.await.unwrap();
        }
        assert_eq!(store.temp_files(), 0);
    })
    .await;
}

#[tokio::test]
async fn opening_sweeps_what_is_older_than_an_hour() {
    let store = Fixture::new(Resolver::Kernel);
    let age = |name: &str, minutes: u64| {
        let place = store.plant(&format!("{TEMP_DIRECTORY}/{name}"));
        let file = std::fs::File::create(&place).unwrap();
        let time = SystemTime::now() - Duration::from_secs(minutes * 60);
        file.set_times(FileTimes::new().set_modified(time)).unwrap();
        place
    };
    let (stale, fresh) = (age("stale", 61), age("fresh", 59));
    let tree = age("tree/file", 61).parent().unwrap().to_owned();
    let then = SystemTime::now() - Duration::from_secs(3660);
    std::fs::File::open(&tree)
        .unwrap()
        .set_times(FileTimes::new().set_modified(then))
        .unwrap();
    let config = ArtifactsConfig {
        destination: store.on_host("").to_str().unwrap().to_owned(),
        default_root: "mlflow-artifacts:/".to_owned(),
        serve: true,
        extra_roots: vec![],
        environment: Default::default(),
    };
    Artifacts::open(&config).unwrap();
    assert!(!stale.exists());
    assert!(!tree.exists());
    assert!(fresh.exists());
}

#[tokio::test]
async fn sweeping_an_old_store_keeps_its_artifacts() {
    let store = Fixture::new(Resolver::Kernel);
    store.put("dir/file", b"x").await.unwrap();
    std::fs::write(store.on_host(TEMP_DIRECTORY).join("fresh"), b"x").unwrap();
    let next_week = SystemTime::now() + Duration::from_secs(7 * 24 * 3600);
    let root = store.on_host("");
    let long_ago = SystemTime::now() - Duration::from_secs(7 * 24 * 3600);
    for directory in [root.join(TEMP_DIRECTORY), root.join("dir"), root.clone()] {
        let times = FileTimes::new().set_modified(long_ago);
        std::fs::File::open(directory).unwrap().set_times(times).unwrap();
    }
    crate::temp_file::sweep(&root, SystemTime::now()).unwrap();
    assert_eq!(store.temp_files(), 1);
    crate::temp_file::sweep(&root, next_week).unwrap();
    assert_eq!(store.temp_files(), 0);
    assert_eq!(store.read("dir/file").await.unwrap(), b"x");
}

/// 64 MiB of numbered words, piece by piece; `alive` and `peak` count the bytes not yet dropped.
fn large_body(
    alive: &Arc<AtomicUsize>,
    peak: &Arc<AtomicUsize>,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
    struct Counted(Vec<u8>, Arc<AtomicUsize>);
    impl AsRef<[u8]> for Counted {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            self.1.fetch_sub(self.0.len(), Ordering::SeqCst);
        }
    }
    let (alive, peak) = (Arc::clone(alive), Arc::clone(peak));
    stream::iter(0..LARGE / PIECE).map(move |number| {
        let piece: Vec<u8> = (0..PIECE / 8)
            .flat_map(|word| (number * PIECE / 8 + word).to_le_bytes())
            .collect();
        let now = alive.fetch_add(piece.len(), Ordering::SeqCst) + piece.len();
        peak.fetch_max(now, Ordering::SeqCst);
        Ok(Bytes::from_owner(Counted(piece, Arc::clone(&alive))))
    })
}

const LARGE: usize = 64 << 20;
const PIECE: usize = 48 * 1024 / 8 * 8;

#[tokio::test]
async fn large_bodies_stream_both_ways() {
    let store = Fixture::new(Resolver::Kernel);
    let (alive, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let total = LARGE / PIECE * PIECE;
    let limits = UploadLimits {
        expected_bytes: Some(total as u64),
        max_bytes: None,
    };
    store
        .artifacts
        .put(&store.at, &path("large"), large_body(&alive, &peak), limits)
        .await
        .unwrap();
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    let peak = peak.load(Ordering::SeqCst);
    assert!(peak <= 1 << 20, "{peak} bytes of the body were held at once");

    let file = store
        .artifacts
        .open_file(&store.at, &path("large"))
        .await
        .unwrap();
    let mut stream = Box::pin(file.into_stream(None));
    let mut position = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.unwrap();
        assert!(chunk.len() <= 256 * 1024);
        for word in chunk.chunks(8) {
            assert_eq!(word, (position / 8_usize).to_le_bytes());
            position += 8;
        }
    }
    assert_eq!(position, total);
}
