//! Who may log in: the flags, and MLflow's INI file and variables of its basic-auth app.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context;
use configparser::ini::Ini;
use oxflow_auth::{HashMethod, Password, Permission, UserName};
use oxflow_server::LoginConfig;
use oxflow_store::DatabaseUri;

use super::args::ServerArgs;
use super::settings_file;
use super::sources::{Sources, refusal};
use super::storage::parse_database;
use super::units::AutoMigrate;
use super::variables;
use crate::env::Env;
use crate::failure::Failure;

/// The one authorization function that is built in, under MLflow's name.
const BASIC_AUTH: &str = "mlflow.server.auth:authenticate_request_basic_auth";

/// The file of users unless the INI file names another database, in the folder of `--data-dir`.
const DATABASE: &str = "basic_auth.db";

/// Users, and what everybody may do.
#[derive(Debug, Clone)]
pub struct LoginSettings {
    /// The database of users.
    pub database: DatabaseUri,
    /// Settings of the server.
    pub server: LoginConfig,
    /// The administrator to make if there is no user of that name.
    pub admin: Option<Admin>,
    /// When the tables are made.
    pub auto_migrate: AutoMigrate,
}

/// The first administrator.
#[derive(Debug, Clone)]
pub struct Admin {
    /// The name.
    pub name: UserName,
    /// The password; `None` if nobody set one.
    pub password: Option<Password>,
}

/// How new passwords are kept, by the names of `--password-hash`.
#[derive(Debug, Clone, Copy)]
pub struct HashName(pub HashMethod);

impl FromStr for HashName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "argon2id" => Ok(Self(HashMethod::Argon2id)),
            "scrypt" => Ok(Self(HashMethod::Scrypt)),
            _ => Err("expected `argon2id` or `scrypt`".to_owned()),
        }
    }
}

impl LoginSettings {
    /// Decides whether and how one logs in; `None` if nobody has to.
    pub fn resolve(args: &ServerArgs, sources: &Sources<'_>) -> Result<Option<Self>, Failure> {
        if !is_wanted(args, sources)? {
            return Ok(None);
        }
        Self::of(args, sources).map(Some)
    }

    /// Decides where users are for a command that is no server.
    pub fn of_command(args: &ServerArgs, env: &Env) -> Result<Self, Failure> {
        let file = settings_file(args, env)?;
        Self::of(args, &Sources { env, file: &file })
    }

    fn of(args: &ServerArgs, sources: &Sources<'_>) -> Result<Self, Failure> {
        let env = sources.env;
        let file = IniFile::read(env)?;
        if let Some(function) = file.get("authorization_function")?
            && function != BASIC_AUTH
        {
            return Err(Failure::usage(format!(
                "{}: authorization_function is `{function}`, which is Python code",
                file.name
            ))
            .hint(
                "remove the line for users with passwords, `--auth basic`; this release has no other login",
            ));
        }
        let data_dir = sources.value("data-dir", args.data_dir.clone())?;
        let data_dir = data_dir.map_or_else(|| env.working_dir.clone(), |dir| env.working_dir.join(dir));
        let database = match file.get("database_uri")? {
            Some(uri) => parse_database(&uri, &format!("database_uri of {}", file.name), env)?,
            None => DatabaseUri::Sqlite(data_dir.join(DATABASE)),
        };
        let hash_method = sources
            .value("password-hash", args.password_hash)?
            .map_or(HashMethod::default(), |HashName(method)| method);
        let server = LoginConfig {
            default_permission: file.default_permission()?,
            hash_method,
            hides_existence: sources
                .switch("hide-existence", args.hide_existence, false)?
                .unwrap_or(false),
        };
        Ok(Self {
            database,
            server,
            admin: admin(args, sources, &file)?,
            auto_migrate: sources
                .value("auto-migrate", args.auto_migrate)?
                .unwrap_or(AutoMigrate::Create),
        })
    }
}

