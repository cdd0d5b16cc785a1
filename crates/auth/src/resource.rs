//! What a grant is about.

use std::fmt;

use oxflow_core::Invalid;

use crate::Permission;

/// A kind of thing that permissions are granted on.
///
/// Source: `mlflow.server.auth.permissions`, MLflow 3.17.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are MLflow's and say it all")]
pub enum ResourceType {
    Assessment,
    Experiment,
    GatewayEndpoint,
    GatewayModelDefinition,
    GatewaySecret,
    LoggedModel,
    McpServer,
    McpServerVersion,
    Prompt,
    PromptVersion,
    RegisteredModel,
    RegisteredModelVersion,
    ReviewQueue,
    Run,
    Scorer,
    ScorerVersion,
    Trace,
    Workspace,
}

impl ResourceType {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 18] = [
        Self::Assessment,
        Self::Experiment,
        Self::GatewayEndpoint,
        Self::GatewayModelDefinition,
        Self::GatewaySecret,
        Self::LoggedModel,
        Self::McpServer,
        Self::McpServerVersion,
        Self::Prompt,
        Self::PromptVersion,
        Self::RegisteredModel,
        Self::RegisteredModelVersion,
        Self::ReviewQueue,
        Self::Run,
        Self::Scorer,
        Self::ScorerVersion,
        Self::Trace,
        Self::Workspace,
    ];

    /// What a registered model, or a prompt, counts as.
    pub const fn of_model(is_prompt: bool) -> Self {
        if is_prompt {
            Self::Prompt
        } else {
            Self::RegisteredModel
        }
    }

    /// The name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Assessment => "assessment",
            Self::Experiment => "experiment",
            Self::GatewayEndpoint => "gateway_endpoint",
            Self::GatewayModelDefinition => "gateway_model_definition",
            Self::GatewaySecret => "gateway_secret",
            Self::LoggedModel => "logged_model",
            Self::McpServer => "mcp_server",
            Self::McpServerVersion => "mcp_server_version",
            Self::Prompt => "prompt",
            Self::PromptVersion => "prompt_version",
            Self::RegisteredModel => "registered_model",
            Self::RegisteredModelVersion => "registered_model_version",
            Self::ReviewQueue => "review_queue",
            Self::Run => "run",
            Self::Scorer => "scorer",
            Self::ScorerVersion => "scorer_version",
            Self::Trace => "trace",
            Self::Workspace => "workspace",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        Self::of_name(name).ok_or_else(|| {
            let names: Vec<String> = Self::ALL.map(|known| format!("'{known}'")).to_vec();
            Invalid::new(format!(
                "Invalid resource type '{name}'. Valid resource types are: ({})",
                names.join(", ")
            ))
        })
    }

    /// The type of that name, if there is one.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// Whether a grant may name one of them; on the others it is on all of them, `*`.
    pub const fn has_ids(self) -> bool {
        matches!(
            self,
            Self::Experiment
                | Self::RegisteredModel
                | Self::Prompt
                | Self::Scorer
                | Self::GatewaySecret
                | Self::GatewayEndpoint
                | Self::GatewayModelDefinition
                | Self::McpServer
        )
    }

    /// Refuses a grant that would be stored and never heeded.
    pub fn check_pattern(self, pattern: &str) -> Result<(), Invalid> {
        if pattern == "*" || self.has_ids() {
            return Ok(());
        }
        Err(Invalid::new(format!(
            "Invalid resource_pattern '{pattern}' for resource_type='{self}'. This resource type supports only wildcard \
             ('*') grants."
        )))
    }

    /// Refuses a permission that cannot be granted on it.
    pub fn check_grantable(self, permission: Permission) -> Result<(), Invalid> {
        let (about, allowed): (_, &[Permission]) = match self {
            Self::Workspace => ("Workspace-wide", &[Permission::Manage, Permission::Use]),
            _ => (
                "Resource-level",
                &[
                    Permission::Deny,
                    Permission::Edit,
                    Permission::Manage,
                    Permission::Read,
                    Permission::Use,
                ],
            ),
        };
        if allowed.contains(&permission) {
            return Ok(());
        }
        let names: Vec<String> = allowed.iter().map(|name| format!("'{name}'")).collect();
        Err(Invalid::new(format!(
            "Invalid permission '{permission}' for resource_type='{self}'. {about} grants accept only: ({}).",
            names.join(", ")
        )))
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
