//! Logging in: passwords, tokens, sessions, and how they end.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
#![expect(clippy::disallowed_methods, reason = "tests find their own files")]

mod common;
mod login_support;

use common::Server;
use login_support::{basic, user_with_token};
use std::time::Duration;

use oxflow_auth::{HashMethod, Password, PasswordHash, Permission, ResourceType, UserName};
use oxflow_core::{ExperimentName, NewExperiment};
use oxflow_server::set_pending_owners;
use oxflow_testkit::goldens::Got;
use serde_json::{Value, json};

const RIGHT: &str = "a plain sentence 1";

async fn with_alice() -> Server {
    let server = Server::start_with_login();
    add(&server, "alice", RIGHT, false).await;
    server
}

async fn add(server: &Server, name: &str, password: &str, is_admin: bool) {
    let name = UserName::parse(name).unwrap();
    let password = Password::parse(password, &name).unwrap();
    let hash = PasswordHash::new(&password, HashMethod::Scrypt, [7; 16]);
    server.accounts().create_user(name, hash, is_admin).await.unwrap();
}

async fn search(server: &Server, authorization: &str) -> Got {
    server
        .get(
            "/api/2.0/mlflow/experiments/search?max_results=1",
            &[("authorization", authorization)],
        )
        .await
}

async fn post(server: &Server, target: &str, headers: &[(&str, &str)], body: Value) -> (Got, Value) {
    let mut all = vec![("content-type", "application/json")];
    all.extend_from_slice(headers);
    let got = server
        .ask("POST", target, &all, body.to_string().as_bytes())
        .await;
    let json = serde_json::from_slice(&got.body).unwrap_or(Value::Null);
    (got, json)
}

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_are_the_same() {
    let server = with_alice().await;
    assert_eq!(search(&server, &basic("alice", RIGHT)).await.status, 200);
    let wrong = search(&server, &basic("alice", "another sentence 2")).await;
    let unknown = search(&server, &basic("mallory", RIGHT)).await;
    assert_eq!((wrong.status, unknown.status), (401, 401));
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(
        wrong.headers.get("www-authenticate").unwrap(),
        "Basic realm=\"mlflow\""
    );
}

#[tokio::test]
async fn what_is_no_login_is_refused() {
    let server = with_alice().await;
    for authorization in [
        "Basic",
        "Basic !!!",
        "Basic YWxpY2U=",
        "Bearer",
        "Bearer oxf_",
        "Digest x",
        "Negotiate YWxpY2U6",
        &basic("alice", ""),
        &basic("alice", &"x".repeat(20_000)),
        &basic("alice\0", RIGHT),
        &basic("", ""),
    ] {
        assert_eq!(
            search(&server, authorization).await.status,
            401,
            "{authorization:.40}"
        );
    }
}

#[tokio::test]
async fn after_ten_wrong_passwords_one_waits() {
    let server = with_alice().await;
    for _ in 0..10 {
        assert_eq!(
            search(&server, &basic("alice", "another sentence 2"))
                .await
                .status,
            401
        );
    }
    let got = search(&server, &basic("alice", RIGHT)).await;
    assert_eq!(got.status, 429);
    let wait: u64 = got.headers.get("retry-after").unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait}");
    add(&server, "bob", RIGHT, false).await;
    assert_eq!(
        search(&server, &basic("bob", RIGHT)).await.status,
        200,
        "another name is free"
    );
}

#[tokio::test]
async fn a_session_is_a_cookie_that_ends() {
    let server = with_alice().await;
    let login = json!({"username": "alice", "password": RIGHT});
    let (got, answer) = post(&server, "/api/oxflow/v1/session", &[], login).await;
    assert_eq!((got.status, &answer["user"]["username"]), (200, &json!("alice")));
    let cookie = got.headers.get("set-cookie").unwrap().clone();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let pair = cookie.split(';').next().unwrap().to_owned();
    let boot = server.get("/api/oxflow/v1/bootstrap", &[("cookie", &pair)]).await;
    assert_eq!(boot.status, 200);
    let ended = server
        .ask("DELETE", "/api/oxflow/v1/session", &[("cookie", &pair)], &[])
        .await;
    assert_eq!(ended.status, 200);
    let boot = server.get("/api/oxflow/v1/bootstrap", &[("cookie", &pair)]).await;
    assert_eq!(boot.status, 401, "the server forgot it");
    let wrong = json!({"username": "alice", "password": "another sentence 2"});
    let (got, answer) = post(&server, "/api/oxflow/v1/session", &[], wrong).await;
    assert_eq!(
        (got.status, &answer["error_code"]),
        (401, &json!("UNAUTHENTICATED"))
    );
}

