//! Search among many runs.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::logging::named;
use crate::api::{self, page_token};
use crate::bench::Bench;
use crate::cases::{self, Case, Contender, Unit, Workload};
use crate::data::{EXPERIMENT, Filling, SEARCHED_METRIC};
use crate::goals::Goal;
use crate::limits::search::{Search, on_postgres, on_sqlite};
use crate::load::{Operation, Watch};
use crate::rounds::Table;
use crate::servers::{Backend, Database, Server};

/// A shape of search.
struct Shape {
    name: &'static str,
    clients: usize,
    search: Search,
}

impl Shape {
    fn goals(&self, runs: u64) -> Vec<Goal> {
        let Search {
            page_size,
            offset,
            is_filtered,
            is_ordered,
        } = self.search;
        let is_plain = !is_filtered && !is_ordered && offset == 0 && self.clients == 1;
        let goal = match (runs, page_size) {
            (10_000, 100) if is_plain => Some(Goal::CpuMs(8.0)),
            (10_000, 1000) if is_plain => Some(Goal::CpuMs(80.0)),
            (100_000, 100) if is_plain => Some(Goal::MedianMs(50.0)),
            (100_000, 100) if is_filtered && is_ordered => Some(Goal::MedianMs(150.0)),
            _ => None,
        };
        goal.into_iter().collect()
    }

    /// In 10,000 runs as on SQLite, within twice the time; in 100,000 the very same.
    fn goals_on_postgres(&self, runs: u64) -> Vec<Goal> {
        if runs == 10_000 {
            vec![Goal::WithinSqlite(2.0)]
        } else {
            self.goals(runs)
        }
    }
}

pub fn measure(bench: &Bench, runs: u64) -> Result<Table> {
    let filling = Filling::Runs(runs);
    let group = bench.start(&format!("search_{runs}"), Some(&filling), |kind| {
        // The API takes a hundred thousand runs in a quarter of an hour.
        runs <= 10_000 || !kind.label().starts_with("FastTrackML")
    });
    let limits = Limits::prepare(bench, filling)?;
    let mut cases = Vec::new();
    for shape in shapes(runs) {
        let workload = Workload::new(
            &format!("{}, {}", shape.name, named(shape.clients)),
            Unit::Requests,
        )
        .with_goals(Backend::Sqlite, &shape.goals(runs))
        .with_goals(Backend::Postgres, &shape.goals_on_postgres(runs));
        for server in &group.servers {
            let search = shape.search.clone();
            let make = move |_| search_on(server, &search);
            cases.push(workload.on_server(server, shape.clients, bench.duration, make));
        }
        cases.extend(limits.cases(bench, &workload, &shape));
    }
    let title = format!("Search in {} runs", cases::number(runs as f64));
    let mut table = group.measure(&title, cases);
    if runs > 10_000 {
        let remark = "FastTrackML has tables of its own, and would take these runs one by one";
        table.remarks.push(remark.to_owned());
    }
    drop((limits, group));
    filling.discard(bench);
    Ok(table)
}

fn shapes(runs: u64) -> Vec<Shape> {
    let page = |size| Search {
        page_size: size,
        offset: 0,
        is_filtered: false,
        is_ordered: false,
    };
    let shape = |name, clients, search| Shape {
        name,
        clients,
        search,
    };
    let filtered = Search {
        is_filtered: true,
        ..page(100)
    };
    let ordered = Search {
        is_ordered: true,
        ..page(100)
    };
    vec![
        shape("first page of 100", 1, page(100)),
        shape("first page of 100", 8, page(100)),
        shape("first page of 1,000", 1, page(1000)),
        shape("filtered by metric and param, 100", 1, filtered.clone()),
        shape("ordered by a metric, 100", 1, ordered),
        shape(
            "filtered and ordered, 100",
            1,
            Search {
                is_ordered: true,
                ..filtered
            },
        ),
        shape(
            "last page of 100",
            1,
            Search {
                offset: runs - 100,
                ..page(100)
            },
        ),
    ]
}

fn search_on<'a>(server: &'a Server, search: &Search) -> Result<Operation<'a>> {
    let mut body = json!({"experiment_ids": [EXPERIMENT], "max_results": search.page_size});
    if search.is_filtered {
        body["filter"] = json!(format!(
            "metrics.{SEARCHED_METRIC} < 0.1 AND params.optimizer = 'adam'"
        ));
    }
    if search.is_ordered {
        body["order_by"] = json!([format!("metrics.{SEARCHED_METRIC} ASC")]);
    }
    if search.offset > 0 {
        body["page_token"] = json!(page_token(search.offset));
    }
    let mut client = server.client();
    let first = api::post(&mut client, "runs/search", &body)?;
    check(&first, search).with_context(|| format!("the answer to {body}"))?;
    let (path, body) = (api::call("runs/search"), body.to_string());
    Ok(Box::new(move |_| {
        client.post(&path, &body)?;
        Ok(1)
    }))
}

/// Who answers with less than all would be fast for nothing.
fn check(answer: &Value, search: &Search) -> Result<()> {
    ensure!(
        api::length(answer, "runs") as u64 == search.page_size,
        "{} runs on a page of {}",
        api::length(answer, "runs"),
        search.page_size
    );
    let data = answer
        .pointer("/runs/0/data")
        .context("the first run has no data")?;
    for kind in ["metrics", "params"] {
        ensure!(
            api::length(data, kind) == 50,
            "the first run has {} {kind}",
            api::length(data, kind)
        );
    }
    Ok(())
}

/// Copies of the rows for bare loops.
struct Limits {
    sqlite: Option<Database>,
    postgres: Option<Database>,
}

impl Limits {
    fn prepare(bench: &Bench, filling: Filling) -> Result<Self> {
        let copy = |backend| bench.copy_for_limit(filling, backend, "search").transpose();
        Ok(Self {
            sqlite: copy(Backend::Sqlite)?,
            postgres: copy(Backend::Postgres)?,
        })
    }

    fn cases<'a>(&'a self, bench: &Bench, workload: &Workload, shape: &Shape) -> Vec<Case<'a>> {
        let mut cases = Vec::new();
        if let Some(Database::Sqlite(path)) = &self.sqlite {
            let search = shape.search.clone();
            let contender = Contender::limit("SQLite alone", Backend::Sqlite);
            let make = move |_| on_sqlite(path, &search);
            cases.push(workload.on(
                contender,
                shape.clients,
                bench.duration,
                Watch::this_process(None),
                make,
            ));
        }
        if let Some(database) = &self.postgres {
            let search = shape.search.clone();
            let contender = Contender::limit("PostgreSQL alone", Backend::Postgres);
            let watch = Watch::this_process(database.process());
            let make = move |_| on_postgres(database, &search);
            cases.push(workload.on(contender, shape.clients, bench.duration, watch, make));
        }
        cases
    }
}
