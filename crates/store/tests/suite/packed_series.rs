use std::time::Duration;

use oxflow_core::{Axis, Metric, RunId, SeriesData};
use oxflow_store::{Packing, SeriesQuery, Store};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::backend::{NOW_MS, TestStore, point, postgres_config, sqlite_config, store_tests};
use super::series::{check_stats, check_views, series_of, some_metric, some_view, whole};

const EVER: Duration = Duration::from_secs(1_000_000);

/// Small chunks; others' writes are looked for each time.
pub const SMALL: Packing = Packing {
    threshold: 12,
    bucket_points: 2,
    chunk_points: 8,
    chunks_per_write: 2,
    trusted: Duration::ZERO,
    swept: Duration::ZERO,
    rows_at_once: 40,
    rows_per_place: 1,
};

pub fn with_packing(mut store: TestStore, packing: Packing) -> TestStore {
    store.store = store.store.clone().with_packing(packing);
    store
}

/// Runs SQL as another program does.
pub fn by_others(store: &TestStore, sql: &str) {
    match &store.database {
        // On a thread of its own: the client blocks.
        Some(database) => std::thread::scope(|scope| {
            scope.spawn(|| database.connect().run(sql)).join().unwrap();
        }),
        None => {
            let connection = rusqlite::Connection::open(store.folder.path().join("mlflow.db")).unwrap();
            connection.busy_timeout(Duration::from_secs(20)).unwrap();
            connection.execute_batch(sql).unwrap();
        }
    }
}

/// A number out of the database.
fn ask(store: &TestStore, sql: &str) -> i64 {
    match &store.database {
        Some(database) => {
            let text =
                std::thread::scope(|scope| scope.spawn(|| database.connect().text(sql)).join().unwrap());
            text.parse().unwrap()
        }
        None => {
            let connection = rusqlite::Connection::open(store.folder.path().join("mlflow.db")).unwrap();
            connection.query_row(sql, [], |row| row.get(0)).unwrap()
        }
    }
}

fn insert_by_others(store: &TestStore, run: &RunId, points: &[Metric]) {
    let rows: Vec<String> = points
        .iter()
        .map(|metric| {
            let (value, is_nan) = (metric.value.stored, metric.value.is_nan);
            format!(
                "('m', {value:?}, {}, '{run}', {}, {is_nan})",
                metric.timestamp_ms, metric.step
            )
        })
        .collect();
    let sql = "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES";
    by_others(
        store,
        &format!("{sql} {} ON CONFLICT DO NOTHING", rows.join(", ")),
    );
}

/// What happens to a series between two looks at it.
#[derive(Debug, Clone)]
pub enum Event {
    Logged(Vec<Metric>),
    LoggedByOthers(Vec<Metric>),
    DeletedByOthers { step: i64 },
    ChunksLost,
}

pub fn some_event() -> impl Strategy<Value = Event> {
    let points = || prop::collection::vec(some_metric(), 1..60);
    // Points in order, as most programs log them.
    let in_order = (0..40_i64, 1..60_i64).prop_map(|(first, count)| {
        let points = (first..first + count).map(|i| point("m", i as f64, NOW_MS + i / 3, i));
        Event::Logged(points.collect())
    });
    prop_oneof![
        3 => points().prop_map(Event::Logged),
        3 => in_order,
        2 => points().prop_map(Event::LoggedByOthers),
        1 => (-30..30_i64).prop_map(|step| Event::DeletedByOthers { step }),
        1 => Just(Event::ChunksLost),
    ]
}

pub async fn happen(store: &TestStore, run: &RunId, points: &mut Vec<Metric>, event: Event) {
    match event {
        Event::Logged(new) => {
            store.log(run, &new).await;
            points.extend(new);
        }
        Event::LoggedByOthers(new) => {
            insert_by_others(store, run, &new);
            points.extend(new);
        }
        Event::DeletedByOthers { step } => {
            by_others(
                store,
                &format!("DELETE FROM metrics WHERE run_uuid = '{run}' AND step = {step}"),
            );
            points.retain(|metric| metric.step != step);
        }
        Event::ChunksLost => {
            by_others(
                store,
                &format!("DELETE FROM oxflow_series_chunks WHERE run_uuid = '{run}' AND number > 0"),
            );
        }
    }
}

/// Points 0, 1, 2, … of `m`, one per ms.
async fn given_points(store: &TestStore, run: &RunId, steps: std::ops::Range<i64>) -> Vec<Metric> {
    let points: Vec<Metric> = steps.map(|i| point("m", i as f64, NOW_MS + i, i)).collect();
    store.log(run, &points).await;
    points
}

pub fn chunks(store: &TestStore) -> i64 {
    ask(store, "SELECT COUNT(*) FROM oxflow_series_chunks")
}

fn behind(store: &TestStore) -> i64 {
    ask(store, "SELECT COUNT(*) FROM oxflow_series WHERE is_behind")
}

