//! The columns of a window: one statement per child table, for the keys that were asked for.

use std::collections::HashMap;
use std::sync::Arc;

use oxflow_core::{Cell, DatasetUse, LifecycleStage, MetricValue, ModelOfRun, PARENT_RUN_TAG, ViewType};
use oxflow_search::{ColumnAttribute, RunColumn};

use crate::conditions::Sql;
use crate::experiment_search::push_stages;
use crate::metrics::Derived;
use crate::registry::DELETED_STAGE;
use crate::run_selection::{Among, INDEXED_PARENT, IS_PARENT_TAG, attribute_sql};
use crate::{DbError, Result, Row, Store, Tx, Value};

/// Which runs count as children.
#[derive(Debug, Clone)]
pub struct ChildrenOf {
    /// In these stages.
    pub view: ViewType,
    /// In the experiments of the table; anywhere if it is a table of given runs.
    pub among: Among,
}

impl Store {
    /// What runs have in columns: for each column the cells of the runs, in the order of the ids. Runs that are
    /// gone meanwhile have nothing.
    pub async fn run_cells(
        &self,
        ids: Vec<String>,
        columns: Vec<RunColumn>,
        children: ChildrenOf,
    ) -> Result<Vec<Vec<Cell>>> {
        let derived = Arc::clone(self.derived());
        self.read(move |tx| {
            let mut window = Window::new(&ids, &columns);
            if !ids.is_empty() {
                window.fill(tx, &children, &derived)?;
            }
            Ok(window.cells)
        })
        .await
    }

    /// The registered versions that runs made, each with the place of its run among the ids.
    pub async fn versions_of_runs(&self, ids: Vec<String>) -> Result<Vec<(usize, ModelOfRun)>> {
        self.read(move |tx| {
            let sql = format!(
                "SELECT page.position, v.name, v.version
                   FROM {} page
                   CROSS JOIN model_versions v
                  WHERE v.workspace = 'default' AND v.run_id = page.id AND v.current_stage <> '{DELETED_STAGE}'
                  ORDER BY v.name, v.version",
                tx.dialect().ids_with_position("$1")
            );
            let found = tx.query(&sql, &[ids.as_slice().into()], |row| {
                let model = ModelOfRun::Registered { name: row.text(1)?, version: row.int(2)? };
                Ok((position(row)?, model))
            });
            Ok(found?)
        })
        .await
    }
}

/// A window that is being filled.
struct Window<'w> {
    ids: &'w [String],
    columns: &'w [RunColumn],
    cells: Vec<Vec<Cell>>,
}

/// Where the columns of one child table stand, by key.
type Places<'w> = HashMap<&'w str, Vec<usize>>;

impl<'w> Window<'w> {
    fn new(ids: &'w [String], columns: &'w [RunColumn]) -> Self {
        let empty = |column: &RunColumn| match column {
            RunColumn::Datasets => Cell::Datasets(Vec::new()),
            RunColumn::Models => Cell::Models(Vec::new()),
            RunColumn::Children => Cell::Int(0),
            _ => Cell::Missing,
        };
        let cells = columns.iter().map(|column| vec![empty(column); ids.len()]);
        Self {
            ids,
            columns,
            cells: cells.collect(),
        }
    }

    fn fill(&mut self, tx: &mut Tx<'_>, children: &ChildrenOf, derived: &Derived) -> Result<()> {
        self.fill_attributes(tx)?;
        self.fill_latest_metrics(tx)?;
        self.fill_extremes(tx, derived)?;
        let params = self.places(|column| match column {
            RunColumn::Param(key) => Some(key),
            _ => None,
        });
        self.fill_texts(tx, "params", &params)?;
        let tags = self.places(|column| match column {
            RunColumn::Tag(key) => Some(key),
            RunColumn::Parent => Some(PARENT_RUN_TAG),
            _ => None,
        });
        self.fill_texts(tx, "tags", &tags)?;
        self.fill_datasets(tx)?;
        self.fill_logged_models(tx)?;
        Ok(self.fill_children(tx, children)?)
    }

    /// Where columns stand, by what makes them columns of one table.
    fn places(&self, key: impl Fn(&'w RunColumn) -> Option<&'w str>) -> Places<'w> {
        let mut places = Places::new();
        for (i, column) in self.columns.iter().enumerate() {
            if let Some(key) = key(column) {
                places.entry(key).or_default().push(i);
            }
        }
        places
    }

