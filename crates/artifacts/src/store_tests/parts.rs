//! Uploads in parts to a folder.

use std::io;
use std::os::unix::fs::MetadataExt;

use futures::StreamExt;
use futures::channel::mpsc;
use oxflow_core::ContentDigest;
use sha2::{Digest, Sha256};

use super::*;
use crate::{ArtifactError, Completed, DonePart, NewUpload, Stored};

const HOUR: Duration = Duration::from_secs(3600);

/// An upload to `model.bin`.
struct Upload<'a> {
    store: &'a Fixture,
    id: String,
}

impl Fixture {
    async fn begin(&self, parts: u32) -> Upload<'_> {
        let to = path("model.bin");
        let begun = self.artifacts.begin_parts(&self.at, &to, parts, HOUR);
        let NewUpload::ToServer { id } = begun.await.unwrap() else {
            panic!("a folder has no store to send parts to");
        };
        Upload { store: self, id }
    }

    /// The same folder, as another server sees it, or this one after a restart.
    fn reopened(self) -> Self {
        let config = ArtifactsConfig {
            destination: self.on_host("").to_str().unwrap().to_owned(),
            default_root: "mlflow-artifacts:/".to_owned(),
            serve: true,
            extra_roots: vec![],
            environment: Default::default(),
        };
        let artifacts = Artifacts::open_with(&config, Resolver::Kernel).unwrap();
        let at = artifacts.proxy().unwrap().clone();
        Self {
            artifacts,
            at,
            ..self
        }
    }
}

impl Upload<'_> {
    /// Sends a part of that length, whatever it then is.
    async fn send_announced<E>(
        &self,
        number: u32,
        length: Option<u64>,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<DonePart>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
    {
        let (artifacts, at) = (&self.store.artifacts, &self.store.at);
        let limits = UploadLimits {
            expected_bytes: length,
            max_bytes: None,
        };
        let to = path("model.bin");
        let etag = artifacts
            .put_part(at, &to, (&self.id, number), body, limits)
            .await?;
        Ok(DonePart { number, etag })
    }

    async fn send(&self, number: u32, content: &[u8]) -> DonePart {
        let length = Some(content.len() as u64);
        self.send_announced(number, length, body(content)).await.unwrap()
    }

    async fn complete(&self, parts: &[&DonePart]) -> Result<Completed> {
        let done = parts.iter().copied().cloned().collect();
        let (artifacts, at) = (&self.store.artifacts, &self.store.at);
        artifacts
            .complete_parts(at, &path("model.bin"), &self.id, done)
            .await
    }

    async fn abort(&self) {
        let (artifacts, at) = (&self.store.artifacts, &self.store.at);
        artifacts
            .abort_parts(at, &path("model.bin"), &self.id)
            .await
            .unwrap();
    }

    fn folder(&self) -> PathBuf {
        self.store.on_host(&format!("{TEMP_DIRECTORY}/parts-{}", self.id))
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder()).unwrap();
        let name = |entry: io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    /// Tells the file that takes the parts from a copy.
    fn inode(&self) -> u64 {
        let taken = ["whole", "closed"].map(|name| self.folder().join(name).metadata());
        taken.into_iter().find_map(Result::ok).unwrap().ino()
    }

    /// Completes the upload and returns whether it was done without a copy.
    async fn becomes(&self, parts: &[&DonePart], content: &[u8]) -> bool {
        let before = self.inode();
        let stored = made(self.complete(parts).await);
        assert_eq!(self.store.read("model.bin").await.unwrap(), content);
        assert_eq!(
            (stored.size_bytes, stored.sha256),
            (content.len() as u64, digest_of(content))
        );
        let file = self
            .store
            .artifacts
            .open_file(&self.store.at, &path("model.bin"))
            .await
            .unwrap();
        assert_eq!(stored.etag.as_deref(), Some(file.store_etag()));
        assert_eq!(self.names(), ["made", "target"], "the space is free again");
        self.store.on_host("model.bin").metadata().unwrap().ino() == before
    }
}

fn made(completed: Result<Completed>) -> Stored {
    match completed.unwrap() {
        Completed::Made(stored) => stored,
        other => panic!("{other:?}"),
    }
}

fn digest_of(content: &[u8]) -> ContentDigest {
    <[u8; 32]>::from(Sha256::digest(content)).into()
}

