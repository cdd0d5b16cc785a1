//! Requests that name things of their sender beside things of others, in every field and place: the guard and the handler
//! must mean the same.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod common;
mod login_support;

use login_support::{PLANTED, Peopled};
use oxflow_auth::Access;
use oxflow_server::{Route, table};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

struct Aimed {
    target: String,
    body: String,
}

/// What a request may name, and under which names.
#[rustfmt::skip]
const NAMING: [&str; 23] = [
    "experiment_id", "experimentId", "experiment_ids", "experimentIds", "experiments", "experiment_name",
    "experimentName", "run_id", "runId", "run_uuid", "runUuid", "run_ids", "runIds", "runs", "ids", "model_id",
    "modelId", "models", "metrics", "name", "source", "path", "request",
];

/// Things of one owner, by what can name them.
struct Things {
    experiment: String,
    experiment_name: String,
    run: String,
    logged_model: String,
    model: String,
}

impl Things {
    fn named(&self, field: &str) -> Value {
        let selection = || json!({"experiments": [self.experiment], "columns": ["attribute.run_name"]});
        match field {
            "experiment_id" | "experimentId" => json!(self.experiment),
            "experiment_ids" | "experimentIds" | "experiments" => json!([self.experiment]),
            "experiment_name" | "experimentName" => json!(self.experiment_name),
            "run_id" | "runId" | "run_uuid" | "runUuid" => json!(self.run),
            "run_ids" | "runIds" | "runs" | "ids" => json!([self.run]),
            "model_id" | "modelId" => json!(self.logged_model),
            "models" => json!([{"model_id": self.logged_model, "step": 1}]),
            "metrics" => {
                json!([{"model_id": self.logged_model, "key": "m", "value": 1, "timestamp": 1, "step": 1}])
            }
            "name" => json!(self.model),
            "source" => json!(format!("models:/{}/1", self.model)),
            "path" => json!(format!("{}/{}/artifacts", self.experiment, self.run)),
            "request" => json!(selection().to_string()),
            other => unreachable!("{other} names nothing"),
        }
    }
}

/// Where a request has something of others.
#[derive(Debug, Clone, Copy)]
enum Place {
    Query,
    Body,
    Both,
}

/// What a request has of its sender's beside it.
#[derive(Debug, Clone, Copy)]
enum Beside {
    /// Nothing.
    Nothing,
    /// The other fields, in the query and in the body.
    Fields,
    /// The same, and the field itself once more, before.
    FieldsAndItselfBefore,
    /// The same, and the field itself once more, behind.
    FieldsAndItselfBehind,
}

const PLACES: [Place; 3] = [Place::Query, Place::Body, Place::Both];
const BESIDES: [Beside; 4] = [
    Beside::Nothing,
    Beside::Fields,
    Beside::FieldsAndItselfBefore,
    Beside::FieldsAndItselfBehind,
];

/// What else the rows of the table ask for.
fn usual(path: &str, theirs: &Things) -> Vec<(&'static str, Value)> {
    let mut usual = vec![
        ("version", json!("1")),
        ("key", json!("k")),
        ("value", json!("1")),
        ("timestamp", json!(1)),
        ("alias", json!("x")),
        ("new_name", json!("new")),
        ("stage", json!("Staging")),
        ("column", json!(format!("tag.{PLANTED}-tkey"))),
        ("username", json!("nothing")),
        ("permission", json!("MANAGE")),
        ("metric_key", json!(format!("{PLANTED}-metric"))),
        ("keys", json!([format!("{PLANTED}-metric")])),
        ("resource_type", json!("experiment")),
        ("resource_id", json!(theirs.experiment)),
        ("operation", json!("delete")),
        ("max_results", json!(5)),
        ("artifact_file_path", json!("x")),
        ("tags", json!([{"key": "k", "value": "v"}])),
        ("params", json!([{"key": "k", "value": "v"}])),
        ("model_json", json!("{}")),
        ("state", json!({})),
        ("description", json!("changed")),
    ];
    let status = if path.contains("logged-models") {
        "LOGGED_MODEL_READY"
    } else {
        "FINISHED"
    };
    usual.push(("status", json!(status)));
    if !path.contains("mlflow-artifacts/artifacts") {
        usual.push(("path", json!(format!("{PLANTED}.txt"))));
    }
    usual
}

