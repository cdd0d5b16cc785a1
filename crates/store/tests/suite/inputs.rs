use oxflow_core::{Dataset, DatasetInput, RunId, Tag, ViewType};
use oxflow_search::parse_run_filter;
use oxflow_store::{RunInputs, RunSearch};

use super::backend::{TestStore, store_tests};

fn input(digest: &str, context: &str) -> DatasetInput {
    DatasetInput {
        dataset: Dataset {
            name: "wine".to_owned(),
            digest: digest.to_owned(),
            source_type: "local".to_owned(),
            source: "{}".to_owned(),
            schema: Some("schema".to_owned()),
            profile: None,
        },
        tags: vec![Tag {
            key: "mlflow.data.context".to_owned(),
            value: context.to_owned(),
        }],
    }
}

async fn log(store: &TestStore, run: &RunId, datasets: Vec<DatasetInput>) {
    let inputs = RunInputs {
        datasets,
        models: Vec::new(),
    };
    store
        .store
        .log_inputs(run.clone(), inputs, store.entropy.clone())
        .await
        .unwrap();
}

store_tests! {
    async fn an_input_is_kept_once_with_its_first_tags(store) {
        let run = store.given_run().await;
        log(&store, &run, vec![input("d1", "train")]).await;
        log(&store, &run, vec![input("d1", "eval"), input("d2", "eval")]).await;
        let mut inputs = store.run(&run).await.dataset_inputs;
        inputs.sort_by(|a, b| a.dataset.digest.cmp(&b.dataset.digest));
        assert_eq!(inputs, [input("d1", "train"), input("d2", "eval")]);
    }

    async fn the_first_writer_of_a_dataset_decides_its_schema(store) {
        let experiment = store.given_experiment().await;
        let (a, b) = (store.given_run_in(experiment, 1).await, store.given_run_in(experiment, 2).await);
        log(&store, &a, vec![input("d1", "train")]).await;
        let mut other = input("d1", "train");
        other.dataset.schema = Some("another".to_owned());
        log(&store, &b, vec![other]).await;
        assert_eq!(store.run(&b).await.dataset_inputs, [input("d1", "train")]);
        let found = store.store.search_datasets(vec![experiment]).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].context.as_deref(), Some("train"));
    }

    async fn runs_are_found_by_their_datasets(store) {
        let experiment = store.given_experiment().await;
        let run = store.given_run_in(experiment, 1).await;
        store.given_run_in(experiment, 2).await;
        log(&store, &run, vec![input("d1", "train")]).await;
        for (filter, expected) in [
            ("dataset.name = 'wine'", 1),
            ("dataset.digest LIKE 'd%'", 1),
            ("datasets.context = 'train'", 1),
            ("dataset.context = 'eval'", 0),
            ("dataset.name IN ('wine', 'beer')", 1),
        ] {
            let search = RunSearch {
                experiment_ids: vec![experiment],
                filter: parse_run_filter(filter).unwrap(),
                order_by: Vec::new(),
                view: ViewType::ActiveOnly,
                max_results: 10,
                offset: 0,
            };
            assert_eq!(store.store.search_runs(search).await.unwrap().0.len(), expected, "{filter}");
        }
    }

    async fn models_are_inputs_any_number_of_times_and_outputs_once(store) {
        let run = store.given_run().await;
        let inputs = RunInputs { datasets: Vec::new(), models: vec!["m-1".to_owned()] };
        for _ in 0..2 {
            store.store.log_inputs(run.clone(), inputs.clone(), store.entropy.clone()).await.unwrap();
        }
        let output = vec![("m-2".to_owned(), 7)];
        store.store.log_outputs(run.clone(), output.clone(), store.entropy.clone()).await.unwrap();
        assert!(store.store.log_outputs(run.clone(), output, store.entropy.clone()).await.is_err());
        let read = store.run(&run).await;
        assert_eq!(read.model_inputs.len(), 1);
        assert_eq!((read.model_outputs[0].model_id.as_str(), read.model_outputs[0].step), ("m-2", 7));
    }
}