/// Whether a login is asked for: by `--auth basic`, or by MLflow's name for it, `--app-name basic-auth`.
fn is_wanted(args: &ServerArgs, sources: &Sources<'_>) -> Result<bool, Failure> {
    let app = sources.found("app-name", args.app_name.clone())?;
    let by_app = match app {
        None => false,
        Some(found) if found.value == "basic-auth" => true,
        Some(found) => {
            return Err(Failure::usage(format!(
                "{} is `{}`: the only app is `basic-auth`, which asks for a login",
                found.source, found.value
            )));
        }
    };
    let mode = sources.found("auth", args.auth.clone())?;
    let by_mode = match mode {
        None => None,
        Some(found) => match found.value.as_str() {
            "none" => Some(false),
            "basic" => Some(true),
            _ => return Err(refusal("auth", &format!("{} `{}`", found.source, found.value))),
        },
    };
    match (by_app, by_mode) {
        (true, Some(false)) => Err(Failure::usage(
            "`--app-name basic-auth` asks for a login, and `--auth none` for none",
        )),
        (by_app, by_mode) => Ok(by_app || by_mode == Some(true)),
    }
}

fn admin(args: &ServerArgs, sources: &Sources<'_>, file: &IniFile) -> Result<Option<Admin>, Failure> {
    let env = sources.env;
    let name = match env.get(variables::ADMIN_USERNAME) {
        Some(name) => Some(name.to_owned()),
        None => file.get("admin_username")?,
    };
    let name = UserName::parse(name.as_deref().unwrap_or("admin"))
        .map_err(|error| Failure::usage(format!("the name of the administrator: {error}")))?;
    let (text, source) = match sources.value("admin-password-file", args.admin_password_file.clone())? {
        Some(path) => {
            let path = env.working_dir.join(path);
            (Some(first_line(&path)?), format!("`{}`", path.display()))
        }
        None => match env.get(variables::ADMIN_PASSWORD) {
            Some(text) => (Some(text.to_owned()), format!("`{}`", variables::ADMIN_PASSWORD)),
            None => (
                file.get("admin_password")?,
                format!("admin_password of {}", file.name),
            ),
        },
    };
    let password = text
        .map(|text| Password::parse(&text, &name))
        .transpose()
        .map_err(|error| {
            Failure::usage(format!("the first administrator's password in {source}: {error}"))
        })?;
    Ok(Some(Admin { name, password }))
}

/// The first line of a file that holds a secret.
pub fn first_line(path: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("could not read the password file `{}`", path.display()))
        .map_err(|error| Failure::from(error).into_usage())?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// MLflow's `basic_auth.ini`: the file of `MLFLOW_AUTH_CONFIG_PATH`, an empty one without it.
struct IniFile {
    ini: Ini,
    name: String,
    is_there: bool,
}

impl IniFile {
    fn read(env: &Env) -> Result<Self, Failure> {
        let mut ini = Ini::new();
        let Some(path) = env.get(variables::AUTH_CONFIG_PATH) else {
            return Ok(Self {
                ini,
                name: "the defaults".to_owned(),
                is_there: false,
            });
        };
        let path: PathBuf = env.working_dir.join(path);
        let name = format!("`{}`", path.display());
        let text = std::fs::read_to_string(&path)
            .with_context(|| {
                format!(
                    "could not read {name}, which `{}` names",
                    variables::AUTH_CONFIG_PATH
                )
            })
            .map_err(|error| Failure::from(error).into_usage())?;
        ini.read(text)
            .map_err(|error| Failure::usage(format!("{name} is no INI file: {error}")))?;
        if !ini.sections().iter().any(|section| section == "mlflow") {
            return Err(Failure::usage(format!("{name} has no section `[mlflow]`")));
        }
        Ok(Self {
            ini,
            name,
            is_there: true,
        })
    }

    /// A value; an empty one counts as not set. Python's `%%` stands for `%`.
    fn get(&self, key: &str) -> Result<Option<String>, Failure> {
        let Some(value) = self.ini.get("mlflow", key).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        if value.replace("%%", "").contains('%') {
            return Err(Failure::usage(format!(
                "{}: {key} has a single `%`, which Python's INI files do not allow: write `%%`",
                self.name
            )));
        }
        Ok(Some(value.replace("%%", "%")))
    }

    /// What everybody may do: of a file that says nothing READ, as in MLflow; without a file nothing.
    fn default_permission(&self) -> Result<Permission, Failure> {
        let Some(name) = self.get("default_permission")? else {
            return Ok(if self.is_there {
                Permission::Read
            } else {
                Permission::NoPermissions
            });
        };
        Permission::of_name(&name)
            .filter(|permission| *permission != Permission::Deny)
            .ok_or_else(|| {
                Failure::usage(format!(
                    "{}: default_permission is `{name}`: expected NO_PERMISSIONS, READ, USE, EDIT or MANAGE",
                    self.name
                ))
            })
    }
}