/// The fields of a request, in their order, some of them twice.
#[derive(Default)]
struct Fields(Vec<(String, Value)>);

impl Fields {
    /// The same field has another spelling, with which it must not come.
    fn own(path: &str, own: &Things, theirs: &Things, but: &str, beside: Beside) -> Self {
        let usual = usual(path, theirs).into_iter();
        let mut all: Vec<(String, Value)> = usual.map(|(name, value)| (name.to_owned(), value)).collect();
        if !matches!(beside, Beside::Nothing) {
            let is_camel = |name: &str| name.contains(char::is_uppercase);
            let plain = |name: &str| name.replace('_', "").to_lowercase();
            let others = NAMING
                .iter()
                .filter(|name| !is_camel(name) && plain(name) != plain(but))
                .filter(|name| !["path", "ids"].contains(name))
                // A run or a logged model, not both.
                .filter(|name| !path.contains("presigned") || **name != "model_id");
            all.extend(others.map(|name| ((*name).to_owned(), own.named(name))));
        }
        all.retain(|(name, _)| name != but);
        Self(all)
    }

    fn add(&mut self, name: &str, value: Value) {
        self.0.push((name.to_owned(), value));
    }

    fn query(&self) -> String {
        let is_text = |value: &Value| !value.is_object() && !value[0].is_object();
        let pairs = self.0.iter().filter(|(_, value)| is_text(value));
        let pairs = pairs.map(|(name, value)| format!("{name}={}", in_query(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// An object in which fields come twice is no `Value`.
    fn body(&self) -> String {
        let pairs = self
            .0
            .iter()
            .map(|(name, value)| format!("{}: {value}", json!(name)));
        format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
    }
}

fn in_query(value: &Value) -> String {
    let text = match value {
        Value::Array(items) => items[0].as_str().unwrap_or_default().to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string()
}

/// A request with one field that names something of others, and what else names its sender's.
fn mixed(path: &str, own: &Things, theirs: &Things, field: &str, place: Place, beside: Beside) -> Aimed {
    let own_fields = || Fields::own(path, own, theirs, field, beside);
    let (mut query, mut body) = (own_fields(), own_fields());
    let is_in_query = matches!(place, Place::Query | Place::Both);
    let is_in_body = matches!(place, Place::Body | Place::Both);
    for (fields, is_here) in [(&mut query, is_in_query), (&mut body, is_in_body)] {
        if !is_here {
            continue;
        }
        if matches!(beside, Beside::FieldsAndItselfBefore) {
            fields.add(field, own.named(field));
        }
        fields.add(field, theirs.named(field));
        if matches!(beside, Beside::FieldsAndItselfBehind) {
            fields.add(field, own.named(field));
        }
    }
    // An empty query has another meaning than one that names nothing.
    let query = if matches!((place, beside), (Place::Body, Beside::Nothing)) {
        String::new()
    } else {
        format!("?{}", query.query())
    };
    Aimed {
        target: format!("{}{query}", filled(path, own)),
        body: body.body(),
    }
}

fn filled(path: &str, things: &Things) -> String {
    path.replace(
        "{*path}",
        &format!("{}/{}/artifacts/artifacts", things.experiment, things.run),
    )
    .replace("{model_id}", &things.logged_model)
    .replace("{tag_key}", "k")
    .replace("{id}", "999")
}

/// What the sender makes for themselves.
async fn own_things(peopled: &Peopled, round: &str) -> Things {
    let post = async |path: &str, body: Value| -> Value {
        let target = format!("/api/2.0/mlflow/{path}");
        let got = peopled.ask("nothing", "POST", &target, Some(&body)).await;
        assert_eq!(got.status, 200, "{path}: {}", String::from_utf8_lossy(&got.body));
        serde_json::from_slice(&got.body).unwrap()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (experiment_name, model) = (format!("own-{round}"), format!("own-model-{round}"));
    let made = post("experiments/create", json!({"name": experiment_name})).await;
    let experiment = text(&made["experiment_id"]);
    let made = post("runs/create", json!({"experiment_id": experiment})).await;
    let run = text(&made["run"]["info"]["run_id"]);
    let made = post(
        "logged-models",
        json!({"experiment_id": experiment, "source_run_id": run}),
    )
    .await;
    let logged_model = text(&made["model"]["info"]["model_id"]);
    post("registered-models/create", json!({"name": model})).await;
    post(
        "model-versions/create",
        json!({"name": model, "source": format!("runs:/{run}/m"), "run_id": run}),
    )
    .await;
    let tag = |of: &str, id: &str| json!({of: id, "key": "k", "value": "v"});
    post(
        "experiments/set-experiment-tag",
        tag("experiment_id", &experiment),
    )
    .await;
    post("runs/set-tag", tag("run_id", &run)).await;
    post("registered-models/set-tag", tag("name", &model)).await;
    let file = format!("/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/artifacts");
    let got = peopled.ask("nothing", "PUT", &file, Some(&json!("own"))).await;
    assert_eq!(got.status, 200, "{file}");
    Things {
        experiment,
        experiment_name,
        run,
        logged_model,
        model,
    }
}

/// All there is of somebody's things, as an administrator sees it.
async fn state_of(peopled: &Peopled, things: &Things) -> Vec<(String, Value)> {
    let Things {
        experiment,
        run,
        logged_model,
        model,
        ..
    } = things;
    let mut state = Vec::new();
    for target in [
        format!("/api/2.0/mlflow/experiments/get?experiment_id={experiment}"),
        format!("/api/2.0/mlflow/runs/get?run_id={run}"),
        format!("/api/2.0/mlflow/logged-models/{logged_model}"),
        format!("/api/2.0/mlflow/registered-models/get?name={model}"),
        format!("/api/2.0/mlflow/model-versions/search?filter=name%3D%27{model}%27"),
        format!("/api/2.0/mlflow-artifacts/artifacts?path={experiment}"),
        format!("/api/2.0/mlflow-artifacts/artifacts?path={experiment}/{run}/artifacts"),
        format!("/api/oxflow/v1/views?experiment_id={experiment}"),
        format!("/api/oxflow/v1/permissions?resource_type=experiment&resource_id={experiment}"),
        format!("/api/oxflow/v1/permissions?resource_type=registered_model&resource_id={model}"),
        "/api/2.0/mlflow/experiments/get?experiment_id=0".to_owned(),
    ] {
        let got = peopled.ask("admin", "GET", &target, None).await;
        assert_eq!(
            got.status,
            200,
            "{target}: {}",
            String::from_utf8_lossy(&got.body)
        );
        state.push((target, serde_json::from_slice(&got.body).unwrap()));
    }
    for path in ["runs/search", "logged-models/search"] {
        let asked = json!({"experiment_ids": [experiment, "0"], "run_view_type": "ALL"});
        let target = format!("/api/2.0/mlflow/{path}");
        let got = peopled.ask("admin", "POST", &target, Some(&asked)).await;
        assert_eq!(
            got.status,
            200,
            "{target}: {}",
            String::from_utf8_lossy(&got.body)
        );
        state.push((target, serde_json::from_slice(&got.body).unwrap()));
    }
    state
}

/// What an answer shows beside what was sent.
fn shows_planted(answer: &str, theirs: &Things) -> bool {
    let (tag, metric, file) = (
        format!("{PLANTED}-tkey"),
        format!("{PLANTED}-metric"),
        format!("{PLANTED}.txt"),
    );
    let sent = [
        theirs.model.as_str(),
        &theirs.experiment_name,
        &tag,
        &metric,
        &file,
    ];
    let rest = sent
        .iter()
        .fold(answer.to_owned(), |rest, name| rest.replace(name, ""));
    rest.contains(PLANTED)
}

/// The rows that are about things.
fn rows() -> impl Iterator<Item = Route> {
    let is_about_tokens = |route: &Route| route.path.starts_with("tokens") || route.path == "events";
    table()
        .into_iter()
        .filter(move |route| route.access != Access::Public && !is_about_tokens(route))
}

fn theirs_in(peopled: &Peopled) -> Things {
    Things {
        experiment: "1".to_owned(),
        experiment_name: format!("{PLANTED}-experiment"),
        run: peopled.run.clone(),
        logged_model: peopled.logged_model.clone(),
        model: format!("{PLANTED}-model"),
    }
}

/// Nothing of the others' is shown or changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_named_beside_it_slips_through_nowhere() {
    let peopled = Peopled::start().await;
    let theirs = theirs_in(&peopled);
    let (mut slipped, mut requests, mut passed) = (Vec::new(), 0, 0);
    let mut before = state_of(&peopled, &theirs).await;
    for (round, route) in rows().enumerate() {
        let mut own = own_things(&peopled, &format!("{round}")).await;
        for (i, field) in NAMING.iter().enumerate() {
            for (place, beside) in PLACES
                .iter()
                .flat_map(|place| BESIDES.map(|beside| (*place, beside)))
            {
                let paths = route.paths();
                let path = &paths[i % paths.len()];
                let aimed = mixed(path, &own, &theirs, field, place, beside);
                let (method, target) = (route.method.as_str(), &aimed.target);
                let got = peopled
                    .ask_raw("nothing", method, target, aimed.body.as_bytes())
                    .await;
                let answer = String::from_utf8_lossy(&got.body);
                requests += 1;
                passed += usize::from(got.status < 400);
                let about = format!("{method} {target} {}: {} {answer}", aimed.body, got.status);
                assert!(got.status < 500 || got.status == 501, "{about}");
                if shows_planted(&answer, &theirs) {
                    slipped.push(about);
                }
            }
            let after = state_of(&peopled, &theirs).await;
            if after != before {
                slipped.push(format!("{} {} with {field} changes it", route.method, route.path));
                before = after;
            }
            // What was deleted or renamed is made again.
            if route.access != Access::Authenticated && route.method != "GET" {
                own = own_things(&peopled, &format!("{round}-{i}")).await;
            }
        }
    }
    assert!(
        passed > requests / 10,
        "only {passed} of {requests} requests passed the guard"
    );
    assert!(
        slipped.is_empty(),
        "of {requests} ({passed} passed): {slipped:#?}"
    );
}

/// Of one's own things nothing is changed with a token that only reads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_only_reads_changes_nothing() {
    let peopled = Peopled::start().await;
    let reader = peopled.reading_token("nothing").await;
    let own = own_things(&peopled, "first").await;
    let before = state_of(&peopled, &own).await;
    let mut changed = Vec::new();
    for route in rows() {
        for path in route.paths() {
            for field in ["name", "experiment_name"] {
                // All of it is theirs: it could be allowed.
                let aimed = mixed(&path, &own, &own, field, Place::Both, Beside::Fields);
                let method = route.method.as_str();
                let got = peopled
                    .ask_raw(&reader, method, &aimed.target, aimed.body.as_bytes())
                    .await;
                if state_of(&peopled, &own).await != before {
                    changed.push(format!(
                        "{method} {} {}: {}",
                        aimed.target, aimed.body, got.status
                    ));
                    break;
                }
            }
        }
    }
    assert!(changed.is_empty(), "{changed:#?}");
}