/// The same database in another process.
fn another_server(store: &TestStore) -> Store {
    let config = match &store.database {
        Some(database) => postgres_config(database.uri()),
        None => sqlite_config(&store.folder),
    };
    Store::open(&config).unwrap().with_packing(SMALL)
}

const ALL: (Axis, i64, i64, usize) = (Axis::Step, i64::MIN, i64::MAX, 3);

store_tests! {
    async fn packed_series_are_answered_as_their_points(store) {
        let store = with_packing(store, SMALL);
        let mut runner = TestRunner::new(Config { cases: 40, ..Config::default() });
        let one = (some_event(), prop::collection::vec(some_view(), 4));
        let data = (prop::collection::vec(some_metric(), 30..80), prop::collection::vec(one, 1..6));
        let handle = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            runner
                .run(&data, |(mut points, events)| {
                    handle.block_on(async {
                        let run = store.given_run().await;
                        store.log(&run, &points).await;
                        check_views(&store, &run, &points, &[ALL]).await;
                        for (event, views) in events {
                            happen(&store, &run, &mut points, event).await;
                            if points.is_empty() {
                                return;
                            }
                            check_stats(&store, &run, &points).await;
                            check_views(&store, &run, &points, &views).await;
                        }
                    });
                    Ok(())
                })
                .unwrap();
        });
        assert!(chunks(&store) > 100, "hardly anything was packed");
    }

    async fn a_long_series_is_packed_once_and_grows_at_its_end(store) {
        let store = with_packing(store, SMALL);
        let run = store.given_run().await;
        let mut points = given_points(&store, &run, 0..12).await;
        check_views(&store, &run, &points, &[ALL]).await;
        assert_eq!(chunks(&store), 0);
        points.extend(given_points(&store, &run, 12..50).await);
        check_views(&store, &run, &points, &[ALL]).await;
        assert_eq!(chunks(&store), 6);
        points.extend(given_points(&store, &run, 50..60).await);
        check_views(&store, &run, &points, &[ALL]).await;
        assert_eq!(chunks(&store), 6, "12 points behind the chunks wait for more");
        points.extend(given_points(&store, &run, 60..66).await);
        check_views(&store, &run, &points, &[ALL, ALL]).await;
        assert_eq!(chunks(&store), 8);
        assert_eq!(behind(&store), 0);
    }

    async fn times_that_go_down_behind_the_chunks_are_put_in_order(store) {
        let store = with_packing(store, SMALL);
        let run = store.given_run().await;
        let mut points = given_points(&store, &run, 0..50).await;
        let by_time = [(Axis::Time, i64::MIN, i64::MAX, 3), (Axis::Relative, 3, 30, 20)];
        check_views(&store, &run, &points, &by_time).await;
        let earlier = [point("m", -1.0, NOW_MS + 20, 60), point("m", -2.0, NOW_MS + 10, 61)];
        store.log(&run, &earlier).await;
        points.extend(earlier);
        check_views(&store, &run, &points, &by_time).await;
        assert_eq!((chunks(&store), behind(&store)), (6, 0));
    }

    async fn an_older_point_of_ours_is_seen_at_once(store) {
        let store = with_packing(store, Packing { trusted: EVER, ..SMALL });
        let run = store.given_run().await;
        let mut points = given_points(&store, &run, 0..50).await;
        check_views(&store, &run, &points, &[ALL, ALL]).await;
        given_points(&store, &run, 7..9).await;
        assert_eq!(behind(&store), 0, "points that are there already change nothing");
        let older = point("m", -9.0, NOW_MS, 7);
        store.log(&run, std::slice::from_ref(&older)).await;
        assert_eq!(behind(&store), 1);
        points.push(older);
        check_views(&store, &run, &points, &[ALL, ALL]).await;
        assert_eq!(behind(&store), 0);
        let imported = point("m", -19.0, NOW_MS, 8);
        store.store.import_points(run.clone(), vec![imported.clone()]).await.unwrap();
        points.push(imported);
        check_views(&store, &run, &points, &[ALL]).await;
    }

    async fn what_others_insert_is_seen_when_it_is_looked_for(store) {
        let store = with_packing(store, Packing { trusted: EVER, ..SMALL });
        let run = store.given_run().await;
        let mut points = given_points(&store, &run, 0..50).await;
        check_views(&store, &run, &points, &[ALL, ALL]).await;
        let (older, newer) = (point("m", -9.0, NOW_MS, 7), point("m", 9.0, NOW_MS + 99, 99));
        insert_by_others(&store, &run, &[older, newer.clone()]);
        points.push(newer);
        check_views(&store, &run, &points, &[ALL]).await;
    }

    async fn two_servers_pack_one_series_at_once(store) {
        let store = with_packing(store, SMALL);
        let other = another_server(&store);
        let run = store.given_run().await;
        let mut points = given_points(&store, &run, 0..200).await;
        for round in 0..5 {
            let query = whole(&run);
            let asked = [&store.store, &other, &store.store, &other].map(|store| store.series(query.clone()));
            for answer in futures::future::join_all(asked).await {
                assert_eq!(answer.unwrap()[0].in_range, points.len() as u64);
            }
            check_views(&store, &run, &points, &[ALL, (Axis::Time, NOW_MS + 3, NOW_MS + 190, 5)]).await;
            assert_eq!(ask(&store, "SELECT COUNT(*) FROM oxflow_series_chunks c JOIN oxflow_series s ON s.build <> c.build"), 0);
            // Half of them before what is packed.
            let older = point("m", 0.5, NOW_MS, round);
            store.log(&run, std::slice::from_ref(&older)).await;
            points.push(older);
            points.extend(given_points(&store, &run, 200 + 40 * round..240 + 40 * round).await);
        }
    }

    async fn what_is_packed_of_a_run_that_is_removed_for_good_goes(store) {
        let store = with_packing(store, SMALL);
        let (run, gone) = (store.given_run().await, store.given_run().await);
        for run in [&run, &gone] {
            let points = given_points(&store, run, 0..50).await;
            check_views(&store, run, &points, &[ALL]).await;
        }
        assert_eq!(chunks(&store), 12);
        let tables = ["metrics", "latest_metrics", "tags", "runs"];
        let removal = tables.map(|table| format!("DELETE FROM {table} WHERE run_uuid = '{gone}'"));
        by_others(&store, &removal.join("; "));
        let mut points = given_points(&store, &run, 50..70).await;
        points.extend(given_points(&store, &run, 0..50).await);
        check_views(&store, &run, &points, &[ALL]).await;
        assert_eq!(ask(&store, &format!("SELECT COUNT(*) FROM oxflow_series_chunks WHERE run_uuid = '{gone}'")), 0);
        assert_eq!(ask(&store, "SELECT COUNT(*) FROM oxflow_series"), 1);
    }

    async fn everything_works_after_the_tables_were_dropped(store) {
        let store = with_packing(store, SMALL);
        let run = store.given_run().await;
        let mut points = given_points(&store, &run, 0..50).await;
        check_views(&store, &run, &points, &[ALL, ALL]).await;
        by_others(&store, "DROP TABLE oxflow_series; DROP TABLE oxflow_series_chunks");
        points.extend(given_points(&store, &run, 50..60).await);
        check_views(&store, &run, &points, &[ALL]).await;
        let reader = with_packing(store, SMALL);
        check_views(&reader, &run, &points, &[ALL]).await;
        check_stats(&reader, &run, &points).await;
        let store = reader;
        let again = another_server(&store);
        let answer = again.series(whole(&run)).await.unwrap();
        assert_eq!(answer[0].total, 60);
        assert_eq!(chunks(&store), 7);
    }

    async fn no_spike_is_lost_at_any_zoom(store) {
        const POINTS: i64 = 150_000;
        const SPIKES: [i64; 10] = [0, 1, 63, 64, 4095, 4096, 70_001, 131_071, 149_998, 149_999];
        let run = store.given_run().await;
        let numbers = match store.database {
            Some(_) => format!("SELECT i FROM generate_series(0, {}) AS list (i)", POINTS - 1),
            None => format!("WITH RECURSIVE list (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM list WHERE i < {}) SELECT i FROM list", POINTS - 1),
        };
        let spikes = SPIKES.map(|spike| spike.to_string()).join(", ");
        by_others(&store, &format!(
            "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
             SELECT 'm', CASE WHEN i IN ({spikes}) THEN 1000 + i ELSE i % 7 END, {NOW_MS} + 10 * i, '{run}', i, FALSE
               FROM ({numbers}) numbers"
        ));
        for axis in [Axis::Step, Axis::Relative, Axis::Time] {
            let (scale, start) = match axis {
                Axis::Step => (1, 0),
                Axis::Relative => (10, 0),
                Axis::Time => (10, NOW_MS),
            };
            let mut length = POINTS;
            while length > 10 {
                for spike in SPIKES {
                    let first = (spike - length / 3).max(0);
                    let (from, to) = (start + scale * first, start + scale * (first + length));
                    let query = SeriesQuery { axis, from, to, width: 50, ..whole(&run) };
                    let answer = series_of(&store, &query).await;
                    let inside = (first..=first + length).filter(|step| *step < POINTS);
                    assert_eq!(answer[0].in_range, inside.count() as u64);
                    let seen = match &answer[0].data {
                        SeriesData::Raw { value, .. } => value.clone(),
                        SeriesData::Buckets(buckets) => buckets.max.clone(),
                    };
                    let greatest = SPIKES.iter().filter(|spike| (first..=first + length).contains(spike)).max();
                    let shown = seen.iter().copied().fold(f64::MIN, f64::max);
                    assert_eq!(Some(shown), greatest.map(|spike| (1000 + spike) as f64));
                }
                length /= 5;
            }
        }
        assert_eq!(chunks(&store), POINTS / 4096);
    }
}
