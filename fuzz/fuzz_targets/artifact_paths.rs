//! `cargo fuzz run artifact_paths`: see `oxflow_fuzzing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| oxflow_fuzzing::run("artifact_paths", data));
