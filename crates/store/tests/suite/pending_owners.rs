//! Notes whose the things are to be that were just created.

use oxflow_auth::ResourceType;
use oxflow_core::{ErrorCode, ExperimentName, IS_PROMPT_TAG, NewExperiment, NewRegisteredModel};
use oxflow_store::{PendingOwner, SchemaPolicy, Store, StoreConfig};

use super::backend::{NOW_MS, TestStore, sqlite_config, store_tests, tag_key};
use super::registry::name;

const ALICE: i64 = 7;

fn experiment(name: &str) -> NewExperiment {
    NewExperiment {
        name: ExperimentName::parse(name).unwrap(),
        artifact_location: None,
        tags: Vec::new(),
        now_ms: NOW_MS,
        creator: Some(ALICE),
    }
}

fn model(model: &str, is_prompt: &[&str]) -> NewRegisteredModel {
    let tags = is_prompt
        .iter()
        .map(|value| (tag_key(IS_PROMPT_TAG), (*value).to_owned()));
    NewRegisteredModel {
        name: name(model),
        description: String::new(),
        tags: tags.collect(),
        now_ms: NOW_MS + 1,
        creator: Some(ALICE),
    }
}

fn pending(resource_type: ResourceType, id: &str) -> PendingOwner {
    PendingOwner {
        resource_type,
        resource_id: id.to_owned(),
        user_id: ALICE,
    }
}

store_tests! {
    async fn what_is_created_names_its_owner_until_that_is_set(store) {
        let store = &store.store;
        let id = store.create_experiment(experiment("mine")).await.unwrap();
        store.create_registered_model(model("wine", &[])).await.unwrap();
        store.create_registered_model(model("words", &["false", "True"])).await.unwrap();
        let all = [
            pending(ResourceType::Experiment, &id.to_string()),
            pending(ResourceType::RegisteredModel, "wine"),
            pending(ResourceType::Prompt, "words"),
        ];
        let mut found = store.pending_owners(NOW_MS + 1).await.unwrap();
        found.sort_by_key(|pending| pending.resource_type);
        let mut expected = all.clone();
        expected.sort_by_key(|pending| pending.resource_type);
        assert_eq!(found, expected);
        assert_eq!(store.pending_owners(NOW_MS).await.unwrap(), all[..1]);
        for pending in all {
            store.owner_is_set(pending.clone()).await.unwrap();
            store.owner_is_set(pending).await.unwrap();
        }
        assert_eq!(store.pending_owners(NOW_MS + 1).await.unwrap(), []);
    }

    async fn what_is_not_created_has_no_owner(store) {
        let store = &store.store;
        store.create_experiment(NewExperiment { creator: None, ..experiment("mine") }).await.unwrap();
        store.create_registered_model(NewRegisteredModel { creator: None, ..model("wine", &[]) }).await.unwrap();
        let taken = store.create_experiment(experiment("mine")).await.unwrap_err();
        assert_eq!(taken.code(), ErrorCode::ResourceAlreadyExists);
        let taken = store.create_registered_model(model("wine", &[])).await.unwrap_err();
        assert_eq!(taken.code(), ErrorCode::ResourceAlreadyExists);
        assert_eq!(store.pending_owners(i64::MAX).await.unwrap(), []);
    }
}

#[tokio::test]
async fn without_the_table_nothing_is_noted_and_nothing_fails() {
    let store = TestStore::sqlite();
    store.run_sql("DROP TABLE oxflow_pending_owners");
    let config = StoreConfig {
        schema: SchemaPolicy::Check,
        ..sqlite_config(&store.folder)
    };
    let (again, folder) = (Store::open(&config).unwrap(), store.folder);
    let id = again.create_experiment(experiment("mine")).await.unwrap();
    let pending = pending(ResourceType::Experiment, &id.to_string());
    assert_eq!(again.pending_owners(i64::MAX).await.unwrap(), []);
    again.owner_is_set(pending).await.unwrap();
    drop((again, folder));
}
