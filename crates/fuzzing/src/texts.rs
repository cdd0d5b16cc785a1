//! Texts of a client: filters, orders, tokens, paths, locations.

use oxflow_artifacts::{ArtifactPath, Location, ModelSource, SourceOwner, check_new_location};
use oxflow_auth::{Token, UserName};
use oxflow_core::{ExperimentId, ModelUri, RunId};
use oxflow_search::{
    LoggedModelToken, PageToken, RunColumn, parse_experiment_filter, parse_experiment_order_by,
    parse_logged_model_filter, parse_logged_model_order_field, parse_model_version_filter,
    parse_model_version_order_by, parse_registered_model_filter, parse_registered_model_order_by,
    parse_run_filter, parse_run_order_by, print_filter,
};
use oxflow_server::ServerConfig;
use percent_encoding::percent_decode_str;

/// How often a path may still be decoded without becoming a dangerous one. security.md, section 3.
const DECODE_ROUNDS: usize = 5;

pub(crate) fn filters(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(conditions) = parse_run_filter(text) {
        let _ = print_filter(&conditions);
    }
    let _ = parse_experiment_filter(text);
    let _ = parse_logged_model_filter(text);
    let _ = parse_registered_model_filter(text);
    let _ = parse_model_version_filter(text);
}

pub(crate) fn order_by(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let clauses: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let _ = parse_run_order_by(&clauses);
    let _ = parse_experiment_order_by(&clauses);
    let _ = parse_registered_model_order_by(&clauses);
    let _ = parse_model_version_order_by(&clauses);
    let _ = parse_logged_model_order_field(text);
    let _ = RunColumn::parse(text);
}

pub(crate) fn tokens(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let _ = PageToken::parse(text);
    let mut search = LoggedModelToken {
        experiment_ids: Vec::new(),
        filter_string: None,
        order_by: None,
        offset: 0,
    };
    let _ = search.resume(text);
    let _ = Token::parse(text);
    let _ = ExperimentId::parse(text);
    let _ = ModelUri::parse(text);
    if let Ok(id) = RunId::parse(text) {
        assert!(!id.to_string().contains(['/', '\\', '.']), "{id} could be a path");
    }
    if let Ok(name) = UserName::parse(text) {
        let name = name.as_str();
        assert!(
            !name.contains(':') && !name.chars().any(char::is_control),
            "{name:?}"
        );
    }
}

pub(crate) fn artifact_paths(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(path) = ArtifactPath::parse(text) else {
        return;
    };
    assert_eq!(path.as_str(), text, "a path is what was sent");
    let mut decoded = text.to_owned();
    for _ in 0..=DECODE_ROUNDS {
        for segment in decoded.split(['/', '\\']) {
            assert!(
                !["", ".", ".."].contains(&segment),
                "{text:?} becomes {decoded:?}"
            );
        }
        // What `%10` to `%19` stand for is in honest names: `dog%step%10`.
        let is_odd = |c: char| c.is_control() && !('\u{10}'..='\u{19}').contains(&c);
        assert!(!decoded.contains(is_odd), "{text:?} becomes {decoded:?}");
        let next = percent_decode_str(&decoded).decode_utf8_lossy().into_owned();
        if next == decoded {
            break;
        }
        decoded = next;
    }
    let again = path.join(&path);
    assert!(again.is_err() || again.is_ok_and(|both| both.as_str() == format!("{text}/{text}")));
    let parent = path.parent().map(|parent| parent.as_str().to_owned());
    assert!(
        parent.is_none_or(|parent| text.starts_with(&parent)),
        "the parent of {text:?}"
    );
}

pub(crate) fn locations(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let policy = ServerConfig::default().locations;
    let _ = Location::parse(text);
    if let Ok(stored) = check_new_location(text, &policy) {
        assert!(
            !stored.chars().any(char::is_control),
            "{text:?} is stored as {stored:?}"
        );
        let has_way_up = stored.split(['/', '\\', '?']).any(|part| part == "..");
        assert!(!has_way_up, "{text:?} is stored as {stored:?}");
    }
    for owner in [SourceOwner::Run, SourceOwner::Model] {
        if let Ok(source) = ModelSource::parse(text, owner, &policy) {
            let _ = source.is_within(
                text,
                "mlflow-artifacts:/1/0123456789abcdef0123456789abcdef/artifacts",
            );
        }
    }
}
