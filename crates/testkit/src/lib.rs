//! Test helpers: the replayer of wire goldens, databases.

pub mod goldens;
pub mod postgres;

/// The folder of the repository.
pub fn repository() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
