//! `oxflow artifacts`: uploads, lists and downloads the artifacts of runs.

mod api;
mod destination;
mod download;
mod fetch;
mod interruption;
mod jobs;
mod list;
mod local;
mod location;
mod models;
mod multipart;
mod part;
mod piece;
mod progress;
mod relative;
mod served;
mod tree;
mod upload;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::healthcheck::own_url;
use crate::env::Env;
use crate::failure::Failure;
use crate::tracking::{Client, Identity, ServerAddress, failure};

/// Flags of `oxflow artifacts`.
#[derive(Debug, Args)]
#[command(after_help = "\
The server is the one of MLFLOW_TRACKING_URI, as for MLflow's clients. So are the login
(MLFLOW_TRACKING_USERNAME and _PASSWORD, or _TOKEN, or ~/.mlflow/credentials), TLS
(MLFLOW_TRACKING_SERVER_CERT_PATH, _INSECURE_TLS, _CLIENT_CERT_PATH), the workspace
(MLFLOW_WORKSPACE), and what is tried again (MLFLOW_HTTP_REQUEST_MAX_RETRIES, _TIMEOUT,
_BACKOFF_FACTOR).

Examples:
  oxflow artifacts log-artifacts -r 0a1b… -l ./checkpoints -a checkpoints
  oxflow artifacts list -r 0a1b… -a checkpoints
  oxflow artifacts download -r 0a1b… -a checkpoints -d ./here
  oxflow artifacts download -u models:/churn@champion -d ./model --jobs 8")]
pub struct ArtifactsArgs {
    #[command(subcommand)]
    command: ArtifactsCommand,
}

#[derive(Debug, Subcommand)]
enum ArtifactsCommand {
    /// Uploads a file to the artifacts of a run.
    LogArtifact(upload::LogArtifactArgs),
    /// Uploads the files of a folder, with the folders below it, to the artifacts of a run.
    LogArtifacts(upload::LogArtifactsArgs),
    /// Prints what is in the artifacts of a run, or in a folder of them, as JSON.
    List(list::ListArgs),
    /// Downloads a file or a folder, and prints where it is.
    Download(download::DownloadArgs),
}

/// Which server.
#[derive(Debug, Args)]
struct ServerChoice {
    /// The tracking server, `http://host:port` or `https://host:port` and its prefix if it has one [default:
    /// MLFLOW_TRACKING_URI, else MLFLOW_HOST and MLFLOW_PORT, else http://127.0.0.1:5000].
    #[arg(long, value_name = "URL")]
    tracking_uri: Option<String>,
}

impl ServerChoice {
    fn open(&self, env: &Env) -> Result<Client, Failure> {
        let uri = self
            .tracking_uri
            .as_deref()
            .or_else(|| env.get("MLFLOW_TRACKING_URI"));
        let uri = uri.map_or_else(|| own_url(env), str::to_owned);
        Client::open(ServerAddress::parse(&uri)?, Identity::Known, env)
    }
}

/// How many transfers.
#[derive(Debug, Args)]
struct Jobs {
    /// Files at one time; for an upload in parts, parts.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
}

/// Runs one of them.
pub fn run(args: &ArtifactsArgs, env: &Env) -> Result<ExitCode, Failure> {
    match &args.command {
        ArtifactsCommand::LogArtifact(args) => upload::log_artifact(args, env),
        ArtifactsCommand::LogArtifacts(args) => upload::log_artifacts(args, env),
        ArtifactsCommand::List(args) => list::run(args, env),
        ArtifactsCommand::Download(args) => download::run(args, env),
    }
}
