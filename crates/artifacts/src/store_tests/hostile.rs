//! What somebody may have planted inside the root.
//!
//! A test that deletes does so only where its own temporary directory is at the end of the link:
//! when the store is broken, what the test asked for is gone.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags, mkdirat, mknodat, openat};

use super::*;
use crate::ArtifactError;

/// Plants links and special files, and returns their names. Everything but `real/` is hostile.
fn plant_traps(store: &Fixture) -> Vec<&'static str> {
    let outside = store.home.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret"), b"secret").unwrap();
    std::fs::create_dir_all(store.plant("real/inner")).unwrap();
    std::fs::write(store.on_host("real/file"), b"real").unwrap();
    let links = [
        ("to-file", outside.join("secret")),
        ("to-dir", outside),
        ("inside", "real".into()),
        ("inside-file", "real/file".into()),
        ("up", "..".into()),
        ("loop-a", "loop-b".into()),
        ("loop-b", "loop-a".into()),
        ("self", "self".into()),
        ("dangling", "nowhere".into()),
        ("zero", "/dev/zero".into()),
        ("proc", "/proc/self".into()),
        ("environ", "/proc/self/environ".into()),
        ("proc-root", "/proc/self/root".into()),
        ("proc-cwd", "/proc/self/cwd".into()),
    ];
    for (name, target) in &links {
        symlink(target, store.on_host(name)).unwrap();
    }
    mknodat(CWD, store.on_host("pipe"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    UnixListener::bind(store.on_host("socket")).unwrap();
    links
        .iter()
        .map(|(name, _)| *name)
        .chain(["pipe", "socket"])
        .collect()
}

#[tokio::test]
async fn traps_are_neither_listed_nor_read() {
    with_each_resolver(async |store| {
        let traps = plant_traps(&store);
        assert_eq!(store.names("").await, ["real/"]);
        for trap in traps {
            let read = tokio::time::timeout(Duration::from_secs(10), store.read(trap)).await;
            assert!(
                matches!(read, Ok(Err(ArtifactError::NotFound { .. }))),
                "{trap}: {read:?}"
            );
            assert!(store.names(trap).await.is_empty(), "{trap}");
        }
        for below in [
            "to-dir/secret",
            "inside/file",
            "up/x",
            "loop-a/x",
            "self/x",
            "proc/environ",
            "proc-root/etc/passwd",
            "proc-cwd/Cargo.toml",
            "pipe/x",
            "real/../x",
        ] {
            let Ok(below) = ArtifactPath::parse(below) else {
                continue;
            };
            let read = store.artifacts.open_file(&store.at, &below).await;
            assert!(
                matches!(read, Err(ArtifactError::NotFound { .. })),
                "{below}: {read:?}"
            );
        }
        for directory in ["to-dir", "inside/inner", "up", "proc/fd", "proc-root/etc"] {
            assert!(store.names(directory).await.is_empty(), "{directory}");
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_is_written_through_a_link() {
    with_each_resolver(async |store| {
        plant_traps(&store);
        for below in [
            "to-dir/new",
            "to-dir/secret",
            "inside/new",
            "inside/new/deeper",
            "up/new",
            "self/x",
            "dangling/x",
            "pipe/x",
        ] {
            let put = store.put(below, b"evil").await;
            assert!(
                matches!(put, Err(ArtifactError::NotADirectory { .. })),
                "{below}: {put:?}"
            );
        }
        let outside = store.home.path().join("outside");
        assert_eq!(std::fs::read(outside.join("secret")).unwrap(), b"secret");
        assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1);
        assert_eq!(store.names("real").await, ["file", "inner/"]);
        assert_eq!(store.temp_files(), 0);

        // The link itself is a name like any other: replaced, not followed.
        store.put("to-file", b"mine").await.unwrap();
        store.put("zero", b"mine").await.unwrap();
        assert_eq!(std::fs::read(outside.join("secret")).unwrap(), b"secret");
        assert_eq!(store.read("to-file").await.unwrap(), b"mine");
        assert_eq!(store.read("zero").await.unwrap(), b"mine");
    })
    .await;
}

#[tokio::test]
async fn deleting_a_link_removes_the_link() {
    with_each_resolver(async |store| {
        plant_traps(&store);
        for behind in ["to-dir/secret", "inside/file", "inside/inner", "up/upload/real"] {
            store.delete(behind).await.unwrap();
        }
        for link in ["to-file", "to-dir", "inside", "up", "loop-a", "self", "dangling"] {
            store.delete(link).await.unwrap();
            assert!(
                store.on_host(link).symlink_metadata().is_err(),
                "{link} is still there"
            );
        }
        for special in ["pipe", "socket"] {
            assert!(
                matches!(store.delete(special).await, Err(ArtifactError::NotFound { .. })),
                "{special}"
            );
        }
        assert_eq!(store.names("real").await, ["file", "inner/"]);
        assert!(store.home.path().join("outside/secret").exists());
    })
    .await;
}

#[tokio::test]
async fn deleting_a_tree_removes_its_links_and_pipes_only() {
    with_each_resolver(async |store| {
        plant_traps(&store);
        let tree = store.on_host("tree");
        std::fs::create_dir(&tree).unwrap();
        symlink(store.home.path().join("outside"), tree.join("link")).unwrap();
        symlink("../real", tree.join("sibling")).unwrap();
        mknodat(CWD, tree.join("pipe"), FileType::Fifo, Mode::RWXU, 0).unwrap();
        store.delete("tree").await.unwrap();
        assert!(!tree.exists());
        assert_eq!(store.names("real").await, ["file", "inner/"]);
        assert!(store.home.path().join("outside/secret").exists());
    })
    .await;
}

/// Plants a folder with so many others in each other, a file in each; no path is as long.
fn plant_deep(folder: &Path, levels: usize) {
    std::fs::create_dir(folder).unwrap();
    let mut level = rustix::fs::open(folder, OFlags::DIRECTORY, Mode::empty()).unwrap();
    for _ in 0..levels {
        mknodat(&level, "file", FileType::RegularFile, Mode::RUSR, 0).unwrap();
        mkdirat(&level, "d", Mode::RWXU).unwrap();
        level = openat(&level, "d", OFlags::DIRECTORY, Mode::empty()).unwrap();
    }
}

#[tokio::test]
async fn a_tree_of_any_depth_is_deleted() {
    with_each_resolver(async |store| {
        for levels in [1, 64, 65, 66, 301, 1000] {
            plant_deep(&store.plant("tree"), levels);
            store.delete("tree").await.unwrap();
            assert!(!store.on_host("tree").exists(), "{levels} levels");
            let left = std::fs::read_dir(store.on_host(TEMP_DIRECTORY)).unwrap().count();
            assert_eq!(left, 0, "{levels} levels");
        }
    })
    .await;
}

#[tokio::test]
async fn a_link_in_place_of_the_temporary_directory_is_not_followed() {
    with_each_resolver(async |store| {
        let outside = store.home.path().join("outside");
        std::fs::create_dir(&outside).unwrap();
        symlink(&outside, store.plant(TEMP_DIRECTORY)).unwrap();
        assert!(store.put("a", b"x").await.is_err());
        assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    })
    .await;
}

#[tokio::test]
async fn names_no_request_could_ask_for_are_not_listed() {
    with_each_resolver(async |store| {
        use std::os::unix::ffi::OsStrExt;
        for name in ["..\\..\\evil", "a#b", "a\nb", "%2e%2e", "fine"] {
            std::fs::write(store.plant(name), b"x").unwrap();
        }
        std::fs::write(store.on_host("").join(std::ffi::OsStr::from_bytes(b"\xff")), b"x").unwrap();
        assert_eq!(store.names("").await, ["fine"]);
    })
    .await;
}

#[tokio::test]
async fn the_root_itself_may_be_a_link() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("disk")).unwrap();
    symlink(home.path().join("disk"), home.path().join("artifacts")).unwrap();
    let config = ArtifactsConfig {
        destination: home.path().join("artifacts").to_str().unwrap().to_owned(),
        default_root: "mlflow-artifacts:/".to_owned(),
        serve: true,
        extra_roots: vec![],
        environment: Default::default(),
    };
    for resolver in [Resolver::Kernel, Resolver::Walk] {
        let artifacts = Artifacts::open_with(&config, resolver).unwrap();
        let at = artifacts.proxy().unwrap();
        artifacts
            .put(at, &path("a/b"), body(b"x"), UploadLimits::default())
            .await
            .unwrap();
    }
    assert_eq!(std::fs::read(home.path().join("disk/a/b")).unwrap(), b"x");
}

#[tokio::test]
async fn messages_name_no_place_of_the_server() {
    with_each_resolver(async |store| {
        store.put("dir/file", b"x").await.unwrap();
        let mut errors = vec![
            store.read("missing").await.unwrap_err(),
            store.read("dir").await.unwrap_err(),
            store.put("dir", b"x").await.unwrap_err(),
            store.put("dir/file/x", b"x").await.unwrap_err(),
        ];
        std::fs::remove_dir_all(store.on_host("")).unwrap();
        std::fs::write(
            store.on_host("").parent().unwrap().join("upload"),
            b"a file where the root was",
        )
        .unwrap();
        errors.push(store.put("a", b"x").await.unwrap_err());
        let home = store.home.path().to_str().unwrap().to_owned();
        for error in errors {
            let mut shown = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                shown += &cause.to_string();
                source = cause.source();
            }
            assert!(!shown.contains(&home) && !shown.contains("upload/"), "{shown}");
        }
    })
    .await;
}
