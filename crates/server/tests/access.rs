//! Who gets past the guard of every row: the matrix of users and endpoints, and what nobody may find out.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
#![expect(clippy::disallowed_methods, reason = "tests find their own files")]

mod common;
mod login_support;

use std::fmt::Write as _;

use login_support::{ASKERS, PLANTED, Peopled};
use oxflow_auth::Access;
use oxflow_server::{Route, table};
use oxflow_testkit::repository;
use serde_json::{Value, json};

/// A request to a row that names what is planted, in every way a request can.
struct Aimed {
    target: String,
    body: Option<Value>,
}

fn aim(peopled: &Peopled, route: &Route, path: &str) -> Aimed {
    let (run, model) = (&peopled.run, &peopled.logged_model);
    let target = path
        .replace("{*path}", &format!("1/{run}/artifacts/{PLANTED}.txt"))
        .replace("{model_id}", model)
        .replace("{tag_key}", "k")
        .replace("{id}", "999");
    let by_name = path.ends_with("get-by-name");
    let name = format!("{PLANTED}-model");
    if ["GET", "HEAD"].contains(&route.method.as_str()) || path.ends_with("upload-artifact") {
        let of_experiment = if by_name {
            format!("experiment_name={PLANTED}-experiment")
        } else {
            "experiment_id=1&experiment_ids=1&experiments=1".to_owned()
        };
        let version = "version=1&alias=x&metric_key=m&path=x&max_results=5&key=k&resource_type=experiment&resource_id=1";
        let request = r#"{"experiments":["1"]}"#;
        let of_export = if path.ends_with("runs/export") {
            format!("&request={request}")
        } else {
            String::new()
        };
        let query = format!(
            "{of_experiment}&run_id={run}&run_uuid={run}&run_ids={run}&runs={run}&name={name}&{version}{of_export}"
        );
        // What the proxy lists is a folder of the experiment.
        let query = if path.ends_with("mlflow-artifacts/artifacts") {
            "path=1".to_owned()
        } else {
            query.replace('"', "%22").replace('{', "%7B").replace('}', "%7D")
        };
        return Aimed {
            target: format!("{target}?{query}"),
            body: None,
        };
    }
    if path.ends_with("/views") && route.method == "DELETE" {
        return Aimed {
            target: format!("{target}?experiment_id=1&name=x"),
            body: None,
        };
    }
    let mut body = json!({
        "experiment_id": "1", "experiment_ids": ["1"], "experiments": ["1"], "run_id": run, "run_uuid": run,
        "run_ids": [run], "runs": [run], "name": name, "version": "1", "new_name": "new", "key": "k", "value": "1",
        "timestamp": 1, "alias": "x", "stage": "None", "operation": "restore", "metrics": [], "keys": ["m"],
        "source": format!("runs:/{run}/m"), "path": "x", "username": "nothing", "permission": "READ",
        "resource_type": "experiment", "resource_id": "1", "role_id": 1, "role_permission_id": 1,
    });
    if ["series", "stats", "purge"].iter().any(|end| path.ends_with(end)) {
        body.as_object_mut().unwrap().remove("run_id");
    }
    Aimed {
        target,
        body: Some(body),
    }
}

/// What somebody's request to a row comes to: let in or not.
fn outcome(status: u16) -> &'static str {
    match status {
        401 => "401",
        403 => "403",
        _ => "in",
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_as_far_as_was_reviewed() {
    let mut lines = Vec::new();
    for route in table() {
        // What changes users and roles would change who may what: each row has a server of its own.
        let peopled = Peopled::start().await;
        let path = route.paths()[0].clone();
        let aimed = aim(&peopled, &route, &path);
        let mut line = format!("{:?} {} {}:", route.prefixes, route.method, route.path);
        for who in ASKERS {
            let got = peopled
                .ask(who, route.method.as_str(), &aimed.target, aimed.body.as_ref())
                .await;
            assert!(
                got.status < 500 || got.status == 501,
                "{who} {path}: {}",
                got.status
            );
            write!(line, " {who}={}", outcome(got.status)).unwrap();
        }
        assert!(
            route.access == Access::Public || line.contains("anonymous=401"),
            "{line}: only what is public is for everybody"
        );
        lines.push(line);
    }
    lines.sort();
    check_generated("tests/api/who-gets-in.txt", &(lines.join("\n") + "\n"));
}

fn check_generated(path: &str, text: &str) {
    let file = repository().join(path);
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        stored == text,
        "{path} is not up to date: run `UPDATE_GENERATED=1 cargo test -p oxflow-server --test access`, and review it"
    );
}