#[tokio::test]
async fn a_changed_password_ends_what_came_before() {
    let server = with_alice().await;
    let login = json!({"username": "alice", "password": RIGHT});
    let (got, _) = post(&server, "/api/oxflow/v1/session", &[], login).await;
    let pair = got
        .headers
        .get("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let authorization = basic("alice", RIGHT);
    let change = |body: Value| {
        let (server, authorization) = (&server, &authorization);
        async move {
            let headers = [
                ("content-type", "application/json"),
                ("authorization", authorization.as_str()),
            ];
            let target = "/api/2.0/mlflow/users/update-password";
            server
                .ask("PATCH", target, &headers, body.to_string().as_bytes())
                .await
        }
    };
    let new = "a new sentence 33";
    for (body, message) in [
        (
            json!({"username": "alice", "password": new}),
            "Current password is required",
        ),
        (
            json!({"username": "alice", "password": new, "current_password": "x"}),
            "does not match",
        ),
        (
            json!({"username": "alice", "password": RIGHT, "current_password": RIGHT}),
            "must differ",
        ),
        (
            json!({"username": "alice", "password": "short", "current_password": RIGHT}),
            "at least 12",
        ),
        (
            json!({"username": "alice", "password": "Password1234", "current_password": RIGHT}),
            "most common",
        ),
        (
            json!({"username": "alice", "password": "alicealicealice", "current_password": RIGHT}),
            "username",
        ),
        (
            json!({"username": "alice", "password": "aaaaaaaaaaaab", "current_password": RIGHT}),
            "different characters",
        ),
    ] {
        let got = change(body).await;
        let answer = String::from_utf8_lossy(&got.body).into_owned();
        assert!(
            got.status == 400 && answer.contains(message),
            "{} {answer}",
            got.status
        );
    }
    let got = change(json!({"username": "bob", "password": new})).await;
    assert_eq!(got.status, 403, "somebody else's password");
    let got = change(json!({"username": "alice", "password": new, "current_password": RIGHT})).await;
    assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
    assert_eq!(
        search(&server, &authorization).await.status,
        401,
        "the old password"
    );
    assert_eq!(search(&server, &basic("alice", new)).await.status, 200);
    let boot = server.get("/api/oxflow/v1/bootstrap", &[("cookie", &pair)]).await;
    assert_eq!(boot.status, 401, "the session of before");
}

#[tokio::test]
async fn tokens_are_shown_once_and_allow_no_more_than_their_scope() {
    let server = Server::start_with_login();
    let admin = user_with_token(&server, "root", true, 1).await;
    let bearer = format!("Bearer {admin}");
    let headers = [("authorization", bearer.as_str())];
    let (got, made) = post(
        &server,
        "/api/oxflow/v1/tokens",
        &headers,
        json!({"name": "reader", "scope": "READ"}),
    )
    .await;
    assert_eq!(got.status, 200, "{made}");
    let secret = made["secret"].as_str().unwrap().to_owned();
    let list = server.get("/api/oxflow/v1/tokens", &headers).await;
    assert!(!String::from_utf8_lossy(&list.body).contains(&secret));
    let reader = format!("Bearer {secret}");
    assert_eq!(search(&server, &reader).await.status, 200);
    assert_eq!(
        search(&server, &basic("root", &secret)).await.status,
        200,
        "as a password"
    );
    assert_eq!(
        search(&server, &basic("alice", &secret)).await.status,
        401,
        "of somebody else"
    );
    let headers = [("authorization", reader.as_str())];
    for (target, body) in [
        ("/api/2.0/mlflow/experiments/create", json!({"name": "x"})),
        ("/api/2.0/mlflow/runs/create", json!({"experiment_id": "0"})),
        (
            "/api/2.0/mlflow/users/create",
            json!({"username": "eve", "password": RIGHT}),
        ),
        ("/api/oxflow/v1/tokens", json!({"name": "more"})),
        (
            "/api/3.0/mlflow/roles/create",
            json!({"name": "r", "workspace": "default"}),
        ),
        (
            "/api/3.0/mlflow/users/permissions/grant",
            json!({"username": "root", "resource_type": "experiment", "resource_id": "0", "permission": "EDIT"}),
        ),
    ] {
        let (got, answer) = post(&server, target, &headers, body).await;
        assert_eq!(got.status, 403, "{target}: {answer}");
    }
    let id = made["token"]["id"].as_i64().unwrap();
    let target = format!("/api/oxflow/v1/tokens/{id}");
    let gone = server
        .ask("DELETE", &target, &[("authorization", &bearer)], &[])
        .await;
    assert_eq!(gone.status, 200);
    assert_eq!(search(&server, &reader).await.status, 401, "it was revoked");
    let database = std::fs::read(server.folder().join("basic_auth.db")).unwrap();
    let wal = std::fs::read(server.folder().join("basic_auth.db-wal")).unwrap_or_default();
    for bytes in [database, wal] {
        assert!(
            !bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes())
        );
    }
}

