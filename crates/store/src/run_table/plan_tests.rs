//! The plans of the statements of searches, tables, groups and charts, with 400 runs in 40 experiments.
//!
//! A plan that reads a table from end to end costs nothing with ten runs and minutes with a hundred thousand. PostgreSQL
//! chooses by the size of tables, and reads a small one whole, with reason; so it is asked which plan it has where it need not:
//! with `enable_seqscan` off, a table that is read whole nevertheless has no index for the statement.

use futures::executor::block_on;
use oxflow_core::{ExperimentId, ViewType};
use oxflow_search::{RunColumn, parse_run_filter, parse_run_order_by};
use oxflow_testkit::postgres::TestDatabase;

use super::groups::{group_statement, metric_statement};
use super::list::{Joined, statement};
use crate::conditions::Sql;
use crate::metric_columns::ColumnsInUse;
use crate::metrics::plans_of_series;
use crate::run_search;
use crate::{
    DatabaseUri, Dialect, GroupQuery, PoolConfig, RunSearch, RunSelection, RunTable, SchemaPolicy,
    SortColumn, Store, StoreConfig, Value,
};

fn open(uri: DatabaseUri, folder: &tempfile::TempDir) -> Store {
    let store = Store::open(&StoreConfig {
        uri,
        temporary_dir: folder.path().to_owned(),
        readers: 1,
        pool: PoolConfig::default(),
        default_artifact_root: "mlflow-artifacts:/".to_owned(),
        schema: SchemaPolicy::Create,
        now_ms: 0,
    })
    .unwrap();
    block_on(store.write(|tx| {
        let (hex, numbers) = match tx.dialect() {
            Dialect::Sqlite => ("printf('%032x', r.i * 7919 % 400)", RECURSIVE),
            Dialect::Postgres => (
                "lpad(to_hex(r.i * 7919 % 400), 32, '0')",
                "generate_series(0, 399)",
            ),
        };
        let (runs, keys) = (format!("{numbers} r"), format!("{numbers} k"));
        let (runs, keys) = match tx.dialect() {
            Dialect::Sqlite => (runs, keys),
            Dialect::Postgres => (format!("{runs} (i)"), format!("{keys} (i)")),
        };
        tx.batch(&format!(
            "INSERT INTO experiments (experiment_id, name, lifecycle_stage)
               SELECT r.i, 'e' || r.i, 'active' FROM {runs} WHERE r.i > 0 AND r.i < 40;
             INSERT INTO runs (run_uuid, name, experiment_id, lifecycle_stage, start_time, status)
               SELECT {hex}, 'n', r.i % 40, 'active', r.i, 'RUNNING' FROM {runs};
             INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
               SELECT 'm' || k.i, r.i, 1, 1, FALSE, {hex} FROM {runs} CROSS JOIN {keys} WHERE k.i < 20;
             INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid)
               SELECT 'm' || k.i, r.i, k.i, k.i, FALSE, {hex} FROM {runs} CROSS JOIN {keys} WHERE k.i < 100;
             INSERT INTO params (key, value, run_uuid)
               SELECT 'p' || k.i, 'v' || (r.i % 7), {hex} FROM {runs} CROSS JOIN {keys} WHERE k.i < 20;
             INSERT INTO tags (key, value, run_uuid)
               SELECT 't' || k.i, 'v' || (r.i % 7), {hex} FROM {runs} CROSS JOIN {keys} WHERE k.i < 20"
        ))?;
        Ok(tx.batch("ANALYZE")?)
    }))
    .unwrap();
    store
}

const RECURSIVE: &str = "(WITH RECURSIVE list (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM list WHERE i < 399) SELECT i FROM list)";

/// What the database says it would do.
fn plan(store: &Store, sql: Sql) -> String {
    let lines = block_on(store.read(move |tx| {
        let (head, column) = match tx.dialect() {
            Dialect::Sqlite => ("EXPLAIN QUERY PLAN ", 3),
            Dialect::Postgres => {
                tx.batch("SET LOCAL enable_seqscan = off")?;
                ("EXPLAIN (COSTS OFF) ", 0)
            }
        };
        let text = format!("{head}{}", sql.text());
        Ok(tx.query_once(&text, sql.values(), |row| row.text(column))?)
    }));
    lines.unwrap().join("\n")
}

fn table(q: &str, sort: &[&str]) -> RunTable {
    RunTable {
        selection: RunSelection {
            filter: parse_run_filter(q).unwrap(),
            ..RunSelection::of_experiments(vec![ExperimentId::DEFAULT], ViewType::ActiveOnly)
        },
        sort: sort
            .iter()
            .map(|column| SortColumn {
                column: RunColumn::parse(column).unwrap(),
                is_descending: false,
            })
            .collect(),
    }
}

