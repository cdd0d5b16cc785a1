//! `oxflow db info`.

use std::process::ExitCode;

use oxflow_store::{DatabaseUri, HEAD_REVISION, SchemaState, count_rows, inspect};

use crate::commands::store_failure;
use crate::failure::Failure;

/// Prints what there is to know without changing anything.
pub fn run(database: &DatabaseUri) -> Result<ExitCode, Failure> {
    let status = inspect(database).map_err(store_failure)?;
    let revision = match &status.schema {
        SchemaState::Current => format!("{HEAD_REVISION} (MLflow 3.17), the one of this release"),
        SchemaState::Empty => "none: the database is empty".to_owned(),
        SchemaState::Foreign { tables } => format!("none: these are tables of another program: {tables}"),
        SchemaState::Other {
            revision,
            release,
            can_upgrade,
        } => {
            let release = release.as_deref().unwrap_or("unknown to this release");
            let next = if *can_upgrade {
                format!("`oxflow db upgrade` brings it to {HEAD_REVISION}")
            } else {
                "this release cannot upgrade it".to_owned()
            };
            format!("{revision} ({release}); {next}")
        }
    };
    let mut text = format!(
        "database  {}\nkind      {} {}\nrevision  {revision}",
        status.location,
        status.dialect.name(),
        status.version
    );
    let counts = match status.schema {
        SchemaState::Empty | SchemaState::Foreign { .. } => Vec::new(),
        SchemaState::Current | SchemaState::Other { .. } => count_rows(database).map_err(store_failure)?,
    };
    for (table, count) in counts {
        text += &format!("\nrows      {table:<17} {count:>12}");
    }
    crate::commands::print(&text);
    Ok(ExitCode::SUCCESS)
}
