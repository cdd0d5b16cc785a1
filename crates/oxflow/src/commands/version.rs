//! `oxflow version`.

use std::process::ExitCode;

use crate::failure::Failure;

/// Version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Prints the version and the MLflow version that clients see.
pub fn run() -> Result<ExitCode, Failure> {
    super::print(&format!(
        "oxflow {VERSION} (MLflow API {})",
        oxflow_server::MLFLOW_VERSION
    ));
    Ok(ExitCode::SUCCESS)
}
