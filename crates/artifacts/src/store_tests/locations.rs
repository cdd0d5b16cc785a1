//! Which stored URIs the server acts upon, and opening configurations.

use super::*;
use crate::{Environment, NotServed, OpenError};

fn config(home: &TempDir) -> ArtifactsConfig {
    let below = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    ArtifactsConfig {
        destination: below("dest"),
        default_root: below("default"),
        serve: true,
        extra_roots: vec![
            below("extra"),
            below("dest/inner"),
            format!("file://{}", below("with%20space")),
        ],
        environment: Default::default(),
    }
}

#[test]
fn a_location_is_served_only_inside_a_configured_root() {
    let home = tempfile::tempdir().unwrap();
    let artifacts = Artifacts::open(&config(&home)).unwrap();
    let at = home.path().to_str().unwrap();
    // `{}` is the home of the roots; `Some("")` is a root itself.
    let table = [
        ("{}/dest/1/r/artifacts", Some("1/r/artifacts")),
        ("{}/dest/1//r/", Some("1/r")),
        ("{}/dest/./1", Some("1")),
        ("{}/dest", Some("")),
        ("{}/dest/inner/1", Some("1")),
        ("file://{}/dest/1", Some("1")),
        ("file:{}/dest/1", Some("1")),
        ("FILE://localhost{}/default/a%20b", Some("a b")),
        ("{}/default/1", Some("1")),
        ("{}/extra/1", Some("1")),
        ("{}/with space/1", Some("1")),
        ("mlflow-artifacts:/1/r/artifacts", Some("1/r/artifacts")),
        ("mlflow-artifacts:/", Some("")),
        ("mlflow-artifacts:///1", Some("1")),
        ("mlflow-artifacts://elsewhere:5000/1", Some("1")),
        (
            "http://elsewhere/api/2.0/mlflow-artifacts/artifacts/1/r",
            Some("1/r"),
        ),
        ("https://h/p/api/2.0/mlflow-artifacts/artifacts/1", Some("1")),
        ("{}", None),
        ("{}/", None),
        ("/", None),
        ("{}/destination/1", None),
        ("{}/des", None),
        ("{}/dest/../other", None),
        ("{}/dest/..", None),
        ("{}/dest/1/../2", None),
        ("{}/dest/.oxflow-tmp/x", None),
        ("{}/dest/inner/.oxflow-tmp", None),
        ("{}/dest/a\\b", None),
        ("{}/dest/a?b", None),
        ("{}/dest/%2e%2e/x", None),
        ("{}/dest/a\0b", None),
        ("/{}/dest/1", None),
        ("file://{}/dest/%2e%2e/other", None),
        ("file://host{}/dest/1", None),
        ("file:///etc", None),
        ("/etc/passwd", None),
        ("dest/1", None),
        ("./dest/1", None),
        ("", None),
        ("mlflow-artifacts:/../x", None),
        ("mlflow-artifacts:/1/%2e%2e/2", None),
        ("mlflow-artifacts:/.oxflow-tmp/x", None),
        ("http://h/api/2.0/mlflow-artifacts/artifacts/../x", None),
        ("http://h/x", None),
        ("https://h{}/dest/1", None),
        ("s3://bucket/1", None),
        ("s3:{}/dest/1", None),
        ("gs://bucket/1", None),
        ("wasbs://c@h/1", None),
        ("abfss://c@h/1", None),
        ("dbfs:/1", None),
        ("hdfs://h/1", None),
        ("ftp://h/1", None),
        ("runs:/r/x", None),
        ("models:/m/1", None),
        ("data:text/plain,x", None),
        ("javascript:x", None),
        ("C:/x", None),
        ("\\\\host\\share", None),
        ("//host/share", None),
    ];
    for (uri, expected) in table {
        let uri = uri.replace("{}", at);
        let found = artifacts.servable(&uri);
        let below = found.map(|location| {
            location
                .path_in_root()
                .map_or(String::new(), |path| path.as_str().to_owned())
        });
        assert_eq!(below, expected.map(str::to_owned).ok_or(NotServed), "{uri:?}");
    }
    assert_eq!(
        NotServed.to_string(),
        "artifact location is not served by this server"
    );
}

#[tokio::test]
async fn every_name_of_a_place_leads_to_the_same_file() {
    let home = tempfile::tempdir().unwrap();
    let artifacts = Artifacts::open(&config(&home)).unwrap();
    let local = format!("{}/dest/1", home.path().display());
    let by_proxy = artifacts.servable("mlflow-artifacts://any/1").unwrap();
    artifacts
        .put(&by_proxy, &path("a/b"), body(b"x"), UploadLimits::default())
        .await
        .unwrap();
    for uri in [
        local.as_str(),
        &format!("file://{local}"),
        "mlflow-artifacts:/1",
        "http://h/api/2.0/mlflow-artifacts/artifacts/1",
    ] {
        let at = artifacts.servable(uri).unwrap();
        assert_eq!(artifacts.list(&at, None).await.unwrap()[0].name, "a", "{uri}");
        assert_eq!(
            artifacts.open_file(&at, &path("a/b")).await.unwrap().size_bytes(),
            1,
            "{uri}"
        );
        let missing = artifacts.open_file(&at, &path("a/c")).await.unwrap_err();
        assert_eq!(missing.to_string(), "No such artifact: 'a/c'");
    }
    assert!(home.path().join("dest/1/a/b").is_file());
}

