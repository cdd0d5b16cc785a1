//! `cargo fuzz run tokens`: see `oxflow_fuzzing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| oxflow_fuzzing::run("tokens", data));
