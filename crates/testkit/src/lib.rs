//! Test helpers: the replayer of wire goldens.

pub mod goldens;
