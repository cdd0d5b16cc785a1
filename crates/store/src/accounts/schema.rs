//! The tables of users, made and upgraded as MLflow's migrations do.

use oxflow_auth::{Permission, ResourceType};
use oxflow_core::Invalid;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tracing::info;

use super::rows::DEFAULT_WORKSPACE;
use crate::{DbError, Dialect, OpenError, Result, SchemaPolicy, Tx};

/// The Alembic revision of the users' tables in MLflow 3.17.2.
pub const ACCOUNTS_HEAD_REVISION: &str = "f1a2b3c4d5e6";

/// What leads from one revision to the next.
enum Step {
    /// `ID` stands for an integer that numbers itself.
    Sql(&'static str),
    /// The models' grants learn of workspaces.
    Workspaces,
    /// Grants of users become rows of roles.
    GrantsToRoles,
    /// Grants on prompts get a type of their own.
    Prompts,
}

/// MLflow's revisions, the first one first.
const REVISIONS: [(&str, Step); 7] = [
    ("8606fa83a998", Step::Sql(INITIAL)),
    ("0965eb92f5f0", Step::Sql(SCORERS)),
    ("a1b2c3d4e5f6", Step::Sql(GATEWAY)),
    ("2ed73881770d", Step::Workspaces),
    ("c3d4e5f6a7b8", Step::Sql(ROLES)),
    ("e5f6a7b8c9d0", Step::GrantsToRoles),
    (ACCOUNTS_HEAD_REVISION, Step::Prompts),
];

const INITIAL: &str = "
    CREATE TABLE users (
        id ID NOT NULL, username VARCHAR(255), password_hash VARCHAR(255), is_admin BOOLEAN,
        PRIMARY KEY (id), UNIQUE (username));
    CREATE TABLE experiment_permissions (
        id ID NOT NULL, experiment_id VARCHAR(255) NOT NULL, user_id INTEGER NOT NULL, permission VARCHAR(255),
        PRIMARY KEY (id), CONSTRAINT fk_user_id FOREIGN KEY(user_id) REFERENCES users (id),
        CONSTRAINT unique_experiment_user UNIQUE (experiment_id, user_id));
    CREATE TABLE registered_model_permissions (
        id ID NOT NULL, name VARCHAR(255) NOT NULL, user_id INTEGER NOT NULL, permission VARCHAR(255),
        PRIMARY KEY (id), CONSTRAINT fk_user_id FOREIGN KEY(user_id) REFERENCES users (id),
        CONSTRAINT unique_name_user UNIQUE (name, user_id));";

const SCORERS: &str = "
    CREATE TABLE scorer_permissions (
        id ID NOT NULL, experiment_id VARCHAR(255) NOT NULL, scorer_name VARCHAR(256) NOT NULL,
        user_id INTEGER NOT NULL, permission VARCHAR(255),
        PRIMARY KEY (id), CONSTRAINT fk_scorer_perm_user_id FOREIGN KEY(user_id) REFERENCES users (id),
        CONSTRAINT unique_scorer_user UNIQUE (experiment_id, scorer_name, user_id));";

const GATEWAY: &str = "
    CREATE TABLE gateway_secret_permissions (
        id ID NOT NULL, secret_id VARCHAR(255) NOT NULL, user_id INTEGER NOT NULL, permission VARCHAR(255),
        PRIMARY KEY (id), CONSTRAINT fk_gateway_secret_perm_user_id FOREIGN KEY(user_id) REFERENCES users (id),
        CONSTRAINT unique_secret_user UNIQUE (secret_id, user_id));
    CREATE TABLE gateway_endpoint_permissions (
        id ID NOT NULL, endpoint_id VARCHAR(255) NOT NULL, user_id INTEGER NOT NULL, permission VARCHAR(255),
        PRIMARY KEY (id), CONSTRAINT fk_gateway_endpoint_perm_user_id FOREIGN KEY(user_id) REFERENCES users (id),
        CONSTRAINT unique_endpoint_user UNIQUE (endpoint_id, user_id));
    CREATE TABLE gateway_model_definition_permissions (
        id ID NOT NULL, model_definition_id VARCHAR(255) NOT NULL, user_id INTEGER NOT NULL, permission VARCHAR(255),
        PRIMARY KEY (id), CONSTRAINT fk_gateway_model_def_perm_user_id FOREIGN KEY(user_id) REFERENCES users (id),
        CONSTRAINT unique_model_def_user UNIQUE (model_definition_id, user_id));";

const WORKSPACES: &str = "
    CREATE TABLE workspace_permissions (
        workspace VARCHAR(63) NOT NULL, user_id INTEGER NOT NULL, permission VARCHAR(32) NOT NULL,
        CONSTRAINT workspace_permissions_pk PRIMARY KEY (workspace, user_id),
        FOREIGN KEY(user_id) REFERENCES users (id));
    CREATE INDEX idx_workspace_permissions_user_id ON workspace_permissions (user_id);
    CREATE INDEX idx_workspace_permissions_workspace ON workspace_permissions (workspace);";

/// SQLite changes a constraint by making the table anew.
const WORKSPACES_SQLITE: &str = "
    CREATE TABLE oxflow_new (
        id INTEGER NOT NULL, name VARCHAR(255) NOT NULL, user_id INTEGER NOT NULL, permission VARCHAR(255),
        workspace VARCHAR(63) DEFAULT 'default' NOT NULL,
        PRIMARY KEY (id), CONSTRAINT unique_workspace_name_user UNIQUE (workspace, name, user_id),
        CONSTRAINT fk_user_id FOREIGN KEY(user_id) REFERENCES users (id));
    INSERT INTO oxflow_new (id, name, user_id, permission)
        SELECT id, name, user_id, permission FROM registered_model_permissions;
    DROP TABLE registered_model_permissions;
    ALTER TABLE oxflow_new RENAME TO registered_model_permissions;";

const WORKSPACES_POSTGRES: &str = "
    ALTER TABLE registered_model_permissions ADD COLUMN workspace VARCHAR(63) DEFAULT 'default' NOT NULL;
    ALTER TABLE registered_model_permissions DROP CONSTRAINT IF EXISTS unique_name_user;
    ALTER TABLE registered_model_permissions
        ADD CONSTRAINT unique_workspace_name_user UNIQUE (workspace, name, user_id);";

const ROLES: &str = "
    CREATE TABLE roles (
        id ID NOT NULL, name VARCHAR(255) NOT NULL, workspace VARCHAR(63) NOT NULL, description VARCHAR(1024),
        PRIMARY KEY (id), CONSTRAINT unique_workspace_role_name UNIQUE (workspace, name));
    CREATE INDEX idx_roles_workspace ON roles (workspace);
    CREATE TABLE role_permissions (
        id ID NOT NULL, role_id INTEGER NOT NULL, resource_type VARCHAR(64) NOT NULL,
        resource_pattern VARCHAR(255) NOT NULL, permission VARCHAR(255) NOT NULL,
        PRIMARY KEY (id), FOREIGN KEY(role_id) REFERENCES roles (id),
        CONSTRAINT unique_role_resource_perm UNIQUE (role_id, resource_type, resource_pattern));
    CREATE INDEX idx_role_permissions_role_id ON role_permissions (role_id);
    CREATE TABLE user_role_assignments (
        id ID NOT NULL, user_id INTEGER NOT NULL, role_id INTEGER NOT NULL,
        PRIMARY KEY (id), FOREIGN KEY(user_id) REFERENCES users (id), FOREIGN KEY(role_id) REFERENCES roles (id),
        CONSTRAINT unique_user_role UNIQUE (user_id, role_id));
    CREATE INDEX idx_user_role_assignments_user_id ON user_role_assignments (user_id);
    CREATE INDEX idx_user_role_assignments_role_id ON user_role_assignments (role_id);";

/// What is ours in it. A user whom MLflow deletes takes their tokens along.
const OWN: &str = "
    CREATE TABLE IF NOT EXISTS oxflow_tokens (
        id ID NOT NULL, user_id INTEGER NOT NULL, username VARCHAR(255) NOT NULL, kind VARCHAR(16) NOT NULL,
        name VARCHAR(255) NOT NULL, hash VARCHAR(64) NOT NULL, scope VARCHAR(16), created_at BIGINT NOT NULL,
        expires_at BIGINT, last_used_at BIGINT,
        PRIMARY KEY (id), UNIQUE (hash), FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE);
    CREATE INDEX IF NOT EXISTS oxflow_tokens_user ON oxflow_tokens (user_id);
    CREATE TABLE IF NOT EXISTS oxflow_audit (
        id ID NOT NULL, at_ms BIGINT NOT NULL, actor VARCHAR(255), action VARCHAR(64) NOT NULL,
        object TEXT NOT NULL, result VARCHAR(16) NOT NULL, address VARCHAR(64), request_id VARCHAR(64),
        PRIMARY KEY (id));";

/// What Python's `quote(name, safe="")` leaves as it is.
const PYTHON_QUOTED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Makes or upgrades the tables, as far as the policy allows, and adds ours.
pub(super) fn prepare(tx: &mut Tx<'_>, location: &str, policy: SchemaPolicy) -> Result<(), OpenError> {
    let failed = |source| OpenError::Prepare {
        path: location.to_owned(),
        source,
    };
    let tables = tx
        .query(tx.dialect().list_tables(), &[], |row| row.text(0))
        .map_err(failed)?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    let from = if has("alembic_version_auth") {
        let found = tx
            .query("SELECT version_num FROM alembic_version_auth", &[], |row| {
                row.text(0)
            })
            .map_err(failed)?;
        match found.as_slice() {
            [one] => Some(one.clone()),
            [] => None,
            several => return Err(unknown(location, &several.join(" and "))),
        }
    } else if has("users") && has("experiment_permissions") {
        // Before 3.6 MLflow noted the revision elsewhere, or not at all, and there was only the first one.
        Some(REVISIONS[0].0.to_owned())
    } else if has("users") {
        return Err(OpenError::NotMlflow {
            path: location.to_owned(),
            tables: "users".to_owned(),
        });
    } else {
        None
    };
    let done = match &from {
        None => 0,
        Some(revision) => {
            let at = REVISIONS.iter().position(|(id, _)| id == revision);
            at.ok_or_else(|| unknown(location, revision))? + 1
        }
    };
    if done < REVISIONS.len() {
        let may = match from {
            None => policy != SchemaPolicy::Check,
            Some(_) => policy == SchemaPolicy::Upgrade,
        };
        if !may {
            return Err(unknown(location, from.as_deref().unwrap_or("(none)")));
        }
        advance(tx, done).map_err(|error| OpenError::Prepare {
            path: location.to_owned(),
            source: match error {
                crate::StoreError::Database { source } => source,
                other => DbError::unexpected(other.to_string()),
            },
        })?;
        match from {
            None => info!("created the tables of users of MLflow 3.17.2 in {location}"),
            Some(from) => {
                info!(
                    "upgraded the tables of users in {location} from revision {from} to {ACCOUNTS_HEAD_REVISION}"
                );
            }
        }
    }
    if policy != SchemaPolicy::Check {
        tx.batch(&numbered(tx.dialect(), OWN)).map_err(failed)?;
    }
    Ok(())
}

fn unknown(location: &str, found: &str) -> OpenError {
    OpenError::WrongRevision {
        path: location.to_owned(),
        found: found.to_owned(),
    }
}

fn advance(tx: &mut Tx<'_>, done: usize) -> Result<()> {
    tx.batch(
        "CREATE TABLE IF NOT EXISTS alembic_version_auth (
            version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_auth_pkc PRIMARY KEY (version_num))",
    )?;
    for (_, step) in &REVISIONS[done..] {
        match step {
            Step::Sql(sql) => tx.batch(&numbered(tx.dialect(), sql))?,
            Step::Workspaces => {
                tx.batch(WORKSPACES)?;
                tx.batch(match tx.dialect() {
                    Dialect::Sqlite => WORKSPACES_SQLITE,
                    Dialect::Postgres => WORKSPACES_POSTGRES,
                })?;
            }
            Step::GrantsToRoles => grants_to_roles(tx)?,
            Step::Prompts => prompts(tx)?,
        }
    }
    tx.execute("DELETE FROM alembic_version_auth", &[])?;
    tx.execute(
        "INSERT INTO alembic_version_auth (version_num) VALUES ($1)",
        &[ACCOUNTS_HEAD_REVISION.into()],
    )?;
    Ok(())
}

