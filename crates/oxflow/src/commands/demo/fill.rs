//! Sends what was planned.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use super::api::{Api, METRICS_PER_BATCH, number, pairs, text_at};
use super::model_files::{self, Flavor, Identity};
use super::plan::{Dataset, Ending, ExperimentPlan, ModelPlan, RunPlan};
use super::random::Random;
use super::registry::Saved;

/// Most params in one `log-batch`. MLflow 3.17: `MAX_PARAMS_TAGS_PER_BATCH`.
const PARAMS_PER_BATCH: usize = 100;

/// One experiment that is being filled.
struct Filling<'a> {
    api: &'a Api,
    experiment_id: &'a str,
    seed: u64,
    saved: Mutex<Vec<Saved>>,
}

/// Makes an experiment with all its runs, several at a time; returns the models to be registered, oldest first.
pub fn experiment(
    api: &Api,
    name: &str,
    plan: &ExperimentPlan,
    connections: usize,
    seed: u64,
) -> Result<Vec<Saved>> {
    let id = create_experiment(api, name, &plan.tags)?;
    let filling = Filling {
        api,
        experiment_id: &id,
        seed,
        saved: Mutex::default(),
    };
    each(plan.runs.len(), connections, |i| {
        let run = &plan.runs[i];
        filling
            .run(run, None)
            .with_context(|| format!("run `{}` of `{name}` was not finished", run.name))
    })?;
    let mut saved = filling
        .saved
        .into_inner()
        .map_err(|_| anyhow!("a thread broke off"))?;
    saved.sort_by_key(|saved| saved.start_ms);
    Ok(saved)
}

/// Makes an experiment; returns its id.
pub fn create_experiment(api: &Api, name: &str, tags: &[(String, String)]) -> Result<String> {
    let body = json!({ "name": name, "tags": pairs(tags) });
    text_at(&api.post("experiments/create", &body)?, "/experiment_id")
}

/// Calls for each number below `count`, several at a time; the first error ends it.
pub fn each(count: usize, threads: usize, call: impl Fn(usize) -> Result<()> + Sync) -> Result<()> {
    let (next, has_failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        while !has_failed.load(Ordering::Relaxed) {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                break;
            }
            call(i).inspect_err(|_| has_failed.store(true, Ordering::Relaxed))?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let outcomes = threads.into_iter().map(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err(anyhow!("a thread broke off")))
        });
        outcomes.collect::<Vec<_>>().into_iter().collect()
    })
}

