use oxflow_core::{ExperimentId, RunId, ViewType};
use oxflow_search::{parse_run_filter, parse_run_order_by};
use oxflow_store::RunSearch;

use super::backend::{NOW_MS, TestStore, param, point, search_tests};

fn search(experiment: ExperimentId, filter: &str, order_by: &[&str]) -> RunSearch {
    let order_by: Vec<String> = order_by.iter().map(|clause| (*clause).to_owned()).collect();
    RunSearch {
        experiment_ids: vec![experiment],
        filter: parse_run_filter(filter).unwrap(),
        order_by: parse_run_order_by(&order_by).unwrap(),
        view: ViewType::ActiveOnly,
        max_results: 100,
        offset: 0,
    }
}

/// Runs `a`, `b`, `c` with losses 1, NaN and none, params, tags and start times 1, 2, 3.
struct Sweep {
    experiment: ExperimentId,
    ids: [RunId; 3],
}

impl Sweep {
    async fn given(store: &TestStore) -> Self {
        let experiment = store.given_experiment().await;
        let mut ids = Vec::new();
        for (i, name) in ["a", "b", "c"].into_iter().enumerate() {
            let id = store.given_run_in(experiment, i as i64 + 1).await;
            store.set_tag(&id, "mlflow.runName", name).await;
            store
                .store
                .log_param(id.clone(), param("depth", &i.to_string()))
                .await
                .unwrap();
            ids.push(id);
        }
        store.log(&ids[0], &[point("loss", 1.0, 1, 1)]).await;
        store.log(&ids[1], &[point("loss", f64::NAN, 1, 1)]).await;
        store.set_tag(&ids[2], "team", "blue").await;
        Self {
            experiment,
            ids: ids.try_into().unwrap(),
        }
    }

    async fn names(&self, store: &TestStore, filter: &str, order_by: &[&str]) -> String {
        let (runs, _) = store
            .store
            .search_runs(search(self.experiment, filter, order_by))
            .await
            .unwrap();
        runs.into_iter().filter_map(|run| run.info.run_name).collect()
    }
}

search_tests! {
    async fn without_an_order_the_latest_start_comes_first(store) {
        let sweep = Sweep::given(&store).await;
        assert_eq!(sweep.names(&store, "", &[]).await, "cba");
    }

    async fn runs_that_start_together_come_in_the_order_of_their_ids(store) {
        let experiment = store.given_experiment().await;
        let mut ids = Vec::new();
        for _ in 0..8 {
            ids.push(store.given_run_in(experiment, 5).await);
        }
        ids.sort();
        for order in [&[][..], &["metrics.none DESC"], &["start_time DESC"]] {
            let (runs, _) = store.store.search_runs(search(experiment, "", order)).await.unwrap();
            assert_eq!(runs.into_iter().map(|run| run.info.run_id).collect::<Vec<_>>(), ids, "{order:?}");
        }
    }

    async fn an_order_may_have_as_many_keys_as_the_grammar_takes(store) {
        let sweep = Sweep::given(&store).await;
        let keys: Vec<String> = (0..63).map(|i| format!("metrics.m{i}")).collect();
        let order: Vec<&str> = keys.iter().map(String::as_str).chain(["params.depth"]).collect();
        assert_eq!(sweep.names(&store, "", &order).await, "abc");
    }

    async fn conditions_find_what_they_say(store) {
        let sweep = Sweep::given(&store).await;
        let by_id = format!("run_id IN ('{}', '{}')", sweep.ids[0], sweep.ids[2]);
        for (filter, expected) in [
            ("metrics.loss <= 1", "a"),
            ("metrics.loss != 1", "b"),
            ("metrics.loss != 2", "ba"),
            ("metrics.nothing != 1", ""),
            ("params.depth = '1'", "b"),
            ("params.depth != '1'", "ca"),
            ("params.depth IS NULL", ""),
            ("tags.team = 'blue'", "c"),
            ("tags.team IS NULL", "ba"),
            ("tags.team IS NOT NULL", "c"),
            ("tags.team ILIKE 'BL%'", "c"),
            ("run_name LIKE 'a%'", "a"),
            ("attributes.start_time > 1 AND params.depth != '2'", "b"),
            ("status = 'RUNNING' AND user_id = 'ada' AND metrics.loss = 1", "a"),
            (by_id.as_str(), "ca"),
        ] {
            assert_eq!(sweep.names(&store, filter, &[]).await, expected, "{filter}");
        }
    }

    async fn missing_values_come_last_in_both_directions(store) {
        let sweep = Sweep::given(&store).await;
        store.log(&sweep.ids[2], &[point("loss", 0.5, 1, 1)]).await;
        let extra = store.given_run_in(sweep.experiment, 9).await;
        store.set_tag(&extra, "mlflow.runName", "x").await;
        assert_eq!(sweep.names(&store, "", &["metrics.loss ASC"]).await, "cabx");
        assert_eq!(sweep.names(&store, "", &["metrics.loss DESC"]).await, "acbx");
        assert_eq!(sweep.names(&store, "", &["params.depth"]).await, "abcx");
        assert_eq!(sweep.names(&store, "", &["params.depth DESC"]).await, "cbax");
        assert_eq!(sweep.names(&store, "", &["attributes.start_time ASC"]).await, "abcx");
        assert_eq!(sweep.names(&store, "", &["tags.team", "run_name DESC"]).await, "cxba");
    }

    async fn a_search_answers_with_all_data_of_its_runs(store) {
        let sweep = Sweep::given(&store).await;
        let (runs, _) = store.store.search_runs(search(sweep.experiment, "", &[])).await.unwrap();
        for run in runs {
            assert_eq!(run, store.run(&run.info.run_id).await);
        }
    }

    async fn deleted_runs_are_seen_only_when_asked_for(store) {
        let sweep = Sweep::given(&store).await;
        store.store.delete_run(sweep.ids[0].clone(), NOW_MS).await.unwrap();
        for (view, expected) in [(ViewType::ActiveOnly, 2), (ViewType::DeletedOnly, 1), (ViewType::All, 3)] {
            let found = store.store.search_runs(RunSearch { view, ..search(sweep.experiment, "", &[]) }).await.unwrap();
            assert_eq!(found.0.len(), expected);
        }
    }

    async fn a_page_walk_sees_each_run_once_whatever_the_order(store) {
        let experiment = store.given_experiment().await;
        for i in 0..11 {
            let run = store.given_run_in(experiment, i % 2).await;
            store.log(&run, &[point("loss", (i % 3) as f64, 1, 1)]).await;
        }
        for order in [&[][..], &["metrics.loss DESC"], &["params.none"], &["start_time ASC"]] {
            let (mut seen, mut offset) = (Vec::new(), 0);
            loop {
                let page = RunSearch { max_results: 4, offset, ..search(experiment, "", order) };
                let (runs, has_more) = store.store.search_runs(page).await.unwrap();
                offset += runs.len() as i64;
                seen.extend(runs.into_iter().map(|run| run.info.run_id));
                if !has_more {
                    break;
                }
            }
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 11, "{order:?}");
        }
    }

    async fn no_or_unknown_experiments_have_no_runs(store) {
        let none = RunSearch { experiment_ids: Vec::new(), ..search(ExperimentId::DEFAULT, "", &[]) };
        assert!(store.store.search_runs(none).await.unwrap().0.is_empty());
        let unknown = search(ExperimentId::parse("999").unwrap(), "", &[]);
        assert!(store.store.search_runs(unknown).await.unwrap().0.is_empty());
    }
}
