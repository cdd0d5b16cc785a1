//! Database URIs.

mod postgres;

use std::fmt;
use std::path::PathBuf;

pub use postgres::{PostgresUri, Variables};
pub(crate) use postgres::{Roots, Tls, TlsMode};

use crate::OpenError;

/// What to do about a folder of the old file store.
const FILE_STORE: &str = "this is a folder of the old file store; import it with `oxflow import --from-filestore`, \
     or use `sqlite:///mlflow.db`";

/// Where the database is, from `--backend-store-uri`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUri {
    /// A SQLite file: `sqlite:///relative.db` or `sqlite:////absolute.db`.
    Sqlite(PathBuf),
    /// `sqlite://`: a database that lives as long as the server.
    SqliteTemporary,
    /// `postgresql://user:password@host:port/database?options`.
    Postgres(Box<PostgresUri>),
}

impl DatabaseUri {
    /// Reads a URI as SQLAlchemy does: a driver suffix (`sqlite+pysqlite`, `postgresql+psycopg2`) has no
    /// meaning here and is ignored. What a PostgreSQL URI leaves out comes from the `PG*` variables.
    pub fn parse(uri: &str, variables: Variables<'_>) -> Result<Self, OpenError> {
        let refuse = |reason: String| OpenError::BadUri {
            uri: without_password(uri),
            reason,
        };
        let Some((scheme, rest)) = uri.split_once("://") else {
            return Err(refuse(FILE_STORE.to_owned()));
        };
        let dialect = scheme.split('+').next().unwrap_or(scheme).to_ascii_lowercase();
        match dialect.as_str() {
            "sqlite" => Self::sqlite(rest).map_err(refuse),
            "postgresql" | "postgres" => PostgresUri::parse(rest, variables)
                .map(|uri| Self::Postgres(Box::new(uri)))
                .map_err(refuse),
            "file" => Err(refuse(FILE_STORE.to_owned())),
            other => Err(refuse(format!(
                "`{other}` databases are not supported; use `sqlite:///mlflow.db` or `postgresql://…`"
            ))),
        }
    }

    /// The URI with everything but its password, to be read again.
    pub fn without_password(&self) -> String {
        match self {
            Self::Postgres(uri) => uri.without_password().to_owned(),
            sqlite => sqlite.to_string(),
        }
    }

    fn sqlite(rest: &str) -> Result<Self, String> {
        let path = rest.split('?').next().unwrap_or(rest);
        match path.strip_prefix('/') {
            None if path.is_empty() => Ok(Self::SqliteTemporary),
            None => Err("a SQLite path follows three slashes: `sqlite:///mlflow.db`".to_owned()),
            Some("" | ":memory:") => Ok(Self::SqliteTemporary),
            Some(file) => Ok(Self::Sqlite(PathBuf::from(file))),
        }
    }
}

/// The URI without its password.
impl fmt::Display for DatabaseUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:///{}", path.display()),
            Self::SqliteTemporary => f.write_str("sqlite://"),
            Self::Postgres(uri) => f.write_str(&uri.masked()),
        }
    }
}

/// A URI that could not be read, for messages: where its password is, is not known then.
fn without_password(uri: &str) -> String {
    let (scheme, rest) = uri.split_once(':').unwrap_or(("", uri));
    let may_hold_a_secret = !rest.is_empty()
        && !scheme.starts_with("sqlite")
        && ["@", "password", "?"].iter().any(|sign| uri.contains(sign));
    match (may_hold_a_secret, scheme) {
        (false, _) => uri.to_owned(),
        (true, "") => "…".to_owned(),
        (true, scheme) if scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '+') => {
            format!("{scheme}:…")
        }
        (true, _) => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_paths_follow_three_slashes() {
        for (uri, path) in [
            ("sqlite:///mlflow.db", "mlflow.db"),
            ("sqlite:////var/lib/x.db", "/var/lib/x.db"),
            ("sqlite+pysqlite:///a/b.db?timeout=5", "a/b.db"),
        ] {
            assert_eq!(
                DatabaseUri::parse(uri, &|_| None).unwrap(),
                DatabaseUri::Sqlite(path.into()),
                "{uri}"
            );
        }
        assert_eq!(
            DatabaseUri::parse("sqlite://", &|_| None).unwrap(),
            DatabaseUri::SqliteTemporary
        );
    }

    #[test]
    fn other_places_are_refused_without_their_password() {
        for uri in [
            "./mlruns",
            "file:///x",
            "mysql://u:secret@h/d",
            "postgresql://u:secret@h/d?sslmode=no",
            "sqlite://x.db",
            "postgresql:/u:secret@h/d",
            "postgresql://u:secret h/d?x=y",
            "postgresql://u:pa?sssecret@h/d",
            "host=h password=secret dbname=x",
        ] {
            let message = DatabaseUri::parse(uri, &|_| None).unwrap_err().to_string();
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
