//! Every fuzz target over its corpus, and over random changes of it: what libFuzzer does for hours, for some seconds.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use oxflow_fuzzing::{TARGETS, Target};
use oxflow_testkit::repository;

/// Inputs are at most this long; longer ones are for libFuzzer.
const LONGEST_BYTES: usize = 4096;

/// What often means something.
const WORDS: [&str; 44] = [
    "..",
    "/",
    "\\",
    "%2e",
    "%2F",
    "%00",
    "%25",
    "\0",
    "\u{202e}",
    "é",
    "'",
    "\"",
    "`",
    ";",
    "--",
    "(",
    ")",
    " AND ",
    " IN ",
    " LIKE ",
    " ILIKE ",
    "%",
    "_",
    "metrics.",
    "params.",
    "tags.",
    "attributes.",
    "dataset.",
    " DESC",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "1e999",
    "-1",
    "9223372036854775808",
    "file:",
    "s3://",
    "models:/",
    "runs:/",
    "NaN",
];

/// Numbers that look random, and are the same in each run: `OXFLOW_FUZZ_SEED` takes others.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }
}

/// One of the inputs with some changes.
fn changed(corpus: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut data = corpus[dice.below(corpus.len())].clone();
    for _ in 0..=dice.below(6) {
        let at = dice.below(data.len() + 1);
        let end = (at + dice.below(16)).min(data.len());
        match dice.below(7) {
            0 if at < data.len() => data[at] ^= 1 << dice.below(8),
            1 => data.insert(at, u8::try_from(dice.below(256)).unwrap()),
            2 => drop(data.drain(at..end)),
            3 => {
                let twice = data[at..end].to_vec();
                data.splice(at..at, twice);
            }
            4 => {
                let other = &corpus[dice.below(corpus.len())];
                let from = dice.below(other.len() + 1);
                data.truncate(at);
                data.extend_from_slice(&other[from..]);
            }
            _ => {
                let word = WORDS[dice.below(WORDS.len())].bytes();
                data.splice(at..at, word);
            }
        }
    }
    data.truncate(LONGEST_BYTES);
    data
}

fn corpus_of(target: &Target) -> Vec<Vec<u8>> {
    let folder = repository().join("fuzz/corpus").join(target.corpus);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no corpus", target.name);
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn run(target: &Target, data: &[u8]) {
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(data)));
    assert!(
        outcome.is_ok(),
        "{} fails on {:?}",
        target.name,
        String::from_utf8_lossy(data)
    );
}

fn replay(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let corpus = corpus_of(target);
    for data in &corpus {
        run(target, data);
    }
    let seed = std::env::var("OXFLOW_FUZZ_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let mut dice = Dice(seed.unwrap_or(7));
    for _ in 0..target.runs_in_tests {
        run(target, &changed(&corpus, &mut dice));
    }
}

#[test]
fn every_target_has_a_test_and_a_fuzz_target() {
    let itself = include_str!("replay.rs");
    for target in TARGETS {
        let name = target.name;
        assert!(
            itself.contains(&format!("replay(\"{name}\")")),
            "{name} is not replayed"
        );
        let file = repository().join(format!("fuzz/fuzz_targets/{name}.rs"));
        assert!(file.exists(), "{} is missing", file.display());
    }
}

#[test]
fn filters() {
    replay("filters");
}

#[test]
fn order_by() {
    replay("order_by");
}

#[test]
fn tokens() {
    replay("tokens");
}

#[test]
fn artifact_paths() {
    replay("artifact_paths");
}

#[test]
fn locations() {
    replay("locations");
}

#[test]
fn requests() {
    replay("requests");
}

#[test]
fn strangers() {
    replay("strangers");
}
