//! A server with users of every kind, and one thing of every kind to look at.

#![allow(dead_code, reason = "not every test binary uses all of it")]

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oxflow_auth::{PasswordHash, Permission, ResourceType, Token, UserName};
use oxflow_store::{NewToken, TokenKind};
use oxflow_testkit::goldens::Got;
use serde_json::{Value, json};

use crate::common::Server;

/// Begins every text that is planted, and nothing else.
pub const PLANTED: &str = "plantedword";

/// Everybody who asks, from nobody to an administrator.
pub const ASKERS: [&str; 6] = ["anonymous", "nothing", "READ", "EDIT", "MANAGE", "admin"];

/// A server with something of everything in it, and users who may do that much with it.
pub struct Peopled {
    pub server: Server,
    pub run: String,
    pub logged_model: String,
    tokens: Vec<(&'static str, String)>,
}

impl Peopled {
    pub async fn start() -> Self {
        Self::people(Server::start_with_login()).await
    }

    pub async fn start_on_postgres() -> Option<Self> {
        match Server::start_with_login_on_postgres() {
            Some(server) => Some(Self::people(server).await),
            None => None,
        }
    }

    async fn people(server: Server) -> Self {
        let mut tokens = Vec::new();
        for (i, name) in ASKERS.iter().enumerate().skip(1) {
            tokens.push((*name, user_with_token(&server, name, *name == "admin", i).await));
        }
        let mut peopled = Self {
            server,
            run: String::new(),
            logged_model: String::new(),
            tokens,
        };
        peopled.plant().await;
        for (name, permission) in [
            ("READ", Permission::Read),
            ("EDIT", Permission::Edit),
            ("MANAGE", Permission::Manage),
        ] {
            for (resource_type, id) in [
                (ResourceType::Experiment, "1".to_owned()),
                (ResourceType::RegisteredModel, format!("{PLANTED}-model")),
                (ResourceType::Prompt, format!("{PLANTED}-prompt")),
            ] {
                let accounts = peopled.server.accounts();
                accounts
                    .grant(name.to_owned(), resource_type, id, permission)
                    .await
                    .unwrap();
            }
        }
        peopled
    }

    /// Asks as somebody; `body` is JSON.
    pub async fn ask(&self, who: &str, method: &str, target: &str, body: Option<&Value>) -> Got {
        let body = body
            .map(|body| serde_json::to_vec(body).unwrap())
            .unwrap_or_default();
        self.ask_raw(who, method, target, &body).await
    }

    /// A token of somebody that only reads; who asks with it is called by it.
    pub async fn reading_token(&self, who: &str) -> String {
        let new = json!({"name": "reader", "scope": "READ"});
        let got = self.ask(who, "POST", "/api/oxflow/v1/tokens", Some(&new)).await;
        let made: Value = serde_json::from_slice(&got.body).unwrap();
        made["secret"].as_str().unwrap().to_owned()
    }

    /// Asks as somebody, by name or with a token of [`Self::reading_token`].
    pub async fn ask_raw(&self, who: &str, method: &str, target: &str, body: &[u8]) -> Got {
        let token = self.tokens.iter().find(|(name, _)| *name == who);
        let token = match token {
            Some((_, token)) => Some(token.as_str()),
            None => Some(who).filter(|who| *who != "anonymous"),
        };
        let authorization = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", "application/json")];
        if let Some(authorization) = &authorization {
            headers.push(("authorization", authorization));
        }
        // Its answer does not end.
        if target.contains("/api/oxflow/v1/events") && method == "GET" {
            return Got {
                status: self.server.begin_with(target, &headers).await,
                headers: BTreeMap::new(),
                body: Vec::new(),
            };
        }
        self.server.ask(method, target, &headers, body).await
    }

    /// Posts as the administrator; the answer.
    async fn post(&self, path: &str, body: Value) -> Value {
        let got = self
            .ask("admin", "POST", &format!("/api/2.0/mlflow/{path}"), Some(&body))
            .await;
        assert_eq!(got.status, 200, "{path}: {}", String::from_utf8_lossy(&got.body));
        serde_json::from_slice(&got.body).unwrap()
    }