fn numbered(dialect: Dialect, sql: &str) -> String {
    let id = match dialect {
        Dialect::Sqlite => "id INTEGER NOT NULL",
        Dialect::Postgres => "id SERIAL NOT NULL",
    };
    sql.replace("id ID NOT NULL", id)
}

/// A grant of before roles, on its way to a role.
struct OldGrant {
    user_id: i64,
    workspace: String,
    resource_type: ResourceType,
    pattern: String,
    permission: Permission,
}

/// Turns the grants of single users into rows of a role that each of them gets. The old tables stay as they are.
///
/// `NO_PERMISSIONS` becomes `DENY`, which still keeps somebody out whom the default lets in; MLflow drops it, which lets
/// them in (docs/differences.md).
fn grants_to_roles(tx: &mut Tx<'_>) -> Result<()> {
    const OF_IDS: [(&str, ResourceType); 5] = [
        (
            "SELECT user_id, experiment_id, permission, 'default', NULL FROM experiment_permissions ORDER BY id",
            ResourceType::Experiment,
        ),
        (
            "SELECT user_id, name, permission, workspace, NULL FROM registered_model_permissions ORDER BY id",
            ResourceType::RegisteredModel,
        ),
        (
            "SELECT user_id, secret_id, permission, 'default', NULL FROM gateway_secret_permissions ORDER BY id",
            ResourceType::GatewaySecret,
        ),
        (
            "SELECT user_id, endpoint_id, permission, 'default', NULL FROM gateway_endpoint_permissions ORDER BY id",
            ResourceType::GatewayEndpoint,
        ),
        (
            "SELECT user_id, model_definition_id, permission, 'default', NULL
               FROM gateway_model_definition_permissions ORDER BY id",
            ResourceType::GatewayModelDefinition,
        ),
    ];
    let mut grants = old_workspace_grants(tx)?;
    for (sql, resource_type) in OF_IDS {
        grants.extend(old_grants(tx, sql, resource_type)?);
    }
    grants.extend(old_grants(
        tx,
        "SELECT user_id, experiment_id, permission, 'default', scorer_name FROM scorer_permissions ORDER BY id",
        ResourceType::Scorer,
    )?);
    for grant in grants {
        let role = tx.role_of_user(grant.user_id, &grant.workspace)?;
        tx.put_grant(role, grant.resource_type, &grant.pattern, grant.permission)?;
    }
    Ok(())
}