#[test]
fn without_serving_there_is_no_proxy() {
    let home = tempfile::tempdir().unwrap();
    let served = |destination: String, below: &str| {
        let config = ArtifactsConfig {
            serve: false,
            destination,
            ..config(&home)
        };
        let artifacts = Artifacts::open(&config).unwrap();
        assert!(artifacts.proxy().is_none());
        assert_eq!(artifacts.servable("mlflow-artifacts:/1").err(), Some(NotServed));
        artifacts
            .servable(&format!("{}/{below}", home.path().display()))
            .is_ok()
    };
    assert!(served("s3://ignored".into(), "default/1"));
    assert!(served(config(&home).destination, "default/1"));
    assert!(
        served(config(&home).destination, "dest/1"),
        "still a tree of this server"
    );
    assert!(
        std::fs::read_dir(home.path()).unwrap().next().is_none(),
        "opening makes nothing"
    );
}

#[test]
fn what_cannot_be_a_root_is_refused_with_its_flag() {
    let home = tempfile::tempdir().unwrap();
    let message = |change: &dyn Fn(&mut ArtifactsConfig)| {
        let mut config = config(&home);
        change(&mut config);
        Artifacts::open(&config).unwrap_err().to_string()
    };
    assert!(
        message(&|config| config.destination = "ftp://host/x".into())
            .starts_with("`--artifacts-destination` names a `ftp:` location, which this server cannot reach")
    );
    assert!(
        message(&|config| config.extra_roots = vec!["HDFS://b".into()])
            .contains("`--artifact-root-allow` names a `hdfs:`")
    );
    for root in ["s3://", "s3://bucket/../x", "gs://b?x", "wasbs://container/x"] {
        let told = message(&|config| config.destination = root.into());
        assert!(told.contains("is not a bucket with a folder"), "{told}");
    }
    let told = message(&|config| config.destination = "s3://key:secret@bucket/x".into());
    assert!(!told.contains("secret"), "{told}");
    let told = message(&|config| {
        config.destination = "s3://bucket/x".into();
        config.environment = Environment::new([(
            "MLFLOW_S3_UPLOAD_EXTRA_ARGS".to_owned(),
            "{\"ACL\": \"x\"}".to_owned(),
        )]);
    });
    assert!(
        told.contains("`--artifacts-destination` is `s3://bucket/x`, which cannot be used: `ACL`"),
        "{told}"
    );
    for root in ["/", "", "file://host/x", "file:", "/tmp/.."] {
        assert!(
            message(&|config| config.destination = root.into()).contains("is not the path of a directory"),
            "{root}"
        );
    }
    std::fs::write(home.path().join("dest"), b"a file").unwrap();
    assert!(matches!(
        Artifacts::open(&config(&home)),
        Err(OpenError::Io { .. })
    ));
}

#[test]
fn a_default_root_in_an_object_store_is_served_as_far_as_it_can_be_reached() {
    let home = tempfile::tempdir().unwrap();
    let open = |root: &str, variables: &[(&str, &str)]| {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let remote = ArtifactsConfig {
            default_root: root.into(),
            environment: Environment::new(variables),
            ..config(&home)
        };
        Artifacts::open(&remote).unwrap()
    };
    let keys = [("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "hidden")];
    let reached = open("s3://bucket/x", &keys);
    let below = |uri: &str| {
        reached
            .servable(uri)
            .map(|place| place.path_in_root().map(ToString::to_string))
    };
    assert_eq!(
        below("s3://bucket/x/1/r/artifacts"),
        Ok(Some("1/r/artifacts".to_owned()))
    );
    for other in [
        "s3://bucket/y/1",
        "s3://bucket",
        "s3://bucket/xy/1",
        "s3://other/x/1",
        "gs://bucket/x/1",
        "s3://bucket/x/../y",
    ] {
        assert_eq!(below(other), Err(NotServed), "{other}");
    }
    assert!(!format!("{reached:?}").contains("hidden"));
    // Clients may well have what this server lacks.
    let half = open("s3://bucket/x", &keys[..1]);
    assert_eq!(half.servable("s3://bucket/x/1").err(), Some(NotServed));
    let unknown = open("hdfs://host/x", &[]);
    assert_eq!(unknown.servable("hdfs://host/x/1").err(), Some(NotServed));
}