    /// Where a column without a key stands.
    fn place(&self, column: &RunColumn) -> Option<usize> {
        self.columns.iter().position(|other| other == column)
    }

    fn set(&mut self, column: usize, run: usize, cell: Cell) {
        if let Some(place) = self.cells[column].get_mut(run) {
            *place = cell;
        }
    }

    fn fill_attributes(&mut self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let attributes: Vec<(usize, ColumnAttribute)> = self
            .columns
            .iter()
            .enumerate()
            .filter_map(|(i, column)| match column {
                RunColumn::Attribute(attribute) => Some((i, *attribute)),
                _ => None,
            })
            .collect();
        if attributes.is_empty() {
            return Ok(());
        }
        let columns: Vec<&str> = attributes
            .iter()
            .map(|(_, attribute)| attribute_sql(*attribute))
            .collect();
        let sql = format!(
            "SELECT page.position, {} FROM {} page CROSS JOIN runs r WHERE r.run_uuid = page.id",
            columns.join(", "),
            tx.dialect().ids_with_position("$1")
        );
        let ids = self.ids;
        tx.for_each(&sql, &[ids.into()], |row| {
            let run = position(row)?;
            for (place, (column, attribute)) in attributes.iter().enumerate() {
                self.set(*column, run, attribute_cell(row, place + 1, *attribute)?);
            }
            Ok(())
        })
    }

    fn fill_latest_metrics(&mut self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let places = self.places(|column| match column {
            RunColumn::Metric(key) | RunColumn::MetricStep(key) => Some(key),
            _ => None,
        });
        let select = "m.value, m.is_nan, m.step FROM {page} CROSS JOIN latest_metrics m";
        self.fill_keyed(tx, select, &places, |column, row| {
            Ok(match column {
                RunColumn::MetricStep(_) => Cell::Int(row.int(4)?),
                _ => {
                    let value = MetricValue {
                        stored: row.real(2)?,
                        is_nan: row.truth(3)?,
                    };
                    Cell::Number(value.logged())
                }
            })
        })
    }

    fn fill_extremes(&mut self, tx: &mut Tx<'_>, derived: &Derived) -> Result<()> {
        let places = self.places(|column| match column {
            RunColumn::MetricMin(key) | RunColumn::MetricMax(key) => Some(key),
            _ => None,
        });
        if places.is_empty() {
            return Ok(());
        }
        let keys: Vec<String> = places.keys().map(|key| (*key).to_owned()).collect();
        for extremes in tx.metric_extremes(self.ids, &keys, derived)? {
            for column in places.get(extremes.key.as_str()).into_iter().flatten() {
                let value = match self.columns[*column] {
                    RunColumn::MetricMin(_) => extremes.min,
                    _ => extremes.max,
                };
                self.set(*column, extremes.run, Cell::Number(value));
            }
        }
        Ok(())
    }

    fn fill_texts(&mut self, tx: &mut Tx<'_>, table: &str, places: &Places<'_>) -> Result<(), DbError> {
        let select = format!("m.value FROM {{page}} CROSS JOIN {table} m");
        self.fill_keyed(tx, &select, places, |_, row| Ok(row.text_or_null(2)?.into()))
    }

