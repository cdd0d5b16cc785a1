//! Oxflow's own endpoints about many runs, over HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod common;

use std::collections::BTreeMap;

use common::Server;
use oxflow_testkit::goldens::{Got, Send};
use serde_json::{Value, json};

const OWN: &str = "/api/oxflow/v1";
const MLFLOW: &str = "/api/2.0/mlflow";

/// A server with three runs of one experiment: `a`, `b`, `c`, which started at 1, 2 and 3.
struct Sweep {
    server: Server,
    experiment: String,
    ids: Vec<String>,
}

async fn ask(server: &Server, method: &str, target: &str, body: &Value) -> Got {
    let headers = [("host", "127.0.0.1:5000"), ("content-type", "application/json")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    server
        .send(&Send {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: BTreeMap::from(headers),
            body: if method == "GET" {
                Vec::new()
            } else {
                body.to_string().into_bytes()
            },
        })
        .await
}

fn parsed(got: &Got) -> Value {
    serde_json::from_slice(&got.body).unwrap()
}

impl Sweep {
    async fn start() -> Self {
        let server = Server::start();
        let mut sweep = Self {
            server,
            experiment: String::new(),
            ids: Vec::new(),
        };
        let created = sweep.mlflow("experiments/create", json!({"name": "sweep"})).await;
        sweep.experiment = created["experiment_id"].as_str().unwrap().to_owned();
        for (i, name) in ["a", "b", "c"].into_iter().enumerate() {
            let run = json!({"experiment_id": sweep.experiment, "run_name": name, "start_time": i + 1});
            let id = sweep.mlflow("runs/create", run).await["run"]["info"]["run_id"].clone();
            sweep.ids.push(id.as_str().unwrap().to_owned());
        }
        sweep
    }

    async fn mlflow(&self, path: &str, body: Value) -> Value {
        let got = ask(&self.server, "POST", &format!("{MLFLOW}/{path}"), &body).await;
        assert_eq!(
            got.status,
            200,
            "{path} {body}: {}",
            String::from_utf8_lossy(&got.body)
        );
        parsed(&got)
    }

    async fn log(&self, run: usize, key: &str, value: Value) {
        let body = json!({"run_id": self.ids[run], "key": key, "value": value, "timestamp": 1, "step": 7});
        self.mlflow("runs/log-metric", body).await;
    }

    async fn set_tag(&self, run: usize, key: &str, value: &str) {
        let body = json!({"run_id": self.ids[run], "key": key, "value": value});
        self.mlflow("runs/set-tag", body).await;
    }

    async fn log_param(&self, run: usize, key: &str, value: &str) {
        let body = json!({"run_id": self.ids[run], "key": key, "value": value});
        self.mlflow("runs/log-parameter", body).await;
    }

    /// Posts a body about the runs of the experiment.
    async fn post(&self, path: &str, mut body: Value) -> Got {
        if body.get("ids").is_none() && body.get("experiments").is_none() {
            body["experiments"] = json!([self.experiment]);
        }
        ask(&self.server, "POST", &format!("{OWN}/{path}"), &body).await
    }

    async fn table(&self, body: Value) -> Value {
        let got = self.post("runs/table", body).await;
        assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
        parsed(&got)
    }

    /// The names of the runs that a body finds, in their order.
    async fn names(&self, mut body: Value) -> String {
        body["columns"] = json!(["attribute.run_name"]);
        let table = self.table(body).await;
        let names = table["columns"]["attribute.run_name"].as_array().unwrap().clone();
        assert_eq!(table["total"], names.len());
        names.iter().map(|name| name.as_str().unwrap()).collect()
    }

    async fn refused(&self, path: &str, body: Value) -> Value {
        let shown = body.to_string();
        let got = self.post(path, body).await;
        assert_eq!(got.status, 400, "{shown}: {}", String::from_utf8_lossy(&got.body));
        parsed(&got)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_has_the_columns_that_were_asked_for() {
    let sweep = Sweep::start().await;
    sweep.log(0, "loss", json!(0.25)).await;
    sweep.log(1, "loss", json!("NaN")).await;
    sweep.log(2, "loss", json!("-Infinity")).await;
    sweep.log_param(0, "lr", "0.1").await;
    sweep
        .set_tag(1, "mlflow.parentRunId", &sweep.ids[0].clone())
        .await;
    let columns = [
        "attribute.run_name",
        "metric.loss",
        "metric_step.loss",
        "metric_min.loss",
        "param.lr",
        "tag.none",
        "children",
        "parent",
        "datasets",
        "models",
        "attribute.experiment_id",
        "attribute.duration",
        "attribute.run_name",
    ];
    let table = sweep.table(json!({"columns": columns})).await;
    assert_eq!(table["total"], 3);
    assert_eq!(table["ids"], json!([sweep.ids[2], sweep.ids[1], sweep.ids[0]]));
    let experiment = &sweep.experiment;
    let expected = json!({
        "attribute.run_name": ["c", "b", "a"],
        "metric.loss": ["-Infinity", "NaN", 0.25],
        "metric_step.loss": [7, 7, 7],
        "metric_min.loss": [null, null, 0.25],
        "param.lr": [null, null, "0.1"],
        "tag.none": [null, null, null],
        "children": [0, 0, 1],
        "parent": [null, sweep.ids[0], null],
        "datasets": [[], [], []],
        "models": [[], [], []],
        "attribute.experiment_id": [experiment, experiment, experiment],
        "attribute.duration": [null, null, null],
    });
    assert_eq!(table["columns"], expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn windows_of_a_generation_do_not_shift() {
    let sweep = Sweep::start().await;
    let sort = json!([{"column": "attribute.start_time", "descending": true}]);
    let first = sweep.table(json!({"sort": sort, "limit": 1})).await;
    assert_eq!(first["ids"], json!([sweep.ids[2]]));
    let new = json!({"experiment_id": sweep.experiment, "run_name": "d", "start_time": 9});
    sweep.mlflow("runs/create", new).await;
    let generation = &first["generation"];
    let second = sweep
        .table(json!({"sort": sort, "offset": 1, "limit": 1, "generation": generation}))
        .await;
    assert_eq!(
        (&second["ids"], &second["total"]),
        (&json!([sweep.ids[1]]), &json!(3))
    );
    assert_eq!(&second["generation"], generation);
    // Of another order, or without its generation, the list is made anew.
    for body in [
        json!({"sort": sort}),
        json!({"generation": generation}),
        json!({"sort": sort, "generation": "gone"}),
    ] {
        let table = sweep.table(body).await;
        assert_eq!(table["total"], 4);
        assert_ne!(&table["generation"], generation);
    }
    // Whoever comes with a generation that this server does not have goes on in a new list.
    let lost = json!({"sort": sort, "offset": 1, "limit": 1, "generation": "of another server"});
    let found = sweep.table(lost).await;
    assert_eq!(
        (&found["ids"], &found["total"]),
        (&json!([sweep.ids[2]]), &json!(4))
    );
    let next = json!({"sort": sort, "offset": 2, "limit": 1, "generation": found["generation"]});
    let next = sweep.table(next).await;
    assert_eq!(
        (&next["ids"], &next["generation"]),
        (&json!([sweep.ids[1]]), &found["generation"])
    );
    let beyond = sweep.table(json!({"offset": 99})).await;
    assert_eq!((&beyond["ids"], &beyond["total"]), (&json!([]), &json!(4)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_generation_is_kept_for_readers_of_a_window_only() {
    let sweep = Sweep::start().await;
    let is_nan = json!([{"column": "metric.loss", "is": "NaN"}]);
    sweep.log(0, "loss", json!("NaN")).await;
    let count = sweep.table(json!({"where": is_nan, "limit": 0})).await;
    assert_eq!(
        count,
        json!({"total": 1, "offset": 0, "generation": null, "ids": [], "columns": {}})
    );
    let window = sweep.table(json!({"where": is_nan})).await;
    assert_eq!(window["ids"], json!([sweep.ids[0]]));
    sweep.log(1, "loss", json!("NaN")).await;
    for limit in [0, 5] {
        let same = json!({"where": is_nan, "limit": limit, "generation": window["generation"]});
        let same = sweep.table(same).await;
        assert_eq!(
            (&same["total"], &same["generation"]),
            (&json!(1), &window["generation"])
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_selection_finds_what_it_says() {
    let sweep = Sweep::start().await;
    sweep.log(0, "loss", json!(1)).await;
    sweep.log(1, "loss", json!("NaN")).await;
    sweep.log(2, "loss", json!("Infinity")).await;
    sweep.log_param(0, "lr", "0.1").await;
    sweep.set_tag(1, "team", "blue").await;
    sweep.set_tag(2, "mlflow.runName", "Übung 50%").await;
    sweep
        .set_tag(1, "mlflow.parentRunId", &sweep.ids[0].clone())
        .await;
    sweep.set_tag(2, "mlflow.parentRunId", "elsewhere").await;
    let ids = &sweep.ids;
    for (body, expected) in [
        (json!({}), "Übung 50%ba"),
        (json!({"q": "metrics.loss = 1"}), "a"),
        (json!({"search": "UNG 5"}), "Übung 50%"),
        (json!({"search": "übung 50%"}), "Übung 50%"),
        (json!({"search": "%"}), "Übung 50%"),
        (json!({"search": ids[0][..12].to_uppercase()}), "a"),
        (json!({"started_after": 2}), "Übung 50%b"),
        (json!({"started_before": "2"}), "a"),
        (json!({"where": [{"column": "param.lr", "is": "0.1"}]}), "a"),
        (
            json!({"where": [{"column": "param.lr", "is": null}, {"column": "tag.team", "is": "blue"}]}),
            "b",
        ),
        (json!({"where": [{"column": "metric.loss", "is": "NaN"}]}), "b"),
        (
            json!({"where": [{"column": "metric.loss", "is": "Infinity"}]}),
            "Übung 50%",
        ),
        (json!({"where": [{"column": "metric.loss", "is": 1}]}), "a"),
        (
            json!({"where": [{"column": "metric.none", "is": null}, {"column": "metric_step.loss", "is": 7}]}),
            "Übung 50%ba",
        ),
        (
            json!({"where": [{"column": "attribute.experiment_id", "is": sweep.experiment}]}),
            "Übung 50%ba",
        ),
        (
            json!({"where": [{"column": "attribute.end_time", "is": null}, {"column": "attribute.start_time", "is": 1}]}),
            "a",
        ),
        (
            json!({"where": [{"column": "parent", "is": "elsewhere"}]}),
            "Übung 50%",
        ),
        (json!({"parent": ids[0]}), "b"),
        (json!({"parent": "none"}), "Übung 50%a"),
        (json!({"ids": [ids[0], ids[1], "unknown"]}), "ba"),
        (json!({"ids": [ids[1]], "parent": "none"}), "b"),
        (json!({"experiments": ["99"]}), ""),
    ] {
        assert_eq!(sweep.names(body.clone()).await, expected, "{body}");
    }
    sweep.mlflow("runs/delete", json!({"run_id": ids[0]})).await;
    for (view, expected) in [("active", "Übung 50%b"), ("deleted", "a"), ("all", "Übung 50%ba")] {
        assert_eq!(sweep.names(json!({"view": view})).await, expected);
    }
    assert_eq!(
        sweep.names(json!({"parent": "none"})).await,
        "Übung 50%b",
        "its parent is not in this view"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_a_table_is_refused() {
    let sweep = Sweep::start().await;
    let many = |count: usize| (0..count).map(|i| format!("{i}")).collect::<Vec<_>>();
    let columns: Vec<String> = (0..201).map(|i| format!("tag.{i}")).collect();
    for body in [
        json!({"experiments": []}),
        json!({"experiments": ["1"], "ids": ["a"]}),
        json!({"experiments": ["x"]}),
        json!({"experiments": "1"}),
        json!({"experiments": many(10_001)}),
        json!({"ids": many(1001)}),
        json!({"ids": ["../x"]}),
        json!({"q": 5}),
        json!({"search": vec!["a"; 33].join(" ")}),
        json!({"search": "a".repeat(1001)}),
        json!({"view": "ACTIVE"}),
        json!({"started_after": "yesterday"}),
        json!({"parent": "a/b"}),
        json!({"where": {}}),
        json!({"where": [{"column": "tag.a"}]}),
        json!({"where": [{"is": "b"}]}),
        json!({"where": [{"column": "tag.a", "is": 1}]}),
        json!({"where": [{"column": "tag.a", "is": {}}]}),
        json!({"where": [{"column": "metric.a", "is": "1"}]}),
        json!({"where": [{"column": "attribute.start_time", "is": 1.5}]}),
        json!({"where": [{"column": "attribute.experiment_id", "is": "x"}]}),
        json!({"where": [{"column": "datasets", "is": null}]}),
        json!({"columns": ["loss"]}),
        json!({"columns": [5]}),
        json!({"columns": columns}),
        json!({"sort": [{"column": "children"}]}),
        json!({"sort": [{"column": "metric_min.loss"}]}),
        json!({"sort": [{"column": "metric.loss", "descending": "x"}]}),
        json!({"sort": vec![json!({"column": "metric.loss"}); 9]}),
        json!({"sort": ["metric.loss"]}),
        json!({"offset": -1}),
        json!({"limit": 1001}),
        json!({"limit": -1}),
        json!({"generation": 7}),
    ] {
        let error = sweep.refused("runs/table", body.clone()).await;
        assert_eq!(error["error_code"], "INVALID_PARAMETER_VALUE", "{body}");
        assert_eq!(error.get("details"), None, "{body}");
    }
    let got = ask(&sweep.server, "POST", &format!("{OWN}/runs/table"), &json!({})).await;
    assert_eq!(got.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_that_cannot_be_read_is_pointed_at() {
    let sweep = Sweep::start().await;
    // What stands before has characters of one and of two UTF-16 code units.
    let error = sweep
        .refused("runs/table", json!({"q": "tags.`é😀` = 'x' AND wrong = 'y'"}))
        .await;
    assert_eq!(error["details"], json!({"field": "q", "offset": 21, "length": 5}));
    let error = sweep.refused("runs/table", json!({"q": "nonsense"})).await;
    assert_eq!(error["details"]["field"], "q");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_summary_counts_the_runs_of_each_experiment() {
    let sweep = Sweep::start().await;
    let end = json!({"run_id": sweep.ids[1], "status": "FINISHED", "end_time": 50});
    sweep.mlflow("runs/update", end).await;
    sweep.mlflow("runs/delete", json!({"run_id": sweep.ids[2]})).await;
    let tag = json!({"experiment_id": sweep.experiment, "key": "team", "value": "blue"});
    sweep.mlflow("experiments/set-experiment-tag", tag).await;
    let got = sweep.server.get(&format!("{OWN}/experiments/summary"), &[]).await;
    let summary = parsed(&got)["experiments"].clone();
    let names: Vec<&Value> = summary
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["name"])
        .collect();
    assert_eq!(names, ["sweep", "Default"]);
    let swept = &summary[0];
    for (field, expected) in [
        ("experiment_id", json!(sweep.experiment)),
        ("lifecycle_stage", json!("active")),
        ("tags", json!({"team": "blue"})),
        ("runs", json!(2)),
        ("running", json!(1)),
        ("deleted_runs", json!(1)),
        ("last_activity", json!(50)),
    ] {
        assert_eq!(swept[field], expected, "{field}");
    }
    assert_eq!(
        (&summary[1]["runs"], &summary[1]["last_activity"]),
        (&json!(0), &Value::Null)
    );
    let deleted = sweep
        .server
        .get(&format!("{OWN}/experiments/summary?view=deleted"), &[])
        .await;
    assert_eq!(parsed(&deleted), json!({"experiments": []}));
    let wrong = sweep
        .server
        .get(&format!("{OWN}/experiments/summary?view=some"), &[])
        .await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_say_how_many_runs_have_them_and_whether_they_differ() {
    let sweep = Sweep::start().await;
    for run in 0..3 {
        sweep.log(run, "loss", json!(run)).await;
        sweep.log(run, "same", json!(1)).await;
    }
    sweep.log(0, "nan", json!("NaN")).await;
    sweep.log_param(0, "lr", "0.1").await;
    let dataset = json!({"dataset": {"name": "train", "digest": "abc", "source_type": "x", "source": "y"}});
    sweep
        .mlflow(
            "runs/log-inputs",
            json!({"run_id": sweep.ids[0], "datasets": [dataset]}),
        )
        .await;
    let all = parsed(&sweep.post("runs/keys", json!({})).await);
    assert_eq!((&all["total_runs"], &all["sampled"]), (&json!(3), &json!(false)));
    let expected = json!([
        {"key": "loss", "runs": 3, "differs": true},
        {"key": "nan", "runs": 1, "differs": true},
        {"key": "same", "runs": 3, "differs": false},
    ]);
    assert_eq!(all["metrics"], expected);
    assert_eq!(all["params"], json!([{"key": "lr", "runs": 1, "differs": true}]));
    assert_eq!(
        all["datasets"],
        json!([{"name": "train", "digest": "abc", "runs": 1}])
    );
    let some = json!({"kinds": ["metric", "dataset"], "contains": "A", "limit": 1, "q": "metrics.loss < 1"});
    let expected = json!({
        "total_runs": 1,
        "sampled": false,
        "metrics": [{"key": "nan", "runs": 1, "differs": false}],
        "datasets": [{"name": "train", "digest": "abc", "runs": 1}],
    });
    assert_eq!(parsed(&sweep.post("runs/keys", some).await), expected);
    let none = parsed(&sweep.post("runs/keys", json!({"search": "nobody"})).await);
    assert_eq!((&none["total_runs"], &none["metrics"]), (&json!(0), &json!([])));
    for body in [
        json!({"kinds": ["metrics"]}),
        json!({"kinds": "metric"}),
        json!({"limit": 0}),
        json!({"limit": 10_001}),
        json!({"contains": 5}),
        json!({"contains": "x".repeat(1001)}),
        json!({"ids": []}),
    ] {
        sweep.refused("runs/keys", body).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_come_with_the_most_frequent_first() {
    let sweep = Sweep::start().await;
    for (run, value) in ["0.2", "0.1", "0.1"].into_iter().enumerate() {
        sweep.log_param(run, "lr", value).await;
    }
    let ask = async |query: &str| sweep.server.get(&format!("{OWN}/runs/values?{query}"), &[]).await;
    let experiments = format!("experiments={},99", sweep.experiment);
    for (query, expected) in [
        (
            "column=param.lr",
            json!([{"value": "0.1", "runs": 2}, {"value": "0.2", "runs": 1}]),
        ),
        (
            "column=param.lr&contains=.2",
            json!([{"value": "0.2", "runs": 1}]),
        ),
        ("column=param.lr&contains=%25", json!([])),
        ("column=param.lr&limit=1", json!([{"value": "0.1", "runs": 2}])),
        (
            "column=attribute.run_name&contains=B",
            json!([{"value": "b", "runs": 1}]),
        ),
        (
            "column=attribute.experiment_id",
            json!([{"value": sweep.experiment, "runs": 3}]),
        ),
        ("column=tag.none", json!([])),
        ("column=attribute.status&view=deleted", json!([])),
    ] {
        let got = ask(&format!("{experiments}&{query}")).await;
        assert_eq!(got.status, 200, "{query}: {}", String::from_utf8_lossy(&got.body));
        assert_eq!(parsed(&got)["values"], expected, "{query}");
    }
    for query in [
        "column=param.lr",
        "experiments=1",
        "experiments=&column=param.lr",
        "experiments=1,&column=param.lr",
        "experiments=x&column=param.lr",
        "experiments=1&column=metric.loss",
        "experiments=1&column=attribute.start_time",
        "experiments=1&column=lr",
        "experiments=1&column=param.lr&limit=0",
        "experiments=1&column=param.lr&limit=x",
    ] {
        assert_eq!(ask(query).await.status, 400, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_sum_the_metrics_of_all_their_runs_up() {
    let sweep = Sweep::start().await;
    for (run, value) in [json!(1), json!(3), json!("NaN")].into_iter().enumerate() {
        sweep.log(run, "loss", value).await;
    }
    sweep.log_param(0, "optimizer", "adam").await;
    sweep.log_param(1, "optimizer", "adam").await;
    let end = json!({"run_id": sweep.ids[1], "status": "FINISHED"});
    sweep.mlflow("runs/update", end).await;
    let body = json!({"group": ["param.optimizer", "tag.team"], "columns": ["metric.loss", "metric.none"]});
    let got = parsed(&sweep.post("runs/groups", body).await);
    let std = 2.0_f64.sqrt();
    let expected = json!({
        "total": 3,
        "total_groups": 2,
        "offset": 0,
        "groups": [
            {"values": ["adam", null], "count": 2, "running": 1, "metrics": {"metric.loss": {
                "count": 2, "mean": 2.0, "std": std, "stderr": std / 2.0_f64.sqrt(), "median": 2.0, "min": 1.0, "max": 3.0, "nan": 0}}},
            {"values": [null, null], "count": 1, "running": 1, "metrics": {"metric.loss": {
                "count": 0, "mean": null, "std": null, "stderr": null, "median": null, "min": null, "max": null, "nan": 1}}},
        ],
    });
    assert_eq!(got, expected);
    let first = async |sort: Value| {
        let body = json!({"group": ["attribute.run_name"], "sort": [sort], "limit": 1, "offset": 0});
        parsed(&sweep.post("runs/groups", body).await)["groups"][0]["values"][0].clone()
    };
    assert_eq!(
        first(json!({"column": "metric.loss", "descending": true, "aggregate": "max"})).await,
        "b"
    );
    assert_eq!(
        first(json!({"column": "metric.loss", "descending": false})).await,
        "a"
    );
    assert_eq!(
        first(json!({"column": "attribute.run_name", "descending": true})).await,
        "c"
    );
    assert_eq!(
        first(json!({"column": "count"})).await,
        "a",
        "ties go by the values"
    );
    for body in [
        json!({}),
        json!({"group": []}),
        json!({"group": vec!["param.a"; 9]}),
        json!({"group": ["metric.loss"]}),
        json!({"group": ["attribute.start_time"]}),
        json!({"group": ["param.a"], "columns": ["param.b"]}),
        json!({"group": ["param.a"], "columns": (0..51).map(|i| format!("metric.{i}")).collect::<Vec<_>>()}),
        json!({"group": ["param.a"], "sort": [{"column": "param.b"}]}),
        json!({"group": ["param.a"], "sort": [{"column": "metric.loss", "aggregate": "sum"}]}),
        json!({"group": ["param.a"], "limit": -1}),
    ] {
        sweep.refused("runs/groups", body).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_has_all_rows_in_the_order_of_the_table() {
    let sweep = Sweep::start().await;
    sweep.log(0, "loss", json!("NaN")).await;
    sweep.log(1, "loss", json!(0.5)).await;
    sweep.log_param(0, "note", "a, \"b\"").await;
    let sort = json!([{"column": "attribute.start_time"}]);
    let body =
        json!({"columns": ["metric.loss", "param.note", "datasets"], "sort": sort, "file_name": "é.csv"});
    let got = sweep.post("runs/export", body).await;
    let [a, b, c] = [&sweep.ids[0], &sweep.ids[1], &sweep.ids[2]];
    assert_eq!(
        String::from_utf8(got.body.clone()).unwrap(),
        format!(
            "attribute.run_id,metric.loss,param.note,datasets\r\n{a},NaN,\"a, \"\"b\"\"\",[]\r\n{b},0.5,,[]\r\n{c},,,[]\r\n"
        )
    );
    assert_eq!(
        got.headers["content-type"],
        "text/csv; charset=utf-8; header=present"
    );
    assert_eq!(
        got.headers["content-disposition"],
        "attachment; filename=e.csv; filename*=UTF-8''%C3%A9.csv"
    );
    let request = format!(
        "%7B%22experiments%22%3A%5B%22{}%22%5D%2C%22format%22%3A%22json%22%2C%22columns%22%3A%5B%22metric.loss%22%5D%7D",
        sweep.experiment
    );
    let got = sweep
        .server
        .get(&format!("{OWN}/runs/export?request={request}"), &[])
        .await;
    let expected = json!([
        {"attribute.run_id": c, "metric.loss": null},
        {"attribute.run_id": b, "metric.loss": 0.5},
        {"attribute.run_id": a, "metric.loss": "NaN"},
    ]);
    assert_eq!(parsed(&got), expected);
    assert_eq!(
        got.headers["content-disposition"],
        "attachment; filename=runs.json"
    );
    let none = sweep
        .post("runs/export", json!({"search": "nobody", "format": "json"}))
        .await;
    assert_eq!(parsed(&none), json!([]));
    let none = sweep.post("runs/export", json!({"search": "nobody"})).await;
    assert_eq!(none.body, b"attribute.run_id\r\n");
    for body in [
        json!({"format": "xlsx"}),
        json!({"file_name": "../x.csv"}),
        json!({"file_name": "a\nb"}),
        json!({"file_name": "x".repeat(201)}),
        json!({"q": "nonsense"}),
    ] {
        sweep.refused("runs/export", body).await;
    }
    for query in ["", "request=", "request=%7B", "request=%5B%5D"] {
        let got = sweep.server.get(&format!("{OWN}/runs/export?{query}"), &[]).await;
        assert_eq!(got.status, 400, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_of_many_runs_comes_in_pieces_that_fit() {
    let sweep = Sweep::start().await;
    for i in 0..120 {
        let run = json!({"experiment_id": sweep.experiment, "run_name": "many", "start_time": 100 + i});
        sweep.mlflow("runs/create", run).await;
    }
    // 200 columns make pieces of 50 rows.
    let columns: Vec<String> = (0..199).map(|i| format!("tag.t{i}")).collect();
    for format in ["csv", "json"] {
        let got = sweep
            .post("runs/export", json!({"columns": columns, "format": format}))
            .await;
        let rows = match format {
            "csv" => String::from_utf8(got.body).unwrap().lines().count() - 1,
            _ => parsed(&got).as_array().unwrap().len(),
        };
        assert_eq!(rows, 123, "{format}");
    }
}

impl Sweep {
    /// The lines of a change of many runs.
    async fn bulk(&self, body: Value) -> Vec<Value> {
        let got = self.post("runs/bulk", body).await;
        assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
        assert_eq!(got.headers["content-type"], "application/x-ndjson");
        let text = String::from_utf8(got.body).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_change_reaches_all_runs_that_may_have_it() {
    let sweep = Sweep::start().await;
    let all = |done: usize| vec![json!({"total": done, "done": done, "failed": []})];
    let set = json!({"operation": {"set_tag": {"key": "team", "value": "blue"}}, "q": "attributes.run_name != 'a'"});
    assert_eq!(sweep.bulk(set).await, all(2));
    let is_blue = json!({"where": [{"column": "tag.team", "is": "blue"}]});
    assert_eq!(sweep.names(is_blue.clone()).await, "cb");
    // The rule of the single endpoint: a tag that is not there cannot be deleted.
    let lines = sweep
        .bulk(json!({"operation": {"delete_tag": {"key": "team"}}}))
        .await;
    assert_eq!((&lines[0]["total"], &lines[0]["done"]), (&json!(3), &json!(2)));
    let failed = &lines[0]["failed"];
    assert_eq!(failed[0]["run_id"], sweep.ids[0]);
    assert_eq!(failed[0]["error_code"], "RESOURCE_DOES_NOT_EXIST");
    assert_eq!(sweep.names(is_blue).await, "");
    assert_eq!(
        sweep
            .bulk(json!({"ids": [sweep.ids[0]], "operation": "delete"}))
            .await,
        all(1)
    );
    let rename = json!({"operation": {"rename": {"name": "x"}}, "view": "all"});
    let lines = sweep.bulk(rename).await;
    assert_eq!((&lines[0]["total"], &lines[0]["done"]), (&json!(3), &json!(2)));
    assert_eq!(lines[0]["failed"][0]["error_code"], "INVALID_PARAMETER_VALUE");
    assert_eq!(sweep.names(json!({})).await, "xx");
    let tagged = json!({"where": [{"column": "tag.mlflow.runName", "is": "x"}]});
    assert_eq!(sweep.names(tagged).await, "xx");
    assert_eq!(
        sweep
            .bulk(json!({"view": "deleted", "operation": "restore"}))
            .await,
        all(1)
    );
    assert_eq!(sweep.names(json!({})).await, "xxa");
    assert_eq!(
        sweep
            .bulk(json!({"search": "nobody", "operation": "delete"}))
            .await,
        all(0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_many_runs_tells_how_far_it_is() {
    let sweep = Sweep::start().await;
    for i in 0..250 {
        let run = json!({"experiment_id": sweep.experiment, "run_name": "many", "start_time": 100 + i});
        sweep.mlflow("runs/create", run).await;
    }
    let lines = sweep
        .bulk(json!({"operation": {"rename": {"name": "one"}}}))
        .await;
    let expected = [
        json!({"total": 253, "done": 200, "failed": []}),
        json!({"total": 253, "done": 253, "failed": []}),
    ];
    assert_eq!(lines, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_change_is_refused() {
    let sweep = Sweep::start().await;
    for operation in [
        Value::Null,
        json!("gc"),
        json!(5),
        json!([]),
        json!({}),
        json!({"delete": {}}),
        json!({"set_tag": "x"}),
        json!({"set_tag": {"key": "", "value": "v"}}),
        json!({"set_tag": {"key": "k"}}),
        json!({"set_tag": {"key": "k", "value": 1}}),
        json!({"set_tag": {"key": "mlflow.runName", "value": "x".repeat(300)}}),
        json!({"set_tag": {"key": "k", "value": "v"}, "rename": {"name": "x"}}),
        json!({"delete_tag": {}}),
        json!({"rename": {"name": ""}}),
        json!({"rename": {"name": "x".repeat(300)}}),
    ] {
        sweep.refused("runs/bulk", json!({"operation": operation})).await;
    }
    sweep.refused("runs/bulk", json!({})).await;
    assert_eq!(sweep.names(json!({})).await, "cba", "nothing was changed");
}
