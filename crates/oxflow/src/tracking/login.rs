//! Who asks: the variables and the file that MLflow's clients read.

use std::fmt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use configparser::ini::Ini;
use ureq::http::HeaderValue;

use super::address::ServerAddress;
use crate::env::Env;
use crate::failure::Failure;

const USERNAME: &str = "MLFLOW_TRACKING_USERNAME";
const PASSWORD: &str = "MLFLOW_TRACKING_PASSWORD";
const TOKEN: &str = "MLFLOW_TRACKING_TOKEN";

/// Ways to log in that take a plugin of MLflow's or a library of Amazon's.
const REFUSED: [&str; 2] = ["MLFLOW_TRACKING_AWS_SIGV4", "MLFLOW_TRACKING_AUTH"];

/// What is sent as `Authorization`.
#[derive(Clone)]
pub struct Login(HeaderValue);

impl Login {
    /// The login for a server. Name and password count before a token, and those of the URL before both, as in MLflow
    /// 3.17 (`http_request`, and the library under it).
    pub fn find(address: &ServerAddress, env: &Env) -> Result<Option<Self>, Failure> {
        if let Some(variable) = REFUSED.into_iter().find(|name| {
            env.get(name)
                .is_some_and(|value| !["false", "0"].contains(&value.to_ascii_lowercase().as_str()))
        }) {
            return Err(
                Failure::usage(format!("{variable} is set, which this command does not know")).hint(format!(
                    "unset it, and log in with {USERNAME} and {PASSWORD}, or with {TOKEN}"
                )),
            );
        }
        if let Some((user, password)) = address.login() {
            return Self::basic(user, password).map(Some);
        }
        let (mut user, mut password) = (
            env.get(USERNAME).map(str::to_owned),
            env.get(PASSWORD).map(str::to_owned),
        );
        if user.is_none() || password.is_none() {
            let saved = saved(env)?;
            user = user.or(saved.0);
            password = password.or(saved.1);
        }
        match (user, password, env.get(TOKEN)) {
            (Some(user), Some(password), _) => Self::basic(&user, &password).map(Some),
            (_, _, Some(token)) => Self::header(format!("Bearer {token}"), TOKEN).map(Some),
            _ => Ok(None),
        }
    }

    fn basic(user: &str, password: &str) -> Result<Self, Failure> {
        Self::header(
            format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))),
            PASSWORD,
        )
    }

    fn header(text: String, variable: &str) -> Result<Self, Failure> {
        let mut value = HeaderValue::try_from(text).map_err(|_| {
            Failure::usage(format!(
                "the value of {variable} has a character that no header can have, such as a line break"
            ))
        })?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    /// The value of the header.
    pub fn value(&self) -> &HeaderValue {
        &self.0
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(***)")
    }
}

/// Name and password of `~/.mlflow/credentials`.
fn saved(env: &Env) -> Result<(Option<String>, Option<String>), Failure> {
    let Some(home) = env.get("HOME") else {
        return Ok((None, None));
    };
    let path = Path::new(home).join(".mlflow/credentials");
    if !path.exists() {
        return Ok((None, None));
    }
    let mut file = Ini::new();
    file.load(&path).map_err(|error| {
        Failure::usage(format!("could not read `{}`: {error}", path.display()))
            .hint("it has a section `[mlflow]` with `mlflow_tracking_username = …` and `mlflow_tracking_password = …`")
    })?;
    let value = |name: &str| file.get("mlflow", &name.to_ascii_lowercase());
    Ok((value(USERNAME), value(PASSWORD)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(url: &str, variables: &[(&str, &str)]) -> Option<String> {
        let address = ServerAddress::parse(url).unwrap();
        let login = Login::find(&address, &Env::for_test(variables)).unwrap()?;
        Some(login.value().to_str().unwrap().to_owned())
    }

    #[test]
    fn a_name_with_a_password_counts_before_a_token_and_half_a_login_not_at_all() {
        let (user, password, token) = ((USERNAME, "ada"), (PASSWORD, "p"), (TOKEN, "t"));
        let basic = Some("Basic YWRhOnA=".to_owned());
        assert_eq!(sent("http://h", &[user, password, token]), basic);
        assert_eq!(sent("http://h", &[user, token]), Some("Bearer t".to_owned()));
        assert_eq!(sent("http://h", &[user]), None);
        assert_eq!(sent("http://ada:p@h", &[token]), basic);
    }

    #[test]
    fn the_file_of_mlflow_login_fills_in_what_the_variables_lack() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".mlflow")).unwrap();
        let text = "[mlflow]\nmlflow_tracking_username = bob\nmlflow_tracking_password = p\n";
        std::fs::write(home.path().join(".mlflow/credentials"), text).unwrap();
        let home = ("HOME", home.path().to_str().unwrap());
        assert_eq!(sent("http://h", &[home]), Some("Basic Ym9iOnA=".to_owned()));
        assert_eq!(
            sent("http://h", &[home, (USERNAME, "ada")]),
            Some("Basic YWRhOnA=".to_owned())
        );
    }

    #[test]
    fn a_login_that_cannot_be_sent_is_refused_and_none_is_shown() {
        let address = ServerAddress::parse("http://h").unwrap();
        for (name, value) in [
            (TOKEN, "se\ncret"),
            ("MLFLOW_TRACKING_AWS_SIGV4", "true"),
            ("MLFLOW_TRACKING_AUTH", "k"),
        ] {
            let said = Login::find(&address, &Env::for_test(&[(name, value)]))
                .unwrap_err()
                .to_string();
            assert!(said.contains(name) && !said.contains("cret"), "{said}");
        }
        let login = Login::find(&address, &Env::for_test(&[(TOKEN, "secret")])).unwrap();
        assert!(!format!("{login:?}").contains("secret"));
    }
}
