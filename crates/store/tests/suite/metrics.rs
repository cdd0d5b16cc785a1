use oxflow_core::{HistoryPoint, Metric, RunHistory, RunId};
use oxflow_store::{HistoryPage, IntervalQuery};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::backend::{TestStore, point, store_tests};

const ALL: HistoryPage = HistoryPage {
    offset: 0,
    max_results: None,
};

async fn history(store: &TestStore, run: &RunId, key: &str) -> Vec<(f64, i64, i64)> {
    let (points, _) = store
        .store
        .metric_history(run.clone(), key.to_owned(), ALL)
        .await
        .unwrap();
    points.iter().map(plain).collect()
}

fn plain(point: &HistoryPoint) -> (f64, i64, i64) {
    (point.value.stored, point.timestamp_ms, point.step)
}

/// The latest point by the rule as MLflow's documentation of the column states it, written naively.
fn naive_latest(points: &[Metric]) -> (i64, i64, f64) {
    let mut best = (i64::MIN, i64::MIN, f64::NEG_INFINITY);
    for metric in points {
        let this = (metric.step, metric.timestamp_ms, metric.value.stored);
        if this > best {
            best = this;
        }
    }
    best
}

store_tests! {
    async fn an_identical_point_is_stored_once(store) {
        let run = store.given_run().await;
        let same = point("loss", 0.5, 10, 1);
        store.log(&run, &[same.clone(), same.clone()]).await;
        store.store.log_metric(run.clone(), same).await.unwrap();
        assert_eq!(history(&store, &run, "loss").await, [(0.5, 10, 1)]);
    }

    async fn points_of_a_large_batch_that_are_there_stay_once(store) {
        let run = store.given_run().await;
        let points = |from: i64, to: i64| (from..to).map(|i| point("m", i as f64, i, i)).collect::<Vec<_>>();
        store.log(&run, &points(0, 150)).await;
        store.log(&run, &points(0, 150)).await;
        store.log(&run, &points(100, 250)).await;
        // Earlier than the latest, and new all the same.
        store.log(&run, &points(-120, 0)).await;
        let expected: Vec<_> = (-120..250).map(|i| (i as f64, i, i)).collect();
        assert_eq!(history(&store, &run, "m").await, expected);
        assert_eq!(store.run(&run).await.metrics[0].step, 249);
    }

    async fn a_long_history_comes_in_order_page_by_page(store) {
        let (run, other) = (store.given_run().await, store.given_run().await);
        // Times go down with the steps, in pairs; between the points of each pair stands one of another run.
        let sql = "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
                   WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last})
                   SELECT 'm', -i, (60000 - i) / 2, '{run}', i, i = 7 FROM n";
        for (id, last) in [(&run, "59999"), (&other, "2000")] {
            store.run_sql(&sql.replace("{run}", id.as_str()).replace("{last}", last));
        }
        let mut expected: Vec<(f64, i64, i64)> = (0..60_000_i64).map(|i| (-i as f64, (60_000 - i) / 2, i)).collect();
        expected.sort_by_key(|(_, timestamp, step)| (*timestamp, *step));
        assert_eq!(history(&store, &run, "m").await, expected);
        for (offset, length) in [(0, 1_000), (30_000, 1_000), (59_500, 500)] {
            let page = HistoryPage { offset, max_results: Some(1_000) };
            let (points, has_more) = store.store.metric_history(run.clone(), "m".to_owned(), page).await.unwrap();
            let points: Vec<_> = points.iter().map(plain).collect();
            let from = usize::try_from(offset).unwrap();
            assert_eq!(points, expected[from..from + length], "from {offset}");
            assert_eq!(has_more, offset < 59_000, "from {offset}");
        }
    }

    async fn minus_zero_in_a_large_batch_is_the_same_point_as_zero(store) {
        let run = store.given_run().await;
        let mut points: Vec<_> = (0..150).map(|i| point("m", 1.0, i, i)).collect();
        points.extend([point("zero", 0.0, 1, 1), point("zero", -0.0, 1, 1)]);
        store.log(&run, &points).await;
        assert_eq!(history(&store, &run, "m").await.len(), 150);
        assert_eq!(history(&store, &run, "zero").await.len(), 1);
    }

    async fn the_same_large_batch_by_several_at_once_is_stored_once(store) {
        let run = store.given_run().await;
        let points: Vec<_> = (0..300).map(|i| point("m", i as f64, i, i)).collect();
        futures::future::join_all((0..6).map(|_| store.log(&run, &points))).await;
        assert_eq!(history(&store, &run, "m").await.len(), 300);
    }

    async fn history_is_ordered_by_timestamp_step_value(store) {
        let run = store.given_run().await;
        store.log(&run, &[point("m", 3.0, 2, 1), point("m", 1.0, 2, 1), point("m", 9.0, 1, 7), point("m", 0.0, 2, 0)])
            .await;
        let expected = [(9.0, 1, 7), (0.0, 2, 0), (1.0, 2, 1), (3.0, 2, 1)];
        assert_eq!(history(&store, &run, "m").await, expected);
    }

    async fn history_comes_in_pages(store) {
        let run = store.given_run().await;
        let points: Vec<_> = (0..5).map(|i| point("m", i as f64, i, i)).collect();
        store.log(&run, &points).await;
        let page = HistoryPage { offset: 2, max_results: Some(2) };
        let (found, has_more) = store.store.metric_history(run.clone(), "m".to_owned(), page).await.unwrap();
        assert_eq!(found.iter().map(plain).collect::<Vec<_>>(), [(2.0, 2, 2), (3.0, 3, 3)]);
        assert!(has_more);
        let last = HistoryPage { offset: 4, max_results: Some(2) };
        let (found, has_more) = store.store.metric_history(run, "m".to_owned(), last).await.unwrap();
        assert_eq!((found.len(), has_more), (1, false));
    }

    async fn an_unknown_run_or_key_has_no_history(store) {
        let run = store.given_run().await;
        assert!(history(&store, &run, "nothing").await.is_empty());
        assert!(history(&store, &RunId::random(&store.entropy), "loss").await.is_empty());
    }

    async fn nan_and_infinity_keep_their_meaning(store) {
        let run = store.given_run().await;
        store.log(&run, &[point("m", f64::NAN, 1, 1), point("m", f64::INFINITY, 2, 2)]).await;
        let (points, _) = store.store.metric_history(run.clone(), "m".to_owned(), ALL).await.unwrap();
        assert!(points[0].value.get().is_nan());
        assert_eq!(points[1].value.get(), f64::MAX);
        assert_eq!(store.run(&run).await.metrics[0].value.get(), f64::MAX);
    }

    async fn bulk_history_is_by_run_and_ends_at_its_limit(store) {
        let (a, b) = (store.given_run().await, store.given_run().await);
        for run in [&a, &b] {
            store.log(run, &[point("m", 1.0, 2, 0), point("m", 0.0, 1, 0), point("other", 5.0, 1, 0)]).await;
        }
        let ids = vec![b.clone(), a.clone()];
        let all = store.store.bulk_history(ids.clone(), "m".to_owned(), 100).await.unwrap();
        let mut by_id = [a, b];
        by_id.sort();
        let times = |run: &RunHistory| run.points.iter().map(|point| point.timestamp_ms).collect::<Vec<_>>();
        assert_eq!(all.iter().map(|run| &run.run_id).collect::<Vec<_>>(), [&by_id[0], &by_id[1]]);
        assert_eq!(all.iter().map(times).collect::<Vec<_>>(), [[1, 2], [1, 2]]);
        let three = store.store.bulk_history(ids, "m".to_owned(), 3).await.unwrap();
        assert_eq!(three.iter().map(|run| run.points.len()).sum::<usize>(), 3);
    }

    async fn sampled_history_keeps_the_order_of_runs_and_the_last_point(store) {
        let (a, b) = (store.given_run().await, store.given_run().await);
        let points: Vec<_> = (0..10).map(|i| point("m", i as f64, 100 - i, i)).collect();
        store.log(&a, &points).await;
        store.log(&b, &points[..1]).await;
        let query = |steps, max_results| IntervalQuery {
            run_ids: vec![b.clone(), a.clone()],
            key: "m".to_owned(),
            steps,
            max_results,
        };
        let steps = |runs: Vec<RunHistory>| -> Vec<i64> {
            runs.iter().flat_map(|run| &run.points).map(|point| point.step).collect()
        };
        assert_eq!(steps(store.store.sampled_history(query(None, 3)).await.unwrap()), [0, 0, 4, 9]);
        assert_eq!(steps(store.store.sampled_history(query(Some((3, 5)), 50)).await.unwrap()), [3, 4, 5]);
    }

    async fn the_latest_point_agrees_with_the_naive_rule(store) {
        let mut runner = TestRunner::new(Config { cases: 48, ..Config::default() });
        let few = || prop::collection::vec((0..3_i64, 0..3_i64, prop_oneof![Just(f64::NAN), -1.0..1.0_f64]), 1..12);
        // Two batches, because the rule holds inside a batch and against what is stored.
        let batches = (few(), few());
        let handle = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            runner
                .run(&batches, |(first, second)| {
                    let points = |batch: &[(i64, i64, f64)]| -> Vec<Metric> {
                        batch.iter().map(|(step, time, value)| point("m", *value, *time, *step)).collect()
                    };
                    let (first, second) = (points(&first), points(&second));
                    let latest = handle.block_on(async {
                        let run = store.given_run().await;
                        store.log(&run, &first).await;
                        store.log(&run, &second).await;
                        store.run(&run).await.metrics[0].clone()
                    });
                    let expected = naive_latest(&[first, second].concat());
                    prop_assert_eq!((latest.step, latest.timestamp_ms, latest.value.stored), expected);
                    Ok(())
                })
                .unwrap();
        });
    }
}
