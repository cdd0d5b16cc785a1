//! Reads that nobody waits for any more.

use std::time::Duration;

use oxflow_core::ViewType;
use oxflow_store::{RunSelection, RunTable};
use tokio::time::timeout;

use super::backend::{TestStore, store_tests};

/// Long enough for an answer that needs no waiting.
const AT_ONCE: Duration = Duration::from_millis(300);

/// Less than the 30 s after which the database ends a read by itself.
const SOON: Duration = Duration::from_secs(20);

/// From now on to read a run takes hours.
fn slow_down(store: &TestStore) {
    let wait = match store.database {
        Some(_) => "(SELECT 1 FROM pg_sleep(36000)) IS NULL",
        None => {
            "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n) IS NULL"
        }
    };
    store.run_sql(&format!(
        "ALTER TABLE runs RENAME TO runs_before; CREATE VIEW runs AS SELECT * FROM runs_before WHERE {wait}"
    ));
}

store_tests! {
    async fn a_read_ends_when_its_caller_goes_away(store) {
        let experiment = store.given_experiment().await;
        store.given_run_in(experiment, 1).await;
        slow_down(&store);
        let mut reads = Vec::new();
        // Until every thread that reads is taken.
        while let Ok(answer) = timeout(AT_ONCE, store.store.ping()).await {
            answer.unwrap();
            let selection = RunSelection::of_experiments(vec![experiment], ViewType::ActiveOnly);
            let table = RunTable { selection, sort: Vec::new() };
            let reader = store.store.clone();
            reads.push(tokio::spawn(async move { reader.list_runs(table).await }));
        }
        for read in &reads {
            read.abort();
        }
        for read in reads {
            assert!(read.await.unwrap_err().is_cancelled());
        }
        timeout(SOON, store.store.ping()).await.unwrap().unwrap();
    }
}
