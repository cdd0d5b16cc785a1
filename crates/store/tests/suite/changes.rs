use std::time::{Duration, Instant};

use oxflow_core::{
    Invalid, LoggedModelName, LoggedModelStatus, ModelId, NewLoggedModel, NewModelVersion, RunInfo,
    RunStatus, RunUpdate,
};
use oxflow_store::{Change, News, RunBatch, RunChange, Store, What};

use super::backend::{NOW_MS, param, point, postgres_config, sqlite_config, store_tests, tag_key};
use super::registry::{given_model, new_version};

fn run_change(run: &RunInfo, what: &[What]) -> Change {
    Change {
        experiment_id: run.experiment_id,
        run: Some(RunChange {
            run_id: run.run_id.clone(),
            what: what.to_vec(),
            metrics: Vec::new(),
            step: None,
        }),
        is_of_all_runs: false,
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
            Change { experiment_id: experiment, run: None, is_of_all_runs: false },
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

    async fn who_deletes_or_restores_an_experiment_changes_all_its_runs(store) {
        let experiment = store.given_experiment().await;
        let mut news = store.store.listen();
        store.store.delete_experiment(experiment, NOW_MS).await.unwrap();
        store.store.restore_experiment(experiment, NOW_MS).await.unwrap();
        for _ in 0..2 {
            let expected = Change { experiment_id: experiment, run: None, is_of_all_runs: true };
            assert_eq!(*news.try_recv().unwrap(), News::Written(vec![expected]));
        }
    }

    async fn models_and_versions_are_told_as_outputs_of_their_run(store) {
        let experiment = store.given_experiment().await;
        let run = store.create_run(experiment, NOW_MS).await.unwrap().info;
        given_model(&store, "digits", &[]).await;
        let logged = NewLoggedModel {
            model_id: ModelId::random(&store.entropy),
            experiment_id: experiment,
            name: LoggedModelName::parse("forest").unwrap(),
            model_type: String::new(),
            source_run_id: run.run_id.to_string(),
            params: Vec::new(),
            tags: Vec::new(),
            now_ms: NOW_MS,
        };
        let location = |root: &str, _: &ModelId| -> Result<String, Invalid> { Ok(root.to_owned()) };
        let mut news = store.store.listen();
        let mut told_once = || {
            let expected = vec![run_change(&run, &[What::Inputs])];
            assert_eq!(*news.try_recv().unwrap(), News::Written(expected));
            news.try_recv().unwrap_err();
        };
        let model = store.store.create_logged_model(logged, location).await.unwrap().model_id;
        told_once();
        store.store.finalize_logged_model(model.clone(), LoggedModelStatus::Ready, NOW_MS).await.unwrap();
        told_once();
        store.store.delete_logged_model(model, NOW_MS).await.unwrap();
        told_once();
        let of_run = |id: &str| NewModelVersion { run_id: id.to_owned(), ..new_version("digits", NOW_MS) };
        let version = store.store.create_model_version(of_run(run.run_id.as_str())).await.unwrap();
        told_once();
        let name = of_run("").name;
        store.store.delete_model_version(name, version.version, NOW_MS).await.unwrap();
        told_once();
        store.store.create_model_version(of_run("another")).await.unwrap();
        news.try_recv().unwrap_err();
    }
}