#[tokio::test]
async fn parts_go_to_their_places_in_any_order() {
    with_each_resolver(async |store| {
        let upload = store.begin(4).await;
        let third = upload.send(3, b"cccc").await;
        let last = upload.send(4, b"dd").await;
        let first = upload.send(1, b"aaaa").await;
        let second = upload.send(2, b"bbbb").await;
        assert!(store.names("").await.is_empty(), "nobody sees it yet");
        let parts = [&second, &last, &third, &first];
        assert!(upload.becomes(&parts, b"aaaabbbbccccdd").await);
    })
    .await;
}

#[tokio::test]
async fn parts_that_fit_nowhere_are_put_to_their_places_at_the_end() {
    with_each_resolver(async |store| {
        // The last one comes before anybody knows where it goes; one does not say how long it is; one comes twice.
        let upload = store.begin(4).await;
        let last = upload.send(4, b"dd").await;
        let first = upload.send(1, b"aaaa").await;
        let second = upload.send_announced(2, None, body(b"bbbb")).await.unwrap();
        let third = upload.send(3, b"????").await;
        let again = upload.send(3, b"cccc").await;
        assert_ne!(third.etag, again.etag);
        let parts = [&first, &second, &again, &last];
        assert!(upload.becomes(&parts, b"aaaabbbbccccdd").await);
        let replaced = upload
            .complete(&[&first, &second, &third, &last])
            .await
            .unwrap_err();
        assert!(matches!(replaced, ArtifactError::InvalidParts(_)), "{replaced}");
    })
    .await;
}

#[tokio::test]
async fn parts_of_other_lengths_are_copied() {
    with_each_resolver(async |store| {
        let upload = store.begin(4).await;
        let first = upload.send(1, b"aaaa").await;
        let second = upload.send(2, b"bb").await;
        let third = upload.send(3, b"cccc").await;
        assert!(!upload.becomes(&[&first, &second, &third], b"aaaabbcccc").await);
    })
    .await;
}

#[tokio::test]
async fn of_several_of_a_number_the_tag_says_which_is_meant() {
    with_each_resolver(async |store| {
        for wanted in 0..3 {
            let upload = store.begin(2).await;
            let contents = [b"aaaa", b"AAAA", b"4444"];
            let mut sent = Vec::new();
            for content in contents {
                sent.push(upload.send(1, content).await);
            }
            let last = upload.send(2, b"b").await;
            let content = [&contents[wanted][..], b"b"].concat();
            assert!(upload.becomes(&[&sent[wanted], &last], &content).await);
        }
    })
    .await;
}

#[tokio::test]
async fn fewer_parts_than_were_sent_are_all_there_is() {
    with_each_resolver(async |store| {
        let upload = store.begin(5).await;
        let first = upload.send(1, b"aaaa").await;
        let second = upload.send(2, b"bbbb").await;
        upload.send(3, b"cccc").await;
        upload.send(5, b"eeeeeeee").await;
        assert!(upload.becomes(&[&first, &second], b"aaaabbbb").await);
        // One part, which may have any length.
        let upload = store.begin(1).await;
        let only = upload.send(1, b"only").await;
        assert!(upload.becomes(&[&only], b"only").await);
        let upload = store.begin(1).await;
        let empty = upload.send(1, b"").await;
        assert!(upload.becomes(&[&empty], b"").await);
    })
    .await;
}

#[tokio::test]
async fn another_server_takes_parts_and_completes() {
    let store = Fixture::new(Resolver::Kernel);
    let upload = store.begin(3).await;
    let (id, first) = (upload.id.clone(), upload.send(1, b"aaaa").await);
    let store = store.reopened();
    let upload = Upload {
        store: &store,
        id: id.clone(),
    };
    let last = upload.send(3, b"c").await;
    let second = upload.send(2, b"bbbb").await;
    let store = store.reopened();
    let upload = Upload { store: &store, id };
    assert!(upload.becomes(&[&first, &second, &last], b"aaaabbbbc").await);
}

