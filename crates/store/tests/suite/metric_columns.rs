//! Metrics in memory say what the database says, whoever writes.

use std::sync::Arc;

use oxflow_core::{ExperimentId, RunId, ViewType};
use oxflow_search::{RunColumn, parse_run_filter, parse_run_order_by};
use oxflow_store::{RunSearch, RunSelection, RunTable, SortColumn, Store};
use proptest::prelude::*;

use super::backend::{TestStore, point, sqlite_config};

/// Something that is done, or asked.
#[derive(Debug, Clone)]
enum Step {
    CreateRun,
    /// A point, written by this process or by another one.
    Log {
        run: usize,
        key: usize,
        value: f64,
        is_ours: bool,
    },
    Search {
        filter: &'static str,
        order_by: &'static str,
    },
    List {
        filter: &'static str,
        by: &'static str,
    },
}

const KEYS: [&str; 2] = ["a", "b"];
const FILTERS: [&str; 6] = [
    "",
    "metrics.a > 0",
    "metrics.a != 1",
    "metrics.a <= 1 AND metrics.b >= 0",
    "metrics.b = 1 AND attributes.start_time > 2",
    "metrics.none != 0",
];
const ORDERS: [&str; 5] = [
    "metrics.a",
    "metrics.a DESC",
    "metrics.b DESC",
    "start_time",
    "metrics.none",
];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let value = prop_oneof![
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        (-2..3_i32).prop_map(f64::from)
    ];
    let log =
        (0..6_usize, 0..2_usize, value, any::<bool>()).prop_map(|(run, key, value, is_ours)| Step::Log {
            run,
            key,
            value,
            is_ours,
        });
    let (filter, order_by) = (prop::sample::select(&FILTERS), prop::sample::select(&ORDERS));
    let search = (filter.clone(), order_by).prop_map(|(filter, order_by)| Step::Search { filter, order_by });
    let list = (filter, prop::sample::select(&["metric.a", "metric.b"]))
        .prop_map(|(filter, by)| Step::List { filter, by });
    let step = prop_oneof![1 => Just(Step::CreateRun), 4 => log, 3 => search, 2 => list];
    prop::collection::vec(step, 1..40)
}

fn search(experiment: ExperimentId, filter: &str, order_by: &str) -> RunSearch {
    RunSearch {
        experiment_ids: vec![experiment],
        filter: parse_run_filter(filter).unwrap(),
        order_by: parse_run_order_by(&[order_by.to_owned()]).unwrap(),
        view: ViewType::ActiveOnly,
        max_results: 100,
        offset: 0,
    }
}

async fn found(store: &Store, search: RunSearch) -> Vec<String> {
    let (runs, _) = store.search_runs(search).await.unwrap();
    runs.iter().map(|run| run.info.run_id.to_string()).collect()
}

async fn listed(store: &Store, experiment: ExperimentId, filter: &str, by: &str) -> Vec<String> {
    let mut selection = RunSelection::of_experiments(vec![experiment], ViewType::ActiveOnly);
    selection.filter = parse_run_filter(filter).unwrap();
    let table = RunTable {
        selection: selection.clone(),
        sort: vec![SortColumn {
            column: RunColumn::parse(by).unwrap(),
            is_descending: true,
        }],
    };
    let found = store.list_runs(table).await.unwrap();
    assert_eq!(store.count_runs(selection).await.unwrap(), found.len());
    found.window(0, found.len())
}

/// Goes through steps with a store that keeps columns, and asks the same of one on the same file that does not.
async fn compare(steps: Vec<Step>) {
    let columns = TestStore::sqlite_with_columns();
    let other = Store::open(&sqlite_config(&columns.folder)).unwrap();
    let experiment = columns.given_experiment().await;
    let mut runs = vec![columns.given_run_in(experiment, 0).await];
    for (time, step) in steps.into_iter().enumerate() {
        match step {
            Step::CreateRun => runs.push(columns.given_run_in(experiment, runs.len() as i64).await),
            Step::Log {
                run,
                key,
                value,
                is_ours,
            } => {
                let store = if is_ours { &columns.store } else { &other };
                let metric = point(KEYS[key], value, time as i64, time as i64);
                let run = runs[run % runs.len()].clone();
                store.log_metric(run, metric).await.unwrap();
            }
            Step::Search { filter, order_by } => assert_eq!(
                found(&columns.store, search(experiment, filter, order_by)).await,
                found(&other, search(experiment, filter, order_by)).await,
                "{filter} by {order_by}"
            ),
            Step::List { filter, by } => assert_eq!(
                listed(&columns.store, experiment, filter, by).await,
                listed(&other, experiment, filter, by).await,
                "{filter} by {by}"
            ),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn columns_say_what_the_database_says(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(compare(steps));
    }
}

/// While others write and search the same metric, a point that was acknowledged is found.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_point_that_was_answered_is_found() {
    let store = Arc::new(TestStore::sqlite_with_columns());
    let experiment = store.given_experiment().await;
    let writers = (0..6_i64).map(|writer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let run = store.given_run_in(experiment, writer).await;
            for step in 1..=40_i64 {
                store.log(&run, &[point("a", step as f64, step, step)]).await;
                let filter = format!("metrics.a >= {step} AND metrics.a < {}", step + 1);
                let ids = found(&store.store, search(experiment, &filter, "metrics.a")).await;
                assert!(ids.contains(&run.to_string()), "step {step} of writer {writer}");
            }
            run
        })
    });
    let mut runs: Vec<RunId> = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        runs.push(writer.await.unwrap());
    }
    assert_eq!(
        found(&store.store, search(experiment, "metrics.a = 40", "start_time"))
            .await
            .len(),
        runs.len()
    );
}
