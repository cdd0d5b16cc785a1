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
        "",
    ];
    for raw in table.into_iter().filter(|raw| !raw.is_empty()) {
        assert!(parse(raw).is_err(), "{raw}: {:?}", parse(raw));
    }
}

#[test]
fn a_source_lies_in_what_its_run_has() {
    let root = "mlflow-artifacts:/1/abc/artifacts";
    for inside in [
        root,
        "mlflow-artifacts:/1/abc/artifacts/model",
        "MLflow-Artifacts:/1//abc/artifacts/%6dodel",
    ] {
        assert!(is_uri_within(inside, root), "{inside}");
    }
    for outside in [
        "mlflow-artifacts:/1/abc/artifactsx",
        "mlflow-artifacts:/1/abc",
        "mlflow-artifacts://host/1/abc/artifacts",
        "s3:/1/abc/artifacts",
    ] {
        assert!(!is_uri_within(outside, root), "{outside}");
    }
    assert!(
        !is_uri_within(root, "mlflow-artifacts:/"),
        "a root without segments holds nothing"
    );
    let Ok(ModelSource::Local(path)) = parse("/srv/1/abc/artifacts/x/../model") else {
        panic!()
    };
    assert!(path.is_within("/srv/1/abc/artifacts") && path.is_within("file:///srv/1/abc/artifacts/"));
    assert!(!path.is_within("/srv/1/abc/art") && !path.is_within("/") && !path.is_within(root));
}
