use super::*;

fn policy() -> LocationPolicy {
    LocationPolicy {
        max_chars: 2048,
        allowed_schemes: vec![],
        own_roots: vec![
            "./mlartifacts".into(),
            "hdfs://namenode:8020/x".into(),
            "abfss://c@acct.net/".into(),
        ],
        working_directory: "/srv/oxflow".into(),
    }
}

/// Location and the text stored for it.
const ACCEPTED: &[(&str, &str)] = &[
    ("s3://b/x", "s3://b/x"),
    ("S3://b/x", "S3://b/x"),
    ("s3://b/x?y=1", "s3://b/x?y=1"),
    ("s3://b/x?y=.", "s3://b/x?y=."),
    ("s3://b/x?a;b", "s3://b/x?a;b"),
    ("s3://b/x#", "s3://b/x#"),
    ("s3://b/%23", "s3://b/%23"),
    ("s3://b/..x/y..", "s3://b/..x/y.."),
    ("gs://b/x", "gs://b/x"),
    ("dbfs:/x", "dbfs:/x"),
    ("mlflow-artifacts:/x", "mlflow-artifacts:/x"),
    ("mlflow-artifacts:///x", "mlflow-artifacts:///x"),
    ("hdfs://namenode:8020/other", "hdfs://namenode:8020/other"),
    ("hdfs://NameNode:8020/other", "hdfs://NameNode:8020/other"),
    ("abfss://other@acct.net/x", "abfss://other@acct.net/x"),
    ("file:///tmp/x", "file:///tmp/x"),
    ("file:/tmp/x", "file:/tmp/x"),
    ("file://localhost/tmp/x", "file://localhost/tmp/x"),
    ("/tmp/x", "/tmp/x"),
    ("/tmp//x/", "/tmp//x/"),
    ("/tmp/a b/é", "/tmp/a b/é"),
    ("rel", "/srv/oxflow/rel"),
    ("./rel", "/srv/oxflow/rel"),
    ("rel/", "/srv/oxflow/rel"),
    ("rel?y=1", "/srv/oxflow/rel?y=1"),
    ("~/x", "/srv/oxflow/~/x"),
];

#[test]
fn ordinary_locations_are_kept_verbatim() {
    for (raw, stored) in ACCEPTED {
        assert_eq!(
            check_new_location(raw, &policy()).as_deref(),
            Ok(*stored),
            "{raw}"
        );
    }
}

