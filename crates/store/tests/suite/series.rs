use oxflow_core::{Axis, Metric, RunId, Series, SeriesData};
use oxflow_store::{SeriesQuery, StatsQuery};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::backend::{NOW_MS, TestStore, point, store_tests};

/// All of the series `m` of a run.
pub fn whole(run: &RunId) -> SeriesQuery {
    SeriesQuery {
        run_ids: vec![run.clone()],
        keys: vec!["m".to_owned()],
        axis: Axis::Step,
        from: i64::MIN,
        to: i64::MAX,
        width: 16,
    }
}

pub async fn series_of(store: &TestStore, query: &SeriesQuery) -> Vec<Series> {
    store.store.series(query.clone()).await.unwrap()
}

/// x and value of a raw answer.
fn raw(series: &Series) -> Vec<(i64, f64)> {
    match &series.data {
        SeriesData::Raw { x, value } => x.iter().copied().zip(value.iter().copied()).collect(),
        SeriesData::Buckets(_) => panic!("raw points were expected"),
    }
}

/// The points of a range in the order of the answer, written naively: x and number, infinities as such.
pub fn naive(points: &[Metric], query: &SeriesQuery, start_ms: i64) -> Vec<(i64, f64)> {
    let mut points = points.to_vec();
    points.sort_by(|a, b| {
        let place = |metric: &Metric| match query.axis {
            Axis::Step => (metric.step, metric.timestamp_ms),
            Axis::Time | Axis::Relative => (metric.timestamp_ms, metric.step),
        };
        let value = |metric: &Metric| (metric.value.stored, metric.value.is_nan);
        place(a)
            .cmp(&place(b))
            .then(value(a).partial_cmp(&value(b)).unwrap())
    });
    points.dedup();
    let x = |metric: &Metric| match query.axis {
        Axis::Step => metric.step,
        Axis::Time => metric.timestamp_ms,
        Axis::Relative => metric.timestamp_ms - start_ms,
    };
    let number = |metric: &Metric| match metric.value.get() {
        f64::MAX => f64::INFINITY,
        f64::MIN => f64::NEG_INFINITY,
        number => number,
    };
    let in_range = points
        .iter()
        .filter(|metric| (query.from..=query.to).contains(&x(metric)));
    in_range.map(|metric| (x(metric), number(metric))).collect()
}

/// Compares an answer with the points of its range: raw points one by one, buckets with as many neighbouring points
/// each as it says.
pub fn check_against_points(series: &Series, points: &[(i64, f64)], width: usize) {
    let count = |is: fn(f64) -> bool| points.iter().filter(|(_, number)| is(*number)).count() as u64;
    assert_eq!(series.in_range, points.len() as u64);
    assert_eq!(
        (series.nan, series.inf),
        (count(f64::is_nan), count(f64::is_infinite))
    );
    let SeriesData::Buckets(buckets) = &series.data else {
        assert!(points.len() <= 2 * width, "{} points were told raw", points.len());
        let bits = |points: &[(i64, f64)]| points.iter().map(|(x, y)| (*x, y.to_bits())).collect::<Vec<_>>();
        assert_eq!(bits(&raw(series)), bits(points));
        return;
    };
    assert!(
        points.len() > 2 * width,
        "{} points were put together",
        points.len()
    );
    assert!(buckets.x.len() <= width, "{} buckets", buckets.x.len());
    let mut rest = points;
    for i in 0..buckets.x.len() {
        let (own, others) = rest.split_at(usize::try_from(buckets.n[i]).unwrap());
        rest = others;
        assert_eq!(
            (buckets.x[i], buckets.x_last[i]),
            (own[0].0, own.last().unwrap().0)
        );
        let finite: Vec<f64> = own.iter().map(|(_, y)| *y).filter(|y| y.is_finite()).collect();
        assert_eq!(buckets.nan_n[i], (own.len() - finite.len()) as u64);
        let least = finite.iter().copied().reduce(f64::min);
        let greatest = finite.iter().copied().reduce(f64::max);
        for (told, expected) in [
            (buckets.min[i], least),
            (buckets.max[i], greatest),
            (buckets.last[i], finite.last().copied()),
        ] {
            assert_eq!((!told.is_nan()).then_some(told), expected);
        }
    }
    assert!(rest.is_empty(), "{} points are in no bucket", rest.len());
}

