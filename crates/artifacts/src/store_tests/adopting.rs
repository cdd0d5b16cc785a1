//! Files that are taken over from elsewhere on this machine.

use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use super::*;
use crate::{Adopted, AdoptedFile, Adoption};

impl Fixture {
    fn adopt(&self, name: &str, to: &str, how: Adoption) -> Result<Adopted> {
        let folder = File::open(self.home.path()).unwrap();
        let file = File::open(self.home.path().join(name)).unwrap();
        let source = AdoptedFile {
            folder: folder.as_fd(),
            name,
            file: &file,
        };
        self.artifacts.adopt(&self.at, &path(to), &source, how)
    }
}

#[tokio::test]
async fn a_file_is_copied_or_linked_and_recognised_afterwards() {
    with_each_resolver(async |store| {
        let original = store.home.path().join("model.bin");
        std::fs::write(&original, b"weights").unwrap();
        let copied = store.adopt("model.bin", "0/r/copied", Adoption::Copy).unwrap();
        let linked = store.adopt("model.bin", "0/r/linked", Adoption::Link).unwrap();
        assert_eq!((copied, linked), (Adopted::Copied, Adopted::Linked));
        let inode = |place: PathBuf| place.metadata().unwrap().ino();
        assert_eq!(inode(store.on_host("0/r/linked")), inode(original.clone()));
        assert_ne!(inode(store.on_host("0/r/copied")), inode(original));
        for name in ["0/r/copied", "0/r/linked"] {
            assert_eq!(store.read(name).await.unwrap(), b"weights");
            let again = store.adopt("model.bin", name, Adoption::Link).unwrap();
            assert_eq!(again, Adopted::AlreadyThere, "{name}");
        }
        assert_eq!(store.temp_files(), 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_done_to_a_link_leaves_the_original_alone() {
    with_each_resolver(async |store| {
        let original = store.home.path().join("notes.txt");
        std::fs::write(&original, b"old").unwrap();
        store.adopt("notes.txt", "notes.txt", Adoption::Link).unwrap();
        store.put("notes.txt", b"new").await.unwrap();
        assert_eq!(std::fs::read(&original).unwrap(), b"old");
        store.delete("notes.txt").await.unwrap();
        assert_eq!(std::fs::read(&original).unwrap(), b"old");
    })
    .await;
}

#[tokio::test]
async fn a_name_that_became_a_link_is_copied_from_the_open_file() {
    with_each_resolver(async |store| {
        let original = store.home.path().join("a");
        std::fs::write(&original, b"mine").unwrap();
        let folder = File::open(store.home.path()).unwrap();
        let file = File::open(&original).unwrap();
        std::fs::remove_file(&original).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &original).unwrap();
        let source = AdoptedFile {
            folder: folder.as_fd(),
            name: "a",
            file: &file,
        };
        let adopted = store
            .artifacts
            .adopt(&store.at, &path("a"), &source, Adoption::Link);
        assert_eq!(adopted.unwrap(), Adopted::Copied);
        assert_eq!(store.read("a").await.unwrap(), b"mine");
        assert_eq!(store.temp_files(), 0);
    })
    .await;
}
