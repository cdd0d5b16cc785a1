//! Many writers at once.

use futures::future::join_all;
use oxflow_store::RunBatch;

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
