use oxflow_core::{
    ErrorCode, IS_PROMPT_TAG, Invalid, LoggedModelName, ModelAlias, ModelId, ModelName, ModelVersion,
    NewLoggedModel, NewModelVersion, NewRegisteredModel, Stage, VersionNumber,
};
use oxflow_search::{
    parse_model_version_filter, parse_model_version_order_by, parse_registered_model_filter,
    parse_registered_model_order_by,
};
use oxflow_store::{ExistingVersions, ModelVersionSearch, RegisteredModelSearch, Store, StoreError};

use super::backend::{NOW_MS, TestStore, pairs, postgres_config, store_tests, tag_key};
use super::postgres::{WAITING_FOR_A_LOCK, wait_for};

pub fn name(raw: &str) -> ModelName {
    ModelName::parse(raw, "name").unwrap()
}

fn number(version: i64) -> VersionNumber {
    VersionNumber::from_row(version)
}

fn alias(raw: &str) -> ModelAlias {
    ModelAlias::parse_new(raw).unwrap()
}

pub fn new_version(model: &str, now_ms: i64) -> NewModelVersion {
    NewModelVersion {
        name: name(model),
        source: "s3://bucket/model".to_owned(),
        storage_location: "s3://bucket/model".to_owned(),
        run_id: String::new(),
        model_id: None,
        run_link: String::new(),
        description: String::new(),
        tags: Vec::new(),
        now_ms,
    }
}

pub async fn given_model(store: &TestStore, model: &str, tags: &[(&str, &str)]) {
    let tags = tags
        .iter()
        .map(|(key, value)| (tag_key(key), (*value).to_owned()));
    let new = NewRegisteredModel {
        creator: None,
        name: name(model),
        description: String::new(),
        tags: tags.collect(),
        now_ms: NOW_MS,
    };
    store.store.create_registered_model(new).await.unwrap();
}

async fn given_version(store: &TestStore, model: &str, now_ms: i64) -> VersionNumber {
    let new = new_version(model, now_ms);
    store.store.create_model_version(new).await.unwrap().version
}

async fn set_stage(store: &TestStore, version: i64, stage: Stage, existing: ExistingVersions) {
    store
        .store
        .set_model_version_stage(name("wine"), number(version), stage, existing, NOW_MS + 9)
        .await
        .unwrap();
}

async fn models(store: &TestStore, filter: &str, order_by: &[&str]) -> Vec<String> {
    let order_by: Vec<String> = order_by.iter().map(|clause| (*clause).to_owned()).collect();
    let search = RegisteredModelSearch {
        filter: parse_registered_model_filter(filter).unwrap(),
        order_by: parse_registered_model_order_by(&order_by).unwrap(),
        max_results: 100,
        offset: 0,
        visible: Default::default(),
    };
    let (found, _) = store.store.search_registered_models(search).await.unwrap();
    found.into_iter().map(|model| model.name).collect()
}

async fn versions(store: &TestStore, filter: &str, order_by: &[&str]) -> Vec<String> {
    let order_by: Vec<String> = order_by.iter().map(|clause| (*clause).to_owned()).collect();
    let search = ModelVersionSearch {
        filter: parse_model_version_filter(filter).unwrap(),
        order_by: parse_model_version_order_by(&order_by).unwrap(),
        max_results: 100,
        offset: 0,
        visible: Default::default(),
    };
    let (found, _) = store.store.search_model_versions(search).await.unwrap();
    found.iter().map(place).collect()
}

fn place(version: &ModelVersion) -> String {
    format!("{}/{}", version.name, version.version)
}

