//! `cargo fuzz run requests`: see `oxflow_fuzzing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| oxflow_fuzzing::run("requests", data));
