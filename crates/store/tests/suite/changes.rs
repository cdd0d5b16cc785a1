use oxflow_core::{RunInfo, RunStatus, RunUpdate};
use oxflow_store::{Change, RunBatch, RunChange, What};

use super::backend::{NOW_MS, param, point, store_tests, tag_key};

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
        while let Ok(changes) = news.try_recv() {
            told.extend(changes.iter().cloned());
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
}