/// Creates versions from several threads at once; their numbers, sorted.
fn create_at_once(stores: &[&Store], creators: usize, each: usize) -> Vec<i64> {
    let mut numbers: Vec<i64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..creators)
            .map(|i| {
                let store = stores[i % stores.len()].clone();
                scope.spawn(move || {
                    let create =
                        || futures::executor::block_on(store.create_model_version(new_version("wine", 1)));
                    (0..each)
                        .map(|_| create().unwrap().version.get())
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    numbers.sort_unstable();
    numbers
}

store_tests! {
    async fn versions_are_numbered_without_a_gap_and_no_number_is_given_twice(store) {
        given_model(&store, "wine", &[]).await;
        for expected in 1..=3 {
            assert_eq!(given_version(&store, "wine", NOW_MS).await, number(expected));
        }
        store.store.delete_model_version(name("wine"), number(3), NOW_MS).await.unwrap();
        assert_eq!(given_version(&store, "wine", NOW_MS).await, number(4));
        let gone = store.store.get_model_version(name("wine"), number(3)).await.unwrap_err();
        assert!(matches!(gone, StoreError::NoSuchModelVersion { .. }), "{gone}");
        // Only the whole model takes its numbers along.
        store.store.delete_registered_model(name("wine")).await.unwrap();
        given_model(&store, "wine", &[]).await;
        assert_eq!(given_version(&store, "wine", NOW_MS).await, number(1));
    }

    async fn many_creators_get_numbers_without_gap_or_repeat(store) {
        given_model(&store, "wine", &[]).await;
        let created = create_at_once(&[&store.store], 16, 8);
        assert_eq!(created, (1..=128).collect::<Vec<_>>());
    }

    async fn a_rename_takes_versions_tags_and_aliases_along(store) {
        given_model(&store, "wine", &[("team", "blue")]).await;
        given_model(&store, "beer", &[]).await;
        given_version(&store, "wine", NOW_MS).await;
        store.store.set_model_version_tag(name("wine"), number(1), tag_key("a"), "b".to_owned()).await.unwrap();
        store.store.set_model_alias(name("wine"), alias("best"), number(1)).await.unwrap();
        let taken = store.store.rename_registered_model(name("wine"), name("beer"), NOW_MS + 1).await;
        assert_eq!(taken.unwrap_err().code(), ErrorCode::ResourceAlreadyExists);
        let renamed = store
            .store
            .rename_registered_model(name("wine"), name("port"), NOW_MS + 1)
            .await
            .unwrap();
        assert_eq!(pairs(&renamed.tags), [("team", "blue")]);
        assert_eq!(renamed.last_updated_timestamp_ms, Some(NOW_MS + 1));
        let version = store.store.get_model_version_by_alias(name("port"), alias("best")).await.unwrap();
        assert_eq!((place(&version).as_str(), pairs(&version.tags)), ("port/1", vec![("a", "b")]));
        assert_eq!(version.last_updated_timestamp_ms, Some(NOW_MS + 1));
        let gone = store.store.get_registered_model(name("wine")).await.unwrap_err();
        assert_eq!(gone.code(), ErrorCode::ResourceDoesNotExist);
        store.store.rename_registered_model(name("port"), name("port"), NOW_MS + 2).await.unwrap();
    }

    async fn a_stage_can_push_its_versions_out(store) {
        given_model(&store, "wine", &[]).await;
        for _ in 0..3 {
            given_version(&store, "wine", NOW_MS).await;
        }
        set_stage(&store, 1, Stage::Production, ExistingVersions::Keep).await;
        set_stage(&store, 2, Stage::Production, ExistingVersions::Keep).await;
        let stages = async |wanted: &[Stage]| {
            let latest = store.store.get_latest_versions(name("wine"), wanted.to_vec()).await.unwrap();
            let shown = latest
                .iter()
                .map(|version| format!("{}:{}", version.version, version.current_stage.clone().unwrap()));
            shown.collect::<Vec<_>>()
        };
        assert_eq!(stages(&Stage::ALL).await, ["2:Production", "3:None"]);
        set_stage(&store, 3, Stage::Production, ExistingVersions::Archive).await;
        assert_eq!(stages(&Stage::ALL).await, ["2:Archived", "3:Production"]);
        assert_eq!(stages(&[Stage::Production]).await, ["3:Production"]);
        assert_eq!(stages(&[Stage::Staging]).await, Vec::<String>::new());
        let model = store.store.get_registered_model(name("wine")).await.unwrap();
        assert_eq!(model.last_updated_timestamp_ms, Some(NOW_MS + 9));
        assert_eq!(model.latest_versions.iter().map(place).collect::<Vec<_>>(), ["wine/2", "wine/3"]);
    }

    async fn an_alias_moves_and_goes_with_its_version(store) {
        given_model(&store, "wine", &[]).await;
        given_version(&store, "wine", NOW_MS).await;
        given_version(&store, "wine", NOW_MS).await;
        store.store.set_model_alias(name("wine"), alias("best"), number(1)).await.unwrap();
        store.store.set_model_alias(name("wine"), alias("best"), number(2)).await.unwrap();
        let best = store.store.get_model_version_by_alias(name("wine"), alias("best")).await.unwrap();
        assert_eq!((best.version, best.aliases), (number(2), vec!["best".to_owned()]));
        let missing = store.store.set_model_alias(name("wine"), alias("best"), number(3)).await.unwrap_err();
        assert!(matches!(missing, StoreError::NoSuchModelVersion { .. }), "{missing}");
        store.store.delete_model_version(name("wine"), number(2), NOW_MS).await.unwrap();
        let gone = store.store.get_model_version_by_alias(name("wine"), alias("best")).await.unwrap_err();
        assert_eq!(gone.code(), ErrorCode::InvalidParameterValue);
        assert_eq!(store.store.get_newest_model_version(name("wine")).await.unwrap().version, number(1));
        store.store.delete_model_alias(name("wine"), alias("best")).await.unwrap();
        let nobody = store.store.delete_model_alias(name("beer"), alias("best")).await.unwrap_err();
        assert!(matches!(nobody, StoreError::NoSuchRegisteredModel { .. }), "{nobody}");
    }

    async fn prompts_are_found_only_when_asked_for(store) {
        given_model(&store, "wine", &[("team", "blue")]).await;
        given_model(&store, "greeting", &[(IS_PROMPT_TAG, "true"), ("team", "blue")]).await;
        given_version(&store, "wine", NOW_MS).await;
        given_version(&store, "greeting", NOW_MS).await;
        store
            .store
            .set_model_version_tag(name("greeting"), number(1), tag_key(IS_PROMPT_TAG), "true".to_owned())
            .await
            .unwrap();
        for (filter, found) in [
            ("", "wine"),
            ("tags.team = 'blue'", "wine"),
            ("tags.`mlflow.prompt.is_prompt` = 'false'", "wine"),
            ("tags.`mlflow.prompt.is_prompt` != 'true'", "wine"),
            ("tags.`mlflow.prompt.is_prompt` = 'true'", "greeting"),
            ("tags.`mlflow.prompt.is_prompt` != 'false' AND tags.team = 'blue'", "greeting"),
        ] {
            assert_eq!(models(&store, filter, &[]).await, [found], "{filter}");
        }
        assert_eq!(versions(&store, "", &[]).await, ["wine/1"]);
        assert_eq!(versions(&store, "tags.`mlflow.prompt.is_prompt` = 'true'", &[]).await, ["greeting/1"]);
    }

    async fn models_and_versions_are_filtered_and_ordered(store) {
        for (model, team) in [("a", "blue"), ("b", "red"), ("c", "blue")] {
            given_model(&store, model, &[("team", team), ("kind", "forest")]).await;
        }
        // The last changed: c, a, b.
        for (i, model) in ["b", "a", "c", "a"].into_iter().enumerate() {
            given_version(&store, model, NOW_MS + 10 * i as i64).await;
        }
        store.store.describe_registered_model(name("c"), "x".to_owned(), NOW_MS + 99).await.unwrap();
        for (filter, order_by, found) in [
            ("", vec![], "abc"),
            ("", vec!["name DESC"], "cba"),
            ("", vec!["timestamp DESC"], "cab"),
            ("", vec!["last_updated_timestamp"], "bac"),
            ("name = 'b'", vec![], "b"),
            ("name != 'b'", vec![], "ac"),
            ("name IN ('a', 'c', 'x')", vec![], "ac"),
            ("name NOT IN ('a')", vec![], "bc"),
            ("name LIKE 'A'", vec![], ""),
            ("name ILIKE 'A'", vec![], "a"),
            ("tags.team = 'blue' AND tags.kind = 'forest'", vec![], "ac"),
            ("tags.team != 'blue'", vec![], "b"),
            ("tags.team LIKE 'b%' AND tags.team LIKE '%e'", vec![], "ac"),
            ("tags.none != 'x'", vec![], ""),
        ] {
            assert_eq!(models(&store, filter, &order_by).await.concat(), found, "{filter} {order_by:?}");
        }
        for (filter, order_by, found) in [
            ("", vec![], "a/2 c/1 a/1 b/1"),
            ("", vec!["name ASC"], "a/2 a/1 b/1 c/1"),
            ("", vec!["version_number ASC", "name DESC"], "c/1 b/1 a/1 a/2"),
            ("", vec!["creation_timestamp"], "b/1 a/1 c/1 a/2"),
            ("name = 'a'", vec![], "a/2 a/1"),
            ("version_number > 1", vec![], "a/2"),
            ("version_number = '1' AND name != 'c'", vec![], "a/1 b/1"),
            ("source_path LIKE 's3://%'", vec!["name", "version_number"], "a/1 a/2 b/1 c/1"),
            ("run_id = 'x'", vec![], ""),
            ("run_id = ''", vec!["name"], "a/2 a/1 b/1 c/1"),
            ("run_id IN ('x', 'y')", vec![], ""),
        ] {
            assert_eq!(versions(&store, filter, &order_by).await.join(" "), found, "{filter} {order_by:?}");
        }
    }

    async fn pages_return_each_version_once(store) {
        given_model(&store, "wine", &[]).await;
        for _ in 0..7 {
            given_version(&store, "wine", NOW_MS).await;
        }
        let mut seen = Vec::new();
        for offset in [0, 3, 6] {
            let search = ModelVersionSearch {
                filter: Vec::new(),
                order_by: Vec::new(),
                max_results: 3,
                offset,
                visible: Default::default(),
            };
            let (found, has_more) = store.store.search_model_versions(search).await.unwrap();
            assert_eq!(has_more, offset < 6);
            seen.extend(found.into_iter().map(|version| version.version.get()));
        }
        assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    }

    async fn a_page_ends_where_it_becomes_too_large(store) {
        given_model(&store, "wine", &[]).await;
        let text = "x".repeat(100_000);
        for _ in 0..450 {
            let mut new = new_version("wine", NOW_MS);
            new.tags = vec![(tag_key("text"), text.clone())];
            store.store.create_model_version(new).await.unwrap();
        }
        let (mut seen, mut pages) = (Vec::new(), 0);
        loop {
            let search = ModelVersionSearch {
                filter: Vec::new(),
                order_by: Vec::new(),
                max_results: 200_000,
                offset: seen.len() as i64,
                visible: Default::default(),
            };
            let (found, has_more) = store.store.search_model_versions(search).await.unwrap();
            assert!(found.len() <= 400, "{} versions of 100 kB on a page", found.len());
            seen.extend(found.into_iter().map(|version| version.version.get()));
            pages += 1;
            if !has_more {
                break;
            }
        }
        assert_eq!((pages, seen), (2, (1..=450).rev().collect()));
    }

    async fn a_logged_model_knows_its_versions(store) {
        let experiment_id = store.given_experiment().await;
        let model_id = ModelId::random(&store.entropy);
        let logged = NewLoggedModel {
            model_id: model_id.clone(),
            experiment_id,
            name: LoggedModelName::parse("forest").unwrap(),
            model_type: String::new(),
            source_run_id: String::new(),
            params: Vec::new(),
            tags: Vec::new(),
            now_ms: NOW_MS,
        };
        let location = |root: &str, _: &ModelId| -> Result<String, Invalid> { Ok(root.to_owned()) };
        store.store.create_logged_model(logged, location).await.unwrap();
        given_model(&store, "wine", &[]).await;
        for _ in 0..2 {
            let mut new = new_version("wine", NOW_MS);
            new.model_id = Some(model_id.clone());
            store.store.create_model_version(new).await.unwrap();
        }
        let model = store.store.get_logged_model(model_id, false).await.unwrap();
        assert_eq!(
            pairs(&model.tags),
            [(
                "mlflow.modelVersions",
                r#"[{"name": "wine", "version": 1}, {"name": "wine", "version": 2}]"#
            )]
        );
        let mut unknown = new_version("wine", NOW_MS);
        unknown.model_id = Some(ModelId::random(&store.entropy));
        let error = store.store.create_model_version(unknown).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ResourceDoesNotExist);
        assert_eq!(versions(&store, "", &[]).await, ["wine/2", "wine/1"]);
    }

    async fn what_a_deleted_version_said_is_gone(store) {
        given_model(&store, "wine", &[]).await;
        let mut new = new_version("wine", NOW_MS);
        new.description = "secret".to_owned();
        store.store.create_model_version(new).await.unwrap();
        store.store.delete_model_version(name("wine"), number(1), NOW_MS).await.unwrap();
        for call in [
            store.store.delete_model_version(name("wine"), number(1), NOW_MS).await.unwrap_err(),
            store
                .store
                .describe_model_version(name("wine"), number(1), None, NOW_MS)
                .await
                .unwrap_err(),
            store.store.get_newest_model_version(name("wine")).await.unwrap_err(),
        ] {
            assert_eq!(call.code(), ErrorCode::ResourceDoesNotExist, "{call}");
        }
        assert_eq!(versions(&store, "", &[]).await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn creators_on_two_replicas_get_numbers_without_gap_or_repeat() {
    let Some(store) = TestStore::postgres() else {
        return;
    };
    given_model(&store, "wine", &[]).await;
    let other = Store::open(&postgres_config(store.database().uri())).unwrap();
    let created = create_at_once(&[&store.store, &other], 16, 10);
    assert_eq!(created, (1..=160).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_are_taken_at_once_are_taken_once() {
    let Some(store) = TestStore::postgres() else {
        return;
    };
    for round in 0..10 {
        let target = format!("target {round}");
        for i in 0..4 {
            given_model(&store, &format!("model {round} {i}"), &[]).await;
        }
        let won: usize = std::thread::scope(|scope| {
            let renames: Vec<_> = (0..4)
                .map(|i| {
                    let (store, target) = (store.store.clone(), name(&target));
                    scope.spawn(move || {
                        let old = name(&format!("model {round} {i}"));
                        futures::executor::block_on(store.rename_registered_model(old, target, 1))
                    })
                })
                .collect();
            let outcomes = renames.into_iter().map(|thread| thread.join().unwrap());
            let won = outcomes.filter(|outcome| match outcome {
                Ok(_) => true,
                Err(error) => {
                    assert_eq!(error.code(), ErrorCode::ResourceAlreadyExists, "{error}");
                    false
                }
            });
            won.count()
        });
        assert_eq!(won, 1);
    }
}

/// MLflow's servers take no lock of ours before they add a tag to a version.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_is_deleted_while_somebody_else_tags_its_versions() {
    let Some(store) = TestStore::postgres() else {
        return;
    };
    given_model(&store, "wine", &[]).await;
    given_version(&store, "wine", NOW_MS).await;
    std::thread::scope(|scope| {
        let database = store.database();
        let deleting = store.store.clone();
        scope.spawn(move || {
            let (other, watching) = (database.connect(), database.connect());
            other.run(
                "BEGIN; INSERT INTO model_version_tags (key, value, name, version) VALUES ('t', 'x', 'wine', 1)",
            );
            let deletion = scope.spawn(move || {
                futures::executor::block_on(deleting.delete_registered_model(name("wine")))
            });
            wait_for(&watching, WAITING_FOR_A_LOCK, "1");
            other.run("COMMIT");
            deletion.join().unwrap().unwrap();
        });
    });
    let gone = store.store.get_registered_model(name("wine")).await.unwrap_err();
    assert_eq!(gone.code(), ErrorCode::ResourceDoesNotExist);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_is_deleted_under_its_creators_is_gone_and_nothing_fails_otherwise() {
    let Some(store) = TestStore::postgres() else {
        return;
    };
    for _ in 0..10 {
        given_model(&store, "wine", &[]).await;
        std::thread::scope(|scope| {
            for i in 0..4 {
                let store = store.store.clone();
                scope.spawn(move || {
                    futures::executor::block_on(async {
                        for _ in 0..6 {
                            let outcome = match i {
                                0 => store.delete_registered_model(name("wine")).await,
                                1 => {
                                    store
                                        .set_registered_model_tag(name("wine"), tag_key("a"), "b".to_owned())
                                        .await
                                }
                                2 => {
                                    store
                                        .set_model_alias(name("wine"), alias("best"), number(1))
                                        .await
                                }
                                _ => store.create_model_version(new_version("wine", 1)).await.map(drop),
                            };
                            if let Err(error) = outcome {
                                assert_eq!(error.code(), ErrorCode::ResourceDoesNotExist, "{error}");
                            }
                        }
                    });
                });
            }
        });
        let gone = store.store.get_registered_model(name("wine")).await.unwrap_err();
        assert_eq!(gone.code(), ErrorCode::ResourceDoesNotExist);
    }
}
