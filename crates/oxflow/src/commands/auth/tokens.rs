//! API tokens.

use clap::{Args, Subcommand, ValueEnum};
use oxflow_auth::{Permission, Token};
use oxflow_core::Utc;
use oxflow_store::{NewToken, TokenKind};

use super::{Session, failed};
use crate::commands::print;
use crate::failure::Failure;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Flags of `oxflow auth tokens`.
#[derive(Debug, Args)]
pub(super) struct TokensArgs {
    #[command(subcommand)]
    command: TokensCommand,
}

#[derive(Debug, Subcommand)]
enum TokensCommand {
    /// Makes a token and prints it: the only time it is shown.
    Create(CreateArgs),
    /// Prints a user's tokens, without their secrets.
    List {
        /// Whose tokens.
        username: String,
    },
    /// Revokes a token of a user.
    Revoke {
        /// Whose token.
        username: String,
        /// The number that `list` prints.
        id: i64,
    },
}

#[derive(Debug, Args)]
struct CreateArgs {
    /// Who the token stands for.
    username: String,
    /// What it is for.
    #[arg(long, default_value = "command line")]
    name: String,
    /// The most it allows; without it all that the user may do.
    #[arg(long, value_enum, ignore_case = true)]
    scope: Option<Scope>,
    /// Days after which it ends.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=36500))]
    expires: Option<i64>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "UPPER")]
enum Scope {
    Read,
    Edit,
}

pub(super) async fn run(session: &Session, args: &TokensArgs) -> Result<(), Failure> {
    match &args.command {
        TokensCommand::Create(args) => create(session, args).await,
        TokensCommand::List { username } => list(session, username).await,
        TokensCommand::Revoke { username, id } => {
            let user = session
                .accounts
                .get_user(username.clone())
                .await
                .map_err(failed)?;
            session
                .accounts
                .delete_token(user.id, *id)
                .await
                .map_err(failed)?;
            session
                .audit("token.revoke", &format!("{username}: {id}"))
                .await?;
            print(&format!("revoked token {id} of {username}"));
            Ok(())
        }
    }
}

async fn create(session: &Session, args: &CreateArgs) -> Result<(), Failure> {
    let user = session
        .accounts
        .get_user(args.username.clone())
        .await
        .map_err(failed)?;
    let mut random = [0; 32];
    random[..16].copy_from_slice(&session.entropy.bytes());
    random[16..].copy_from_slice(&session.entropy.bytes());
    let token = Token::new(random);
    let now_ms = session.clock.now_ms();
    let new = NewToken {
        user_id: user.id,
        username: user.name.as_str().to_owned(),
        kind: TokenKind::Token,
        name: args.name.clone(),
        hash: token.hash(),
        scope: args.scope.map(|scope| match scope {
            Scope::Read => Permission::Read,
            Scope::Edit => Permission::Edit,
        }),
        now_ms,
        expires_at_ms: args.expires.map(|days| now_ms + days * DAY_MS),
    };
    session.accounts.create_token(new).await.map_err(failed)?;
    session
        .audit("token.create", &format!("{}: {}", user.name, args.name))
        .await?;
    print(token.reveal());
    Ok(())
}

async fn list(session: &Session, username: &str) -> Result<(), Failure> {
    let user = session
        .accounts
        .get_user(username.to_owned())
        .await
        .map_err(failed)?;
    let tokens = session.accounts.list_tokens(user.id).await.map_err(failed)?;
    if tokens.is_empty() {
        print(&format!("{username} has no tokens"));
    }
    for token in tokens {
        let scope = token.scope.map_or("all", Permission::name);
        let ends = token.expires_at_ms.map(Utc::of_ms).map_or_else(
            || "never".to_owned(),
            |end| format!("{}-{:02}-{:02}", end.year, end.month, end.day),
        );
        print(&format!(
            "{}  {}  scope {scope}  ends {ends}",
            token.id, token.name
        ));
    }
    Ok(())
}
