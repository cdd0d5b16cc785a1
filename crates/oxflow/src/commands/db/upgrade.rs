//! `oxflow db upgrade`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use clap::Args;
use oxflow_core::Clock;
use oxflow_store::{Backup, HEAD_REVISION, Prepared, UpgradeRequest, UpgradeStep, upgrade};

use super::Target;
use crate::commands::store_failure;
use crate::env::Env;
use crate::failure::Failure;

/// What takes longer says where it is, and says so again as often.
const PATIENCE: Duration = Duration::from_secs(2);

/// Flags of `oxflow db upgrade`.
#[derive(Debug, Args)]
pub struct UpgradeArgs {
    #[command(flatten)]
    target: Target,
    /// Copies a SQLite database before it is upgraded, and makes sure of the copy. Without a PATH the copy is
    /// `<file>.backup-<revision>-<time>` beside the file.
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true)]
    backup_before_migrate: Option<Option<PathBuf>>,
}

/// Upgrades, and says what it does when that takes a while.
pub fn run(args: &UpgradeArgs, env: &Env) -> Result<ExitCode, Failure> {
    let database = args.target.database(env)?;
    let request = UpgradeRequest {
        backup: match &args.backup_before_migrate {
            None => Backup::None,
            Some(None) => Backup::BesideIt,
            Some(Some(path)) => Backup::At(env.working_dir.join(path)),
        },
        now_ms: Clock::System.now_ms(),
    };
    let started = Instant::now();
    let progress = Progress::start();
    let outcome = upgrade(
        &database,
        &request,
        &mut |step| progress.tell(step),
        &mut |copy| crate::commands::print(&format!("backup    {}", copy.display())),
    );
    progress.finish();
    let place = &database;
    let text = match outcome.map_err(store_failure)? {
        Prepared::Current => {
            format!("the database {place} has the schema of this release, {HEAD_REVISION}, already")
        }
        Prepared::Created => {
            format!("created the schema of this release, {HEAD_REVISION}, in the database {place}")
        }
        Prepared::Upgraded { from } => format!(
            "upgraded the database {place} from revision {from} to {HEAD_REVISION} in {:.1}s",
            started.elapsed().as_secs_f32()
        ),
    };
    crate::commands::print(&text);
    Ok(ExitCode::SUCCESS)
}

/// Prints the current step to standard error once the upgrade takes long.
struct Progress {
    steps: Sender<UpgradeStep>,
    printer: JoinHandle<()>,
}

impl Progress {
    fn start() -> Self {
        let (steps, told) = mpsc::channel::<UpgradeStep>();
        let printer = std::thread::spawn(move || {
            let started = Instant::now();
            let mut step: Option<UpgradeStep> = None;
            let mut print_at = PATIENCE;
            loop {
                match told.recv_timeout(print_at.saturating_sub(started.elapsed())) {
                    Ok(next) => step = Some(next),
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => {
                        if let Some(step) = step {
                            // When standard error is gone there is nobody left to tell.
                            let _ = writeln!(
                                std::io::stderr(),
                                "upgrading: {step}, {}s",
                                started.elapsed().as_secs()
                            );
                        }
                        print_at = started.elapsed() + PATIENCE;
                    }
                }
            }
        });
        Self { steps, printer }
    }

    fn tell(&self, step: UpgradeStep) {
        // Without a printer there is nobody left to tell.
        let _ = self.steps.send(step);
    }

    fn finish(self) {
        drop(self.steps);
        drop(self.printer.join());
    }
}
