//! Replays requests to Oxflow's own endpoints and compares with the answers in `tests/wire_own`, on both databases.
//!
//! `UPDATE_GENERATED=1` records the answers anew, on SQLite; `tests/wire/README.md` says how.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
#![expect(clippy::disallowed_methods, reason = "tests find their own files")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::Server;
use oxflow_server::{Prefixes, table};
use oxflow_testkit::goldens::{Captured, Got, Scenario, Step, read_folder};
use oxflow_testkit::repository;
use serde_json::{Value, json};

/// The fixed clock of the server begins here, and moves by one with each request.
const TIMES: std::ops::Range<i64> = 1_700_000_000_000..1_700_000_100_000;

fn folder() -> PathBuf {
    repository().join("tests/wire_own")
}

async fn replay(server: &Server, scenario: &Scenario) -> Vec<String> {
    let mut captured = Captured::default();
    let mut wrong = Vec::new();
    for (i, step) in scenario.steps.iter().enumerate() {
        let send = step.request.prepare(&captured);
        let got = server.send(&send).await;
        step.capture(&got, &mut captured);
        for problem in step.problems(&got, &captured) {
            wrong.push(format!(
                "{}, step {i} {} {}: {problem}",
                scenario.name, send.method, send.target
            ));
        }
    }
    wrong
}

/// Each scenario has a server of its own: so ids and times are the same whatever came before.
async fn replay_everything(start: impl Fn() -> Option<Server>) {
    let (mut steps, mut wrong) = (0, Vec::new());
    for (area, recording) in read_folder(&folder()).unwrap() {
        for scenario in &recording.scenarios {
            let Some(server) = start() else { return };
            steps += scenario.steps.len();
            let problems = replay(&server, scenario).await;
            wrong.extend(problems.into_iter().map(|problem| format!("{area}: {problem}")));
        }
    }
    assert!(steps > 200, "only {steps} steps were found");
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_endpoints_answer_as_recorded() {
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        for entry in std::fs::read_dir(folder()).unwrap() {
            record(&entry.unwrap().path()).await;
        }
    }
    replay_everything(|| Some(Server::start())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_endpoints_answer_as_recorded_on_postgresql() {
    if std::env::var_os("UPDATE_GENERATED").is_none() {
        replay_everything(Server::start_on_postgres).await;
    }
}

/// Every own endpoint has an answer that is right and one that is an error; a stream without end has only the latter.
#[test]
fn every_own_endpoint_is_recorded() {
    let mut recorded: BTreeMap<String, BTreeSet<bool>> = BTreeMap::new();
    for (_, recording) in read_folder(&folder()).unwrap() {
        for step in recording.scenarios.iter().flat_map(|scenario| &scenario.steps) {
            let name = format!("{} {}", step.request.method, step.request.path);
            recorded
                .entry(name)
                .or_default()
                .insert(step.response.status < 400);
        }
    }
    let mut missing = Vec::new();
    // Those that are only there with a login are in `tests/login.rs`.
    let rows = table();
    for route in rows
        .iter()
        .filter(|row| row.prefixes == Prefixes::Own && !row.is_for_logins)
    {
        let (method, path) = (&route.method, format!("/api/oxflow/v1/{}", route.path));
        let kinds = recorded.get(&format!("{method} {path}"));
        let takes_nothing = ["bootstrap", "session", "version"]
            .iter()
            .any(|name| path.ends_with(name));
        for is_right in [true, false] {
            let is_needed = if is_right {
                !path.ends_with("/events")
            } else {
                !takes_nothing
            };
            if is_needed && !kinds.is_some_and(|kinds| kinds.contains(&is_right)) {
                missing.push(format!(
                    "{method} {path}, {}",
                    if is_right { "200" } else { "an error" }
                ));
            }
        }
    }
    assert!(missing.is_empty(), "not in tests/wire_own: {missing:#?}");
}

/// Sends the requests of a file and writes what was answered beside them.
async fn record(path: &Path) {
    let mut file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for scenario in file["scenarios"].as_array_mut().unwrap() {
        let server = Server::start();
        let mut captured = Captured::default();
        let mut names: Vec<(String, String)> = Vec::new();
        for step in scenario["steps"].as_array_mut().unwrap() {
            step["response"] = json!({ "status": 0 });
            let parsed: Step = serde_json::from_value(step.clone()).unwrap();
            let send = parsed.request.prepare(&captured);
            let got = server.send(&send).await;
            parsed.capture(&got, &mut captured);
            names.extend(captured_names(&parsed, &got));
            let is_own = parsed.request.path.starts_with("/api/oxflow/");
            step["response"] = if is_own {
                answer(step, &got, &names)
            } else {
                assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
                json!({ "status": 200 })
            };
        }
    }
    std::fs::write(path, serde_json::to_string_pretty(&file).unwrap() + "\n").unwrap();
}

fn captured_names(step: &Step, got: &Got) -> Vec<(String, String)> {
    let json: Value = serde_json::from_slice(&got.body).unwrap_or_default();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let found = step.capture.iter();
    found
        .filter_map(|(name, pointer)| Some((name.clone(), text(json.pointer(pointer)?))))
        .collect()
}

/// What is recorded of an answer: status, what the body is, and the body as far as it is always the same.
fn answer(step: &Value, got: &Got, names: &[(String, String)]) -> Value {
    let headers = ["content-type", "content-disposition", "cache-control"];
    let headers: BTreeMap<&str, &String> = headers
        .into_iter()
        .filter_map(|name| Some((name, got.headers.get(name)?)))
        .collect();
    let mut answer = json!({ "status": got.status, "headers": headers });
    let content_type = got.headers.get("content-type").map_or("", String::as_str);
    if step["no_body"] == true {
        return answer;
    }
    if step["binary"] == true {
        answer["base64"] = STANDARD.encode(&got.body).into();
    } else if content_type.starts_with("application/json") {
        let mut body = serde_json::from_slice(&got.body).unwrap();
        name_values(&mut body, names);
        answer["json"] = body;
    } else {
        answer["text"] = named(&String::from_utf8(got.body.clone()).unwrap(), names).into();
    }
    answer
}

/// Ids by the names under which they were captured. Those of experiments are too short to be told from other numbers in a
/// sentence.
fn named(text: &str, names: &[(String, String)]) -> String {
    let long = names.iter().filter(|(_, value)| value.len() > 8);
    let named = long.fold(text.to_owned(), |text, (name, value)| {
        text.replace(value, &format!("${{{name}}}"))
    });
    match names.iter().find(|(_, value)| *value == named) {
        Some((name, _)) => format!("${{{name}}}"),
        None => named,
    }
}

fn name_values(value: &mut Value, names: &[(String, String)]) {
    match value {
        Value::String(text) => *text = named(text, names),
        Value::Number(number) if number.as_i64().is_some_and(|number| TIMES.contains(&number)) => {
            *value = "<time>".into();
        }
        Value::Array(items) => items.iter_mut().for_each(|item| name_values(item, names)),
        Value::Object(members) => {
            for (key, member) in members {
                match key.as_str() {
                    "generation" | "version" | "database" => *member = "<any>".into(),
                    // The clock of the folder, not of the server.
                    "last_modified" if member.is_number() => *member = "<time>".into(),
                    _ => name_values(member, names),
                }
            }
        }
        _ => {}
    }
}
