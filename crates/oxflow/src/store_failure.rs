//! What to do when a database cannot be opened.

use oxflow_store::{OpenError, UpgradeError};

use crate::failure::Failure;

/// A failure with a hint that fits it.
pub fn store_failure(error: OpenError) -> Failure {
    let hint = hint_for(&error);
    let failure = Failure::from(anyhow::Error::new(error));
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn hint_for(error: &OpenError) -> Option<&'static str> {
    match error {
        OpenError::Open { .. } => Some(
            "is it a SQLite file, does its folder belong to the user of this process, is there room? `--data-dir` or \
             `--backend-store-uri` name another place",
        ),
        OpenError::Damaged { .. } => {
            Some("put a backup in its place, or recover what is left with `sqlite3 … .recover`")
        }
        OpenError::NoSuchFile { .. } | OpenError::NoSchema { .. } => {
            Some("make it with `oxflow db upgrade`, or start the server once with `--auto-migrate create`")
        }
        OpenError::WrongRevision { .. } => Some(
            "make a backup, then upgrade it with `oxflow db upgrade`, or start the server with `--auto-migrate on`; a \
             newer one needs a newer Oxflow",
        ),
        OpenError::Upgrade { source, .. } => hint_for_upgrade(source),
        OpenError::Backup { .. } => {
            Some("is there room beside the database? `--backup-before-migrate=PATH` names another place")
        }
        _ => None,
    }
}

fn hint_for_upgrade(error: &UpgradeError) -> Option<&'static str> {
    match error {
        UpgradeError::TooOld { .. } => Some(
            "make a backup, then run `mlflow db upgrade` of MLflow 1.30 or any later one up to 3.17.2 on it first",
        ),
        UpgradeError::Unknown { .. } => {
            Some("use the Oxflow, or the MLflow, that is as new as the database; there is no way back")
        }
        UpgradeError::Revision { source, .. } => hint_for_upgrade(source),
        UpgradeError::Data { .. } | UpgradeError::Orphans { .. } => {
            Some("MLflow's own upgrade stops there as well; correct or delete these rows first")
        }
        UpgradeError::LosesColumn { .. } => Some("copy it elsewhere and drop it first"),
        UpgradeError::Database(_) => None,
    }
}
