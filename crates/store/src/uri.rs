//! Database URIs.

use std::path::PathBuf;

use crate::OpenError;

/// Where the database is, from `--backend-store-uri`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUri {
    /// A SQLite file: `sqlite:///relative.db` or `sqlite:////absolute.db`.
    Sqlite(PathBuf),
    /// `sqlite://`: a database that lives as long as the server.
    SqliteTemporary,
}

impl DatabaseUri {
    /// Reads a URI as SQLAlchemy does: a driver suffix (`sqlite+pysqlite`) and query options of the
    /// Python driver have no meaning here and are ignored.
    pub fn parse(uri: &str) -> Result<Self, OpenError> {
        let refuse = |reason: String| OpenError::BadUri {
            uri: without_password(uri),
            reason,
        };
        let Some((scheme, rest)) = uri.split_once("://") else {
            return Err(refuse(
                "this is a folder of the old file store; use `sqlite:///mlflow.db`, and keep the folder until \
                 its runs are imported"
                    .to_owned(),
            ));
        };
        let dialect = scheme.split('+').next().unwrap_or(scheme).to_ascii_lowercase();
        match dialect.as_str() {
            "sqlite" => Self::sqlite(rest).map_err(refuse),
            "postgresql" | "postgres" => Err(refuse(
                "PostgreSQL is not supported by this release; use `sqlite:///mlflow.db`".to_owned(),
            )),
            "file" => Err(refuse(
                "this is a folder of the old file store; use `sqlite:///mlflow.db`, and keep the folder until \
                 its runs are imported"
                    .to_owned(),
            )),
            other => Err(refuse(format!("`{other}` databases are not supported; use `sqlite:///mlflow.db`"))),
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

/// A URI with its password masked, for messages.
fn without_password(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else {
        return uri.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((login, place)) => {
            let user = login.split(':').next().unwrap_or("");
            format!("{scheme}://{user}:***@{place}")
        }
        None => uri.to_owned(),
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
                DatabaseUri::parse(uri).unwrap(),
                DatabaseUri::Sqlite(path.into()),
                "{uri}"
            );
        }
        assert_eq!(
            DatabaseUri::parse("sqlite://").unwrap(),
            DatabaseUri::SqliteTemporary
        );
    }

    #[test]
    fn other_places_are_refused_without_their_password() {
        for uri in [
            "./mlruns",
            "file:///x",
            "mysql://u:secret@h/d",
            "postgresql://u:secret@h/d",
            "sqlite://x.db",
        ] {
            let message = DatabaseUri::parse(uri).unwrap_err().to_string();
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
