//! Tables of runs, and what happens in experiments.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use oxflow_core::limits::{DEFAULT_TABLE_ROWS, MAX_TABLE_ROWS};
use oxflow_core::{Cell, Invalid};
use oxflow_search::RunColumn;
use oxflow_store::{ChildrenOf, ExperimentSummary, RunIdList, RunSelection, RunTable};
use oxflow_wire::{Columns, SummaryAnswer, SummaryJson, SummaryRequest, TableAnswer, TableRequest};

use super::selection::{columns, selection, sort, view};
use crate::answer::large;
use crate::authorize::Caller;
use crate::extract::{AnyJsonBody, QueryFields, QueryFieldsOf};
use crate::{ApiError, App};

impl QueryFields for SummaryRequest {}

/// Every experiment that its caller may see, with the numbers of its runs.
pub(crate) async fn summary(
    State(app): State<App>,
    caller: Caller,
    QueryFieldsOf(req): QueryFieldsOf<SummaryRequest>,
) -> Result<Response, ApiError> {
    let found = app
        .store
        .experiment_summaries(view(req.view)?, caller.experiments())
        .await?;
    large(SummaryAnswer {
        experiments: found.into_iter().map(summary_json).collect(),
    })
    .await
}

fn summary_json(summary: ExperimentSummary) -> SummaryJson {
    let ExperimentSummary { experiment, runs } = summary;
    SummaryJson {
        runs: runs.active,
        running: runs.running,
        deleted_runs: runs.deleted,
        last_activity: runs.last_activity_ms,
        ..experiment.into()
    }
}

/// A window of a table of runs.
pub(crate) async fn table(
    State(app): State<App>,
    AnyJsonBody(req): AnyJsonBody<TableRequest>,
) -> Result<Response, ApiError> {
    let table = RunTable {
        selection: selection(req.selection)?,
        sort: sort(req.sort)?,
    };
    let columns = columns(req.columns)?;
    let (offset, limit) = rows(req.offset.optional("offset")?, req.limit.optional("limit")?)?;
    let generation = req.generation.optional("generation")?;
    let children = children_of(&table.selection);
    let Part {
        total,
        generation,
        ids,
    } = app.part_of(table, generation, offset, limit).await?;
    let cells = app.cells(ids.clone(), columns.clone(), children).await?;
    let names = columns.iter().map(ToString::to_string);
    let answer = TableAnswer {
        total,
        offset,
        generation,
        ids,
        columns: Columns(names.zip(cells).collect()),
    };
    large(answer).await
}

/// The rows of a window: how many to skip, and how many at the most.
pub(super) fn rows(offset: Option<i64>, limit: Option<i64>) -> Result<(usize, usize), Invalid> {
    let offset = offset.unwrap_or(0);
    let offset =
        usize::try_from(offset).map_err(|_| Invalid::value("offset", offset, ". It must not be negative"))?;
    let limit = limit.unwrap_or(DEFAULT_TABLE_ROWS);
    match usize::try_from(limit) {
        Ok(rows) if limit <= MAX_TABLE_ROWS => Ok((offset, rows)),
        _ => Err(Invalid::value(
            "limit",
            limit,
            &format!(". It must be 0 to {MAX_TABLE_ROWS}"),
        )),
    }
}

/// The runs that count as children of those of a selection: what the same request with a parent would find.
pub(super) fn children_of(selection: &RunSelection) -> ChildrenOf {
    ChildrenOf {
        view: selection.view,
        among: selection.among.clone(),
    }
}

/// Some runs of a table.
struct Part {
    /// How many runs the table has.
    total: usize,
    /// The list that they were cut from, unless the runs were only counted.
    generation: Option<String>,
    ids: Vec<String>,
}

impl Part {
    fn cut(generation: String, list: &RunIdList, offset: usize, limit: usize) -> Self {
        Self {
            total: list.len(),
            generation: Some(generation),
            ids: list.window(offset, limit),
        }
    }
}

impl App {
    /// A window of the list of a table: of the generation that was asked for, if this server has it, else of a new one.
    /// To count the runs no list is made.
    async fn part_of(
        &self,
        table: RunTable,
        generation: Option<String>,
        offset: usize,
        limit: usize,
    ) -> Result<Part, ApiError> {
        let kept = generation.and_then(|name| {
            let list = self.run_lists.find(&name, &table, self.clock.now_ms())?;
            Some(Part::cut(name, &list, offset, limit))
        });
        if let Some(found) = kept {
            return Ok(found);
        }
        if limit == 0 {
            return Ok(Part {
                total: self.store.count_runs(table.selection).await?,
                generation: None,
                ids: Vec::new(),
            });
        }
        let list = Arc::new(self.store.list_runs(table.clone()).await?);
        let name = self.entropy.hex_id();
        self.run_lists
            .keep(name.clone(), &table, Arc::clone(&list), self.clock.now_ms());
        Ok(Part::cut(name, &list, offset, limit))
    }

    /// What runs have in columns: for each column the cells of the runs.
    pub(super) async fn cells(
        &self,
        ids: Vec<String>,
        columns: Vec<RunColumn>,
        children: ChildrenOf,
    ) -> Result<Vec<Vec<Cell>>, ApiError> {
        let models = columns.iter().position(|column| *column == RunColumn::Models);
        let mut cells = self.store.run_cells(ids.clone(), columns, children).await?;
        if let Some(models) = models {
            // Registered versions may be in another database.
            for (run, version) in self.registry.versions_of_runs(ids).await? {
                if let Some(Cell::Models(models)) = cells[models].get_mut(run) {
                    models.push(version);
                }
            }
        }
        Ok(cells)
    }
}
