//! `oxflow db wait`: for init containers.

use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::Args;
use oxflow_store::{OpenError, ping};

use super::Target;
use crate::commands::store_failure;
use crate::config::Span;
use crate::env::Env;
use crate::failure::Failure;

/// Pauses between attempts: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Flags of `oxflow db wait`.
#[derive(Debug, Args)]
pub struct WaitArgs {
    #[command(flatten)]
    target: Target,
    /// Longest wait: `60s`, `500ms`, `2m`.
    #[arg(long, value_name = "TIME", default_value = "60s")]
    timeout: Span,
}

/// Logs in and runs a query until that works.
pub fn run(args: &WaitArgs, env: &Env) -> Result<ExitCode, Failure> {
    let database = args.target.database(env)?;
    let (started, timeout) = (Instant::now(), args.timeout.0);
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match ping(&database) {
            Ok(()) => break,
            Err(error) if may_pass(&error) => error,
            Err(error) => return Err(store_failure(error)),
        };
        let left = timeout.saturating_sub(started.elapsed());
        if left.is_zero() {
            let message = format!("the database did not answer within {}", args.timeout);
            return Err(Failure::from(anyhow!(error).context(message)));
        }
        let waited = started.elapsed().as_secs_f32();
        // When standard error is gone there is nobody left to tell.
        let _ = writeln!(
            std::io::stderr(),
            "waiting, {waited:.1}s of {}: {}",
            args.timeout,
            in_one_line(&error)
        );
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    crate::commands::print(&format!(
        "the database answered after {:.1}s",
        started.elapsed().as_secs_f32()
    ));
    Ok(ExitCode::SUCCESS)
}

/// Whether it makes sense to try again.
fn may_pass(error: &OpenError) -> bool {
    !matches!(error, OpenError::BadUri { .. } | OpenError::Temporary)
}

fn in_one_line(error: &OpenError) -> String {
    let mut line = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        line += &format!(": {error}");
        cause = error.source();
    }
    line
}
