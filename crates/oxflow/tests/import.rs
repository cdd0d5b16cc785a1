//! `oxflow import`: recorded file stores of three MLflow versions, on both databases.
//!
//! `tests/filestore/<version>/answers.json` is what MLflow's own client said about each store.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use oxflow_core::{Experiment, ExperimentId, LoggedModel, ModelId, Run, RunId, Tag};
use oxflow_store::{DatabaseUri, HistoryPage, PoolConfig, SchemaPolicy, Store, StoreConfig};
use oxflow_testkit::{postgres::TestDatabase, repository};
use serde_json::{Map, Value as Json, json};
use tempfile::TempDir;

const VERSIONS: [&str; 3] = ["1.30.0", "2.11.3", "3.17.2"];

struct Fixture {
    dir: TempDir,
    uri: String,
    postgres: Option<TestDatabase>,
}

impl Fixture {
    fn sqlite() -> Self {
        let dir = TempDir::new().unwrap();
        let uri = format!("sqlite:///{}", dir.path().join("mlflow.db").display());
        Self {
            dir,
            uri,
            postgres: None,
        }
    }

    fn postgres() -> Option<Self> {
        let postgres = TestDatabase::empty()?;
        Some(Self {
            dir: TempDir::new().unwrap(),
            uri: postgres.uri().to_owned(),
            postgres: Some(postgres),
        })
    }