pub fn some_metric() -> impl Strategy<Value = Metric> {
    let number = prop_oneof![
        6 => -5.0..5.0_f64,
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => Just(0.0),
    ];
    let step = prop_oneof![9 => -30..30_i64, 1 => Just(i64::MIN), 1 => Just(i64::MAX)];
    (step, NOW_MS - 20..NOW_MS + 20, number).prop_map(|(step, time, number)| point("m", number, time, step))
}

/// An axis, a range and a width.
pub fn some_view() -> impl Strategy<Value = (Axis, i64, i64, usize)> {
    let axis = prop_oneof![Just(Axis::Step), Just(Axis::Time), Just(Axis::Relative)];
    let bound = |all: i64| prop_oneof![2 => Just(all), 3 => -32..32_i64];
    (axis, bound(i64::MIN), bound(i64::MAX), 1..20_usize).prop_map(|(axis, from, to, width)| {
        let moved = |bound: i64| match axis {
            Axis::Time if bound.unsigned_abs() < 100 => NOW_MS + bound,
            _ => bound,
        };
        (axis, moved(from), moved(to), width)
    })
}

/// Asks for each view of what was logged and compares with the points.
pub async fn check_views(
    store: &TestStore,
    run: &RunId,
    points: &[Metric],
    views: &[(Axis, i64, i64, usize)],
) {
    for (axis, from, to, width) in views.iter().copied() {
        let query = SeriesQuery {
            axis,
            from,
            to,
            width,
            ..whole(run)
        };
        let answer = series_of(store, &query).await;
        let expected = naive(points, &query, NOW_MS);
        check_against_points(&answer[0], &expected, width);
        let all = SeriesQuery {
            from: i64::MIN,
            to: i64::MAX,
            ..query
        };
        assert_eq!(answer[0].total, naive(points, &all, NOW_MS).len() as u64);
    }
}

/// A number and its first step.
type Extreme = Option<(f64, i64)>;

/// What the points of a metric come to, written naively: points, NaN, infinite, first time, least, greatest.
fn naive_stats(points: &[Metric]) -> (u64, u64, u64, i64, Extreme, Extreme) {
    let mut points = points.to_vec();
    points.sort_by_key(|metric| (metric.step, metric.timestamp_ms));
    let mut each: Vec<Metric> = Vec::new();
    for metric in points {
        if !each.contains(&metric) {
            each.push(metric);
        }
    }
    let is_inf = |metric: &&Metric| metric.value.get().abs() == f64::MAX;
    let finite: Vec<&Metric> = each
        .iter()
        .filter(|metric| !metric.value.is_nan && !is_inf(metric))
        .collect();
    let step_of = |number: f64| {
        finite
            .iter()
            .find(|metric| metric.value.stored == number)
            .unwrap()
            .step
    };
    let least = finite.iter().map(|metric| metric.value.stored).reduce(f64::min);
    let greatest = finite.iter().map(|metric| metric.value.stored).reduce(f64::max);
    (
        each.len() as u64,
        each.iter().filter(|metric| metric.value.is_nan).count() as u64,
        each.iter().filter(is_inf).count() as u64,
        each.iter().map(|metric| metric.timestamp_ms).min().unwrap(),
        least.map(|number| (number, step_of(number))),
        greatest.map(|number| (number, step_of(number))),
    )
}

pub async fn check_stats(store: &TestStore, run: &RunId, points: &[Metric]) {
    let query = StatsQuery {
        run_ids: vec![run.clone()],
        keys: None,
    };
    let stats = store.store.metric_stats(query).await.unwrap();
    let one = &stats[0];
    let told = (one.count, one.nan, one.inf, one.first_time, one.min, one.max);
    assert_eq!(told, naive_stats(points));
    let last = points
        .iter()
        .map(|metric| (metric.step, metric.timestamp_ms))
        .max();
    assert_eq!(Some((one.last_step, one.last_time)), last);
}

