use oxflow_core::{ErrorCode, ExperimentId, ViewState};
use serde_json::{Value, json};

use super::backend::{NOW_MS, store_tests, tag_key};

fn state(value: &Value) -> ViewState {
    ViewState::parse(value).unwrap()
}

store_tests! {
    async fn a_state_is_found_by_its_hash_and_kept_once(store) {
        let saved = json!({ "q": "metrics.loss < 0.5", "cols": ["größe", "\u{0}"], "n": 1.5 });
        for _ in 0..2 {
            store.store.put_view(state(&saved), NOW_MS).await.unwrap();
        }
        let id = state(&saved).id().clone();
        assert_eq!(store.store.get_view(id).await.unwrap(), saved);
        let missing = store.store.get_view(state(&json!({})).id().clone()).await.unwrap_err();
        assert_eq!(missing.code(), ErrorCode::ResourceDoesNotExist);
    }

    async fn named_views_belong_to_an_experiment_and_one_is_the_default(store) {
        let id = store.given_experiment().await;
        let large = json!({ "text": "x".repeat(60_000) });
        for (name, value, is_default) in [
            ("nightly", json!({ "v": 1 }), true),
            ("a/b: c", large.clone(), false),
            ("weekly", json!({ "v": 2 }), true),
            ("nightly", json!({ "v": 3 }), false),
        ] {
            store.store.set_named_view(id, name, state(&value), is_default, NOW_MS).await.unwrap();
        }
        store.store.set_experiment_tag(id, tag_key("oxflow.view.broken"), "no JSON".to_owned()).await.unwrap();
        store.store.set_experiment_tag(id, tag_key("oxflow.viewer"), "{}".to_owned()).await.unwrap();
        let views = store.store.named_views(id).await.unwrap();
        let seen: Vec<(&str, &Value, bool)> =
            views.iter().map(|view| (view.name.as_str(), &view.state, view.is_default)).collect();
        let expected = [
            ("a/b: c", &large, false),
            ("broken", &Value::Null, false),
            ("nightly", &json!({ "v": 3 }), false),
            ("weekly", &json!({ "v": 2 }), true),
        ];
        assert_eq!(seen, expected);
        // What MLflow reads of it is short.
        let tags = store.store.get_experiment(id).await.unwrap().tags;
        assert!(tags.iter().all(|tag| tag.value.len() < 5000));

        // A new default takes it from the old one.
        store.store.set_named_view(id, "nightly", state(&json!({})), true, NOW_MS).await.unwrap();
        let views = store.store.named_views(id).await.unwrap();
        let defaults: Vec<&str> = views.iter().filter(|view| view.is_default).map(|view| view.name.as_str()).collect();
        assert_eq!(defaults, ["nightly"]);
        assert_eq!(views[3].state, json!({ "v": 2 }));

        store.store.delete_named_view(id, "nightly").await.unwrap();
        let gone = store.store.delete_named_view(id, "nightly").await.unwrap_err();
        assert_eq!(gone.code(), ErrorCode::ResourceDoesNotExist);
        assert!(store.store.named_views(ExperimentId::DEFAULT).await.unwrap().is_empty());
    }

    async fn names_are_those_of_tags_and_experiments_must_be_active(store) {
        let id = store.given_experiment().await;
        let long = "x".repeat(240);
        for name in ["", "ä?", "a\\b", "a//b", long.as_str()] {
            let refused = store.store.set_named_view(id, name, state(&json!({})), false, NOW_MS).await.unwrap_err();
            assert_eq!(refused.code(), ErrorCode::InvalidParameterValue, "{name}");
        }
        store.store.delete_experiment(id, NOW_MS).await.unwrap();
        let refused = store.store.set_named_view(id, "a", state(&json!({})), false, NOW_MS).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::InvalidParameterValue);
        let missing = ExperimentId::parse("987654").unwrap();
        let refused = store.store.named_views(missing).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::ResourceDoesNotExist);
    }
}
