//! What is fuzzed: functions of any bytes that must neither panic nor break a rule, whatever the bytes.
//!
//! `fuzz/` runs them under libFuzzer for hours (docs/testing.md); `tests/replay.rs` runs them on the stable compiler over
//! the corpus and random changes of it. A broken rule is a panic.

mod requests;
mod server;
mod texts;

/// Something to run over bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name of its fuzz target.
    pub name: &'static str,
    /// The folder of its inputs in `fuzz/corpus`.
    pub corpus: &'static str,
    /// Panics if a rule is broken.
    pub run: fn(&[u8]),
    /// How often the plain test runs it over changed bytes: as much as takes a few seconds.
    pub runs_in_tests: usize,
}

/// All of them. Source of the list: security.md, sections 2, 3, 4 and 10.
pub const TARGETS: [Target; 7] = [
    Target {
        name: "filters",
        corpus: "filters",
        run: texts::filters,
        runs_in_tests: 300_000,
    },
    Target {
        name: "order_by",
        corpus: "order_by",
        run: texts::order_by,
        runs_in_tests: 300_000,
    },
    Target {
        name: "tokens",
        corpus: "tokens",
        run: texts::tokens,
        runs_in_tests: 300_000,
    },
    Target {
        name: "artifact_paths",
        corpus: "artifact_paths",
        run: texts::artifact_paths,
        runs_in_tests: 300_000,
    },
    Target {
        name: "locations",
        corpus: "locations",
        run: texts::locations,
        runs_in_tests: 300_000,
    },
    Target {
        name: "requests",
        corpus: "requests",
        run: requests::requests,
        runs_in_tests: 30_000,
    },
    Target {
        name: "strangers",
        corpus: "requests",
        run: requests::strangers,
        runs_in_tests: 30_000,
    },
];

/// Runs a target by its name.
///
/// # Panics
///
/// If there is no such target, or a rule is broken.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    let target = target.unwrap_or_else(|| panic!("there is no fuzz target '{name}'"));
    (target.run)(data);
}