fn old_grants(tx: &mut Tx<'_>, sql: &str, resource_type: ResourceType) -> Result<Vec<OldGrant>> {
    let rows = tx.query(sql, &[], |row| {
        Ok((
            row.int(0)?,
            row.text(1)?,
            row.text_or_null(2)?,
            row.text(3)?,
            row.text_or_null(4)?,
        ))
    })?;
    let grants = rows
        .into_iter()
        .filter_map(|(user_id, id, permission, workspace, scorer)| {
            let permission = match Permission::of_name(permission.as_deref()?)? {
                Permission::NoPermissions => Permission::Deny,
                permission => permission,
            };
            let pattern = match scorer {
                Some(scorer) => format!("{id}/{}", utf8_percent_encode(&scorer, PYTHON_QUOTED)),
                None => id,
            };
            Some(OldGrant {
                user_id,
                workspace,
                resource_type,
                pattern,
                permission,
            })
        });
    Ok(grants.collect())
}

/// Of workspaces only USE and MANAGE are left: READ becomes USE, and EDIT the right to use it and to edit all in it.
fn old_workspace_grants(tx: &mut Tx<'_>) -> Result<Vec<OldGrant>> {
    use ResourceType::{
        Experiment, GatewayEndpoint, GatewayModelDefinition, GatewaySecret, RegisteredModel, Scorer,
        Workspace,
    };
    const EDITED: [ResourceType; 6] = [
        Experiment,
        RegisteredModel,
        Scorer,
        GatewaySecret,
        GatewayEndpoint,
        GatewayModelDefinition,
    ];
    let rows = tx.query(
        "SELECT user_id, workspace, permission FROM workspace_permissions ORDER BY workspace, user_id",
        &[],
        |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?)),
    )?;
    let mut grants = Vec::new();
    for (user_id, workspace, permission) in rows {
        let mut add = |resource_type, permission| {
            grants.push(OldGrant {
                user_id,
                workspace: workspace.clone(),
                resource_type,
                pattern: "*".to_owned(),
                permission,
            });
        };
        match Permission::of_name(&permission) {
            Some(Permission::Read | Permission::Use) => add(Workspace, Permission::Use),
            Some(Permission::Manage) => add(Workspace, Permission::Manage),
            Some(Permission::Edit) => {
                add(Workspace, Permission::Use);
                EDITED
                    .into_iter()
                    .for_each(|edited| add(edited, Permission::Edit));
            }
            Some(Permission::NoPermissions | Permission::Deny) | None => {}
        }
    }
    Ok(grants)
}