fn list(dialect: Dialect, q: &str, sort: &[&str]) -> Sql {
    let table = table(q, sort);
    statement(
        dialect,
        &table,
        Joined::of(&table).as_ref(),
        &ColumnsInUse::default(),
    )
}

fn search(dialect: Dialect, filter: &str, order: &str) -> Sql {
    let order_by: Vec<String> = order.split_terminator(',').map(str::to_owned).collect();
    let search = RunSearch {
        experiment_ids: vec![ExperimentId::DEFAULT],
        filter: parse_run_filter(filter).unwrap(),
        order_by: parse_run_order_by(&order_by).unwrap(),
        view: ViewType::ActiveOnly,
        max_results: 10,
        offset: 0,
    };
    run_search::statement(dialect, &search, &ColumnsInUse::default())
}

fn groups(q: &str) -> GroupQuery {
    GroupQuery {
        selection: table(q, &[]).selection,
        group: vec![RunColumn::parse("param.p1").unwrap()],
        metrics: vec!["m1".to_owned(), "m2".to_owned()],
        sort: Vec::new(),
        offset: 0,
        limit: 10,
    }
}

/// Whether a line says that a table of runs or of their data is read from end to end.
fn reads_everything(dialect: Dialect, line: &str) -> bool {
    let line = line.trim_start_matches([' ', '-', '>']);
    match dialect {
        Dialect::Sqlite => {
            // Lists and subqueries are scanned, and so are the pages of a covering index that a condition is about.
            line.starts_with("SCAN")
                && ["r", "m", "c", "h", "g0"]
                    .iter()
                    .any(|alias| line == format!("SCAN {alias}"))
        }
        Dialect::Postgres => ["runs", "metrics", "latest_metrics", "params", "tags"]
            .iter()
            .any(|table| line.contains("Seq Scan on ") && line.contains(&format!("Seq Scan on {table} "))),
    }
}

fn check_plans(store: &Store, dialect: Dialect) {
    let statements = [
        (list(dialect, "", &[]), "oxflow_runs_experiment"),
        (list(dialect, "metrics.m1 < 3", &[]), "latest_metric"),
        (list(dialect, "metrics.m1 < 3", &["metric.m1"]), "latest_metric"),
        (
            list(dialect, "params.p1 = 'v1'", &["attribute.run_name"]),
            "param",
        ),
        (list(dialect, "tags.t1 != 'v1'", &["metric.m2"]), "tag"),
        (search(dialect, "", ""), "oxflow_runs_experiment"),
        (search(dialect, "metrics.m1 < 3", ""), "latest_metric"),
        (search(dialect, "", "metrics.m1 DESC"), "latest_metric"),
        (
            search(dialect, "params.p1 = 'v1' AND metrics.m1 < 3", "metrics.m1"),
            "latest_metric",
        ),
        (search(dialect, "tags.t1 LIKE 'v%'", "params.p1"), "param"),
        (search(dialect, "params.p1 != 'v1'", "tags.t1"), "tag"),
        (group_statement(dialect, &groups("")), "oxflow_runs_experiment"),
        (
            metric_statement(dialect, &groups("params.p2 = 'v1'")),
            "latest_metric",
        ),
    ];
    let of_series = plans_of_series(dialect).into_iter().map(|text| {
        let mut sql = Sql::new(dialect, "");
        sql.push(&text);
        let list = r#"[["00000000000000000000000000000001", "m1", 0, 0, 9, 9]]"#;
        (
            sql.with_values(vec![Value::from(list)]),
            "index_metrics_run_uuid_key_step",
        )
    });
    for (sql, index) in statements.into_iter().chain(of_series) {
        let text = sql.text().to_owned();
        let plan = plan(store, sql);
        assert!(plan.contains(index), "{text}\ndoes not use {index}:\n{plan}");
        assert!(
            !plan.lines().any(|line| reads_everything(dialect, line)),
            "{text}\nreads a whole table:\n{plan}"
        );
    }
}

#[test]
fn searches_tables_and_charts_use_indexes_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(DatabaseUri::Sqlite(folder.path().join("mlflow.db")), &folder);
    check_plans(&store, Dialect::Sqlite);
}

#[test]
fn searches_tables_and_charts_use_indexes_on_postgresql() {
    let Some(database) = TestDatabase::empty() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let store = open(DatabaseUri::parse(database.uri(), &|_| None).unwrap(), &folder);
    check_plans(&store, Dialect::Postgres);
}
