use std::time::{Duration, Instant};

use oxflow_core::{RunInfo, RunStatus, RunUpdate};
use oxflow_store::{Change, News, RunBatch, RunChange, Store, What};

use super::backend::{NOW_MS, param, point, postgres_config, sqlite_config, store_tests, tag_key};

fn run_change(run: &RunInfo, what: &[What]) -> Change {
    Change {
        experiment_id: run.experiment_id,
        run: Some(RunChange {
            run_id: run.run_id.clone(),
            what: what.to_vec(),
            metrics: Vec::new(),
            step: None,
        }),
    }
}

store_tests! {
    async fn every_write_to_a_run_is_told_once_it_is_committed(store) {
        let experiment = store.given_experiment().await;
        let mut news = store.store.listen();
        let run = store.create_run(experiment, NOW_MS).await.unwrap().info;
        let id = || run.run_id.clone();
        let batch = RunBatch {
            metrics: vec![point("b", 1.0, 1, 7), point("a", 1.0, 1, 9), point("a", 1.0, 1, -1)],
            params: vec![param("lr", "1")],
            tags: vec![(tag_key("team"), "x".to_owned())],
        };
        store.store.log_batch(id(), batch).await.unwrap();
        store.store.log_metric(id(), point("a", 1.0, 1, 2)).await.unwrap();
        store.store.log_param(id(), param("lr", "2")).await.unwrap_err();
        store.store.log_param(id(), param("bs", "2")).await.unwrap();
        store.set_tag(&run.run_id, "k", "v").await;
        store.store.delete_run_tag(id(), "k".to_owned()).await.unwrap();
        let update = RunUpdate { status: Some(RunStatus::Finished), ..RunUpdate::default() };
        store.store.update_run(id(), update).await.unwrap();
        store.store.delete_run(id(), NOW_MS).await.unwrap();
        store.store.restore_run(id()).await.unwrap();
        store.store.set_experiment_tag(experiment, tag_key("k"), "v".to_owned()).await.unwrap();

        let mut told = Vec::new();
        while let Ok(news) = news.try_recv() {
            match news.as_ref() {
                News::Written(changes) => told.extend(changes.iter().cloned()),
                News::Elsewhere => panic!("nobody else is there"),
            }
        }
        let with_points = |what: &[What], metrics: &[&str], step| {
            let mut change = run_change(&run, what);
            let of_run = change.run.as_mut().unwrap();
            of_run.metrics = metrics.iter().map(|key| (*key).to_owned()).collect();
            of_run.step = Some(step);
            change
        };
        assert_eq!(told, [
            run_change(&run, &[What::Created]),
            with_points(&[What::Metrics, What::Params, What::Tags], &["a", "b"], 9),
            with_points(&[What::Metrics], &["a"], 2),
            run_change(&run, &[What::Params]),
            run_change(&run, &[What::Tags]),
            run_change(&run, &[What::Tags]),
            run_change(&run, &[What::Status]),
            run_change(&run, &[What::Deleted]),
            run_change(&run, &[What::Created]),
            Change { experiment_id: experiment, run: None },
        ]);
    }

    async fn what_another_server_writes_is_noticed_and_what_this_one_writes_is_not_taken_for_it(store) {
        let run = store.given_run().await;
        let mut news = store.store.listen();
        for i in 0..5 {
            store.store.look_for_others_now().await.unwrap();
            store.set_tag(&run, "own", &i.to_string()).await;
        }
        store.store.look_for_others_now().await.unwrap();
        while let Ok(told) = news.try_recv() {
            assert_ne!(*told, News::Elsewhere);
        }

        let config = match &store.database {
            Some(database) => postgres_config(database.uri()),
            None => sqlite_config(&store.folder),
        };
        let other = Store::open(&config).unwrap();
        store.store.look_for_others_now().await.unwrap();
        // PostgreSQL counts rows some seconds after they were written.
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut round = 0;
        while !matches!(news.try_recv().as_deref(), Ok(News::Elsewhere)) {
            assert!(Instant::now() < deadline, "nothing was noticed");
            round += 1;
            other.set_run_tag(run.clone(), tag_key("other"), round.to_string()).await.unwrap();
            store.store.look_for_others_now().await.unwrap();
        }
    }
}