/// Gives grants on prompts their own type, where users and models are in one database.
fn prompts(tx: &mut Tx<'_>) -> Result<()> {
    let tables = tx.query(tx.dialect().list_tables(), &[], |row| row.text(0))?;
    if !tables.iter().any(|table| table == "registered_model_tags") {
        return Ok(());
    }
    tx.execute(
        "UPDATE role_permissions SET resource_type = 'prompt'
          WHERE resource_type = 'registered_model' AND resource_pattern <> '*'
            AND EXISTS (SELECT 1 FROM roles r, registered_model_tags t
                         WHERE r.id = role_permissions.role_id AND t.workspace = r.workspace
                           AND t.name = role_permissions.resource_pattern
                           AND t.key = 'mlflow.prompt.is_prompt' AND LOWER(t.value) = 'true')",
        &[],
    )?;
    Ok(())
}

impl Tx<'_> {
    /// The role that holds the grants of a single user, which is made if there is none.
    pub(super) fn role_of_user(&mut self, user_id: i64, workspace: &str) -> Result<i64> {
        let name = format!("__user_{user_id}__");
        self.execute(
            "INSERT INTO roles (name, workspace) VALUES ($1, $2) ON CONFLICT (workspace, name) DO NOTHING",
            &[name.as_str().into(), workspace.into()],
        )?;
        let role = self.query_first(
            "SELECT id FROM roles WHERE name = $1 AND workspace = $2",
            &[name.as_str().into(), workspace.into()],
            |row| row.int(0),
        )?;
        let role = super::inserted(role)?;
        let other = self.query_first(
            "SELECT user_id FROM user_role_assignments WHERE role_id = $1 AND user_id <> $2",
            &[role.into(), user_id.into()],
            |row| row.int(0),
        )?;
        if let Some(other) = other {
            return Err(Invalid::new(format!(
                "Role '{name}' in workspace '{workspace}' is reserved for the grants of user {user_id}, but is assigned to \
                 user {other} as well. Rename that role, or unassign it."
            ))
            .into());
        }
        self.execute(
            "INSERT INTO user_role_assignments (user_id, role_id) VALUES ($1, $2)
             ON CONFLICT (user_id, role_id) DO NOTHING",
            &[user_id.into(), role.into()],
        )?;
        Ok(role)
    }

    /// Sets what a role grants on something.
    pub(super) fn put_grant(
        &mut self,
        role: i64,
        resource_type: ResourceType,
        pattern: &str,
        permission: Permission,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO role_permissions (role_id, resource_type, resource_pattern, permission) VALUES ($1, $2, $3, $4)
             ON CONFLICT (role_id, resource_type, resource_pattern) DO UPDATE SET permission = excluded.permission",
            &[
                role.into(),
                resource_type.name().into(),
                pattern.into(),
                permission.name().into(),
            ],
        )?;
        Ok(())
    }

    /// The role that holds the grants of a single user in the default workspace.
    pub(super) fn own_role(&mut self, user_id: i64) -> Result<i64> {
        self.role_of_user(user_id, DEFAULT_WORKSPACE)
    }
}
