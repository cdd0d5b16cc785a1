//! Where artifacts are: on a server, or in a folder of this machine.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

use super::relative::RelativePath;
use super::served::{ARTIFACTS, Served};
use crate::env::Env;
use crate::failure::Failure;
use crate::tracking::{Client, Identity, ServerAddress, printable};

/// Where artifacts are.
#[derive(Debug)]
pub enum Location {
    /// On a server.
    Served(Box<Served>),
    /// In a folder that this machine has too.
    Local(PathBuf),
}

/// Who wrote a URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The user, on the command line.
    User,
    /// The server, in an answer.
    Server,
}

impl Location {
    /// The place that an artifact URI names.
    pub fn of_uri(uri: &str, author: Author, client: &Client, env: &Env) -> Result<Self, Failure> {
        let Some((scheme, rest)) = split_scheme(uri) else {
            return Ok(Self::Local(env.working_dir.join(uri)));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "file" => local(uri, rest, env),
            "mlflow-artifacts" => {
                let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
                let (authority, path) = match rest.strip_prefix("//") {
                    Some(rest) => rest.split_once('/').unwrap_or((rest, "")),
                    None => ("", rest),
                };
                let address = if authority.is_empty() {
                    client.address().clone()
                } else {
                    client.address().at(authority)?
                };
                let path = path.trim_start_matches('/');
                served(
                    uri,
                    path.strip_prefix(&format!("{}/", &ARTIFACTS[1..]))
                        .unwrap_or(path),
                    address,
                    author,
                    client,
                    env,
                )
            }
            "http" | "https" => match uri.split_once(ARTIFACTS) {
                Some((server, path)) => served(uri, path, ServerAddress::parse(server)?, author, client, env),
                None => Err(not_served(uri)),
            },
            _ => Err(not_served(uri)),
        }
    }
}

/// Scheme and rest of a URI; `None` for a path.
pub fn split_scheme(uri: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = uri.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then_some((scheme, rest))
}

fn local(uri: &str, rest: &str, env: &Env) -> Result<Location, Failure> {
    let path = match rest.strip_prefix("//") {
        Some(rest) => match rest.find('/') {
            Some(0) => rest,
            Some(slash) if rest[..slash].eq_ignore_ascii_case("localhost") => &rest[slash..],
            _ => {
                return Err(Failure::usage(format!(
                    "`{}` names a file of another machine",
                    printable(uri)
                )));
            }
        },
        None => rest,
    };
    let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
    Ok(Location::Local(env.working_dir.join(path)))
}

fn served(
    uri: &str,
    path: &str,
    address: ServerAddress,
    author: Author,
    client: &Client,
    env: &Env,
) -> Result<Location, Failure> {
    let root = RelativePath::parse(path.trim_matches('/')).map_err(|error| {
        Failure::from(
            anyhow::Error::new(error).context(format!("`{}` is no place for artifacts", printable(uri))),
        )
    })?;
    let client = if address.to_string() == client.address().to_string() {
        client.clone()
    } else {
        // A server that names another one must not get the login sent there. The user may.
        let is_known = author == Author::User || address.is_same_origin(client.address());
        Client::open(
            address,
            if is_known {
                Identity::Known
            } else {
                Identity::Nobody
            },
            env,
        )?
    };
    Ok(Location::Served(Box::new(Served { client, root })))
}

/// Artifacts that neither go through a server nor are local files.
fn not_served(uri: &str) -> Failure {
    Failure::from(anyhow::anyhow!(
        "these artifacts are at `{}`, and this command moves artifacts through the tracking server, or copies local \
         files",
        printable(uri)
    ))
    .hint(
        "use MLflow's own client for it; runs of an experiment whose artifact location is `mlflow-artifacts:/…`, the \
         default of a server that serves artifacts, go through the server",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(uri: &str, author: Author) -> Result<String, String> {
        let env = Env::for_test(&[("MLFLOW_TRACKING_TOKEN", "t")]);
        let client = Client::open(
            ServerAddress::parse("http://h:5000/m").unwrap(),
            Identity::Known,
            &env,
        )
        .unwrap();
        match Location::of_uri(uri, author, &client, &env) {
            Ok(Location::Local(path)) => Ok(path.display().to_string()),
            Ok(Location::Served(served)) => {
                let request = served.client.request(ureq::http::Method::GET, "");
                let login = if request.headers.contains_key("authorization") {
                    " with login"
                } else {
                    ""
                };
                Ok(format!("{} {}{login}", served.client.address(), served.root))
            }
            Err(failure) => Err(failure.to_string()),
        }
    }

    #[test]
    fn uris_name_folders_of_servers_or_of_this_machine() {
        for (uri, expected) in [
            (
                "mlflow-artifacts:/1/r/artifacts",
                "http://h:5000/m 1/r/artifacts with login",
            ),
            ("mlflow-artifacts:/", "http://h:5000/m  with login"),
            (
                "mlflow-artifacts:/api/2.0/mlflow-artifacts/artifacts/1",
                "http://h:5000/m 1 with login",
            ),
            (
                "http://h:5000/api/2.0/mlflow-artifacts/artifacts/1/r",
                "http://h:5000 1/r with login",
            ),
            ("/data/1/r", "/data/1/r"),
            ("./mlruns/1", "/work-dir/./mlruns/1"),
            ("file:///data/a%20b", "/data/a b"),
            ("file://localhost/data", "/data"),
            ("file:data", "/work-dir/data"),
        ] {
            assert_eq!(place(uri, Author::Server).unwrap(), expected, "{uri}");
        }
        for uri in ["s3://bucket/1", "http://h/files", "dbfs:/x"] {
            assert!(
                place(uri, Author::Server)
                    .unwrap_err()
                    .contains("through the tracking server"),
                "{uri}"
            );
        }
        for uri in [
            "mlflow-artifacts:/../x",
            "mlflow-artifacts:/a//../b",
            "file://other/x",
        ] {
            assert!(place(uri, Author::Server).is_err(), "{uri}");
        }
    }

    #[test]
    fn another_host_gets_the_login_only_if_the_user_named_it() {
        for uri in [
            "mlflow-artifacts://evil/1",
            "http://evil:5000/api/2.0/mlflow-artifacts/artifacts/1",
        ] {
            assert!(!place(uri, Author::Server).unwrap().contains("login"), "{uri}");
            assert!(place(uri, Author::User).unwrap().contains("login"), "{uri}");
        }
        // Nor the same host in clear text.
        let env = Env::for_test(&[
            ("MLFLOW_TRACKING_TOKEN", "t"),
            ("MLFLOW_TRACKING_INSECURE_TLS", "true"),
        ]);
        let client = Client::open(ServerAddress::parse("https://h").unwrap(), Identity::Known, &env).unwrap();
        let uri = "http://h:443/api/2.0/mlflow-artifacts/artifacts/1";
        let Ok(Location::Served(served)) = Location::of_uri(uri, Author::Server, &client, &env) else {
            panic!("{uri} is served");
        };
        assert!(
            served
                .client
                .request(ureq::http::Method::GET, "")
                .headers
                .is_empty()
        );
    }
}
