//! Replays what MLflow 3.17.2 answered and compares with what this server answers.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
#![expect(clippy::disallowed_methods, reason = "tests find their own files")]

mod common;

use std::collections::BTreeSet;

use common::Server;
use oxflow_testkit::goldens::{Captured, Scenario, read_folder};
use oxflow_testkit::repository;

/// Scenarios recorded on SQLite that PostgreSQL answers differently, under MLflow too: it has 256 characters
/// for a location, 5000 for a tag of a registered model, and a backslash in LIKE takes the meaning of the next
/// character away.
const OF_SQLITE: &[&str] = &[
    "an artifact location is at most 2048 characters",
    "LIKE knows % and _ and is case-sensitive",
    "items of the tags of a new registered model",
    "limits of tags of a registered model",
];

/// The problems of a scenario; it stops at the first step that is wrong, on which others may rest.
async fn replay(server: &Server, scenario: &Scenario) -> Option<String> {
    let mut captured = Captured::default();
    for (i, step) in scenario.steps.iter().enumerate() {
        let send = step.request.prepare(&captured);
        let got = server.send(&send).await;
        step.capture(&got, &mut captured);
        let problems = step.problems(&got, &captured);
        if !problems.is_empty() {
            let body = String::from_utf8_lossy(&send.body);
            let answer = String::from_utf8_lossy(&got.body);
            return Some(format!(
                "step {i}: {} {}\n      sent {:.300}\n      got {} {:.600}\n      - {}",
                send.method,
                send.target,
                body,
                got.status,
                answer,
                problems.join("\n      - ")
            ));
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_equal_those_of_mlflow() {
    replay_everything(&Server::start(), &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_with_a_registry_of_its_own_equal_those_of_mlflow() {
    replay_everything(&Server::start_with_registry_apart(), &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_on_postgresql_equal_those_of_mlflow() {
    if let Some(server) = Server::start_on_postgres() {
        replay_everything(&server, OF_SQLITE).await;
    }
}

async fn replay_everything(server: &Server, without: &[&str]) {
    let (mut steps, mut failed) = (0, Vec::new());
    for (area, recording) in read_folder(&repository().join("tests/wire")).unwrap() {
        for scenario in &recording.scenarios {
            if without.contains(&scenario.name.as_str()) {
                continue;
            }
            steps += scenario.steps.len();
            if let Some(problem) = replay(server, scenario).await {
                failed.push(format!("{area}: {}\n    {problem}", scenario.name));
            }
        }
    }
    assert!(steps > 2000, "only {steps} steps were found");
    assert!(
        failed.is_empty(),
        "{} scenarios differ:\n\n{}\n",
        failed.len(),
        failed.join("\n\n")
    );
}

#[test]
fn every_deliberate_difference_is_documented() {
    let documented = std::fs::read_to_string(repository().join("docs/differences.md")).unwrap();
    let mut used = BTreeSet::new();
    for (_, recording) in read_folder(&repository().join("tests/wire")).unwrap() {
        for step in recording
            .scenarios
            .into_iter()
            .flat_map(|scenario| scenario.steps)
        {
            used.extend(step.oxflow.map(|other| other.difference));
        }
    }
    for slug in used {
        assert!(
            documented.contains(&format!("| `{slug}` |")),
            "docs/differences.md lacks `{slug}`"
        );
    }
}
