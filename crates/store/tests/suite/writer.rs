//! Many writers at once.

use futures::future::join_all;
use oxflow_core::RunId;
use oxflow_store::{HistoryPage, RunBatch, StoreError};

use super::backend::{NOW_MS, pairs, param, point, store_tests};

store_tests! {
    async fn concurrent_points_of_one_run_are_all_stored(store) {
        let run = store.given_run().await;
        let calls = (0..200).map(|i| store.store.log_metric(run.clone(), point("loss", i as f64, i, i)));
        for outcome in join_all(calls).await {
            outcome.unwrap();
        }
        let latest = &store.run(&run).await.metrics[0];
        assert_eq!((latest.step, latest.value.get()), (199, 199.0));
    }

    async fn points_of_many_runs_at_once_are_stored_or_refused_each_for_itself(store) {
        let (a, b, deleted) = (store.given_run().await, store.given_run().await, store.given_run().await);
        store.store.delete_run(deleted.clone(), NOW_MS).await.unwrap();
        let missing = RunId::random(&store.entropy);
        let runs = [a.clone(), deleted, b.clone(), missing];
        let calls = (0..200_i64).map(|i| {
            let run = runs[i as usize % runs.len()].clone();
            // Each point of a run three times, some in batches.
            let metrics = vec![point("loss", (i / 12) as f64, i / 12, i / 12); 1 + i as usize % 3];
            store.store.log_batch(run, RunBatch { metrics, ..RunBatch::default() })
        });
        let outcomes = join_all(calls).await;
        for (i, outcome) in outcomes.iter().enumerate() {
            match i % runs.len() {
                0 | 2 => assert!(outcome.is_ok(), "{i}: {outcome:?}"),
                1 => assert!(matches!(outcome, Err(StoreError::RunNotActive { .. })), "{i}: {outcome:?}"),
                _ => assert!(matches!(outcome, Err(StoreError::NoSuchRun { .. })), "{i}: {outcome:?}"),
            }
        }
        for run in [a, b] {
            let latest = &store.run(&run).await.metrics[0];
            assert_eq!((latest.step, latest.value.get()), (16, 16.0));
            let (points, _) = store
                .store
                .metric_history(run, "loss".to_owned(), HistoryPage { offset: 0, max_results: None })
                .await
                .unwrap();
            assert_eq!(points.len(), 17);
        }
    }

    async fn a_failing_call_does_not_take_its_neighbours_along(store) {
        let run = store.given_run().await;
        store.store.log_param(run.clone(), param("lr", "1")).await.unwrap();
        let calls = (0..60).map(|i| {
            let value = if i % 3 == 0 { "2" } else { "1" };
            let batch = RunBatch {
                params: vec![param("lr", value)],
                tags: vec![(super::super::backend::tag_key(&format!("t{i}")), "v".to_owned())],
                ..RunBatch::default()
            };
            store.store.log_batch(run.clone(), batch)
        });
        let outcomes = join_all(calls).await;
        let read = store.run(&run).await;
        for (i, outcome) in outcomes.iter().enumerate() {
            assert_eq!(outcome.is_ok(), i % 3 != 0, "{i}");
            assert_eq!(pairs(&read.tags).contains(&(format!("t{i}").as_str(), "v")), outcome.is_ok(), "{i}");
        }
    }

    async fn of_many_first_values_of_a_param_exactly_one_wins(store) {
        let run = store.given_run().await;
        let calls = (0..12).map(|i| store.store.log_param(run.clone(), param("lr", &i.to_string())));
        let outcomes = join_all(calls).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert_eq!(store.run(&run).await.params.len(), 1);
    }

    async fn a_write_is_visible_to_the_next_read(store) {
        let experiment = store.given_experiment().await;
        for i in 0..50 {
            let run = store.given_run_in(experiment, NOW_MS + i).await;
            assert_eq!(store.run(&run).await.info.start_time_ms, Some(NOW_MS + i));
        }
    }
}