#[tokio::test]
async fn what_no_row_has_is_nobodys_business() {
    let peopled = Peopled::start().await;
    let public = [
        "/health",
        "/livez",
        "/readyz",
        "/",
        "/api/3.0/mlflow/server-info",
        "/api/oxflow/v1/session",
    ];
    for route in table() {
        for path in route.paths() {
            let target = path
                .replace("{*path}", "x")
                .replace("{model_id}", "m-1")
                .replace("{tag_key}", "k")
                .replace("{id}", "1");
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
                let got = peopled.ask("anonymous", method, &target, Some(&json!({}))).await;
                let is_public = route.access == Access::Public || public.contains(&target.as_str());
                assert!(
                    got.status == 401 || is_public,
                    "{method} {target} is answered {} without a login",
                    got.status
                );
            }
        }
    }
    for target in [
        "/api/2.0/mlflow/nothing",
        "/nothing",
        "/api/2.0/mlflow/runs/get/x",
        "/admin",
    ] {
        let got = peopled.ask("anonymous", "GET", target, None).await;
        assert_eq!(got.status, 401, "{target}");
        let got = peopled.ask("nothing", "GET", target, None).await;
        assert_eq!(got.status, 404, "{target}");
    }
}

async fn nothing_planted_is_seen(peopled: Peopled) {
    let mut requests = 0;
    for route in table() {
        for path in route.paths() {
            let mut aimed = aim(&peopled, &route, &path);
            // What they create themselves they may see, whatever they call it.
            if (path.ends_with("/create") || path.ends_with("/tokens"))
                && let Some(body) = &mut aimed.body
            {
                body["name"] = json!("their own");
            }
            let bare = Aimed {
                target: aimed.target.split('?').next().unwrap().to_owned(),
                body: aimed.body.as_ref().map(|_| json!({"max_results": 100})),
            };
            let empty = Aimed {
                target: format!("{}?max_results=100", bare.target),
                body: None,
            };
            for asked in [&aimed, &bare, &empty] {
                let got = peopled
                    .ask(
                        "nothing",
                        route.method.as_str(),
                        &asked.target,
                        asked.body.as_ref(),
                    )
                    .await;
                let answer = String::from_utf8_lossy(&got.body).into_owned();
                requests += 1;
                // An error may repeat what was sent.
                let is_echo = got.status >= 400 && asked.target.contains(PLANTED);
                assert!(
                    is_echo || !answer.contains(PLANTED),
                    "{} {} shows {answer}",
                    route.method,
                    asked.target
                );
                for other in ["READ\"", "MANAGE\"", "\"admin\""] {
                    let is_level = path.contains("permission");
                    assert!(
                        is_level || !answer.contains(&format!("\"username\":\"{}", other.trim_matches('"'))),
                        "{} {} names another user: {answer}",
                        route.method,
                        asked.target
                    );
                }
            }
        }
    }
    assert!(requests > 600, "only {requests} requests were sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_see_nothing_sees_nothing() {
    nothing_planted_is_seen(Peopled::start().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_see_nothing_sees_nothing_on_postgres() {
    if let Some(peopled) = Peopled::start_on_postgres().await {
        nothing_planted_is_seen(peopled).await;
    }
}

#[tokio::test]
async fn an_experiment_that_points_into_another_opens_nothing() {
    let peopled = Peopled::start().await;
    for location in ["mlflow-artifacts:/1", "mlflow-artifacts:/1/deeper"] {
        let new = json!({"name": location, "artifact_location": location});
        let got = peopled
            .ask(
                "nothing",
                "POST",
                "/api/2.0/mlflow/experiments/create",
                Some(&new),
            )
            .await;
        let made: Value = serde_json::from_slice(&got.body).unwrap();
        let run = json!({"experiment_id": made["experiment_id"]});
        let got = peopled
            .ask("nothing", "POST", "/api/2.0/mlflow/runs/create", Some(&run))
            .await;
        let made: Value = serde_json::from_slice(&got.body).unwrap();
        let run = made["run"]["info"]["run_id"].as_str().unwrap();
        for target in [
            format!("/api/2.0/mlflow/artifacts/list?run_id={run}"),
            format!("/get-artifact?run_uuid={run}&path=x"),
            format!("/api/oxflow/v1/artifacts/zip?run_id={run}"),
        ] {
            let got = peopled.ask("nothing", "GET", &target, None).await;
            assert_eq!(got.status, 403, "{location}: {target}");
        }
    }
}

/// The same place in other words.
#[tokio::test]
async fn an_experiment_at_the_place_of_another_opens_nothing_however_it_is_written() {
    let peopled = Peopled::start().await;
    let create = async |who: &str, location: &str| {
        let new = json!({"name": format!("{who} {location}"), "artifact_location": location});
        let target = "/api/2.0/mlflow/experiments/create";
        let got = peopled.ask(who, "POST", target, Some(&new)).await;
        assert_eq!(
            got.status,
            200,
            "{location}: {:?}",
            String::from_utf8_lossy(&got.body)
        );
        let made: Value = serde_json::from_slice(&got.body).unwrap();
        let run = json!({"experiment_id": made["experiment_id"]});
        let got = peopled
            .ask(who, "POST", "/api/2.0/mlflow/runs/create", Some(&run))
            .await;
        let made: Value = serde_json::from_slice(&got.body).unwrap();
        let run = made["run"]["info"]["run_id"].as_str().unwrap();
        format!("/api/2.0/mlflow/artifacts/list?run_id={run}")
    };
    let theirs = create("admin", "mlflow-artifacts:/team/shared/").await;
    assert_eq!(peopled.ask("admin", "GET", &theirs, None).await.status, 200);
    for location in [
        "mlflow-artifacts:/team/shared",
        "mlflow-artifacts:/team/shared/",
        "mlflow-artifacts:///team/shared",
        "mlflow-artifacts:/team/%73hared",
        "mlflow-artifacts:/team/shared/deeper",
    ] {
        let list = create("nothing", location).await;
        assert_eq!(
            peopled.ask("nothing", "GET", &list, None).await.status,
            403,
            "{location}"
        );
    }
    let own = create("nothing", "mlflow-artifacts:/team/shared-2").await;
    assert_eq!(peopled.ask("nothing", "GET", &own, None).await.status, 200);
}

/// A request that also names something of its sender's, or nothing at all, in another field or place.
#[tokio::test]
async fn what_is_named_beside_it_opens_nothing() {
    let peopled = Peopled::start().await;
    let post = async |path: &str, body: Value| {
        let target = format!("/api/2.0/mlflow/{path}");
        let got = peopled.ask("nothing", "POST", &target, Some(&body)).await;
        let answer: Value = serde_json::from_slice(&got.body).unwrap_or(Value::Null);
        (got.status, answer)
    };
    let (_, made) = post("experiments/create", json!({"name": "own"})).await;
    let own = made["experiment_id"].as_str().unwrap().to_owned();
    let (_, made) = post("runs/create", json!({"experiment_id": own})).await;
    let own_run = made["run"]["info"]["run_id"].as_str().unwrap().to_owned();
    post("registered-models/create", json!({"name": "own-model"})).await;
    let theirs = &peopled.run;
    let mut let_in = Vec::new();
    for beside in ["own", "of nobody"] {
        for (path, body) in [
            (
                "experiments/update",
                json!({"experiment_id": "1", "new_name": "x", "experiment_name": beside}),
            ),
            (
                "experiments/set-experiment-tag",
                json!({"experiment_id": "1", "key": "k", "value": "v", "experiment_name": beside}),
            ),
            (
                "runs/create",
                json!({"experiment_id": "1", "experimentName": beside}),
            ),
            (
                "logged-models",
                json!({"experiment_id": "1", "experiment_name": beside}),
            ),
            (
                "experiments/delete",
                json!({"experiment_id": "1", "experiment_name": beside}),
            ),
        ] {
            let (status, _) = post(path, body).await;
            if status != 403 {
                let_in.push(format!("{path} beside {beside}: {status}"));
            }
        }
    }
    for (path, body) in [
        (
            "runs/set-tag",
            json!({"run_id": own_run, "run_uuid": theirs, "key": "k", "value": "v"}),
        ),
        (
            "runs/set-tag",
            json!({"run_id": theirs, "run_uuid": own_run, "key": "k", "value": "v"}),
        ),
        (
            "model-versions/create",
            json!({"name": "own-model", "source": format!("models:/{PLANTED}-model/1")}),
        ),
        (
            "model-versions/create",
            json!({"name": "own-model", "source": format!("MODELS:///{PLANTED}-model@{PLANTED}-alias")}),
        ),
        (
            "model-versions/create",
            json!({"name": "own-model", "source": format!("models:/{}", peopled.logged_model)}),
        ),
    ] {
        let (status, answer) = post(path, body.clone()).await;
        if status != 403 {
            let_in.push(format!("{path} {body}: {status} {answer}"));
        }
    }
    let request = format!("%7B%22experiments%22:%5B%22{own}%22%5D%7D");
    for (method, target) in [
        (
            "POST",
            format!("/ajax-api/2.0/mlflow/upload-artifact?run_id={own_run}&run_uuid={theirs}&path=x"),
        ),
        (
            "GET",
            format!("/get-artifact?run_id={own_run}&run_uuid={theirs}&path=x"),
        ),
        (
            "GET",
            "/api/2.0/mlflow/experiments/get?experiment_id=1&experiment_name=own".to_owned(),
        ),
        (
            "GET",
            format!("/api/oxflow/v1/runs/values?experiments=1&column=tags.x&request={request}"),
        ),
        (
            "GET",
            format!("/api/2.0/mlflow-artifacts/artifacts/1/{theirs}/artifacts?path={own}"),
        ),
    ] {
        let status = peopled.ask("nothing", method, &target, None).await.status;
        if status != 403 {
            let_in.push(format!("{method} {target}: {status}"));
        }
    }
    assert!(let_in.is_empty(), "{let_in:#?}");
}