#[tokio::test]
async fn whoever_completes_again_learns_that_it_is_done() {
    with_each_resolver(async |store| {
        let upload = store.begin(2).await;
        let (first, last) = (upload.send(1, b"aaaa").await, upload.send(2, b"b").await);
        let stored = made(upload.complete(&[&first, &last]).await);
        let again = Completed::MadeBefore(stored);
        assert_eq!(upload.complete(&[&last, &first]).await.unwrap(), again);
        // Not even what replaced it is touched.
        store.put("model.bin", b"newer").await.unwrap();
        assert_eq!(upload.complete(&[&first, &last]).await.unwrap(), again);
        let fewer = upload.complete(&[&first]).await.unwrap_err();
        assert!(matches!(fewer, ArtifactError::InvalidParts(_)), "{fewer}");
        let late = upload
            .send_announced(1, Some(4), body(b"late"))
            .await
            .unwrap_err();
        assert!(matches!(late, ArtifactError::NoSuchUpload(_)), "{late}");
        upload.abort().await;
        assert_eq!(upload.complete(&[&first, &last]).await.unwrap(), again);
        assert_eq!(store.read("model.bin").await.unwrap(), b"newer");
        assert_eq!(upload.names(), ["made", "target"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_those_who_complete_at_once_one_does_and_the_others_learn_it() {
    let store = Fixture::new(Resolver::Kernel);
    for copied in [false, true] {
        let upload = store.begin(3).await;
        let first = upload.send(1, b"aaaa").await;
        let second = upload.send(2, if copied { b"b" } else { b"bbbb" }).await;
        let parts = [&first, &second];
        let all = futures::future::join_all((0..16).map(|_| upload.complete(&parts))).await;
        let stored: Vec<Completed> = all.into_iter().map(Result::unwrap).collect();
        let made = stored
            .iter()
            .filter(|stored| matches!(stored, Completed::Made(_)));
        assert_eq!(made.count(), 1, "{stored:?}");
    }
}

#[tokio::test]
async fn an_aborted_upload_is_gone() {
    with_each_resolver(async |store| {
        let upload = store.begin(3).await;
        let first = upload.send(1, b"aaaa").await;
        upload.send_announced(2, None, body(b"bbbb")).await.unwrap();
        upload.abort().await;
        assert_eq!(store.temp_files(), 0);
        let gone = upload.complete(&[&first]).await.unwrap_err();
        assert!(matches!(gone, ArtifactError::NoSuchUpload(_)), "{gone}");
        upload.abort().await;
    })
    .await;
}

#[tokio::test]
async fn a_slow_part_does_not_reach_the_artifact() {
    with_each_resolver(async |store| {
        let upload = store.begin(3).await;
        let first = upload.send(1, b"aaaa").await;
        let (mut slow, pieces) = mpsc::unbounded::<Result<Bytes, io::Error>>();
        slow.start_send(Ok(Bytes::from_static(b"????"))).unwrap();
        let sending = upload.send_announced(1 + 1, Some(4), pieces);
        let mut sending = std::pin::pin!(sending);
        tokio::select! {
            _ = &mut sending => panic!("it does not end"),
            () = eventually("it has its place", || upload.names().contains(&"claim-2".to_owned())) => {}
        }
        // Another one of its number is there, and is meant.
        let second = upload.send(2, b"bbbb").await;
        assert!(
            !upload.becomes(&[&first, &second], b"aaaabbbb").await,
            "somebody may still write to the file"
        );
        drop(slow);
        let late = sending.await.unwrap_err();
        assert!(matches!(late, ArtifactError::NoSuchUpload(_)), "{late}");
        assert_eq!(store.read("model.bin").await.unwrap(), b"aaaabbbb");
        assert_eq!(upload.names(), ["made", "target"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_writes_while_it_is_completed_does_not_reach_the_artifact() {
    let store = &Fixture::new(Resolver::Kernel);
    let (mut in_place, content) = (0, [[b'a'; 400_000], [b'b'; 400_000]].concat());
    for _ in 0..100 {
        let upload = &store.begin(6).await;
        let first = upload.send(1, &content[..400_000]).await;
        let second = upload.send(2, &content[400_000..]).await;
        let inode = upload.inode();
        let late = (3..=6).map(|number| async move {
            let body = stream::iter([Ok::<_, io::Error>(Bytes::from_static(&[b'!'; 400_000]))]);
            match upload.send_announced(number, Some(400_000), body).await {
                Ok(_) | Err(ArtifactError::NoSuchUpload(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        });
        let parts = [&first, &second];
        let (completed, _) = tokio::join!(upload.complete(&parts), futures::future::join_all(late));
        let stored = made(completed);
        assert!(store.read("model.bin").await.unwrap() == content);
        assert_eq!(stored.sha256, digest_of(&content));
        let file = store
            .artifacts
            .open_file(&store.at, &path("model.bin"))
            .await
            .unwrap();
        assert_eq!(
            stored.etag.as_deref(),
            Some(file.store_etag()),
            "nobody wrote to it since"
        );
        in_place += usize::from(store.on_host("model.bin").metadata().unwrap().ino() == inode);
    }
    println!("{in_place} of 100 without a copy");
}

#[tokio::test]
async fn a_part_that_breaks_off_gives_its_place_back() {
    with_each_resolver(async |store| {
        let upload = store.begin(3).await;
        let content = vec![b'b'; 600_000];
        let length = Some(content.len() as u64);
        let has_claim = || upload.names().contains(&"claim-2".to_owned());
        // It fails, it ends early, it is too long, nobody waits for it any more.
        let cut = body(&content[..300_000]).map(|piece| piece.map_err(io::Error::other));
        let cut = cut.chain(stream::iter([Err(io::Error::other("gone"))]));
        let error = upload.send_announced(2, length, cut).await.unwrap_err();
        assert!(matches!(error, ArtifactError::Body(_)), "{error}");
        assert!(!has_claim());
        let error = upload
            .send_announced(2, length, body(&content[1..]))
            .await
            .unwrap_err();
        assert!(matches!(error, ArtifactError::ShortBody { .. }), "{error}");
        assert!(!has_claim());
        let third = upload.send(3, &content).await;
        let long = [&content[..], b"over the end"].concat();
        let error = upload.send_announced(2, length, body(&long)).await.unwrap_err();
        assert!(matches!(error, ArtifactError::ShortBody { .. }), "{error}");
        assert!(!has_claim());
        let endless = body(&content[..300_000]).chain(stream::pending());
        {
            let dropped = upload.send_announced(2, length, endless);
            tokio::select! {
                _ = dropped => panic!("the body never ends"),
                () = eventually("it has its place", has_claim) => {}
            }
        }
        eventually("its place is free again", || !has_claim()).await;
        let second = upload.send(2, &content).await;
        assert!(has_claim());
        let first = upload.send(1, &content).await;
        assert!(
            upload
                .becomes(&[&first, &second, &third], &content.repeat(3))
                .await
        );
    })
    .await;
}

#[tokio::test]
async fn a_part_of_a_server_that_was_killed_is_sent_again() {
    with_each_resolver(async |store| {
        let upload = store.begin(3).await;
        let third = upload.send(3, b"cccc").await;
        let first = upload.send(1, b"aaaa").await;
        // It had begun to write.
        std::os::unix::fs::symlink("4+4", upload.folder().join("claim-2")).unwrap();
        let second = upload.send(2, b"bbbb").await;
        assert!(upload.becomes(&[&first, &second, &third], b"aaaabbbbcccc").await);
    })
    .await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    with_each_resolver(async |store| {
        let upload = store.begin(9_999).await;
        for number in [0, 10_000, u32::MAX] {
            let error = upload
                .send_announced(number, Some(1), body(b"x"))
                .await
                .unwrap_err();
            assert!(matches!(error, ArtifactError::NoSuchPart(_)), "{error}");
        }
        // Lengths and places that no file has.
        for (number, length) in [
            (1, u64::MAX),
            (2, u64::MAX),
            (9_999, u64::MAX),
            (3, i64::MAX as u64),
        ] {
            let error = upload
                .send_announced(number, Some(length), body(b"x"))
                .await
                .unwrap_err();
            assert!(matches!(error, ArtifactError::ShortBody { .. }), "{error}");
        }
        let far = store.begin(9_999).await;
        let error = far
            .send_announced(2, Some(1 << 62), body(b"x"))
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                ArtifactError::FileTooLong | ArtifactError::ShortBody { .. }
            ),
            "{error}"
        );
        // All of that does no harm.
        for upload in [upload, far] {
            let (first, second) = (upload.send(1, b"aaaa").await, upload.send(2, b"bb").await);
            let unknown = DonePart {
                number: 2,
                etag: "0".repeat(32),
            };
            let wrong = DonePart {
                number: 2,
                etag: "../target".to_owned(),
            };
            let parts: [&[&DonePart]; 7] = [
                &[],
                &[&second],
                &[&first, &first],
                &[&first, &unknown],
                &[&first, &wrong],
                &[&unknown],
                &[&wrong],
            ];
            for parts in parts {
                let error = upload.complete(parts).await.unwrap_err();
                assert!(matches!(error, ArtifactError::InvalidParts(_)), "{error}");
            }
            upload.becomes(&[&first, &second], b"aaaabb").await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_completion_that_failed_is_repeated() {
    with_each_resolver(async |store| {
        let upload = store.begin(3).await;
        let first = upload.send(1, b"aaaa").await;
        let replaced = upload.send(2, b"????").await;
        let second = upload.send(2, b"bbbb").await;
        std::fs::create_dir(store.on_host("model.bin")).unwrap();
        let error = upload.complete(&[&first, &second]).await.unwrap_err();
        assert!(matches!(error, ArtifactError::IsDirectory { .. }), "{error}");
        std::fs::remove_dir(store.on_host("model.bin")).unwrap();
        // A part cannot be read, after the one before it was put to its place.
        let third = upload.send_announced(3, None, body(b"cc")).await.unwrap();
        let (record, aside) = (
            upload.folder().join(format!("3-{}", third.etag)),
            upload.folder().join("aside"),
        );
        std::fs::rename(&record, &aside).unwrap();
        std::fs::create_dir(&record).unwrap();
        let parts = [&first, &second, &third];
        let error = upload.complete(&parts).await.unwrap_err();
        assert!(matches!(error, ArtifactError::Io { .. }), "{error}");
        assert!(store.names("").await.is_empty());
        let error = upload.complete(&[&first, &replaced]).await.unwrap_err();
        assert!(
            matches!(error, ArtifactError::InvalidParts(_)),
            "its bytes are overwritten: {error}"
        );
        std::fs::remove_dir(&record).unwrap();
        std::fs::rename(&aside, &record).unwrap();
        // Noting it was the last thing that succeeded.
        let lines = parts.map(|part| format!("{}-{}\n", part.number, part.etag));
        let noted = format!("{} 5 \"x\"\n{}", "0".repeat(64), lines.concat());
        std::fs::write(upload.folder().join("made"), noted).unwrap();
        assert!(upload.becomes(&parts, b"aaaabbbbcc").await);
    })
    .await;
}

#[tokio::test]
async fn what_comes_after_a_completion_that_failed_still_counts() {
    with_each_resolver(async |store| {
        let upload = store.begin(2).await;
        let first = upload.send(1, b"aaaa").await;
        let record = upload.folder().join(format!("1-{}", first.etag));
        let range = std::fs::read_link(&record).unwrap();
        std::fs::remove_file(&record).unwrap();
        std::os::unix::fs::symlink("0+5", &record).unwrap();
        upload.complete(&[&first]).await.unwrap_err();
        assert!(upload.names().contains(&"closed".to_owned()));
        std::fs::remove_file(&record).unwrap();
        std::os::unix::fs::symlink(range, &record).unwrap();
        let second = upload.send(2, b"bb").await;
        assert!(!upload.names().contains(&"claim-2".to_owned()));
        assert!(upload.becomes(&[&first, &second], b"aaaabb").await);
    })
    .await;
}

#[tokio::test]
async fn an_upload_of_the_version_before_is_completed() {
    with_each_resolver(async |store| {
        // That one made no file, and noted nothing but the target.
        let upload = store.begin(2).await;
        let first = upload.send_announced(1, None, body(b"aaaa")).await.unwrap();
        for name in ["whole", "count"] {
            std::fs::remove_file(upload.folder().join(name)).unwrap();
        }
        let second = upload.send(2, b"bb").await;
        made(upload.complete(&[&first, &second]).await);
        assert_eq!(store.read("model.bin").await.unwrap(), b"aaaabb");
    })
    .await;
}

#[tokio::test]
async fn what_nobody_finished_is_swept() {
    with_each_resolver(async |store| {
        let (given_up, completed) = (store.begin(2).await, store.begin(1).await);
        given_up.send(1, b"aaaa").await;
        let only = completed.send(1, b"only").await;
        completed.complete(&[&only]).await.unwrap();
        store.artifacts.sweep().await.unwrap();
        assert_eq!(store.temp_files(), 2, "young ones stay");
        let old = std::time::SystemTime::now() - 2 * HOUR;
        for upload in [&given_up, &completed] {
            let times = std::fs::FileTimes::new().set_modified(old);
            std::fs::File::open(upload.folder())
                .unwrap()
                .set_times(times)
                .unwrap();
        }
        store.artifacts.sweep().await.unwrap();
        assert_eq!(store.temp_files(), 0);
        assert_eq!(store.read("model.bin").await.unwrap(), b"only");
        let gone = completed.complete(&[&only]).await.unwrap_err();
        assert!(matches!(gone, ArtifactError::NoSuchUpload(_)), "{gone}");
    })
    .await;
}
