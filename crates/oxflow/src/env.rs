//! The environment as a value, so that tests make their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use oxflow_artifacts::Environment;

use crate::env_file;
use crate::failure::Failure;

/// Variables that may hold a secret. `X_FILE` names a file with the value of `X`, as Kubernetes and Docker mount
/// secrets. operations.md, section 2.
const SECRETS: [&str; 12] = [
    "MLFLOW_BACKEND_STORE_URI",
    "MLFLOW_READ_REPLICA_BACKEND_STORE_URI",
    "MLFLOW_REGISTRY_STORE_URI",
    "MLFLOW_AUTH_ADMIN_PASSWORD",
    "PGPASSWORD",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_CLIENT_SECRET",
];

/// Variables, working directory and cores of the process, read once at its start.
#[derive(Debug, Clone)]
pub struct Env {
    variables: BTreeMap<String, String>,
    /// What relative paths are relative to.
    pub working_dir: PathBuf,
    /// Cores that the process may use.
    pub cores: usize,
}

impl Env {
    /// The environment of this process. Variables that are not UTF-8 are left out: none of ours is.
    pub fn of_process() -> Result<Self, Failure> {
        let working_dir = std::env::current_dir().context("could not tell the working directory")?;
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            variables,
            working_dir,
            cores,
        })
    }

    /// Adds the variables of a dotenv file; those that are already set keep their value.
    pub fn add_file(&mut self, path: &Path) -> Result<(), Failure> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("could not read the environment file `{}`", path.display()))
            .map_err(|error| Failure::from(error).into_usage())?;
        let lines = env_file::parse(&text)
            .map_err(|error| Failure::usage(format!("environment file `{}`, {error}", path.display())))?;
        for (name, value) in lines {
            self.variables.entry(name).or_insert(value);
        }
        Ok(())
    }

    /// Reads the files that `X_FILE` names for secrets `X` that are not set themselves.
    pub fn read_secrets(&mut self) -> Result<(), Failure> {
        for name in SECRETS {
            let variable = format!("{name}_FILE");
            let Some(path) = self.get(&variable).filter(|_| self.get(name).is_none()) else {
                continue;
            };
            let text = std::fs::read_to_string(self.working_dir.join(path))
                .with_context(|| format!("could not read `{path}`, which `{variable}` names"))
                .map_err(|error| Failure::from(error).into_usage())?;
            self.variables.insert(name.to_owned(), text.trim().to_owned());
        }
        Ok(())
    }

    /// All variables, for what reads those of other programs: AWS, Azure, Google.
    pub fn all(&self) -> Environment {
        Environment::new(self.variables.clone())
    }

    /// Whether a variable names the file of a secret.
    pub fn is_secret_file(name: &str) -> bool {
        name.strip_suffix("_FILE")
            .is_some_and(|secret| SECRETS.contains(&secret))
    }

    /// The value of a variable; an empty one counts as not set, as in MLflow.
    ///
    /// Kubernetes sets `MLFLOW_PORT=tcp://10.0.0.1:5000` in every pod beside a service named `mlflow`; such
    /// a value is an address for clients and no setting.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty() && !is_service_address(name, value))
    }

    /// The names of all variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// An environment for a test.
    #[cfg(test)]
    pub fn for_test(variables: &[(&str, &str)]) -> Self {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Self {
            variables,
            working_dir: PathBuf::from("/work-dir"),
            cores: 4,
        }
    }
}

fn is_service_address(name: &str, value: &str) -> bool {
    name.ends_with("_PORT") && (value.starts_with("tcp://") || value.starts_with("udp://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_values_and_addresses_of_kubernetes_services_are_no_settings() {
        let env = Env::for_test(&[
            ("MLFLOW_HOST", ""),
            ("MLFLOW_PORT", "tcp://10.0.0.1:5000"),
            ("A", "b"),
        ]);
        assert_eq!(
            (env.get("MLFLOW_HOST"), env.get("MLFLOW_PORT"), env.get("A")),
            (None, None, Some("b"))
        );
    }

    #[test]
    fn a_secret_may_be_in_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, "hidden\n").unwrap();
        let path = path.to_str().unwrap();
        let mut env = Env::for_test(&[
            ("PGPASSWORD_FILE", path),
            ("MLFLOW_BACKEND_STORE_URI", "kept"),
            ("MLFLOW_BACKEND_STORE_URI_FILE", path),
        ]);
        env.read_secrets().unwrap();
        assert_eq!(
            (env.get("PGPASSWORD"), env.get("MLFLOW_BACKEND_STORE_URI")),
            (Some("hidden"), Some("kept"))
        );
        let mut env = Env::for_test(&[("PGPASSWORD_FILE", "missing")]);
        assert!(
            env.read_secrets()
                .unwrap_err()
                .to_string()
                .contains("PGPASSWORD_FILE")
        );
    }

    #[test]
    fn a_file_does_not_override_what_is_set() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("env");
        std::fs::write(&path, "MLFLOW_HOST=1.2.3.4\nMLFLOW_PORT=1\n").unwrap();
        let mut env = Env::for_test(&[("MLFLOW_PORT", "2")]);
        env.add_file(&path).unwrap();
        assert_eq!(
            (env.get("MLFLOW_HOST"), env.get("MLFLOW_PORT")),
            (Some("1.2.3.4"), Some("2"))
        );
    }
}
