//! `oxflow demo`: fills a running server with content to look at.

mod api;
mod churn;
mod classification;
mod curves;
mod detection;
mod energy;
mod fill;
mod images;
mod large;
mod machine;
mod model_files;
mod people;
mod pictures;
mod plan;
mod random;
mod registry;
mod sentiment;
mod sweep;
mod texts;

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;
use oxflow_core::Clock;

use self::api::Api;
use self::large::ManyRuns;
use self::plan::{ExperimentPlan, RunPlan};
use super::healthcheck::own_url;
use super::print;
use crate::env::Env;
use crate::failure::Failure;
use crate::tracking::{Client, Identity, ServerAddress, failure};

/// A minute, ms.
const MINUTE: i64 = 60_000;
/// An hour, ms.
const HOUR: i64 = 60 * MINUTE;

/// Plans an experiment of a seed that ends at a time, ms since 1970.
type Planner = fn(u64, i64) -> ExperimentPlan;

/// The experiments; slashes of their names make folders.
const THEMES: [(&str, Planner); 6] = [
    ("vision/resnet", classification::resnet),
    ("vision/detection/yolo", detection::yolo),
    ("nlp/sentiment", sentiment::sentiment),
    ("tabular/churn", churn::churn),
    ("forecasting/energy", energy::energy),
    ("sweeps/optuna-lr", sweep::optuna),
];

/// Flags of `oxflow demo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --runs and --points: about 200 runs of six experiments that look like the work of a few teams
in the last weeks, with histories, system metrics, pictures, tables, reports, nested sweeps, datasets,
logged and registered models. Some failed, one diverged to NaN, two are still running.
With --runs or --points: only these large cases, in the experiments `scale/N-runs` and `scale/N-points`.

Login and TLS by the variables of MLflow's clients: MLFLOW_TRACKING_USERNAME and _PASSWORD, or _TOKEN;
MLFLOW_TRACKING_SERVER_CERT_PATH, _INSECURE_TLS, _CLIENT_CERT_PATH. MLFLOW_TRACKING_URI is not read.

The same seed makes the same content, except that it ends at the present. What is on the server is left
as it is: if an experiment of the demo is there already, nothing is sent.

Examples:
  oxflow server &                       a server in this folder
  oxflow demo                           fills it
  oxflow demo --prefix again/           the same once more, in experiments `again/vision/resnet`, …
  oxflow demo --runs 10000              10,000 runs with 60 metrics and 40 params each
  oxflow demo --points 1000000          a metric of a million points with ten spikes in it
  oxflow demo --tracking-uri http://ml.example:5000 --prefix demo/")]
pub struct DemoArgs {
    /// Fills this server, `http://host:port` or `https://host:port` and its static prefix if it has one [default:
    /// MLFLOW_HOST, MLFLOW_PORT and MLFLOW_STATIC_PREFIX, else http://127.0.0.1:5000].
    #[arg(long, value_name = "URL")]
    tracking_uri: Option<String>,
    /// Begins the names of all experiments and registered models, such as `demo/`.
    #[arg(long, value_name = "TEXT", default_value = "")]
    prefix: String,
    /// Another seed makes other numbers.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Requests at one time.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=64))]
    connections: u64,
    /// Makes one experiment with so many runs.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    runs: Option<u64>,
    /// Makes one run with a metric of so many points.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    points: Option<u64>,
    /// Metrics of each of the `--runs`.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(0..=2000))]
    metrics: u64,
    /// Params of each of the `--runs`.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u64).range(0..=2000))]
    params: u64,
}

/// Fills the server.
pub fn run(args: &DemoArgs, env: &Env) -> Result<ExitCode, Failure> {
    // Not the server of MLFLOW_TRACKING_URI: who works with one did not ask for it to be filled.
    let url = args.tracking_uri.clone().unwrap_or_else(|| own_url(env));
    let client = Client::open(ServerAddress::parse(&url)?, Identity::Known, env)?;
    let address = client.address().to_string();
    let api = Api::new(client);
    api.check().map_err(|error| {
        let is_nobody_there = error.is_nobody_there();
        let failure = failure(error.into());
        if is_nobody_there {
            failure.hint("start a server with `oxflow server`, or name a running one with `--tracking-uri`")
        } else {
            failure
        }
    })?;
    let now_ms = Clock::System.now_ms();
    if args.runs.is_some() || args.points.is_some() {
        return scale(args, &api, now_ms);
    }
    let names: Vec<String> = THEMES
        .iter()
        .map(|(name, _)| format!("{}{name}", args.prefix))
        .collect();
    refuse_existing(&api, &names)?;
    let mut runs = 0;
    for (name, (_, plan)) in names.iter().zip(THEMES) {
        let plan = plan(args.seed, now_ms);
        let count: usize = plan.runs.iter().map(RunPlan::count).sum();
        say(&format!("{name}: {count} runs"));
        gallery(args, &api, name, &plan).with_context(|| format!("`{name}` was not filled"))?;
        runs += count;
    }
    print(&format!("{runs} runs in {} experiments: {address}", names.len()));
    Ok(ExitCode::SUCCESS)
}

fn gallery(args: &DemoArgs, api: &Api, name: &str, plan: &ExperimentPlan) -> anyhow::Result<()> {
    let saved = fill::experiment(api, name, plan, args.connections as usize, args.seed)?;
    match &plan.registered {
        Some(model) => registry::register(api, &registered_name(&args.prefix, model.name), model, &saved),
        None => Ok(()),
    }
}

/// Names of registered models hold no slash.
fn registered_name(prefix: &str, name: &str) -> String {
    format!("{}{name}", prefix.replace(['/', ':'], "-"))
}

fn scale(args: &DemoArgs, api: &Api, now_ms: i64) -> Result<ExitCode, Failure> {
    let runs = args
        .runs
        .map(|runs| (runs as usize, format!("{}scale/{runs}-runs", args.prefix)));
    let points = args
        .points
        .map(|points| (points as usize, format!("{}scale/{points}-points", args.prefix)));
    let names: Vec<String> = [&runs, &points]
        .into_iter()
        .flatten()
        .map(|(_, name)| name.clone())
        .collect();
    refuse_existing(api, &names)?;
    let connections = args.connections as usize;
    if let Some((runs, name)) = runs {
        say(&format!(
            "{name}: {} metrics, {} params each",
            args.metrics, args.params
        ));
        let size = ManyRuns {
            runs,
            metrics: args.metrics as usize,
            params: args.params as usize,
        };
        large::many_runs(api, &name, size, connections, args.seed, now_ms)
            .with_context(|| format!("`{name}` was not filled"))?;
    }
    if let Some((points, name)) = points {
        say(&name);
        large::many_points(api, &name, points, connections, args.seed, now_ms)
            .with_context(|| format!("`{name}` was not filled"))?;
    }
    print(&format!("done: {}", names.join(", ")));
    Ok(ExitCode::SUCCESS)
}

fn refuse_existing(api: &Api, names: &[String]) -> Result<(), Failure> {
    let mut taken = Vec::new();
    for name in names {
        if api.find_experiment(name).map_err(failure)?.is_some() {
            taken.push(format!("`{name}`"));
        }
    }
    if taken.is_empty() {
        return Ok(());
    }
    let error = anyhow!(
        "these experiments are there already, so nothing was sent: {}",
        taken.join(", ")
    );
    Err(Failure::from(error)
        .hint("`--prefix again/` puts the demo beside them (a deleted experiment keeps its name)"))
}

/// Keys and values of tags.
fn tags(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

/// Tells how far it is.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