    /// Reads rows of a child table `m` by run and key, if any key is asked for. `{page}` is the list of the runs.
    fn fill_keyed(
        &mut self,
        tx: &mut Tx<'_>,
        select: &str,
        places: &Places<'_>,
        cell: impl Fn(&RunColumn, &Row<'_>) -> Result<Cell, DbError>,
    ) -> Result<(), DbError> {
        if places.is_empty() {
            return Ok(());
        }
        let keys: Vec<String> = places.keys().map(|key| (*key).to_owned()).collect();
        let page = format!("{} page", tx.dialect().ids_with_position("$1"));
        let sql = format!(
            "SELECT page.position, m.key, {} WHERE m.run_uuid = page.id AND m.key {}",
            select.replace("{page}", &page),
            tx.dialect().is_among("$2")
        );
        let (ids, columns) = (self.ids, self.columns);
        tx.for_each(&sql, &[ids.into(), keys.as_slice().into()], |row| {
            let run = position(row)?;
            let key = row.text(1)?;
            for column in places.get(key.as_str()).into_iter().flatten() {
                self.set(*column, run, cell(&columns[*column], row)?);
            }
            Ok(())
        })
    }

    fn fill_datasets(&mut self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let Some(column) = self.place(&RunColumn::Datasets) else {
            return Ok(());
        };
        let sql = format!(
            "SELECT page.position, d.name, d.digest, t.value
               FROM {} page
               CROSS JOIN inputs i
               JOIN datasets d ON d.dataset_uuid = i.source_id
               LEFT JOIN input_tags t ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context'
              WHERE i.destination_type = 'RUN' AND i.destination_id = page.id AND i.source_type = 'DATASET'
              ORDER BY d.name, d.digest",
            tx.dialect().ids_with_position("$1")
        );
        let ids = self.ids;
        tx.for_each(&sql, &[ids.into()], |row| {
            let dataset = DatasetUse {
                name: row.text(1)?,
                digest: row.text(2)?,
                context: row.text_or_null(3)?,
            };
            if let Some(Cell::Datasets(datasets)) = self.cells[column].get_mut(position(row)?) {
                datasets.push(dataset);
            }
            Ok(())
        })
    }

    fn fill_logged_models(&mut self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let Some(column) = self.place(&RunColumn::Models) else {
            return Ok(());
        };
        let deleted = LifecycleStage::Deleted.as_str();
        let sql = format!(
            "SELECT page.position, i.destination_id, l.name
               FROM {} page
               CROSS JOIN inputs i
               LEFT JOIN logged_models l ON l.model_id = i.destination_id
              WHERE i.source_type = 'RUN_OUTPUT' AND i.source_id = page.id AND i.destination_type = 'MODEL_OUTPUT'
                    AND (l.lifecycle_stage IS NULL OR l.lifecycle_stage <> '{deleted}')
              ORDER BY i.step, i.destination_id",
            tx.dialect().ids_with_position("$1")
        );
        let ids = self.ids;
        tx.for_each(&sql, &[ids.into()], |row| {
            let model = ModelOfRun::Logged {
                model_id: row.text(1)?,
                name: row.text_or_null(2)?,
            };
            if let Some(Cell::Models(models)) = self.cells[column].get_mut(position(row)?) {
                models.push(model);
            }
            Ok(())
        })
    }

    fn fill_children(&mut self, tx: &mut Tx<'_>, children: &ChildrenOf) -> Result<(), DbError> {
        let Some(column) = self.place(&RunColumn::Children) else {
            return Ok(());
        };
        let mut sql = Sql::new(tx.dialect(), "SELECT page.position, COUNT(*) FROM ");
        sql.ids_with_position(self.ids.to_vec())
            .push(" page CROSS JOIN tags c JOIN runs r ON r.run_uuid = c.run_uuid WHERE ")
            .push(IS_PARENT_TAG)
            .push(&format!(
                " AND {INDEXED_PARENT} = page.id AND c.value = page.id AND c.run_uuid <> page.id \
                   AND r.lifecycle_stage IN ("
            ));
        push_stages(&mut sql, children.view);
        sql.push(")");
        if let Among::Experiments(experiments) = &children.among {
            let experiments: Vec<i64> = experiments.iter().map(|id| id.get()).collect();
            sql.push(" AND r.experiment_id")
                .is_among(Value::Ints(experiments.into()), false);
        }
        sql.push(" GROUP BY page.position");
        tx.for_each_once(sql.text(), sql.values(), |row| {
            let count = Cell::Int(row.int(1)?);
            self.set(column, position(row)?, count);
            Ok(())
        })
    }
}

/// The place of a row's run in the window: the first column.
fn position(row: &Row<'_>) -> Result<usize, DbError> {
    let position = row.int(0)?;
    usize::try_from(position)
        .map_err(|_| DbError::unexpected(format!("position {position} is not in the window")))
}

fn attribute_cell(row: &Row<'_>, place: usize, attribute: ColumnAttribute) -> Result<Cell, DbError> {
    Ok(match attribute {
        // On the wire the ids of experiments are texts.
        ColumnAttribute::ExperimentId => row.int_or_null(place)?.map(|id| id.to_string()).into(),
        attribute if attribute.is_time() => row.int_or_null(place)?.into(),
        _ => row.text_or_null(place)?.into(),
    })
}
