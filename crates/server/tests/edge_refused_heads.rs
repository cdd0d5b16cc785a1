//! What the header of a request alone is enough to refuse, before or after the login.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
#![expect(clippy::disallowed_methods, reason = "tests find their own files")]

mod common;
mod login_support;

use common::Server;
use login_support::user_with_token;
use serde_json::Value;

const SEARCH: &str = "/api/2.0/mlflow/runs/search";
const FILE: &str = "/api/2.0/mlflow-artifacts/artifacts/0/file";

const BODY: &[u8] = b"{\"experiment_ids\":[\"0\"]}";

/// Routes with a body of every kind, and some that are none.
const WITH_BODIES: [(&str, &str); 8] = [
    ("POST", SEARCH),
    ("GET", SEARCH),
    ("PATCH", "/api/2.0/mlflow/registered-models/update"),
    ("POST", "/graphql"),
    ("POST", "/api/oxflow/v1/runs/table"),
    ("PUT", FILE),
    ("POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=a&path=b"),
    ("POST", "/no/such/route"),
];

#[tokio::test]
async fn a_coded_body_is_415_wherever_it_goes() {
    let server = Server::start();
    for (method, path) in WITH_BODIES {
        for coding in [
            "gzip",
            "GZIP",
            "br",
            "x",
            "identity, gzip",
            "gzip, gzip",
            "\u{ff}",
        ] {
            let headers = [("content-type", "application/json"), ("content-encoding", coding)];
            let got = server.ask(method, path, &headers, BODY).await;
            assert_eq!(got.status, 415, "{method} {path} {coding}");
            let told: Value = serde_json::from_slice(&got.body).unwrap();
            let message = told["message"].as_str().unwrap();
            assert_eq!(told["error_code"], "BAD_REQUEST", "{method} {path} {coding}");
            let shown = coding.trim_end_matches('\u{ff}');
            assert!(
                message.contains(shown) && message.contains("Content-Encoding"),
                "{message}"
            );
        }
    }
    assert!(!server.folder().join("mlartifacts/0/file").exists());
}

#[tokio::test]
async fn identity_and_the_coding_of_no_body_are_no_matter() {
    let server = Server::start();
    for coding in ["identity", "Identity", "", "identity, identity"] {
        let headers = [("content-type", "application/json"), ("content-encoding", coding)];
        assert_eq!(
            server.ask("POST", SEARCH, &headers, BODY).await.status,
            200,
            "{coding}"
        );
    }
    let search = "/api/2.0/mlflow/experiments/search?max_results=1";
    assert_eq!(
        server.get(search, &[("content-encoding", "gzip")]).await.status,
        200
    );
}

#[tokio::test]
async fn whoever_is_not_logged_in_hears_that_first() {
    let server = Server::start_with_login();
    let token = user_with_token(&server, "alice", true, 1).await;
    let authorization = format!("Bearer {token}");
    for (name, value, status) in [
        ("x-mlflow-workspace", "other", 400),
        ("content-encoding", "gzip", 415),
    ] {
        for (method, path) in WITH_BODIES
            .into_iter()
            .chain([("DELETE", SEARCH), ("GET", "/version")])
        {
            let headers = [("content-type", "application/json"), (name, value)];
            let got = server.ask(method, path, &headers, BODY).await;
            assert_eq!(got.status, 401, "{name}: {method} {path}");
            assert_eq!(
                got.headers["www-authenticate"], "Basic realm=\"mlflow\"",
                "{name}: {method} {path}"
            );
            let known = [headers[0], headers[1], ("authorization", &authorization)];
            let got = server.ask(method, path, &known, BODY).await;
            assert_eq!(got.status, status, "{name}: {method} {path}");
        }
    }
}
