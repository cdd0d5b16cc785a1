//! Users.

use clap::Args;
use oxflow_auth::UserName;

use super::{PasswordArgs, Session, failed};
use crate::commands::print;
use crate::failure::Failure;

/// Flags of `oxflow auth create-user`.
#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// The name to log in with.
    username: String,
    /// Makes an administrator.
    #[arg(long)]
    admin: bool,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Flags of `oxflow auth reset-password`.
#[derive(Debug, Args)]
pub(super) struct ResetArgs {
    /// Whose password.
    username: String,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Flags of `oxflow auth set-admin`.
#[derive(Debug, Args)]
pub(super) struct AdminArgs {
    /// The user.
    username: String,
    /// Takes the rights of an administrator away.
    #[arg(long)]
    off: bool,
}

/// A user.
#[derive(Debug, Args)]
pub(super) struct NameArgs {
    /// The user.
    username: String,
}

pub(super) async fn create(session: &Session, args: &CreateArgs) -> Result<(), Failure> {
    let name = UserName::parse(&args.username).map_err(|error| Failure::usage(error.message))?;
    let hash = session.hash(&args.password.read(&name)?);
    let user = session
        .accounts
        .create_user(name, hash, args.admin)
        .await
        .map_err(failed)?;
    session.audit("user.create", user.name.as_str()).await?;
    print(&format!("created user {}", user.name));
    Ok(())
}

pub(super) async fn reset(session: &Session, args: &ResetArgs) -> Result<(), Failure> {
    let user = session
        .accounts
        .get_user(args.username.clone())
        .await
        .map_err(failed)?;
    let hash = session.hash(&args.password.read(&user.name)?);
    let accounts = &session.accounts;
    accounts
        .set_password(args.username.clone(), hash, None)
        .await
        .map_err(failed)?;
    session.audit("user.password", user.name.as_str()).await?;
    print(&format!(
        "set the password of {}; their sessions ended",
        user.name
    ));
    Ok(())
}

pub(super) async fn set_admin(session: &Session, args: &AdminArgs) -> Result<(), Failure> {
    let accounts = &session.accounts;
    accounts
        .set_admin(args.username.clone(), !args.off)
        .await
        .map_err(failed)?;
    let (action, what) = if args.off {
        ("user.unmake_admin", "is no administrator any more")
    } else {
        ("user.make_admin", "is an administrator")
    };
    session.audit(action, &args.username).await?;
    print(&format!("{} {what}", args.username));
    Ok(())
}

pub(super) async fn delete(session: &Session, args: &NameArgs) -> Result<(), Failure> {
    session
        .accounts
        .delete_user(args.username.clone())
        .await
        .map_err(failed)?;
    session.audit("user.delete", &args.username).await?;
    print(&format!("deleted user {}", args.username));
    Ok(())
}

pub(super) async fn list(session: &Session) -> Result<(), Failure> {
    let users = session.accounts.list_users().await.map_err(failed)?;
    if users.is_empty() {
        print("there are no users yet");
    }
    for found in users {
        let roles: Vec<&str> = found
            .roles
            .iter()
            .filter(|role| !role.is_of_one_user())
            .map(|role| role.name.as_str())
            .collect();
        let admin = if found.user.is_admin {
            "  administrator"
        } else {
            ""
        };
        let roles = if roles.is_empty() {
            String::new()
        } else {
            format!("  roles: {}", roles.join(", "))
        };
        print(&format!("{}{admin}{roles}", found.user.name));
    }
    Ok(())
}