#[tokio::test]
async fn a_deleted_user_leaves_nothing_to_one_of_the_same_name() {
    let server = Server::start_with_login();
    let admin = format!("Bearer {}", user_with_token(&server, "root", true, 1).await);
    let old = user_with_token(&server, "alice", false, 2).await;
    let headers = [("authorization", admin.as_str())];
    let grant = json!({"username": "alice", "resource_type": "experiment", "resource_id": "0", "permission": "MANAGE"});
    let (got, _) = post(
        &server,
        "/api/3.0/mlflow/users/permissions/grant",
        &headers,
        grant.clone(),
    )
    .await;
    assert_eq!(got.status, 200);
    let (got, answer) = post(
        &server,
        "/api/3.0/mlflow/users/permissions/grant",
        &headers,
        grant,
    )
    .await;
    assert_eq!(
        (got.status, &answer["error_code"]),
        (400, &json!("RESOURCE_ALREADY_EXISTS"))
    );
    let get = "/api/2.0/mlflow/experiments/get?experiment_id=0";
    let alice = format!("Bearer {old}");
    assert_eq!(server.get(get, &[("authorization", &alice)]).await.status, 200);
    let all = [
        ("content-type", "application/json"),
        ("authorization", admin.as_str()),
    ];
    let target = "/api/2.0/mlflow/users/delete";
    let got = server
        .ask("DELETE", target, &all, br#"{"username": "alice"}"#)
        .await;
    assert_eq!(got.status, 200);
    assert_eq!(server.get(get, &[("authorization", &alice)]).await.status, 401);
    let new = user_with_token(&server, "alice", false, 3).await;
    let alice = format!("Bearer {new}");
    assert_eq!(server.get(get, &[("authorization", &alice)]).await.status, 403);
    let got = server
        .ask("DELETE", target, &all, br#"{"username": "root"}"#)
        .await;
    assert_eq!(got.status, 400, "nobody deletes themselves");
}

#[tokio::test]
async fn what_somebody_makes_is_theirs() {
    let server = Server::start_with_login();
    let alice = format!("Bearer {}", user_with_token(&server, "alice", false, 1).await);
    let bob = format!("Bearer {}", user_with_token(&server, "bob", false, 2).await);
    let headers = [("authorization", alice.as_str())];
    let (got, made) = post(
        &server,
        "/api/2.0/mlflow/experiments/create",
        &headers,
        json!({"name": "hers"}),
    )
    .await;
    assert_eq!(got.status, 200);
    let id = made["experiment_id"].as_str().unwrap();
    let delete = json!({"experiment_id": id});
    let target = "/api/2.0/mlflow/experiments/delete";
    let (got, _) = post(&server, target, &[("authorization", &bob)], delete.clone()).await;
    assert_eq!(
        (got.status, got.body.as_slice()),
        (403, b"Permission denied".as_slice())
    );
    let (got, _) = post(&server, target, &headers, delete).await;
    assert_eq!(got.status, 200);
    for (path, body) in [
        ("registered-models/create", json!({"name": "m"})),
        ("registered-models/rename", json!({"name": "m", "new_name": "n"})),
        (
            "registered-models/set-tag",
            json!({"name": "n", "key": "k", "value": "v"}),
        ),
    ] {
        let (got, answer) = post(&server, &format!("/api/2.0/mlflow/{path}"), &headers, body).await;
        assert_eq!(got.status, 200, "{path} {answer}");
    }
    let all = [
        ("content-type", "application/json"),
        ("authorization", alice.as_str()),
    ];
    let target = "/api/2.0/mlflow/registered-models/delete";
    assert_eq!(
        server
            .ask("DELETE", target, &all, br#"{"name": "n"}"#)
            .await
            .status,
        200
    );
    let (got, _) = post(
        &server,
        "/api/2.0/mlflow/registered-models/create",
        &[("authorization", &bob)],
        json!({"name": "n"}),
    )
    .await;
    assert_eq!(got.status, 200);
    let get = "/api/2.0/mlflow/registered-models/get?name=n";
    assert_eq!(
        server.get(get, &headers).await.status,
        403,
        "the old one was hers, this one is his"
    );
}

#[tokio::test]
async fn an_administrators_reading_token_changes_no_file() {
    let server = Server::start_with_login();
    let admin = format!("Bearer {}", user_with_token(&server, "root", true, 1).await);
    let headers = [("authorization", admin.as_str())];
    let (_, made) = post(
        &server,
        "/api/oxflow/v1/tokens",
        &headers,
        json!({"name": "r", "scope": "READ"}),
    )
    .await;
    let reader = format!("Bearer {}", made["secret"].as_str().unwrap());
    for (method, path) in [
        ("PUT", "beside/x"),
        ("DELETE", "beside/x"),
        ("PUT", "0/x"),
        ("DELETE", "0/x"),
    ] {
        let target = format!("/api/2.0/mlflow-artifacts/artifacts/{path}");
        let got = server
            .ask(method, &target, &[("authorization", &reader)], b"x")
            .await;
        assert_eq!(got.status, 403, "{method} {path}");
    }
}

#[tokio::test]
async fn wrong_tokens_do_not_fill_the_audit_log() {
    let server = Server::start_with_login();
    for i in 0..60 {
        let unknown = oxflow_auth::Token::new([i; 32]);
        let authorization = format!("Bearer {}", unknown.reveal());
        assert_eq!(search(&server, &authorization).await.status, 401);
    }
    let events = server.accounts().audit_log(None, 1000).await.unwrap();
    assert!((1..=10).contains(&events.len()), "{} events", events.len());
}

/// An experiment as a server leaves it that is killed before it could say whose it is.
async fn created_and_killed(server: &Server, name: &str, creator: i64) -> String {
    let new = NewExperiment {
        name: ExperimentName::parse(name).unwrap(),
        artifact_location: None,
        tags: Vec::new(),
        now_ms: server.clock().now_ms(),
        creator: Some(creator),
    };
    let id = server.app().store.create_experiment(new).await.unwrap();
    id.to_string()
}

#[tokio::test]
async fn what_a_killed_server_created_goes_to_its_creator() {
    for server in [Some(with_alice().await), Server::start_with_login_on_postgres()] {
        let Some(server) = server else { continue };
        if server.database().is_some() {
            add(&server, "alice", RIGHT, false).await;
        }
        add(&server, "bob", RIGHT, false).await;
        let alice = server
            .accounts()
            .login("alice".to_owned())
            .await
            .unwrap()
            .unwrap()
            .user
            .id;
        let hers = created_and_killed(&server, "hers", alice).await;
        let shared = created_and_killed(&server, "shared", alice).await;
        let of_nobody = created_and_killed(&server, "of nobody", 987_654).await;
        let read = Permission::Read;
        server
            .accounts()
            .grant("bob".to_owned(), ResourceType::Experiment, shared.clone(), read)
            .await
            .unwrap();
        let status_for = async |name: &str, id: &str| {
            let target = format!("/api/2.0/mlflow/experiments/get?experiment_id={id}");
            let basic = basic(name, RIGHT);
            server
                .get(&target, &[("authorization", basic.as_str())])
                .await
                .status
        };
        assert_eq!(status_for("alice", &hers).await, 403);
        set_pending_owners(server.app(), Duration::from_secs(1))
            .await
            .unwrap();
        assert_eq!(
            status_for("alice", &hers).await,
            403,
            "another server may be just working on it"
        );
        set_pending_owners(server.app(), Duration::ZERO).await.unwrap();
        assert_eq!(status_for("alice", &hers).await, 200);
        assert_eq!(status_for("bob", &hers).await, 403);
        assert_eq!(
            status_for("alice", &shared).await,
            403,
            "it was somebody's already"
        );
        assert_eq!(status_for("bob", &shared).await, 200);
        assert_eq!(status_for("alice", &of_nobody).await, 403);
        // Taken away again it stays so.
        let experiment = ResourceType::Experiment;
        server
            .accounts()
            .revoke("alice".to_owned(), experiment, hers.clone())
            .await
            .unwrap();
        set_pending_owners(server.app(), Duration::ZERO).await.unwrap();
        assert_eq!(status_for("alice", &hers).await, 403);
    }
}

#[tokio::test]
async fn who_creates_something_owns_it_and_nothing_stays_pending() {
    let server = with_alice().await;
    let authorization = basic("alice", RIGHT);
    let headers = [("authorization", authorization.as_str())];
    for (path, body) in [
        ("experiments/create", json!({ "name": "hers" })),
        ("registered-models/create", json!({ "name": "wine" })),
        (
            "registered-models/create",
            json!({ "name": "words", "tags": [{ "key": "mlflow.prompt.is_prompt", "value": "true" }] }),
        ),
    ] {
        let (got, _) = post(&server, &format!("/api/2.0/mlflow/{path}"), &headers, body).await;
        assert_eq!(got.status, 200, "{path}");
    }
    assert_eq!(server.app().store.pending_owners(i64::MAX).await.unwrap(), []);
}