impl Filling<'_> {
    fn run(&self, plan: &RunPlan, parent: Option<&str>) -> Result<()> {
        let made = self.create(plan, parent)?;
        let run_id = text_at(&made, "/run/info/run_id")?;
        let artifacts = text_at(&made, "/run/info/artifact_uri")?;
        let model_id = match &plan.model {
            None => None,
            Some(model) => Some(self.model(plan, model, &run_id, &artifacts)?),
        };
        self.params(plan, &run_id)?;
        self.metrics(plan, &run_id, model_id.as_deref())?;
        for file in &plan.files {
            self.api.put_artifact(&artifacts, &file.path, &file.content)?;
        }
        if !plan.datasets.is_empty() {
            let datasets: Value = plan.datasets.iter().map(dataset).collect();
            self.api.post(
                "runs/log-inputs",
                &json!({ "run_id": run_id, "datasets": datasets }),
            )?;
        }
        for child in &plan.children {
            self.run(child, Some(&run_id))?;
        }
        if plan.ending != Ending::Running {
            let end = plan.start_ms + plan.duration_ms;
            let body = json!({ "run_id": run_id, "status": plan.ending.status(), "end_time": end });
            self.api.post("runs/update", &body)?;
        }
        Ok(())
    }

    fn create(&self, plan: &RunPlan, parent: Option<&str>) -> Result<Value> {
        let mut tags = plan.tags.clone();
        tags.extend(parent.map(|parent| ("mlflow.parentRunId".to_owned(), parent.to_owned())));
        let user = tags
            .iter()
            .find(|(key, _)| key == "mlflow.user")
            .map(|(_, user)| user.as_str());
        self.api.post(
            "runs/create",
            &json!({
                "experiment_id": self.experiment_id,
                "run_name": plan.name,
                "start_time": plan.start_ms,
                "user_id": user.unwrap_or("demo"),
                "tags": pairs(&tags),
            }),
        )
    }

    fn params(&self, plan: &RunPlan, run_id: &str) -> Result<()> {
        for params in plan.params.chunks(PARAMS_PER_BATCH) {
            self.api.post(
                "runs/log-batch",
                &json!({ "run_id": run_id, "params": pairs(params) }),
            )?;
        }
        Ok(())
    }

    /// In order of time, as a training logs them. The last value of an evaluation is also one of the model.
    fn metrics(&self, plan: &RunPlan, run_id: &str, model_id: Option<&str>) -> Result<()> {
        let mut points = Vec::new();
        for series in &plan.series {
            let is_evaluation = !series.key.starts_with("train") && !series.key.starts_with("system/");
            for (i, point) in series.points.iter().enumerate() {
                let mut metric = json!({
                    "key": series.key, "value": number(point.value), "timestamp": point.timestamp_ms, "step": point.step,
                });
                let is_last = i + 1 == series.points.len();
                if let Some(model_id) = model_id.filter(|_| is_last && is_evaluation) {
                    metric["model_id"] = json!(model_id);
                }
                points.push((point.timestamp_ms, metric));
            }
        }
        points.sort_by_key(|(timestamp, _)| *timestamp);
        for points in points.chunks(METRICS_PER_BATCH) {
            let metrics: Value = points.iter().map(|(_, metric)| metric.clone()).collect();
            self.api
                .post("runs/log-batch", &json!({ "run_id": run_id, "metrics": metrics }))?;
        }
        Ok(())
    }

    /// A logged model with its files, as MLflow 3 has it; of scikit-learn also the folder that MLflow 2 made.
    fn model(&self, plan: &RunPlan, model: &ModelPlan, run_id: &str, artifacts: &str) -> Result<String> {
        let body = json!({
            "experiment_id": self.experiment_id, "name": model.name, "model_type": model.model_type,
            "source_run_id": run_id, "params": pairs(&plan.params),
        });
        let made = self.api.post("logged-models", &body)?;
        let model_id = text_at(&made, "/model/info/model_id")?;
        let root = text_at(&made, "/model/info/artifact_uri")?;
        let mut random = Random::of_part(self.seed, &plan.name);
        let created = model_files::utc(plan.start_ms + plan.duration_ms);
        let identity = Identity {
            run_id,
            model_id: Some(&model_id),
            created: &created,
        };
        for file in model_files::files(model.flavor, &identity, &mut random) {
            self.api.put_artifact(&root, &file.path, &file.content)?;
        }
        if model.flavor == Flavor::Sklearn {
            let identity = Identity {
                run_id,
                model_id: None,
                created: &created,
            };
            for file in model_files::files(model.flavor, &identity, &mut random) {
                self.api
                    .put_artifact(artifacts, &format!("model/{}", file.path), &file.content)?;
            }
        }
        self.api.patch(
            &format!("logged-models/{model_id}"),
            &json!({ "model_id": model_id, "status": "LOGGED_MODEL_READY" }),
        )?;
        let outputs = json!({ "run_id": run_id, "models": [{ "model_id": model_id, "step": model.step }] });
        self.api.post("runs/outputs", &outputs)?;
        if model.is_registered {
            let saved = Saved {
                model_id: model_id.clone(),
                run_id: run_id.to_owned(),
                start_ms: plan.start_ms,
            };
            self.saved
                .lock()
                .map_err(|_| anyhow!("a thread broke off"))?
                .push(saved);
        }
        Ok(model_id)
    }
}

fn dataset(dataset: &Dataset) -> Value {
    let source_type = if dataset.source.contains("s3:") {
        "s3"
    } else {
        "local"
    };
    json!({
        "tags": [{ "key": "mlflow.data.context", "value": dataset.context }],
        "dataset": {
            "name": dataset.name, "digest": dataset.digest, "source_type": source_type, "source": dataset.source,
            "schema": dataset.schema, "profile": json!({ "num_rows": dataset.rows }).to_string(),
        },
    })
}
