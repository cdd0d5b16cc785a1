//! Replays what MLflow 3.17.2 answered and compares with what this server answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use oxflow_artifacts::{Artifacts, ArtifactsConfig};
use oxflow_core::{Clock, Entropy};
use oxflow_server::{App, ServerConfig, router};
use oxflow_store::{DatabaseUri, Store, StoreConfig};
use oxflow_testkit::goldens::{Captured, Got, Scenario, Send, read_folder};
use tower::ServiceExt;

const START_MS: i64 = 1_700_000_000_000;

struct Server {
    router: Router,
    clock: Clock,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(START_MS);
        let artifacts = Artifacts::open(&ArtifactsConfig {
            destination: folder.path().join("mlartifacts").display().to_string(),
            default_root: "mlflow-artifacts:/".to_owned(),
            serve: true,
            extra_roots: Vec::new(),
        })
        .unwrap();
        let store = Store::open(&StoreConfig {
            uri: DatabaseUri::Sqlite(folder.path().join("mlflow.db")),
            temporary_dir: folder.path().to_owned(),
            readers: 2,
            default_artifact_root: "mlflow-artifacts:/".to_owned(),
            now_ms: START_MS,
        })
        .unwrap();
        let mut config = ServerConfig::default();
        config.locations.working_directory = folder.path().to_owned();
        let app = App::new(config, store, artifacts, clock.clone(), Entropy::seeded(7));
        let served = oxflow_server::edge::wrap(router(&app), &app.config.edge, 5000, "");
        app.readiness.set(true);
        Self {
            router: served,
            clock,
            _folder: folder,
        }
    }

    async fn send(&self, send: &Send) -> Got {
        if let Clock::Fixed(now) = &self.clock {
            now.fetch_add(1, Ordering::Relaxed);
        }
        let mut request = Request::builder().method(send.method.as_str()).uri(&send.target);
        for (name, value) in &send.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(send.body.clone())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let headers: BTreeMap<String, String> = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        Got {
            status,
            headers,
            body,
        }
    }

    /// The problems of a scenario; it stops at the first step that is wrong, on which others may rest.
    async fn replay(&self, scenario: &Scenario) -> Option<String> {
        let mut captured = Captured::default();
        for (i, step) in scenario.steps.iter().enumerate() {
            let send = step.request.prepare(&captured);
            let got = self.send(&send).await;
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
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_equal_those_of_mlflow() {
    let server = Server::start();
    let (mut steps, mut failed) = (0, Vec::new());
    for (area, recording) in read_folder(&repository().join("tests/wire")).unwrap() {
        for scenario in &recording.scenarios {
            steps += scenario.steps.len();
            if let Some(problem) = server.replay(scenario).await {
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
