//! Test helpers: the replayer of wire goldens.

pub mod goldens;

/// The folder of the repository.
pub fn repository() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
