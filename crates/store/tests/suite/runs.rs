use oxflow_core::{ErrorCode, LifecycleStage, RunId, RunStatus, RunUpdate};
use oxflow_store::RunBatch;
use serde_json::json;

use super::backend::{NOW_MS, pairs, param, point, store_tests, tag_key};

store_tests! {
    async fn a_new_run_is_running_and_has_its_name_as_tag(store) {
        let experiment = store.given_experiment().await;
        let run = store.create_run(experiment, 42).await.unwrap();
        assert_eq!(run.info.status, RunStatus::Running);
        assert_eq!(run.info.start_time_ms, Some(42));
        let name = run.info.run_name.clone().unwrap();
        assert_eq!(pairs(&run.tags), [("mlflow.runName", name.as_str())]);
        let expected = format!("mlflow-artifacts:/{experiment}/{}/artifacts", run.info.run_id);
        assert_eq!(run.info.artifact_uri, Some(expected));
        assert_eq!(store.run(&run.info.run_id).await, run);
    }

    async fn a_run_needs_an_active_experiment(store) {
        let experiment = store.given_experiment().await;
        store.store.delete_experiment(experiment, NOW_MS).await.unwrap();
        let error = store.create_run(experiment, 1).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidParameterValue);
        assert!(error.to_string().contains("must be in the 'active' state"), "{error}");
    }

    async fn an_update_changes_what_it_names_and_the_name_in_both_places(store) {
        let id = store.given_run().await;
        let update = RunUpdate { status: Some(RunStatus::Finished), end_time_ms: Some(9), run_name: None };
        store.store.update_run(id.clone(), update).await.unwrap();
        let renamed = RunUpdate { run_name: Some("b".to_owned()), ..RunUpdate::default() };
        let info = store.store.update_run(id.clone(), renamed).await.unwrap();
        assert_eq!((info.status, info.end_time_ms), (RunStatus::Finished, Some(9)));
        assert_eq!(info.run_name.as_deref(), Some("b"));
        assert_eq!(pairs(&store.run(&id).await.tags), [("mlflow.runName", "b")]);
        store.set_tag(&id, "mlflow.runName", "c").await;
        assert_eq!(store.run(&id).await.info.run_name.as_deref(), Some("c"));
    }

    async fn a_deleted_run_is_read_but_not_written(store) {
        let id = store.given_run().await;
        store.log(&id, &[point("loss", 0.5, 1, 1)]).await;
        store.store.delete_run(id.clone(), NOW_MS).await.unwrap();
        assert_eq!(store.run(&id).await.metrics.len(), 1);
        let refused = store.store.log_metric(id.clone(), point("loss", 0.4, 2, 2)).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::InvalidParameterValue);
        let refused = store.store.set_run_tag(id.clone(), tag_key("a"), "b".to_owned()).await.unwrap_err();
        assert!(refused.to_string().ends_with("Current state is deleted."), "{refused}");
        store.store.restore_run(id.clone()).await.unwrap();
        assert_eq!(store.run(&id).await.info.lifecycle_stage, LifecycleStage::Active);
    }

    async fn an_unknown_run_is_not_found(store) {
        let id = RunId::random(&store.entropy);
        let error = store.store.get_run(id.clone()).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ResourceDoesNotExist);
        assert_eq!(error.to_string(), format!("Run with id={id} not found"));
        assert!(store.store.log_param(id.clone(), param("a", "b")).await.is_err());
        assert!(store.store.delete_run(id, NOW_MS).await.is_err());
    }

    async fn a_param_is_written_once(store) {
        let id = store.given_run().await;
        for _ in 0..2 {
            store.store.log_param(id.clone(), param("lr", "0.1")).await.unwrap();
        }
        let error = store.store.log_param(id.clone(), param("lr", "0.2")).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "Changing param values is not allowed. Param with key='lr' was already logged with value='0.1' for \
                 run ID='{id}'. Attempted logging new value '0.2'."
            )
        );
        assert_eq!(pairs(&store.run(&id).await.params), [("lr", "0.1")]);
    }

    async fn a_batch_is_stored_whole_or_not_at_all(store) {
        let id = store.given_run().await;
        store.store.log_param(id.clone(), param("old", "1")).await.unwrap();
        let batch = RunBatch {
            metrics: vec![point("loss", 1.0, 1, 1)],
            params: vec![param("new", "1"), param("old", "2")],
            tags: vec![(tag_key("t"), "v".to_owned())],
        };
        let error = store.store.log_batch(id.clone(), batch).await.unwrap_err();
        assert!(error.to_string().contains("{'key': 'old', 'old_value': '1', 'new_value': '2'}"), "{error}");
        let run = store.run(&id).await;
        assert_eq!(pairs(&run.params), [("old", "1")]);
        assert!(run.metrics.is_empty());
        assert_eq!(run.tags.len(), 1);
    }

    async fn of_a_repeated_tag_the_last_value_counts(store) {
        let id = store.given_run().await;
        let tags = vec![(tag_key("t"), "1".to_owned()), (tag_key("t"), "2".to_owned())];
        store.store.log_batch(id.clone(), RunBatch { tags, ..RunBatch::default() }).await.unwrap();
        assert!(pairs(&store.run(&id).await.tags).contains(&("t", "2")));
        store.store.delete_run_tag(id.clone(), "t".to_owned()).await.unwrap();
        let missing = store.store.delete_run_tag(id, "t".to_owned()).await.unwrap_err();
        assert_eq!(missing.code(), ErrorCode::ResourceDoesNotExist);
    }

    async fn models_of_old_clients_are_collected_in_a_tag(store) {
        let id = store.given_run().await;
        for path in ["a", "b"] {
            store.store.append_model_history(id.clone(), json!({ "artifact_path": path })).await.unwrap();
        }
        let run = store.run(&id).await;
        let history = run.tags.iter().find(|tag| tag.key == "mlflow.log-model.history").unwrap();
        assert_eq!(history.value, r#"[{"artifact_path": "a"}, {"artifact_path": "b"}]"#);
    }
}
