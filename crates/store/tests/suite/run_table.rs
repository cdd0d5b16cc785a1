use oxflow_core::{Cell, ExperimentId, RunId, ViewType};
use oxflow_search::RunColumn;
use oxflow_store::{ChildrenOf, RunSelection, RunTable, SortColumn};

use super::backend::{TestStore, param, point, store_tests};

fn column(text: &str) -> RunColumn {
    RunColumn::parse(text).unwrap()
}

/// A table of the active runs of an experiment; `-` in front of a column turns it around.
fn table(experiment: ExperimentId, sort: &[&str]) -> RunTable {
    let by = |text: &&str| SortColumn {
        column: column(text.trim_start_matches('-')),
        is_descending: text.starts_with('-'),
    };
    RunTable {
        selection: RunSelection::of_experiments(vec![experiment], ViewType::ActiveOnly),
        sort: sort.iter().map(by).collect(),
    }
}

/// The places of the runs of a table among `ids`, as digits.
async fn order(store: &TestStore, ids: &[RunId], table: RunTable) -> String {
    let found = store.store.list_runs(table).await.unwrap();
    let place = |id: &String| ids.iter().position(|other| other.as_str() == id).unwrap();
    let places = found.window(0, found.len());
    places.iter().map(|id| place(id).to_string()).collect()
}

async fn given_runs(store: &TestStore, count: i64) -> (ExperimentId, Vec<RunId>) {
    let experiment = store.given_experiment().await;
    let mut ids = Vec::new();
    for i in 0..count {
        ids.push(store.given_run_in(experiment, i).await);
    }
    (experiment, ids)
}

store_tests! {
    async fn metrics_sort_as_numbers_with_nan_behind_them_and_runs_without_last(store) {
        let (experiment, ids) = given_runs(&store, 6).await;
        for (i, value) in [f64::NAN, 2.0, f64::NEG_INFINITY, 10.0, f64::INFINITY].into_iter().enumerate() {
            store.log(&ids[i], &[point("loss", value, 1, i as i64)]).await;
        }
        assert_eq!(order(&store, &ids, table(experiment, &["metric.loss"])).await, "213405");
        assert_eq!(order(&store, &ids, table(experiment, &["-metric.loss"])).await, "431205");
        assert_eq!(order(&store, &ids, table(experiment, &["metric_step.loss"])).await, "012345");
        assert_eq!(order(&store, &ids, table(experiment, &["metric.none"])).await, "543210", "the latest start first");
    }

    async fn params_and_tags_sort_as_numbers_where_they_are_numbers(store) {
        let (experiment, ids) = given_runs(&store, 6).await;
        for (i, value) in ["10", "9", "b", "1e-3", "a"].into_iter().enumerate() {
            store.store.log_param(ids[i].clone(), param("lr", value)).await.unwrap();
            store.set_tag(&ids[i], "lr", value).await;
        }
        for kind in ["param.lr", "tag.lr"] {
            assert_eq!(order(&store, &ids, table(experiment, &[kind])).await, "310425", "{kind}");
            assert_eq!(order(&store, &ids, table(experiment, &[&format!("-{kind}")])).await, "240135", "{kind}");
        }
    }

    async fn several_columns_sort_one_after_the_other(store) {
        let (experiment, ids) = given_runs(&store, 4).await;
        for (i, team) in ["x", "y", "x", "y"].into_iter().enumerate() {
            store.set_tag(&ids[i], "team", team).await;
        }
        assert_eq!(order(&store, &ids, table(experiment, &["tag.team", "attribute.start_time"])).await, "0213");
        assert_eq!(order(&store, &ids, table(experiment, &["-tag.team", "-attribute.start_time"])).await, "3120");
        assert_eq!(order(&store, &ids, table(experiment, &["attribute.user_id", "attribute.run_name"])).await, "0123");
        assert_eq!(order(&store, &ids, table(experiment, &["attribute.end_time", "-attribute.duration"])).await, "3210");
    }

    async fn runs_that_start_together_stand_in_the_order_of_their_ids(store) {
        let experiment = store.given_experiment().await;
        let mut ids = Vec::new();
        for _ in 0..6 {
            ids.push(store.given_run_in(experiment, 5).await);
        }
        ids.sort();
        assert_eq!(order(&store, &ids, table(experiment, &["param.none"])).await, "012345");
    }

    async fn cells_stand_at_their_run_and_column(store) {
        let (experiment, ids) = given_runs(&store, 3).await;
        store.log(&ids[0], &[point("loss", 4.0, 1, 1), point("loss", f64::INFINITY, 1, 2), point("loss", 2.0, 1, 3)]).await;
        store.set_tag(&ids[1], "mlflow.parentRunId", ids[0].as_str()).await;
        store.set_tag(&ids[2], "mlflow.parentRunId", ids[0].as_str()).await;
        store.store.delete_run(ids[2].clone(), 1).await.unwrap();
        let columns = ["metric.loss", "metric_step.loss", "metric_min.loss", "metric_max.loss", "children", "parent"];
        let children = |view| ChildrenOf {
            view,
            among: oxflow_store::Among::Experiments(vec![experiment]),
        };
        let rows = vec![ids[1].to_string(), "gone".to_owned(), ids[0].to_string()];
        let cells = store.store
            .run_cells(rows.clone(), columns.map(column).to_vec(), children(ViewType::ActiveOnly))
            .await
            .unwrap();
        let none = || Cell::Missing;
        assert_eq!(cells, [
            vec![none(), none(), Cell::Number(2.0)],
            vec![none(), none(), Cell::Int(3)],
            vec![none(), none(), Cell::Number(2.0)],
            vec![none(), none(), Cell::Number(4.0)],
            vec![Cell::Int(0), Cell::Int(0), Cell::Int(1)],
            vec![Cell::Text(ids[0].to_string()), none(), none()],
        ]);
        let all = store.store.run_cells(rows, vec![RunColumn::Children], children(ViewType::All)).await.unwrap();
        assert_eq!(all[0][2], Cell::Int(2));
    }
}
