//! What only PostgreSQL has: connections that break, rows that others hold, users who may not write.

use std::time::{Duration, Instant};

use futures::executor::block_on;
use oxflow_store::{ConnectFailure, DbErrorKind, HEAD_REVISION, OpenError, RunBatch, Store, StoreError};
use oxflow_testkit::postgres::{TestConnection, TestDatabase};
use tokio_postgres::error::SqlState;

use super::backend::{NOW_MS, TestStore, pairs, point, postgres_config, tag_key};

/// A store and a connection of somebody else to its database; `None` where tests have no PostgreSQL.
fn store_and_other() -> Option<(TestStore, TestConnection)> {
    let store = TestStore::postgres()?;
    let other = store.database().connect();
    Some((store, other))
}

/// How many sessions wait for a lock. Not to be asked within a transaction, which sees what it saw first.
pub const WAITING_FOR_A_LOCK: &str = "SELECT COUNT(*) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Asks until the answer is `expected`.
pub fn wait_for(other: &TestConnection, sql: &str, expected: &str) {
    let started = Instant::now();
    while other.text(sql) != expected {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{sql} never gave {expected}"
        );
        std::thread::yield_now();
    }
}

#[test]
fn servers_that_start_together_make_one_schema() {
    let Some(database) = TestDatabase::empty() else {
        return;
    };
    let config = postgres_config(database.uri());
    std::thread::scope(|scope| {
        let opening: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| Store::open(&config).map(drop)))
            .collect();
        for thread in opening {
            thread.join().unwrap().unwrap();
        }
    });
    let other = database.connect();
    assert_eq!(
        other.text("SELECT version_num FROM alembic_version"),
        HEAD_REVISION
    );
    assert_eq!(
        other.text("SELECT string_agg(name, ',') FROM experiments"),
        "Default"
    );
}

#[test]
fn another_revision_or_program_is_refused_and_left_alone() {
    let Some(database) = TestDatabase::empty() else {
        return;
    };
    let other = database.connect();
    other.run("CREATE TABLE recipes (name TEXT)");
    let error = Store::open(&postgres_config(database.uri())).unwrap_err();
    assert!(matches!(error, OpenError::NotMlflow { .. }), "{error}");
    other.run("CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('abc')");
    let error = Store::open(&postgres_config(database.uri())).unwrap_err();
    assert!(matches!(error, OpenError::WrongRevision { .. }), "{error}");
    assert_eq!(
        other.text("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'"),
        "2"
    );
}

#[test]
fn who_may_not_write_or_connect_is_told_why() {
    let Some((store, other)) = store_and_other() else {
        return;
    };
    let role = format!("reader_{}", std::process::id());
    other.run(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'r'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    ));
    let uri = store.database().uri().to_owned();
    let (scheme, rest) = uri.split_once("://").unwrap();
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    let as_reader = format!("{scheme}://{role}:r@{place}");
    let error = Store::open(&postgres_config(&as_reader)).unwrap_err();
    other.run(&format!(
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}; DROP ROLE {role}"
    ));
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error}");

    let missing = format!("{}_missing", uri.split('?').next().unwrap());
    let error = Store::open(&postgres_config(&missing)).unwrap_err();
    let OpenError::Connect { cause, .. } = &error else {
        panic!("{error}")
    };
    assert!(matches!(cause, ConnectFailure::NoDatabase(_)), "{error}");
}

#[test]
fn a_server_that_is_not_there_is_said_in_one_line_without_the_password() {
    // Port 1 is nobody's.
    let error = Store::open(&postgres_config("postgresql://ada:hidden@127.0.0.1:1/ml")).unwrap_err();
    let message = error.to_string();
    assert!(
        matches!(
            error,
            OpenError::Connect {
                cause: ConnectFailure::Unreachable(_),
                ..
            }
        ),
        "{message}"
    );
    assert!(
        message.contains("127.0.0.1:1") && !message.contains("hidden"),
        "{message}"
    );
}

#[test]
fn calls_go_on_after_the_connections_broke() {
    let Some((store, other)) = store_and_other() else {
        return;
    };
    let run = block_on(store.given_run());
    for round in 0..5 {
        block_on(
            store
                .store
                .log_metric(run.clone(), point("loss", 1.0, round, round)),
        )
        .unwrap();
        other.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = current_database() AND pid != pg_backend_pid()",
        );
    }
    assert_eq!(block_on(store.run(&run)).metrics[0].step, 4);
}

