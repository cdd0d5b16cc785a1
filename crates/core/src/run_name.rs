//! Names for runs that come without one.

use crate::Entropy;

#[rustfmt::skip]
const ADJECTIVES: [&str; 64] = [
    "able", "amber", "ample", "apt", "azure", "bold", "brave", "bright", "brisk", "calm", "candid", "clever",
    "cosmic", "crisp", "curious", "daring", "deft", "eager", "early", "earnest", "fair", "fleet", "fond",
    "frank", "gentle", "glad", "golden", "grand", "hardy", "honest", "humble", "jolly", "keen", "kind",
    "lively", "loyal", "lucid", "lunar", "mellow", "merry", "mild", "nimble", "noble", "open", "patient",
    "placid", "polite", "proud", "quick", "quiet", "rapid", "ready", "rustic", "serene", "sharp", "silent",
    "sleek", "spry", "steady", "sunny", "swift", "tidy", "vivid", "witty",
];

#[rustfmt::skip]
const NOUNS: [&str; 64] = [
    "ant", "aspen", "badger", "beaver", "birch", "bison", "bittern", "bream", "cedar", "cicada", "cod",
    "condor", "coral", "crane", "curlew", "dace", "deer", "dove", "eagle", "elk", "falcon", "fern", "finch",
    "fox", "gecko", "goose", "hare", "hawk", "heron", "ibis", "jay", "kite", "lark", "linnet", "lynx",
    "marten", "mole", "moose", "moth", "newt", "oak", "orca", "otter", "owl", "ox", "perch", "pike",
    "plover", "puffin", "quail", "raven", "robin", "roe", "salmon", "seal", "shrew", "sole", "stork", "swan",
    "tern", "trout", "vole", "wren", "yew",
];

/// A name such as `nimble-otter-306`: adjective, noun, number 0–999, the form of MLflow's names.
pub fn generated_name(entropy: &Entropy) -> String {
    let bytes = entropy.bytes();
    let adjective = ADJECTIVES[usize::from(bytes[0]) % ADJECTIVES.len()];
    let noun = NOUNS[usize::from(bytes[1]) % NOUNS.len()];
    let number = u16::from_le_bytes([bytes[2], bytes[3]]) % 1000;
    format!("{adjective}-{noun}-{number}")
}
