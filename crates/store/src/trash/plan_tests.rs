//! The plans of the statements that remove runs, logged models and traces, with 2,000 of each and 20 rows that belong to each.

use futures::executor::block_on;
use oxflow_testkit::postgres::TestDatabase;

use super::{logged_models, pieces, runs, traces};
use crate::{DatabaseUri, Dialect, PoolConfig, SchemaPolicy, Store, StoreConfig, Tx, Value};

const RUNS: usize = 2000;
const POINTS_EACH: usize = 20;

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
    block_on(store.write(|tx| Ok(fill(tx)?))).unwrap();
    store
}

fn fill(tx: &mut Tx<'_>) -> Result<(), crate::DbError> {
    let numbers = |name: &str, count: usize| {
        format!("{name} (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM {name} WHERE i < {count})")
    };
    let (n, p) = (numbers("n", RUNS), numbers("p", POINTS_EACH));
    for (table, columns, values) in [
        (
            "runs",
            "run_uuid, experiment_id, lifecycle_stage",
            "'r' || n.i, 0, 'deleted'",
        ),
        (
            "logged_models",
            "model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status, \
             lifecycle_stage",
            "'m' || n.i, 0, 'm', 'x', 1, 1, 1, 'deleted'",
        ),
        (
            "trace_info",
            "request_id, experiment_id, timestamp_ms, status",
            "'t' || n.i, 0, n.i, 'OK'",
        ),
    ] {
        tx.batch(&format!(
            "WITH RECURSIVE {n} INSERT INTO {table} ({columns}) SELECT {values} FROM n"
        ))?;
    }
    for (table, columns, values) in [
        (
            "metrics",
            "run_uuid, key, value, timestamp, step, is_nan",
            "'r' || n.i, 'k', 0.5, p.i, p.i, FALSE",
        ),
        (
            "latest_metrics",
            "run_uuid, key, value, timestamp, step, is_nan",
            "'r' || n.i, 'k' || p.i, 0.5, p.i, p.i, FALSE",
        ),
        ("params", "run_uuid, key, value", "'r' || n.i, 'k' || p.i, 'v'"),
        ("tags", "run_uuid, key, value", "'r' || n.i, 'k' || p.i, 'v'"),
        (
            "logged_model_metrics",
            "model_id, run_id, experiment_id, metric_name, metric_timestamp_ms, metric_step, metric_value",
            "'m' || n.i, 'r' || n.i, 0, 'k', p.i, p.i, 0.5",
        ),
        (
            "logged_model_params",
            "model_id, experiment_id, param_key, param_value",
            "'m' || n.i, 0, 'k' || p.i, 'v'",
        ),
        (
            "logged_model_tags",
            "model_id, experiment_id, tag_key, tag_value",
            "'m' || n.i, 0, 'k' || p.i, 'v'",
        ),
        (
            "spans",
            "trace_id, experiment_id, span_id, status, start_time_unix_nano, content",
            "'t' || n.i, 0, p.i, 'OK', p.i, '{}'",
        ),
        (
            "span_metrics",
            "trace_id, span_id, key, value",
            "'t' || n.i, p.i, 'k', 0.5",
        ),
        (
            "assessments",
            "assessment_id, trace_id, name, assessment_type, value, created_timestamp, last_updated_timestamp, source_type, \
             valid",
            "'a' || n.i || '-' || p.i, 't' || n.i, 'a', 'feedback', '1', 1, 1, 'HUMAN', TRUE",
        ),
        (
            "trace_metrics",
            "request_id, key, value",
            "'t' || n.i, 'k' || p.i, 0.5",
        ),
        (
            "trace_request_metadata",
            "request_id, key, value",
            "'t' || n.i, 'k' || p.i, 'v'",
        ),
        (
            "trace_tags",
            "request_id, key, value",
            "'t' || n.i, 'k' || p.i, 'v'",
        ),
    ] {
        tx.batch(&format!(
            "WITH RECURSIVE {n}, {p} INSERT INTO {table} ({columns}) SELECT {values} FROM n CROSS JOIN p"
        ))?;
    }
    tx.batch("ANALYZE")
}

fn plan(store: &Store, sql: &str, values: Vec<Value<'static>>) -> String {
    let sql = sql.to_owned();
    let lines = block_on(store.read(move |tx| {
        let (head, column) = match tx.dialect() {
            Dialect::Sqlite => ("EXPLAIN QUERY PLAN ", 3),
            Dialect::Postgres => ("EXPLAIN (COSTS OFF) ", 0),
        };
        Ok(tx.query_once(&format!("{head}{sql}"), &values, |row| row.text(column))?)
    }));
    lines.unwrap().join("\n")
}

/// No statement reads a table from end to end, and none does so for the rows that go along.
fn check_plans(store: &Store, dialect: Dialect) {
    let ids: Vec<String> = (0..20).map(|i| format!("r{i}")).collect();
    let tables = runs::CHILDREN
        .iter()
        .chain(&logged_models::CHILDREN)
        .chain(&traces::CHILDREN);
    let tables = tables.chain([&runs::RUNS, &logged_models::MODELS, &traces::TRACES]);
    for rows in tables {
        let by_ids = pieces::delete_by(dialect, *rows);
        let some = pieces::delete_some(dialect, *rows);
        let plans = [
            plan(store, &by_ids, vec![Value::Texts(ids.clone().into())]),
            plan(store, &some, vec!["r1".into(), 10.into()]),
        ];
        for plan in plans {
            check_reads_some(rows.table, &plan);
        }
    }
    let of_a_small_one = plan(store, traces::SOME, vec![1.into(), 500.into()]);
    check_reads_some("trace_info", &of_a_small_one);
    // What the database does by itself when the row of a run goes.
    let along = "DELETE FROM logged_model_metrics WHERE run_id = $1";
    let plan = plan(store, along, vec!["r1".into()]);
    assert!(plan.contains("oxflow_logged_model_metrics_run"), "{plan}");
}

fn check_reads_some(table: &str, plan: &str) {
    let reads_everything = plan.lines().any(|line| {
        let line = line.trim_start_matches([' ', '-', '>']);
        line == format!("SCAN {table}") || line.starts_with("Seq Scan")
    });
    assert!(!reads_everything, "{table}:\n{plan}");
}

#[test]
fn removals_use_indexes_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(DatabaseUri::Sqlite(folder.path().join("mlflow.db")), &folder);
    check_plans(&store, Dialect::Sqlite);
}

#[test]
fn removals_use_indexes_on_postgresql() {
    let Some(database) = TestDatabase::empty() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let store = open(DatabaseUri::parse(database.uri(), &|_| None).unwrap(), &folder);
    check_plans(&store, Dialect::Postgres);
}
