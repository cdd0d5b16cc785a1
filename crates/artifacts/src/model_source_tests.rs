use std::path::PathBuf;

use super::*;

fn policy() -> LocationPolicy {
    LocationPolicy {
        max_chars: 2048,
        allowed_schemes: Vec::new(),
        own_roots: vec!["abfss://models@ours.dfs.core.windows.net/x".to_owned()],
        working_directory: PathBuf::from("/srv/oxflow"),
    }
}

fn parse(raw: &str) -> Result<ModelSource, InvalidSource> {
    ModelSource::parse(raw, SourceOwner::Run, &policy())
}

#[test]
fn sources_are_told_apart() {
    let run = |run_id: &str| ModelSource::Run {
        run_id: run_id.to_owned(),
    };
    let table = [
        ("runs:/abc/model", run("abc")),
        ("RUNS:/abc", run("abc")),
        ("mlflow-artifacts:/1/abc/artifacts/model", ModelSource::Proxied),
        ("s3://bucket/path", ModelSource::Elsewhere),
        ("S3://Bucket//a//b/", ModelSource::Elsewhere),
        ("s3://bucket/a..b?x=1#y", ModelSource::Elsewhere),
        ("gs://bucket/a b", ModelSource::Elsewhere),
        ("dbfs:/path", ModelSource::Elsewhere),
        ("wasbs://container@account/path", ModelSource::Elsewhere),
        (
            "abfss://models@ours.dfs.core.windows.net/y",
            ModelSource::Elsewhere,
        ),
        (
            "models:/m-1",
            ModelSource::Model(ModelUri::LoggedModel {
                model_id: "m-1".to_owned(),
            }),
        ),
    ];
    for (raw, expected) in table {
        assert_eq!(parse(raw), Ok(expected), "{raw}");
    }
    let local = [
        ("/srv/x/../y", "/srv/y"),
        ("x/./y", "/srv/oxflow/x/y"),
        ("../y", "/srv/y"),
        ("file:///a%20b", "/a b"),
        ("file://localhost/a", "/a"),
        ("//a", "/a"),
        ("/a/%2e%2e/b", "/b"),
        ("/../../etc", "/etc"),
    ];
    for (raw, expected) in local {
        let Ok(ModelSource::Local(path)) = parse(raw) else {
            panic!("{raw}: {:?}", parse(raw))
        };
        assert_eq!(format!("/{}", path.0.join("/")), expected, "{raw}");
    }
}

#[test]
fn what_leads_elsewhere_is_refused() {
    let table = [
        "s3://bucket",
        "s3://bucket/",
        "s3:bucket/x",
        "s3://bucket/a/../b",
        "s3://bucket/..",
        "s3://../a",
        "s3://bucket/a/%2e%2e/b",
        "s3://bucket/a/%252e%252e/b",
        "s3://bucket/%2E%2E%2Fb",
        "s3://bucket/./a",
        "s3://bucket/a/%2e/b",
        "s3://bucket/a?x=../y",
        "s3://bucket/a%00b",
        "s3://bucket/a\nb",
        "s3://user:secret@bucket/a",
        "s3a://bucket/x",
        "gopher://host/x",
        "foo:/bar",
        "http://host/x",
        "https://host/api/2.0/mlflow-artifacts/artifacts/1",
        "ftp://host/x",
        "hdfs://host/x",
        "abfss://models@theirs.dfs.core.windows.net/y",
        "mlflow-artifacts://host/1",
        "mlflow-artifacts:/../a",
        "mlflow-artifacts:/a/%2e%2e/b",
        "file://host/share",
        "runs:/",
        "runs:x/model",
        "runs://host/x/model",
        "runs:/x/../y",
        "models:/",
        "models:",
        "models:x/1",
        "models://x/1",
        "models:/x/1/2",
        "models:/x@",
        "C:/x",
        "data:text/plain,x",
        "javascript:alert(1)",
        "prompts:/name/1",
        "dbfs:",
        "dbfs:a",
        "s3://bucket/a\\..\\x",
        "s3://bucket/..%5cx",
    ];
    let deep = format!("s3://bucket/x/%{0}2e%{0}2e/y", "25".repeat(40));
    for raw in table.into_iter().chain([deep.as_str()]) {
        assert!(parse(raw).is_err(), "{raw}: {:?}", parse(raw));
    }
}

fn is_within(raw: &str, root: &str) -> bool {
    parse(raw).is_ok_and(|source| source.is_within(raw, root))
}

#[test]
fn a_source_lies_in_what_its_run_has() {
    let root = "mlflow-artifacts:/1/abc/artifacts";
    for inside in [
        root,
        "mlflow-artifacts:/1/abc/artifacts/model",
        "MLflow-Artifacts:/1/abc/artifacts/%6dodel",
    ] {
        assert!(is_within(inside, root), "{inside}");
    }
    for outside in [
        "mlflow-artifacts:/1/abc/artifactsx",
        "mlflow-artifacts:/1/abc",
        "s3:/1/abc/artifacts",
        // Read twice this is inside; the server, which reads once, would look into another folder.
        "mlflow-artifacts:/1/%2561bc/artifacts",
    ] {
        assert!(!is_within(outside, root), "{outside}");
    }
    assert!(
        !is_within(root, "mlflow-artifacts:/"),
        "a root without segments holds nothing"
    );
    let local = "/srv/1/abc/artifacts";
    for inside in [
        local,
        "/srv/1/abc/artifacts/model",
        "file:///srv/1/abc/artifacts/model",
        "/srv/1/abc/artifacts/x/../model",
        "//srv/1/abc/artifacts/model",
    ] {
        assert!(is_within(inside, local), "{inside}");
        assert!(is_within(inside, "file:///srv/1/abc/artifacts/"), "{inside}");
    }
    for outside in [
        "/srv/1/abc",
        "/srv/1/abc/artifactsx",
        "/srv/1/%61bc/artifacts/model",
    ] {
        assert!(!is_within(outside, local), "{outside}");
    }
    assert!(!is_within("/srv/1/abc/artifacts", "/") && !is_within("/srv/1/abc/artifacts", root));
}

#[test]
fn queries_do_not_count_in_uris_of_runs_and_models() {
    let run = ModelSource::Run {
        run_id: "abc".to_owned(),
    };
    assert_eq!(parse("runs:/abc?a"), Ok(run));
    let version = ModelSource::Model(ModelUri::Version {
        name: "wine".to_owned(),
        version: "1".to_owned(),
    });
    assert_eq!(parse("models:/wine/1?x"), Ok(version.clone()));
    assert_eq!(parse("models:///wine/1"), Ok(version));
}
