//! `oxflow auth`: users and their tokens, in the database of users itself; no server needs to run.

mod tokens;
mod users;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use oxflow_auth::{Password, PasswordHash, UserName};
use oxflow_core::{Clock, Entropy};
use oxflow_store::{Accounts, NewAuditEvent, SchemaPolicy};

use super::store_failure;
use crate::config::{LoginSettings, ServerArgs, first_line, parse_database};
use crate::env::Env;
use crate::failure::Failure;

/// Flags of `oxflow auth`.
#[derive(Debug, Args)]
#[command(after_help = "\
The database of users is that of MLFLOW_AUTH_CONFIG_PATH, else basic_auth.db in the folder of OXFLOW_DATA_DIR or this one.

Examples:
  oxflow auth create-user alice
      asks for a password
  oxflow auth create-user bob --admin --password-file bob.txt
  oxflow auth tokens create alice --name ci --scope EDIT --expires 90
      prints a token for MLFLOW_TRACKING_TOKEN, once
  oxflow auth list --database postgresql://user@host/auth")]
pub struct AuthArgs {
    /// The database of users, such as `sqlite:///basic_auth.db`.
    #[arg(long, global = true, value_name = "URI")]
    database: Option<String>,
    #[command(subcommand)]
    command: AuthCommand,
}

#[derive(Debug, Subcommand)]
enum AuthCommand {
    /// Creates a user.
    CreateUser(users::CreateArgs),
    /// Sets a new password for a user, and ends their sessions.
    ResetPassword(users::ResetArgs),
    /// Makes a user an administrator, or with `--off` one no longer.
    SetAdmin(users::AdminArgs),
    /// Deletes a user with their grants and tokens.
    DeleteUser(users::NameArgs),
    /// Prints all users.
    List,
    /// Makes, prints and revokes API tokens.
    Tokens(tokens::TokensArgs),
}

/// Where a new password comes from.
#[derive(Debug, Args)]
struct PasswordArgs {
    /// A file whose first line is the password; `-` is standard input. Without it the terminal is asked.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// What the commands work with.
struct Session {
    accounts: Accounts,
    settings: LoginSettings,
    clock: Clock,
    entropy: Entropy,
}

/// Runs one of them.
pub fn run(args: &AuthArgs, env: &Env) -> Result<ExitCode, Failure> {
    let mut settings = LoginSettings::of_command(&ServerArgs::default(), env)?;
    if let Some(uri) = &args.database {
        settings.database = parse_database(uri, "`--database`", env)?;
    }
    let accounts = Accounts::open(&settings.database, SchemaPolicy::Upgrade).map_err(store_failure)?;
    let session = Session {
        accounts,
        settings,
        clock: Clock::System,
        entropy: Entropy::System,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("could not start")?;
    runtime.block_on(async {
        match &args.command {
            AuthCommand::CreateUser(args) => users::create(&session, args).await,
            AuthCommand::ResetPassword(args) => users::reset(&session, args).await,
            AuthCommand::SetAdmin(args) => users::set_admin(&session, args).await,
            AuthCommand::DeleteUser(args) => users::delete(&session, args).await,
            AuthCommand::List => users::list(&session).await,
            AuthCommand::Tokens(args) => tokens::run(&session, args).await,
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

impl PasswordArgs {
    /// Reads the password and checks it.
    fn read(&self, name: &UserName) -> Result<Password, Failure> {
        let text = match &self.password_file {
            Some(path) if path.as_os_str() == "-" => {
                let mut line = String::new();
                std::io::stdin()
                    .read_line(&mut line)
                    .context("could not read the password from standard input")?;
                line.trim_end_matches(['\n', '\r']).to_owned()
            }
            Some(path) => first_line(path)?,
            None => ask(name)?,
        };
        Password::parse(&text, name).map_err(|error| Failure::usage(error.message))
    }
}

fn ask(name: &UserName) -> Result<String, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("there is no terminal to ask for the password")
            .hint("`--password-file FILE` reads it from a file, `--password-file -` from standard input"));
    }
    let once =
        rpassword::prompt_password(format!("New password for {name}: ")).context("could not read it")?;
    let again = rpassword::prompt_password("Once more: ").context("could not read it")?;
    if once != again {
        return Err(Failure::usage("the two passwords differ; nothing was changed"));
    }
    Ok(once)
}

impl Session {
    fn hash(&self, password: &Password) -> PasswordHash {
        PasswordHash::new(password, self.settings.server.hash_method, self.entropy.bytes())
    }

    async fn audit(&self, action: &'static str, object: &str) -> Result<(), Failure> {
        let event = NewAuditEvent {
            at_ms: self.clock.now_ms(),
            actor: None,
            action,
            object: object.to_owned(),
            is_done: true,
            address: None,
            request_id: None,
        };
        self.accounts.audit(event).await.map_err(failed)
    }
}

fn failed(error: oxflow_store::StoreError) -> Failure {
    Failure::from(anyhow::Error::new(error))
}