#[test]
fn a_change_of_the_schema_under_prepared_statements_is_not_noticed() {
    let Some((store, other)) = store_and_other() else {
        return;
    };
    let run = block_on(store.given_run());
    for _ in 0..8 {
        block_on(store.run(&run));
    }
    other.run("ALTER TABLE runs ALTER COLUMN user_id TYPE TEXT");
    for _ in 0..8 {
        assert_eq!(block_on(store.run(&run)).info.user_id.as_deref(), Some("ada"));
    }
}

#[test]
fn equal_points_in_opposite_orders_do_not_wait_in_a_circle() {
    let Some((store, other)) = store_and_other() else {
        return;
    };
    let run = block_on(store.given_run());
    std::thread::scope(|scope| {
        for client in 0..6 {
            let (store, run) = (&store, &run);
            scope.spawn(move || {
                for batch in 0..6 {
                    let mut metrics: Vec<_> =
                        (0..400).map(|i| point("loss", 1.0, batch * 400 + i, i)).collect();
                    if client % 2 == 0 {
                        metrics.reverse();
                    }
                    block_on(store.log(run, &metrics));
                }
            });
        }
    });
    // A session tells its counts when it ends.
    drop(store.store);
    wait_for(
        &other,
        "SELECT numbackends FROM pg_stat_database WHERE datname = current_database()",
        "1",
    );
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(other.text(deadlocks), "0");
    drop(store.database);
}

#[test]
fn points_that_are_there_without_a_latest_one_are_no_error() {
    let Some((store, other)) = store_and_other() else {
        return;
    };
    let run = block_on(store.given_run());
    let points: Vec<_> = (0..200).map(|i| point("loss", 1.0, i, i)).collect();
    block_on(store.log(&run, &points));
    // What MLflow never leaves behind, but a restored table may.
    other.run("DELETE FROM latest_metrics");
    block_on(store.log(&run, &points));
    assert_eq!(other.text("SELECT COUNT(*) FROM metrics"), "200");
    assert_eq!(other.text("SELECT step FROM latest_metrics"), "199");
}

#[test]
fn points_of_other_runs_do_not_wait_for_a_row_that_somebody_holds() {
    let Some((store, other)) = store_and_other() else {
        return;
    };
    let watching = store.database().connect();
    let (held, free) = (block_on(store.given_run()), block_on(store.given_run()));
    block_on(store.store.log_metric(held.clone(), point("loss", 1.0, 1, 1))).unwrap();
    other.run("BEGIN; UPDATE latest_metrics SET value = value");
    std::thread::scope(|scope| {
        let waiting =
            scope.spawn(|| block_on(store.store.log_metric(held.clone(), point("loss", 2.0, 2, 2))));
        wait_for(&watching, WAITING_FOR_A_LOCK, "1");
        block_on(store.store.log_metric(free, point("loss", 3.0, 3, 3))).unwrap();
        assert_eq!(watching.text(WAITING_FOR_A_LOCK), "1");
        other.run("COMMIT");
        waiting.join().unwrap().unwrap();
    });
    assert_eq!(block_on(store.run(&held)).metrics[0].step, 2);
}

#[test]
fn a_deadlock_with_somebody_else_is_tried_again() {
    let Some((store, other)) = store_and_other() else {
        return;
    };
    // In a transaction, pg_stat_activity shows what it showed first: another connection looks.
    let watching = store.database().connect();
    let run = block_on(store.given_run());
    block_on(store.set_tag(&run, "a", "0"));
    block_on(store.set_tag(&run, "b", "0"));
    other.run("BEGIN; UPDATE tags SET value = 'theirs' WHERE key = 'b'");
    std::thread::scope(|scope| {
        let batch = RunBatch {
            tags: vec![
                (tag_key("b"), "ours".to_owned()),
                (tag_key("a"), "ours".to_owned()),
            ],
            ..RunBatch::default()
        };
        let call = scope.spawn(|| block_on(store.store.log_batch(run.clone(), batch)));
        wait_for(&watching, WAITING_FOR_A_LOCK, "1");
        // Ours holds `a` and waits for `b`: PostgreSQL ends whoever has waited for a second first, which is ours.
        let ended = other.try_run("UPDATE tags SET value = 'theirs' WHERE key = 'a'; COMMIT");
        if let Err(error) = ended {
            // Unless this machine slept for that second.
            assert_eq!(error.code(), Some(&SqlState::T_R_DEADLOCK_DETECTED), "{error:?}");
            other.run("ROLLBACK");
        }
        call.join().unwrap().unwrap();
    });
    let tags = block_on(store.run(&run)).tags;
    assert!(
        pairs(&tags).contains(&("a", "ours")) && pairs(&tags).contains(&("b", "ours")),
        "{tags:?}"
    );
}