#[test]
fn everything_else_is_refused_with_its_reason() {
    use InvalidLocation::*;
    let foreign = |scheme: &str| ForeignHost {
        scheme: scheme.into(),
    };
    let unknown = |scheme: &str| UnknownScheme {
        scheme: scheme.into(),
    };
    let table = [
        ("", Empty),
        ("s3://b/x#frag", FragmentOrParams),
        ("file:///tmp/x#f", FragmentOrParams),
        ("/tmp/x#f", FragmentOrParams),
        ("/tmp/x;p", FragmentOrParams),
        // MLflow keeps this one; security.md section 4 does not.
        ("s3://b/x;p=1", FragmentOrParams),
        ("http://evil/x;p", FragmentOrParams),
        ("runs:/x#f", FragmentOrParams),
        ("s3://b/x?y=../z", Query),
        ("s3://b/x?y=%2e%2e/z", Query),
        ("s3://b/x?y=%252e%252e", Query),
        ("s3://b/x?y=%25252525252525252e", Query),
        ("s3://b/x?y=a..b", Query),
        ("/tmp/x?y=..", Query),
        ("http://evil/x?..", Query),
        (
            "runs:/x",
            RunsUri {
                given: "runs:/x".into(),
            },
        ),
        (
            "RUNS:/x/y",
            RunsUri {
                given: "RUNS:/x/y".into(),
            },
        ),
        ("http://evil/x", foreign("http")),
        ("wasbs://c@h/x", foreign("wasbs")),
        ("HTTPS://evil/x", foreign("https")),
        ("http:x", foreign("http")),
        ("http:///x", foreign("http")),
        ("ftp://h/x", foreign("ftp")),
        ("sftp://h/x", foreign("sftp")),
        ("hdfs:/x", foreign("hdfs")),
        ("hdfs://namenode/x", foreign("hdfs")),
        ("hdfs://namenode:8020.evil/x", foreign("hdfs")),
        ("viewfs://namenode:8020/x", foreign("viewfs")),
        ("abfss://c@evil/x", foreign("abfss")),
        ("abfss://acct.net@evil/x", foreign("abfss")),
        ("r2://b@h/x", foreign("r2")),
        ("b2://b@h/x", foreign("b2")),
        ("mlflow-artifacts://host/x", foreign("mlflow-artifacts")),
        ("sftp://u:p@h/x", UserInfo),
        ("s3://u:p@b/x", UserInfo),
        ("abfss://u:p@acct.net/x", UserInfo),
        ("abfss://evil@c@acct.net/x", UserInfo),
        ("hdfs://u@namenode:8020/x", UserInfo),
        ("/tmp/../x", ParentSegment),
        ("../up", ParentSegment),
        ("s3://b/..", ParentSegment),
        ("s3://../b", ParentSegment),
        ("gs://%2e%2e/b", ParentSegment),
        ("s3://b/%2e%2e/x", ParentSegment),
        ("s3://b/%252E%252e/x", ParentSegment),
        ("s3://b/a%2f..%2fx", ParentSegment),
        ("mlflow-artifacts:/../x", ParentSegment),
        ("..\\x", ParentSegment),
        ("s3://b/\0", ControlCharacter),
        ("s3://b/a\nb", ControlCharacter),
        ("/tmp/a\tb", ControlCharacter),
        ("file://otherhost/tmp/x", FileUri),
        ("file:rel", FileUri),
        ("data:text/plain,x", unknown("data")),
        ("javascript:alert(1)", unknown("javascript")),
        ("gopher://h/x", unknown("gopher")),
        ("C:/x", unknown("c")),
    ];
    for (raw, expected) in table {
        assert_eq!(check_new_location(raw, &policy()), Err(expected), "{raw:?}");
    }
}

#[test]
fn length_is_counted_in_characters() {
    let location = |chars: usize| format!("s3://b/{}", "é".repeat(chars - "s3://b/".len()));
    assert!(check_new_location(&location(2048), &policy()).is_ok());
    assert_eq!(
        check_new_location(&location(2049), &policy()),
        Err(InvalidLocation::TooLong { max_chars: 2048 })
    );
}

#[test]
fn an_allowed_scheme_may_name_any_host() {
    let policy = LocationPolicy {
        allowed_schemes: vec!["FTP".into(), "oss".into()],
        ..policy()
    };
    assert!(check_new_location("ftp://h/x", &policy).is_ok());
    assert!(check_new_location("oss://b/x", &policy).is_ok());
    assert!(check_new_location("http://h/x", &policy).is_err());
    assert_eq!(
        check_new_location("ftp://u:p@h/x", &policy),
        Err(InvalidLocation::UserInfo)
    );
}

#[test]
fn refusals_read_as_in_mlflow() {
    let message = |raw| check_new_location(raw, &policy()).unwrap_err().to_string();
    assert_eq!(
        message("http://evil/x"),
        "'artifact_location' cannot use the 'http' scheme: the 'http' scheme addresses a host other than the tracking \
         server's configured artifact storage, so the server would connect to the host named in the URI. Set the \
         MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES environment variable on the server to allow it."
    );
    assert_eq!(
        message(&format!("/{}", "a".repeat(2048))),
        "Invalid artifact path length. The length of the artifact path cannot be greater than 2048 characters. To \
         configure this limit, please set the MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment variable."
    );
}