    fn import(&self, source: &Path, flags: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_oxflow"))
            .args(["import", "--backend-store-uri", &self.uri, "--from-filestore"])
            .arg(source)
            .args(flags)
            .current_dir(self.dir.path())
            .env_clear()
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn store(&self) -> Store {
        let config = StoreConfig {
            uri: DatabaseUri::parse(&self.uri, &|_| None).unwrap(),
            temporary_dir: PathBuf::new(),
            readers: 1,
            pool: PoolConfig::default(),
            default_artifact_root: "mlflow-artifacts:/".to_owned(),
            schema: SchemaPolicy::Check,
            now_ms: 0,
        };
        Store::open(&config).unwrap()
    }
}

fn recorded(version: &str) -> (PathBuf, Json) {
    let folder = repository().join("tests/filestore").join(version);
    let answers = std::fs::read_to_string(folder.join("answers.json")).unwrap();
    (folder.join("store"), serde_json::from_str(&answers).unwrap())
}

fn object(value: &Json) -> &Map<String, Json> {
    value.as_object().unwrap()
}

fn pairs(tags: &[Tag]) -> Json {
    let pairs: BTreeMap<&str, &str> = tags
        .iter()
        .map(|tag| (tag.key.as_str(), tag.value.as_str()))
        .collect();
    json!(pairs)
}

/// A number as the recordings have it; the column holds no infinity.
fn number(value: f64) -> Json {
    if value.is_nan() {
        json!("nan")
    } else {
        json!(value)
    }
}

fn without_infinity(value: &Json) -> Json {
    match value.as_str() {
        Some("inf") => json!(f64::MAX),
        Some("-inf") => json!(f64::MIN),
        _ => value.clone(),
    }
}

fn sorted(mut list: Vec<Json>) -> Vec<Json> {
    list.sort_by_key(Json::to_string);
    list
}

/// What the import found for each id of the source: itself, but on PostgreSQL, where an id of 18 digits
/// does not fit.
async fn id_here(store: &Store, said: &Json, source_id: &str) -> Experiment {
    let found = store
        .get_experiment_by_name(said["name"].as_str().unwrap())
        .await
        .unwrap();
    let tag = found
        .tags
        .iter()
        .find(|tag| tag.key == "oxflow.import.experiment_id");
    match tag {
        None => assert_eq!(found.id.to_string(), source_id),
        Some(tag) => assert_eq!(tag.value, source_id),
    }
    found
}

#[tokio::test]
async fn what_the_file_store_said_is_in_the_database() {
    for fixture in [Some(Fixture::sqlite()), Fixture::postgres()]
        .into_iter()
        .flatten()
    {
        for version in VERSIONS {
            let fixture = match &fixture.postgres {
                None => Fixture::sqlite(),
                Some(_) => Fixture::postgres().unwrap(),
            };
            let (source, answers) = recorded(version);
            let output = fixture.import(&source, &[]);
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            let store = fixture.store();
            let mut ids = BTreeMap::new();
            for (source_id, said) in object(&answers["experiments"]) {
                let experiment = id_here(&store, said, source_id).await;
                if fixture.postgres.is_none() {
                    assert_eq!(experiment.id.to_string(), *source_id, "SQLite keeps every id");
                }
                check_experiment(&experiment, said);
                ids.insert(source_id.clone(), experiment.id);
            }
            for (id, said) in object(&answers["runs"]) {
                check_run(&store, id, said, &ids).await;
            }
            for (id, said) in object(&answers["logged_models"]) {
                let model = store
                    .get_logged_model(ModelId::parse(id).unwrap(), false)
                    .await
                    .unwrap();
                check_logged_model(&model, said, &ids);
            }
        }
    }
}

fn check_experiment(experiment: &Experiment, said: &Json) {
    let tags: Vec<Tag> = experiment
        .tags
        .iter()
        .filter(|tag| tag.key != "oxflow.import.experiment_id")
        .cloned()
        .collect();
    assert_eq!(pairs(&tags), said["tags"]);
    assert_eq!(experiment.lifecycle_stage.as_str(), said["lifecycle_stage"]);
    assert_eq!(json!(experiment.creation_time_ms), said["creation_time"]);
    assert_eq!(json!(experiment.last_update_time_ms), said["last_update_time"]);
    let location = said["artifact_location"].as_str().unwrap();
    let expected = if location.starts_with("file:") {
        format!("mlflow-artifacts:/{}", experiment.id)
    } else {
        location.to_owned()
    };
    assert_eq!(experiment.artifact_location.as_deref(), Some(expected.as_str()));
}

async fn check_run(store: &Store, id: &str, said: &Json, ids: &BTreeMap<String, ExperimentId>) {
    let run_id = RunId::parse(id).unwrap();
    let run = store.get_run(run_id.clone()).await.unwrap();
    let info = &run.info;
    assert_eq!(info.experiment_id, ids[said["experiment_id"].as_str().unwrap()]);
    assert_eq!(json!(info.run_name), said["name"]);
    assert_eq!(info.status.as_str(), said["status"]);
    assert_eq!(info.lifecycle_stage.as_str(), said["lifecycle_stage"]);
    assert_eq!(
        json!([info.start_time_ms, info.end_time_ms]),
        json!([said["start_time"], said["end_time"]])
    );
    assert_eq!(json!(info.user_id), said["user_id"]);
    assert_eq!(pairs(&run.params), said["params"]);
    assert_eq!(pairs(&run.tags), said["tags"]);
    let uri = said["artifact_uri"].as_str().unwrap();
    if uri.starts_with("file:") {
        let expected = format!("mlflow-artifacts:/{}/{id}/artifacts", info.experiment_id);
        assert_eq!(info.artifact_uri.as_deref(), Some(expected.as_str()));
    } else {
        assert_eq!(info.artifact_uri.as_deref(), Some(uri));
    }
    check_metrics(store, &run, said).await;
    check_edges(&run, said);
}

async fn check_metrics(store: &Store, run: &Run, said: &Json) {
    let latest: Map<String, Json> = run
        .metrics
        .iter()
        .map(|metric| (metric.key.as_str().to_owned(), number(metric.value.get())))
        .collect();
    let expected = object(&said["latest"])
        .iter()
        .map(|(key, value)| (key.clone(), without_infinity(value)));
    assert_eq!(latest, expected.collect());
    for (key, points) in object(&said["history"]) {
        let page = HistoryPage {
            offset: 0,
            max_results: None,
        };
        let (history, _) = store
            .metric_history(run.info.run_id.clone(), key.clone(), page)
            .await
            .unwrap();
        let found = history
            .iter()
            .map(|point| json!([point.timestamp_ms, number(point.value.get()), point.step]))
            .collect();
        let expected = points.as_array().unwrap().iter().map(|point| {
            // A file store loses the step of a point with a dataset; its file has it.
            let step = if point[1] == 0.7 && key == "acc" {
                json!(2)
            } else {
                point[2].clone()
            };
            json!([point[0], without_infinity(&point[1]), step])
        });
        assert_eq!(sorted(found), sorted(expected.collect()), "{key}");
    }
}

fn check_edges(run: &Run, said: &Json) {
    let datasets = run.dataset_inputs.iter().map(|input| {
        let dataset = &input.dataset;
        json!([
            dataset.name,
            dataset.digest,
            dataset.source_type,
            dataset.source,
            dataset.schema,
            dataset.profile,
            pairs(&input.tags)
        ])
    });
    let list = |name: &str| {
        said.get(name)
            .and_then(Json::as_array)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(sorted(datasets.collect()), sorted(list("dataset_inputs")));
    let inputs = run.model_inputs.iter().map(|id| json!(id.as_str())).collect();
    assert_eq!(sorted(inputs), sorted(list("model_inputs")));
    let outputs = run
        .model_outputs
        .iter()
        .map(|output| json!([output.model_id.as_str(), output.step]));
    assert_eq!(sorted(outputs.collect()), sorted(list("model_outputs")));
}

fn check_logged_model(model: &LoggedModel, said: &Json, ids: &BTreeMap<String, ExperimentId>) {
    assert_eq!(model.experiment_id, ids[said["experiment_id"].as_str().unwrap()]);
    assert_eq!(model.name, said["name"]);
    assert_eq!(json!(model.model_type), said["model_type"]);
    assert_eq!(json!(model.source_run_id), said["source_run_id"]);
    assert_eq!(json!(model.creation_timestamp_ms), said["creation_timestamp"]);
    assert_eq!(pairs(&model.tags), said["tags"]);
    assert_eq!(pairs(&model.params), said["params"]);
    let expected = format!(
        "mlflow-artifacts:/{}/models/{}/artifacts",
        model.experiment_id, model.model_id
    );
    assert_eq!(model.artifact_location, expected);
    let mut points: Vec<(i64, f64, Option<&str>)> = model
        .metrics
        .iter()
        .map(|point| (point.step, point.value.stored, point.dataset_name.as_deref()))
        .collect();
    points.sort_by_key(|(step, ..)| *step);
    assert_eq!(points, [(1, 0.5, None), (2, 0.7, Some("train")), (3, 0.0, None)]);
}

#[test]
fn a_second_import_adds_nothing() {
    for fixture in [Some(Fixture::sqlite()), Fixture::postgres()]
        .into_iter()
        .flatten()
    {
        let (source, _) = recorded("3.17.2");
        let table = |output: Output| String::from_utf8(output.stdout).unwrap();
        let first = table(fixture.import(&source, &["--artifacts", "link"]));
        assert!(
            first.contains("\nruns                                7           7              0         0\n"),
            "{first}"
        );
        let second = table(fixture.import(&source, &["--artifacts", "link"]));
        let rows: Vec<Vec<&str>> = second
            .lines()
            .skip(1)
            .map(|line| line.split_whitespace().collect())
            .collect();
        for row in &rows {
            let [.., imported, _there, skipped] = row.as_slice() else {
                panic!("{row:?}")
            };
            assert_eq!((*imported, *skipped), ("0", "0"), "{second}");
        }
        assert!(
            rows.iter()
                .any(|row| row.starts_with(&["registered", "models", "2", "0", "2"])),
            "{second}"
        );
    }
}

#[test]
fn names_that_are_taken_stop_the_import_before_it_begins() {
    for fixture in [Some(Fixture::sqlite()), Fixture::postgres()]
        .into_iter()
        .flatten()
    {
        assert!(fixture.import(&recorded("2.11.3").0, &[]).status.success());
        let refused = fixture.import(&recorded("3.17.2").0, &[]);
        let message = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1));
        for part in [
            "nothing was imported",
            "`plain`",
            "registered model `wine`",
            "--on-conflict merge",
        ] {
            assert!(message.contains(part), "{message}");
        }
        let merged = fixture.import(&recorded("3.17.2").0, &["--on-conflict", "merge"]);
        let table = String::from_utf8(merged.stdout).unwrap();
        assert!(
            table.contains("\nexperiments                         5           0              5         0\n"),
            "{table}"
        );
        assert!(
            table.contains("\nruns                                7           7              0         0\n"),
            "{table}"
        );
    }
}

#[tokio::test]
async fn new_experiments_get_ids_of_their_own_after_an_import() {
    for fixture in [Some(Fixture::sqlite()), Fixture::postgres()]
        .into_iter()
        .flatten()
    {
        assert!(fixture.import(&recorded("1.30.0").0, &[]).status.success());
        let new = oxflow_core::NewExperiment {
            creator: None,
            name: oxflow_core::ExperimentName::parse("next").unwrap(),
            artifact_location: None,
            tags: Vec::new(),
            now_ms: 0,
        };
        assert_eq!(fixture.store().create_experiment(new).await.unwrap().get(), 5);
    }
}
