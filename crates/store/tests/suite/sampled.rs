use std::time::Duration;

use oxflow_core::{HistoryPoint, Metric, RunId};
use oxflow_store::{IntervalQuery, Packing};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::backend::{NOW_MS, TestStore, point, store_tests};
use super::packed_series::{SMALL, by_others, chunks, happen, some_event, with_packing};
use super::series::some_metric;

/// A range of steps, and how many samples.
type Interval = (Option<(i64, i64)>, i64);

fn some_interval() -> impl Strategy<Value = Interval> {
    let bound = |all: i64| prop_oneof![1 => Just(all), 4 => -32..70_i64];
    let steps = prop_oneof![
        1 => Just(None),
        1 => (bound(i64::MIN), bound(i64::MAX)).prop_map(Some),
    ];
    (steps, prop_oneof![3 => 1..12_i64, 1 => 12..200_i64])
}

fn bits(step: i64, time: i64, number: f64) -> (i64, i64, u64) {
    (step, time, number.to_bits())
}

/// The samples by MLflow's rule, written naively: `NTILE` over (step, timestamp, value, is_nan), the first of each tile, and
/// the last point as the last sample.
fn naive(points: &[Metric], (steps, max_results): Interval) -> Vec<(i64, i64, u64)> {
    let (first, last) = steps.unwrap_or((i64::MIN, i64::MAX));
    let mut points: Vec<&Metric> = points
        .iter()
        .filter(|p| first <= p.step && p.step <= last)
        .collect();
    points.sort_by(|a, b| {
        let place = |p: &Metric| (p.step, p.timestamp_ms);
        let value = |p: &Metric| (p.value.stored, p.value.is_nan);
        place(a)
            .cmp(&place(b))
            .then(value(a).partial_cmp(&value(b)).unwrap())
    });
    points.dedup();
    let tiles = usize::try_from(max_results).unwrap().min(points.len());
    let mut samples = Vec::new();
    let mut rest = points.as_slice();
    for tile in 0..tiles {
        let size = points.len() / tiles + usize::from(tile < points.len() % tiles);
        samples.push(rest[0]);
        rest = &rest[size..];
    }
    if let (Some(sample), Some(last)) = (samples.last_mut(), points.last()) {
        *sample = *last;
    }
    samples
        .iter()
        .map(|p| bits(p.step, p.timestamp_ms, p.value.get()))
        .collect()
}

async fn check(store: &TestStore, run: &RunId, points: &[Metric], intervals: &[Interval]) {
    for interval in intervals.iter().copied() {
        let query = IntervalQuery {
            run_ids: vec![run.clone(), run.clone()],
            key: "m".to_owned(),
            steps: interval.0,
            max_results: interval.1,
        };
        let expected = naive(points, interval);
        for sampled in store.store.sampled_history(query).await.unwrap() {
            let told = |p: &HistoryPoint| bits(p.step, p.timestamp_ms, p.value.get());
            let told: Vec<_> = sampled.points.iter().map(told).collect();
            assert_eq!(told, expected, "{interval:?} of {} points", points.len());
        }
    }
}

fn check_random(store: &TestStore, cases: u32) {
    let mut runner = TestRunner::new(Config {
        cases,
        ..Config::default()
    });
    let one = (some_event(), prop::collection::vec(some_interval(), 6));
    let data = (
        prop::collection::vec(some_metric(), 30..120),
        prop::collection::vec(one, 1..6),
    );
    let handle = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        runner
            .run(&data, |(mut points, events)| {
                handle.block_on(async {
                    let run = store.given_run().await;
                    store.log(&run, &points).await;
                    check(store, &run, &points, &[(None, 5), (None, 1)]).await;
                    for (event, intervals) in events {
                        happen(store, &run, &mut points, event).await;
                        check(store, &run, &points, &intervals).await;
                    }
                });
                Ok(())
            })
            .unwrap();
    });
}

store_tests! {
    async fn samples_of_packed_series_are_those_of_their_points(store) {
        let store = with_packing(store, SMALL);
        check_random(&store, 40);
        assert!(chunks(&store) > 100, "hardly anything was packed");
    }

    async fn samples_of_long_series_that_cannot_be_packed_are_those_of_their_points(store) {
        let store = with_packing(store, SMALL);
        by_others(&store, "ALTER TABLE oxflow_series RENAME TO oxflow_unused");
        let run = store.given_run().await;
        let mut points: Vec<Metric> = (0..300).map(|i| point("m", (i % 7) as f64, NOW_MS - i % 5, i / 4 * 3)).collect();
        points.sort_by_key(|p| (p.step, p.timestamp_ms));
        store.log(&run, &points).await;
        let intervals = [(None, 1), (None, 2), (None, 7), (None, 299), (None, 300), (Some((3, 100)), 6), (Some((4, 4)), 3)];
        check(&store, &run, &points, &intervals).await;
        assert_eq!(chunks(&store), 0);
    }

    async fn samples_of_points_of_one_step_are_by_time(store) {
        let store = with_packing(store, SMALL);
        let run = store.given_run().await;
        let mut points: Vec<Metric> = (0..90).map(|i| point("m", i as f64, NOW_MS - i, 0)).collect();
        points.extend((0..30).map(|i| point("m", i as f64, NOW_MS, i / 10)));
        store.log(&run, &points).await;
        let intervals = [(None, 1), (None, 9), (None, 40), (Some((0, 0)), 7), (Some((1, 2)), 3)];
        check(&store, &run, &points, &intervals).await;
        check(&store, &run, &points, &intervals).await;
    }

    async fn a_series_that_was_packed_for_samples_grows_at_its_end(store) {
        let store = with_packing(store, Packing { trusted: Duration::from_secs(1_000_000), ..SMALL });
        let run = store.given_run().await;
        let mut points = Vec::new();
        for (from, to, packed) in [(0, 13, 1), (13, 23, 1), (23, 24, 3), (24, 400, 50)] {
            let new: Vec<Metric> = (from..to).map(|i| point("m", i as f64, NOW_MS + i, i)).collect();
            store.log(&run, &new).await;
            points.extend(new);
            check(&store, &run, &points, &[(None, 4), (Some((2, 390)), 3)]).await;
            assert_eq!(chunks(&store), packed, "up to {to}");
        }
    }
}
