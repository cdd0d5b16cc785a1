//! What URIs and variables come to.

use super::*;

fn parse(rest: &str, variables: &[(&str, &str)]) -> Result<PostgresUri, String> {
    let look_up = |name: &str| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    PostgresUri::parse(rest, &look_up)
}

#[test]
fn nothing_after_the_slashes_takes_everything_from_the_environment() {
    let variables = [
        ("PGHOST", "db"),
        ("PGPORT", "6000"),
        ("PGDATABASE", "ml"),
        ("PGUSER", "ada"),
        ("PGPASSWORD", "p"),
        ("PGSSLMODE", "verify-full"),
        ("PGSSLROOTCERT", "/ca.crt"),
    ];
    let uri = parse("", &variables).unwrap();
    assert_eq!(uri.masked(), "postgresql://ada@db:6000/ml");
    assert_eq!(uri.config.get_password(), Some(&b"p"[..]));
    assert_eq!(
        (uri.tls.mode, uri.tls.roots),
        (TlsMode::VerifyFull, Roots::File("/ca.crt".into()))
    );
}

#[test]
fn a_space_in_an_option_is_written_as_sqlalchemy_or_as_libpq_writes_it() {
    for text in ["-c+search_path%3Dml", "-c%20search_path%3Dml"] {
        let uri = parse(&format!("ada@db/ml?options={text}"), &[]).unwrap();
        assert_eq!(uri.config.get_options(), Some("-c search_path=ml"));
    }
}

#[test]
fn the_uri_goes_before_the_environment_part_by_part() {
    let variables = [
        ("PGHOST", "other"),
        ("PGPORT", "6000"),
        ("PGUSER", "eve"),
        ("PGSSLMODE", "disable"),
    ];
    let uri = parse("ada@db/?sslmode=require", &variables).unwrap();
    assert_eq!(uri.masked(), "postgresql://ada@db:6000/ada");
    assert_eq!(uri.tls.mode, TlsMode::Require);
}

#[test]
fn passwords_are_percent_decoded_and_never_shown() {
    let uri = parse("ada:s%40c%2Fhidden@db:5433/ml?application_name=x", &[]).unwrap();
    assert_eq!(uri.config.get_password(), Some(&b"s@c/hidden"[..]));
    for shown in [uri.masked(), format!("{uri:?}")] {
        assert!(!shown.contains("hidden"), "{shown}");
    }
}

#[test]
fn sockets_hosts_in_a_list_and_ipv6_work() {
    let uri = parse("ada@/ml?host=/run/pg", &[]).unwrap();
    assert_eq!(uri.masked(), "postgresql://ada@/run/pg:5432/ml");
    let uri = parse("ada@%2Frun%2Fpg/ml", &[]).unwrap();
    assert_eq!(uri.masked(), "postgresql://ada@/run/pg:5432/ml");
    let uri = parse("ada@a:1,b:2/ml?target_session_attrs=read-write", &[]).unwrap();
    assert_eq!(uri.masked(), "postgresql://ada@a:1,b:2/ml");
    let uri = parse("ada@[::1]:5/ml", &[]).unwrap();
    assert_eq!(uri.masked(), "postgresql://ada@[::1]:5/ml");
}

#[test]
fn the_authorities_of_the_system_are_never_half_trusted() {
    let uri = parse("u@h/d?sslrootcert=system", &[]).unwrap();
    assert_eq!(
        (uri.tls.mode, uri.tls.roots),
        (TlsMode::VerifyFull, Roots::System)
    );
    assert!(parse("u@h/d?sslrootcert=system&sslmode=require", &[]).is_err());
}

#[test]
fn a_printed_uri_means_the_same_without_its_password() {
    let text = "a%40b:hidden@[::1]:5/ml?sslmode=verify-full&options=-csearch_path%3Dml";
    let uri = parse(text, &[]).unwrap();
    let printed = uri.without_password().to_owned();
    assert!(!printed.contains("hidden"), "{printed}");
    let again = parse(
        printed.strip_prefix("postgresql://").unwrap(),
        &[("PGPASSWORD", "hidden")],
    )
    .unwrap();
    assert_eq!((again.config, again.tls), (uri.config, uri.tls));
}

#[test]
fn a_protection_that_is_not_supported_is_refused() {
    assert!(parse("u@h/d", &[("PGSSLCRL", "/x")]).is_err());
    assert!(parse("u@h/d?requirepeer=postgres", &[]).is_err());
}

#[test]
fn what_cannot_be_meant_is_refused_without_the_password() {
    for (rest, expected) in [
        ("u:se@cret@h/d", "%40"),
        ("u:se?cret@h/d", "%3F"),
        ("u:secret@h/d?sslmode=strict", "sslmode"),
        ("u:secret@h/d?sslcert=/x", "sslkey"),
        ("u:secret@h/d?sslcrl=/x", "sslcrl"),
        ("u:secret@h:port/d", "port"),
        ("u:secret@h/d?pgbouncer=1", "pgbouncer"),
    ] {
        let message = parse(rest, &[]).unwrap_err();
        assert!(
            message.contains(expected) && !message.contains("cret@"),
            "{rest}: {message}"
        );
    }
}

#[test]
fn options_of_other_drivers_pass() {
    let uri = parse(
        "u@h/d?client_encoding=utf8&gssencmode=disable&pgbouncer=true&options=-csearch_path%3Dml",
        &[],
    )
    .unwrap();
    assert!(uri.behind_pgbouncer);
    assert_eq!(uri.config.get_options(), Some("-csearch_path=ml"));
}
