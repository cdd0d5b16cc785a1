//! Requests: any method, target, header and body that hyper would let through.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri};
use serde_json::{Value, json};

use crate::server::Server;

/// What only an administrator's experiment has in it, and no request knows.
const SECRET: &str = "zqxjkv-secret";

/// Whatever is asked, the answer is none of the server's own failures.
pub(crate) fn requests(data: &[u8]) {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let Some(request) = read(data) else { return };
    let shown = format!("{} {}", request.method(), request.uri());
    let (status, body) = SERVER.get_or_init(Server::open).ask(None, request);
    assert!(
        is_fair(status),
        "{shown} is answered {status}: {}",
        String::from_utf8_lossy(&body)
    );
}

/// Whatever is asked by somebody without rights, or by nobody, the answer shows nothing of what they may not see.
pub(crate) fn strangers(data: &[u8]) {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let server = SERVER.get_or_init(with_secrets);
    for who in [None, Some("stranger")] {
        let Some(request) = read(data) else { return };
        let shown = format!("{} {}", request.method(), request.uri());
        let (status, body) = server.ask(who, request);
        let body = String::from_utf8_lossy(&body);
        assert!(is_fair(status), "{shown} is answered {status}: {body}");
        assert!(
            !body.contains(SECRET),
            "{shown} shows {who:?} what it should not: {body}"
        );
    }
}

/// 501 is the answer to what MLflow has and this store has not.
fn is_fair(status: u16) -> bool {
    status < 500 || status == 501
}

/// `METHOD target`, a line for each header, an empty line, the body; a body that begins with a brace is JSON.
fn read(data: &[u8]) -> Option<Request<Body>> {
    let end = data.iter().position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&data[..end]).ok()?;
    let (method, target) = line.split_once(' ')?;
    let mut rest = &data[end + 1..];
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
    *request.uri_mut() = target.parse::<Uri>().ok()?;
    request
        .headers_mut()
        .insert("host", HeaderValue::from_static("127.0.0.1:5000"));
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line = &rest[..end];
        rest = &rest[end + 1..];
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            break;
        };
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        // Who asks is not for the bytes to say.
        if name != "authorization" && name != "cookie" {
            request.headers_mut().append(name, value);
        }
    }
    if rest.first() == Some(&b'{') && !request.headers().contains_key("content-type") {
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert("content-type", json);
    }
    let (head, ()) = request.into_parts();
    Some(Request::from_parts(head, Body::from(rest.to_vec())))
}

/// A server with an administrator's things, whose ids are those of the first things there are.
fn with_secrets() -> Server {
    let server = Server::with_users(&["admin", "stranger"]);
    let post = |path: &str, body: &Value| -> Value {
        let mut request = Request::post(format!("/api/2.0/mlflow/{path}"))
            .header("host", "127.0.0.1:5000")
            .header("content-type", "application/json");
        request = request.header("accept", "application/json");
        let request = request.body(Body::from(body.to_string())).expect("a request");
        let (status, answer) = server.ask(Some("admin"), request);
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&answer));
        serde_json::from_slice(&answer).unwrap_or_default()
    };
    let tags = json!([{"key": SECRET, "value": SECRET}]);
    post("experiments/create", &json!({"name": "hidden", "tags": tags}));
    let made = post(
        "runs/create",
        &json!({"experiment_id": "1", "run_name": SECRET, "tags": tags}),
    );
    let run = made["run"]["info"]["run_id"].clone();
    let point = json!([{"key": SECRET, "value": 1, "timestamp": 1, "step": 0}]);
    post(
        "runs/log-batch",
        &json!({"run_id": run, "metrics": point, "params": tags}),
    );
    post(
        "registered-models/create",
        &json!({"name": "hidden", "tags": tags, "description": SECRET}),
    );
    let source = format!("runs:/{}/m", run.as_str().unwrap_or_default());
    post(
        "model-versions/create",
        &json!({"name": "hidden", "source": source, "run_id": run, "tags": tags}),
    );
    server
}