store_tests! {
    async fn a_short_series_is_told_point_by_point(store) {
        let run = store.given_run().await;
        store.log(&run, &[point("m", 2.0, 5, 1), point("m", f64::NAN, 6, 0), point("m", f64::INFINITY, 7, -3)]).await;
        let found = series_of(&store, &whole(&run)).await;
        let points = raw(&found[0]);
        assert_eq!(points[0], (-3, f64::INFINITY));
        assert!(points[1].0 == 0 && points[1].1.is_nan());
        assert_eq!(points[2], (1, 2.0));
        assert_eq!((found[0].total, found[0].in_range, found[0].nan, found[0].inf), (3, 3, 1, 1));
    }

    async fn pairs_without_points_are_left_out_and_the_rest_is_in_order(store) {
        let (a, b) = (store.given_run().await, store.given_run().await);
        store.log(&a, &[point("loss", 1.0, 5, 1), point("acc", 1.0, 5, 1)]).await;
        store.log(&b, &[point("acc", 1.0, 5, 1)]).await;
        let query = SeriesQuery {
            run_ids: vec![b.clone(), RunId::random(&store.entropy), a.clone()],
            keys: vec!["loss".to_owned(), "it's \"odd\" \\ {}".to_owned(), "acc".to_owned()],
            ..whole(&a)
        };
        let found = series_of(&store, &query).await;
        let names: Vec<_> = found.iter().map(|series| (&series.run_id, series.key.as_str())).collect();
        assert_eq!(names, [(&b, "acc"), (&a, "loss"), (&a, "acc")]);
        let nothing = SeriesQuery { run_ids: Vec::new(), ..query };
        assert!(series_of(&store, &nothing).await.is_empty());
    }

    async fn a_range_without_points_still_tells_the_total(store) {
        let run = store.given_run().await;
        store.log(&run, &[point("m", 1.0, 5, 1), point("m", 1.0, 5, 9)]).await;
        let found = series_of(&store, &SeriesQuery { from: 2, to: 8, ..whole(&run) }).await;
        assert_eq!((found[0].total, found[0].in_range), (2, 0));
        let reversed = series_of(&store, &SeriesQuery { from: 8, to: 2, ..whole(&run) }).await;
        assert_eq!((reversed[0].total, reversed[0].in_range), (2, 0));
    }

    async fn answers_agree_with_the_points(store) {
        let mut runner = TestRunner::new(Config { cases: 48, ..Config::default() });
        let batch = || prop::collection::vec(some_metric(), 1..60);
        let data = (batch(), batch(), prop::collection::vec(some_view(), 6));
        let handle = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            runner
                .run(&data, |(first, second, views)| {
                    handle.block_on(async {
                        let run = store.given_run().await;
                        store.log(&run, &first).await;
                        store.log(&run, &second).await;
                        check_views(&store, &run, &[first.clone(), second.clone()].concat(), &views).await;
                        check_stats(&store, &run, &[first, second].concat()).await;
                    });
                    Ok(())
                })
                .unwrap();
        });
    }

    async fn stats_are_by_run_then_key(store) {
        let (a, b) = (store.given_run().await, store.given_run().await);
        store.log(&a, &[point("loss", 1.0, 5, 1), point("acc", f64::NAN, 4, 1), point("acc", f64::INFINITY, 4, 0)]).await;
        store.log(&b, &[point("acc", 3.0, 5, 1), point("acc", 3.0, 5, 2)]).await;
        let of = |keys: Option<&[&str]>| StatsQuery {
            run_ids: vec![b.clone(), RunId::random(&store.entropy), a.clone()],
            keys: keys.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect()),
        };
        let all = store.store.metric_stats(of(None)).await.unwrap();
        let names: Vec<_> = all.iter().map(|stats| (&stats.run_id, stats.key.as_str())).collect();
        assert_eq!(names, [(&b, "acc"), (&a, "acc"), (&a, "loss")]);
        assert_eq!((all[0].count, all[0].max, all[0].last, all[0].last_step), (2, Some((3.0, 1)), 3.0, 2));
        assert!(all[1].last.is_nan());
        assert_eq!((all[1].nan, all[1].inf, all[1].min), (1, 1, None));
        let one = store.store.metric_stats(of(Some(&["loss", "none"]))).await.unwrap();
        assert_eq!(one.len(), 1);
        assert_eq!((one[0].key.as_str(), one[0].first_time), ("loss", 5));
    }
}
