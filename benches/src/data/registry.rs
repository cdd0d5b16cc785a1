//! Models with many versions.

use anyhow::Result;

use super::rows::{self, Cell, EXPERIMENTS, Table, Take};
use crate::api::EPOCH_MS;

/// Registered models.
pub const MODELS: u64 = 200;

/// Versions of each.
pub const VERSIONS_PER_MODEL: u64 = 100;

/// The alias that every model has.
pub const ALIAS: &str = "champion";

/// The `n`th model.
pub fn model_name(n: u64) -> String {
    format!("model-{n:03}")
}

pub fn tables() -> Vec<Table> {
    let table = |name, columns| Table { name, columns };
    vec![
        EXPERIMENTS,
        table(
            "registered_models",
            &[
                "name",
                "creation_time",
                "last_updated_time",
                "description",
                "workspace",
            ],
        ),
        table(
            "model_versions",
            &[
                "name",
                "version",
                "creation_time",
                "last_updated_time",
                "description",
                "user_id",
                "current_stage",
                "source",
                "run_id",
                "status",
                "status_message",
                "run_link",
                "storage_location",
                "workspace",
            ],
        ),
        table(
            "model_version_tags",
            &["key", "value", "name", "version", "workspace"],
        ),
        table(
            "registered_model_aliases",
            &["alias", "version", "name", "workspace"],
        ),
    ]
}

pub fn rows(table: &str, take: Take<'_>) -> Result<()> {
    if table == "experiments" {
        return rows::experiments(take);
    }
    let workspace = Cell::Text("default");
    for n in 0..MODELS {
        let name = model_name(n);
        let name = Cell::Text(&name);
        let created = Cell::Int((EPOCH_MS + n * 1_000_000) as i64);
        match table {
            "registered_models" => take(&[name, created, created, Cell::Text("filled"), workspace])?,
            "registered_model_aliases" => {
                take(&[
                    Cell::Text(ALIAS),
                    Cell::Int(VERSIONS_PER_MODEL as i64 / 2),
                    name,
                    workspace,
                ])?;
            }
            _ => {
                for version in 1..=VERSIONS_PER_MODEL as i64 {
                    if table == "model_versions" {
                        self::version(name, n, version, take)?;
                    } else {
                        take(&[
                            Cell::Text("stage"),
                            Cell::Text("tested"),
                            name,
                            Cell::Int(version),
                            workspace,
                        ])?;
                    }
                }
            }
        }
    }
    Ok(())
}

fn version(name: Cell<'_>, model: u64, version: i64, take: Take<'_>) -> Result<()> {
    let source = format!("mlflow-artifacts:/{}/{}/model", rows::EXPERIMENT, rows::id(model));
    let time = Cell::Int((EPOCH_MS + model * 1_000_000) as i64 + version * 1000);
    take(&[
        name,
        Cell::Int(version),
        time,
        time,
        Cell::Text("filled"),
        Cell::Text("ada"),
        Cell::Text("None"),
        Cell::Text(&source),
        Cell::Null,
        Cell::Text("READY"),
        Cell::Null,
        Cell::Null,
        Cell::Text(&source),
        Cell::Text("default"),
    ])
}
