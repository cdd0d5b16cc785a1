//! `oxflow db check`.

use std::process::ExitCode;

use oxflow_store::{DatabaseUri, HEAD_REVISION, inspect};

use crate::commands::store_failure;
use crate::failure::Failure;

/// Looks at the schema.
pub fn run(database: &DatabaseUri) -> Result<ExitCode, Failure> {
    let status = inspect(database).map_err(store_failure)?;
    status.require_current().map_err(store_failure)?;
    crate::commands::print(&format!(
        "the database {} has the schema of this release, {HEAD_REVISION}",
        status.location
    ));
    Ok(ExitCode::SUCCESS)
}
