//! Who ran it, out of which source, on which commit.

use super::plan::RunPlan;
use super::random::Random;

const ADJECTIVES: [&str; 24] = [
    "agreeable",
    "bold",
    "calm",
    "capable",
    "clumsy",
    "debonair",
    "dazzling",
    "efficient",
    "fearless",
    "gifted",
    "hilarious",
    "industrious",
    "judicious",
    "kindly",
    "luminous",
    "merciful",
    "nosy",
    "omniscient",
    "painted",
    "resilient",
    "serious",
    "thoughtful",
    "upbeat",
    "wistful",
];
const NOUNS: [&str; 24] = [
    "ant", "bear", "bird", "carp", "crane", "deer", "dolphin", "elk", "finch", "fox", "gnu", "hawk", "koi",
    "lark", "mink", "moth", "owl", "perch", "quail", "rook", "seal", "slug", "stork", "wolf",
];
const USERS: [&str; 6] = [
    "amara",
    "benedikt",
    "chen.wei",
    "divya",
    "ekaterina",
    "f.oliveira",
];
const BRANCHES: [&str; 5] = [
    "main",
    "main",
    "feature/augment",
    "fix/val-split",
    "exp/large-batch",
];

/// A name as MLflow makes them up.
pub fn made_up_name(random: &mut Random) -> String {
    format!(
        "{}-{}-{}",
        random.pick(&ADJECTIVES),
        random.pick(&NOUNS),
        random.whole(1, 999)
    )
}

/// Tags about where a run comes from, as MLflow's client sets them.
pub fn sign(run: &mut RunPlan, team: &str, source: &str, random: &mut Random) {
    let user = *random.pick(&USERS);
    run.tag("mlflow.user", user);
    run.tag("mlflow.source.name", source);
    let kind = if random.chance(0.2) { "JOB" } else { "LOCAL" };
    run.tag("mlflow.source.type", kind);
    run.tag("mlflow.source.git.commit", random.hex(40));
    run.tag("mlflow.source.git.branch", random.pick(&BRANCHES));
    run.tag(
        "mlflow.source.git.repoURL",
        format!("https://git.example.com/{team}/training.git"),
    );
    run.tag("team", team);
}