    /// Something of every kind, with a planted text in every field that takes one.
    async fn plant(&mut self) {
        let word = |what: &str| format!("{PLANTED}-{what}");
        self.post(
            "experiments/create",
            json!({"name": word("experiment"), "tags": [{"key": word("ekey"), "value": word("evalue")}]}),
        )
        .await;
        let run = self
            .post(
                "runs/create",
                json!({"experiment_id": "1", "run_name": word("run"), "user_id": word("user"),
                       "tags": [{"key": word("tkey"), "value": word("tvalue")}]}),
            )
            .await;
        self.run = run["run"]["info"]["run_id"].as_str().unwrap().to_owned();
        self.post(
            "runs/log-batch",
            json!({"run_id": self.run, "metrics": [{"key": word("metric"), "value": 1.5, "timestamp": 1, "step": 0},
                                                   {"key": word("metric"), "value": 2.5, "timestamp": 2, "step": 1}],
                   "params": [{"key": word("param"), "value": word("pvalue")}]}),
        )
        .await;
        let model = self
            .post(
                "logged-models",
                json!({"experiment_id": "1", "name": word("logged"), "source_run_id": self.run,
                       "params": [{"key": word("lparam"), "value": word("lpvalue")}],
                       "tags": [{"key": word("ltag"), "value": word("ltvalue")}]}),
            )
            .await;
        self.logged_model = model["model"]["info"]["model_id"].as_str().unwrap().to_owned();
        self.post(
            "runs/log-inputs",
            json!({"run_id": self.run, "datasets": [{"dataset": {"name": word("dataset"), "digest": "d1",
                   "source_type": "local", "source": word("source"), "schema": word("schema"),
                   "profile": word("profile")}, "tags": [{"key": word("ikey"), "value": word("ivalue")}]}]}),
        )
        .await;
        self.post(
            "registered-models/create",
            json!({"name": word("model"), "description": word("description"),
                   "tags": [{"key": word("mkey"), "value": word("mvalue")}]}),
        )
        .await;
        let source = format!("runs:/{}/model", self.run);
        self.post(
            "model-versions/create",
            json!({"name": word("model"), "source": source, "run_id": self.run,
                   "description": word("vdescription"), "tags": [{"key": word("vkey"), "value": word("vvalue")}]}),
        )
        .await;
        self.post(
            "registered-models/alias",
            json!({"name": word("model"), "alias": word("alias"), "version": "1"}),
        )
        .await;
        self.post(
            "registered-models/create",
            json!({"name": word("prompt"), "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}),
        )
        .await;
        let path = format!(
            "/api/2.0/mlflow-artifacts/artifacts/1/{}/artifacts/{PLANTED}.txt",
            self.run
        );
        let file = self
            .ask("admin", "PUT", &path, Some(&json!(word("artifact"))))
            .await;
        assert_eq!(file.status, 200, "{}", String::from_utf8_lossy(&file.body));
    }
}

/// Adds a user; a token of theirs.
pub async fn user_with_token(server: &Server, name: &str, is_admin: bool, seed: usize) -> String {
    let accounts = server.accounts();
    let no_password = PasswordHash::from_row("none".to_owned());
    let name = UserName::parse(name).unwrap();
    let user = accounts
        .create_user(name.clone(), no_password, is_admin)
        .await
        .unwrap();
    let token = Token::new([u8::try_from(seed).unwrap(); 32]);
    let new = NewToken {
        user_id: user.id,
        username: name.as_str().to_owned(),
        kind: TokenKind::Token,
        name: "test".to_owned(),
        hash: token.hash(),
        scope: None,
        now_ms: server.clock().now_ms(),
        expires_at_ms: None,
    };
    accounts.create_token(new).await.unwrap();
    token.reveal().to_owned()
}

/// The header of HTTP Basic.
pub fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}
