use oxflow_core::{Cell, ExperimentId, RunId, ViewType};
use oxflow_search::RunColumn;
use oxflow_store::{
    Among, BulkChange, ChildrenOf, GroupQuery, KeyQuery, KeyTable, KeyUse, ParentIs, RunSelection, RunTable,
    SortColumn, ValueQuery,
};

use super::backend::{TestStore, param, point, search_tests, tag_key};

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

search_tests! {
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

    async fn the_order_is_the_same_however_the_values_are_read(store) {
        let experiment = store.given_experiment().await;
        // More runs than are looked up one by one, of which a few have the keys.
        let sql = "INSERT INTO runs (run_uuid, status, start_time, lifecycle_stage, experiment_id)
                   WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
                   SELECT 'many' || i, 'FINISHED', i, 'active', {experiment} FROM n";
        store.run_sql(&sql.replace("{experiment}", &experiment.to_string()));
        let ids: Vec<RunId> = (1..=10).map(|i| RunId::parse(&format!("many{i}")).unwrap()).collect();
        for (i, id) in ids.iter().enumerate() {
            store.log(id, &[point("loss", (i * 7 % 10) as f64, 1, 1)]).await;
            store.set_tag(id, "rank", &(i * 3 % 10).to_string()).await;
        }
        let elsewhere = store.given_run().await;
        store.log(&elsewhere, &[point("loss", 0.5, 1, 1)]).await;
        for (sort, expected) in [("metric.loss", "0369258147"), ("-metric.loss", "7418529630"), ("tag.rank", "0741852963")] {
            let found = store.store.list_runs(table(experiment, &[sort])).await.unwrap();
            assert_eq!(found.len(), 2500);
            let first: Vec<RunId> = found.window(0, 10).iter().map(|id| RunId::parse(id).unwrap()).collect();
            let few = RunTable {
                selection: RunSelection { among: Among::Runs(ids.clone()), ..table(experiment, &[]).selection },
                ..table(experiment, &[sort])
            };
            assert_eq!(order(&store, &ids, few).await, expected, "{sort}");
            let places = first.iter().map(|id| ids.iter().position(|other| other == id).unwrap().to_string());
            assert_eq!(places.collect::<String>(), expected, "{sort}");
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
            among: Among::Experiments(vec![experiment]),
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

    async fn keys_of_many_runs_come_from_a_sample_and_the_rest_of_the_database(store) {
        let (experiment, ids) = given_runs(&store, 12).await;
        for (i, id) in ids.iter().enumerate() {
            store.log(id, &[point("loss", i as f64, 1, 1), point("same", 1.0, 1, 1)]).await;
        }
        // Of 12 runs 4 are looked at: the first, the last, and two between them.
        store.log(&ids[1], &[point("rare", 1.0, 1, 1)]).await;
        let elsewhere = store.given_run().await;
        store.log(&elsewhere, &[point("other", 1.0, 1, 1)]).await;
        let query = |exact_runs, contains: &str| KeyQuery {
            selection: RunSelection::of_experiments(vec![experiment], ViewType::ActiveOnly),
            kinds: vec![KeyTable::Metrics],
            with_datasets: true,
            contains: contains.to_owned(),
            limit: 10,
            exact_runs,
        };
        let key = |key: &str, runs, differs| KeyUse { key: key.to_owned(), runs, differs };
        let found = store.store.run_keys(query(12, "")).await.unwrap();
        assert!(!found.is_sampled);
        assert_eq!(found.keys[&KeyTable::Metrics], [
            key("loss", Some(12), Some(true)),
            key("rare", Some(1), Some(true)),
            key("same", Some(12), Some(false)),
        ]);
        let found = store.store.run_keys(query(4, "")).await.unwrap();
        assert_eq!((found.total_runs, found.is_sampled), (12, true));
        assert_eq!(found.keys[&KeyTable::Metrics], [
            key("loss", None, Some(true)),
            key("rare", None, Some(true)),
            key("same", None, None),
        ]);
        let found = store.store.run_keys(query(1, "AR")).await.unwrap();
        assert_eq!(found.keys[&KeyTable::Metrics], [key("rare", None, Some(true))]);
    }

    async fn a_change_of_many_runs_leaves_out_those_that_cannot_have_it(store) {
        let (_, ids) = given_runs(&store, 3).await;
        store.store.delete_run(ids[1].clone(), 1).await.unwrap();
        let change = BulkChange::SetTag { key: tag_key("team"), value: "blue".to_owned() };
        let mut all = ids.clone();
        all.push(RunId::parse("unknown").unwrap());
        let failures = store.store.change_runs(all, change).await.unwrap();
        let mut failed: Vec<RunId> = failures.into_iter().map(|failure| failure.run_id).collect();
        let mut expected = vec![ids[1].clone(), RunId::parse("unknown").unwrap()];
        failed.sort();
        expected.sort();
        assert_eq!(failed, expected);
        for (i, has_tag) in [(0, true), (1, false), (2, true)] {
            assert_eq!(store.run(&ids[i]).await.tags.iter().any(|tag| tag.key == "team"), has_tag, "{i}");
        }
    }

    async fn groups_and_values_are_the_same_on_both_databases(store) {
        let (experiment, ids) = given_runs(&store, 4).await;
        for (i, value) in ["b", "a", "b"].into_iter().enumerate() {
            store.store.log_param(ids[i].clone(), param("choice", value)).await.unwrap();
            store.log(&ids[i], &[point("loss", i as f64, 1, 1)]).await;
        }
        let selection = RunSelection::of_experiments(vec![experiment], ViewType::ActiveOnly);
        let values = |column: RunColumn| ValueQuery::new(selection.clone(), column, String::new(), 10).unwrap();
        let found = store.store.run_values(values(column("param.choice"))).await.unwrap();
        assert_eq!(found, [("b".to_owned(), 2), ("a".to_owned(), 1)]);
        let found = store.store.run_values(values(column("attribute.experiment_id"))).await.unwrap();
        assert_eq!(found, [(experiment.to_string(), 4)]);
        let query = GroupQuery {
            selection: selection.clone(),
            group: vec![column("param.choice"), column("attribute.experiment_id")],
            metrics: vec!["loss".to_owned()],
            sort: Vec::new(),
            offset: 0,
            limit: 10,
        };
        let found = store.store.group_runs(query).await.unwrap();
        let shown: Vec<_> = found.groups.iter().map(|group| (
            group.values[0].as_deref(), group.count, group.metrics[0].as_ref().and_then(|summary| summary.mean),
        )).collect();
        assert_eq!(shown, [(Some("b"), 2, Some(1.0)), (Some("a"), 1, Some(1.0)), (None, 1, None)]);
    }

    async fn a_parent_of_any_length_can_be_named(store) {
        let (experiment, ids) = given_runs(&store, 2).await;
        // Longer than what an index of PostgreSQL can hold.
        let long: String = (0..250).map(|_| store.entropy.hex_id()).collect();
        store.set_tag(&ids[0], "mlflow.parentRunId", &long).await;
        store.set_tag(&ids[1], "mlflow.parentRunId", ids[0].as_str()).await;
        let selection = RunSelection::of_experiments(vec![experiment], ViewType::ActiveOnly);
        let children = RunSelection { parent: Some(ParentIs::Run(ids[0].clone())), ..selection.clone() };
        let table = |selection| RunTable { selection, sort: Vec::new() };
        assert_eq!(order(&store, &ids, table(children)).await, "1");
        let roots = RunSelection { parent: Some(ParentIs::Absent), ..selection };
        assert_eq!(order(&store, &ids, table(roots)).await, "0");
    }

    async fn every_run_is_reached_from_those_without_a_parent(store) {
        // 0 names itself; 1 and 2 each other; 3 is below 2; 4, 5, 6 go round, and 7 stands below 6; 8 has no parent, 9 is below it.
        let (experiment, ids) = given_runs(&store, 10).await;
        for (child, parent) in [(0, 0), (1, 2), (2, 1), (3, 2), (4, 5), (5, 6), (6, 4), (7, 6), (9, 8)] {
            store.set_tag(&ids[child], "mlflow.parentRunId", ids[parent].as_str()).await;
        }
        let selection = RunSelection::of_experiments(vec![experiment], ViewType::ActiveOnly);
        let below = |parent| RunTable {
            selection: RunSelection { parent: Some(parent), ..selection.clone() },
            sort: vec![SortColumn { column: column("attribute.start_time"), is_descending: false }],
        };
        assert_eq!(order(&store, &ids, below(ParentIs::Absent)).await, "0124568");
        for (parent, children) in [(0, ""), (1, "2"), (2, "13"), (6, "57"), (8, "9")] {
            let found = order(&store, &ids, below(ParentIs::Run(ids[parent].clone()))).await;
            assert_eq!(found, children, "of {parent}");
        }
        let counted = ChildrenOf { view: ViewType::ActiveOnly, among: Among::Experiments(vec![experiment]) };
        let rows = ids.iter().map(ToString::to_string).collect();
        let cells = store.store.run_cells(rows, vec![RunColumn::Children], counted).await.unwrap();
        assert_eq!(cells[0], [0, 1, 2, 0, 1, 1, 2, 0, 1, 0].map(Cell::Int));
        let roots = below(ParentIs::Absent).selection;
        assert_eq!(store.store.count_runs(roots).await.unwrap(), 7);
        // A circle that is broken within the view is none.
        store.store.delete_run(ids[5].clone(), 1).await.unwrap();
        assert_eq!(order(&store, &ids, below(ParentIs::Absent)).await, "01248");
    }
}