#[test]
fn what_does_not_fit_a_column_is_the_clients_mistake() {
    let Some((store, _)) = store_and_other() else {
        return;
    };
    let run = block_on(store.given_run());
    let error = block_on(store.store.set_run_tag(run, tag_key("k"), "a\0b".to_owned())).unwrap_err();
    let StoreError::Database { source } = &error else {
        panic!("{error}")
    };
    assert_eq!(source.kind(), DbErrorKind::BadValue);
}

#[test]
fn an_experiment_that_is_made_twice_at_once_is_made_once() {
    let Some(database) = TestDatabase::prepared(|uri| drop(Store::open(&postgres_config(uri)).unwrap()))
    else {
        return;
    };
    let open = || {
        let store = Store::open(&postgres_config(database.uri())).unwrap();
        TestStore::over(store, tempfile::tempdir().unwrap())
    };
    let replicas = [open(), open()];
    for round in 0..20 {
        let name = format!("e {round}");
        let won = std::thread::scope(|scope| {
            let calls = [0, 1, 0, 1].map(|i: usize| {
                scope.spawn({
                    let (replicas, name) = (&replicas, &name);
                    move || block_on(replicas[i].create_experiment(name))
                })
            });
            let outcomes = calls.map(|call| call.join().unwrap());
            for outcome in &outcomes {
                assert!(
                    matches!(outcome, Ok(_) | Err(StoreError::ExperimentExists { .. })),
                    "{outcome:?}"
                );
            }
            outcomes.iter().filter(|outcome| outcome.is_ok()).count()
        });
        assert_eq!(won, 1, "{name} at {NOW_MS}");
    }
}

#[test]
fn a_database_that_is_set_to_read_only_is_refused() {
    let Some((store, other)) = store_and_other() else {
        return;
    };
    other.run(
        "DO $$ BEGIN
             EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database());
         END $$",
    );
    let error = Store::open(&postgres_config(store.database().uri())).unwrap_err();
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error}");
}

#[test]
fn a_start_does_not_wait_long_for_its_index_nor_stop_those_who_write() {
    let Some((store, other)) = store_and_other() else {
        return;
    };
    let index = "SELECT COUNT(*) FROM pg_indexes WHERE indexname = 'oxflow_runs_experiment'";
    other.run("DROP INDEX oxflow_runs_experiment");
    other.run("BEGIN; LOCK TABLE runs IN ROW EXCLUSIVE MODE");
    let open = || {
        Store::open(&postgres_config(store.database().uri()))
            .map(drop)
            .unwrap();
    };
    open();
    other.run("COMMIT");
    assert_eq!(other.text(index), "0");
    open();
    assert_eq!(other.text(index), "1");
}

#[test]
fn a_silent_first_host_does_not_hide_the_second() {
    let Some(store) = TestStore::postgres() else {
        return;
    };
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = store.database().uri();
    let (login, place) = uri.rsplit_once('@').unwrap();
    let separator = if place.contains('?') { '&' } else { '?' };
    let both = format!(
        "{login}@{},{place}{separator}connect_timeout=1",
        silent.local_addr().unwrap()
    );
    drop(Store::open(&postgres_config(&both)).unwrap());
}

#[test]
fn calls_one_after_the_other_share_a_connection() {
    let Some((store, other)) = store_and_other() else {
        return;
    };
    let run = block_on(store.given_run());
    for step in 0..20 {
        block_on(
            store
                .store
                .log_metric(run.clone(), point("loss", 1.0, step, step)),
        )
        .unwrap();
        block_on(store.set_tag(&run, "a", "0"));
        block_on(store.run(&run));
    }
    // An answer comes before its connection is free, so a few may be open; not one for each thread of the pool.
    let ours = other.text(
        "SELECT COUNT(*) < 9 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    assert_eq!(ours, "t");
}

#[test]
fn without_a_pool_no_connection_stays_open() {
    let Some((store, other)) = store_and_other() else {
        return;
    };
    let mut config = postgres_config(store.database().uri());
    config.pool.recycle = Some(Duration::ZERO);
    drop(store.store);
    let unpooled = Store::open(&config).unwrap();
    block_on(unpooled.ping()).unwrap();
    wait_for(
        &other,
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()",
        "1",
    );
}
