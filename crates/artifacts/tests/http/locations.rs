//! Which locations on web servers are read, and which settings are refused.

use oxflow_artifacts::{Artifacts, ArtifactsConfig, Environment, NotServed, OpenError};

fn config(extra_roots: &[&str]) -> ArtifactsConfig {
    ArtifactsConfig {
        destination: "/nonexistent/oxflow".to_owned(),
        default_root: "mlflow-artifacts:/".to_owned(),
        serve: true,
        extra_roots: extra_roots.iter().map(|root| (*root).to_owned()).collect(),
        environment: Environment::default(),
    }
}

#[test]
fn only_what_is_below_an_allowed_folder_is_read() {
    let roots = [
        "https://Files.example.com:443/models/",
        "http://plain.example:8080",
        "http://h/a%20b",
    ];
    let artifacts = Artifacts::open(&config(&roots)).unwrap();
    for (uri, below) in [
        ("https://files.example.com/models", Some("")),
        (
            "https://files.example.com/models/1/r/artifacts",
            Some("1/r/artifacts"),
        ),
        ("https://files.example.com/models/a%20b/%C3%A9/", Some("a b/é")),
        ("http://plain.example:8080", Some("")),
        ("http://plain.example:8080/any/thing", Some("any/thing")),
        ("http://h/a%20b/c", Some("c")),
        // Another text of a place that is served.
        ("HTTPS://files.example.com/models/a", None),
        ("https://Files.example.com/models/a", None),
        ("https://files.example.com:443/models/a", None),
        ("https://files.example.com/models/%61", None),
        ("http://h/a b/c", None),
        // Of an artifact API, as everywhere.
        (
            "https://files.example.com/models/api/2.0/mlflow-artifacts/artifacts/1",
            Some("1"),
        ),
        ("https://files.example.com/models-2/a", None),
        ("https://files.example.com/model", None),
        ("https://files.example.com/Models/a", None),
        ("https://files.example.com", None),
        ("https://files.example.com/other/models/a", None),
        ("https://files.example.com/models/../other", None),
        ("https://files.example.com/models/%2e%2e/other", None),
        ("https://files.example.com/models/%252e%252e/other", None),
        ("https://files.example.com/models%2f..%2fother", None),
        ("https://files.example.com/models/..%2fother", None),
        ("https://files.example.com/models\\..\\other", None),
        ("https://files.example.com/models//a", None),
        ("https://files.example.com/models/a?b", None),
        ("https://files.example.com/models/a#b", None),
        ("https://files.example.com/models/.oxflow-tmp/a", None),
        ("https://user@files.example.com/models/a", None),
        ("https://user:password@files.example.com/models/a", None),
        ("https://files.example.com@other/models/a", None),
        ("https://files.example.com.evil.example/models/a", None),
        ("https://evil.example/files.example.com/models/a", None),
        ("https://files.example.com:8443/models/a", None),
        ("http://files.example.com/models/a", None),
        ("http://files.example.com:443/models/a", None),
        ("https://plain.example:8080/a", None),
        ("http://plain.example/a", None),
        ("http:plain.example:8080/a", None),
        ("http:///plain.example:8080/a", None),
        ("ftp://plain.example:8080/a", None),
        ("http://169.254.169.254/latest/meta-data", None),
    ] {
        let found = artifacts.servable(uri);
        let found = found.map(|at| at.path_in_root().map_or(String::new(), ToString::to_string));
        assert_eq!(found, below.map(str::to_owned).ok_or(NotServed), "{uri}");
    }
    let nothing = Artifacts::open(&config(&[])).unwrap();
    for uri in [
        "https://files.example.com/models/a",
        "http://plain.example:8080/a",
    ] {
        assert!(nothing.servable(uri).is_err(), "{uri}");
    }
}

#[test]
fn a_default_root_may_be_on_a_web_server() {
    let mut config = config(&[]);
    config.default_root = "https://files.example.com/models".to_owned();
    let artifacts = Artifacts::open(&config).unwrap();
    assert!(
        artifacts
            .servable("https://files.example.com/models/1")
            .unwrap()
            .is_only_read()
    );
    // Clients reach these themselves, and need not be able to through this server.
    for root in [
        "https://user:password@files.example.com/models",
        "https://files.example.com/models?token=x",
    ] {
        config.default_root = root.to_owned();
        assert!(Artifacts::open(&config).unwrap().servable(root).is_err());
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let mut destination = config(&[]);
    destination.destination = "https://files.example.com/models".to_owned();
    let error = Artifacts::open(&destination).unwrap_err();
    assert!(matches!(error, OpenError::OnlyRead { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "`--artifacts-destination` is `https://files.example.com/models`, which this server can only read; name it in \
         `--artifact-root-allow`, and a local directory or an object store here"
    );
    destination.serve = false;
    let artifacts = Artifacts::open(&destination).unwrap();
    assert!(artifacts.servable("https://files.example.com/models/1").is_err());

    for root in [
        "https://",
        "https:///models",
        "https://user:password@h/models",
        "https://h/models?token=password",
        "https://h/models#x",
        "https://h/../models",
        "https://h/a//b",
    ] {
        let error = Artifacts::open(&config(&[root])).unwrap_err();
        assert!(
            matches!(error, OpenError::NotAWebFolder { .. }),
            "{root}: {error:?}"
        );
    }
    let error = Artifacts::open(&config(&["https://user:password@h/models"])).unwrap_err();
    assert!(!error.to_string().contains("password"), "{error}");
    // It would never be asked: such locations are below the artifacts destination.
    let api = "https://h/api/2.0/mlflow-artifacts/artifacts/1";
    let error = Artifacts::open(&config(&[api])).unwrap_err();
    assert!(matches!(error, OpenError::UnknownStore { .. }), "{error:?}");
}
