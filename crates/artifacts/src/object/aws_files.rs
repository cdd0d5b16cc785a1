//! The files in which AWS tools keep credentials and settings.

use std::path::{Path, PathBuf};

use configparser::ini::Ini;

use super::{Environment, StoreSettingsError};

/// What the credentials file and the settings file say of one profile.
#[derive(Debug, Default)]
pub(super) struct Profile {
    name: String,
    values: Vec<(String, String)>,
}

/// Ways to credentials that a profile can name and this program does not go.
const OTHER_WAYS: [&str; 5] = [
    "credential_process",
    "credential_source",
    "source_profile",
    "sso_session",
    "sso_start_url",
];

impl Profile {
    /// The profile that `AWS_PROFILE` names, or `default`. Files that are not there say nothing; a profile that was asked for
    /// and is in neither of them is an error.
    pub(super) fn read(environment: &Environment) -> Result<Self, StoreSettingsError> {
        let asked = environment.first(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]);
        let name = asked.unwrap_or("default");
        let file = |variable: &str, name: &str| -> Option<PathBuf> {
            let named = environment.get(variable).map(PathBuf::from);
            named.or_else(|| Some(Path::new(environment.get("HOME")?).join(".aws").join(name)))
        };
        // In the settings file every section but the default one is called `profile name`.
        let in_settings = if name == "default" {
            name.to_owned()
        } else {
            format!("profile {name}")
        };
        let mut values = Vec::new();
        for (path, section) in [
            (file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), name),
            (file("AWS_CONFIG_FILE", "config"), in_settings.as_str()),
        ] {
            if let Some(path) = path {
                values.extend(section_of(&path, section)?);
            }
        }
        if values.is_empty() && asked.is_some() {
            return Err(StoreSettingsError::new(format!(
                "there is no profile `{name}`, which `AWS_PROFILE` names, in the AWS credentials or settings file"
            )));
        }
        Ok(Self {
            name: name.to_owned(),
            values,
        })
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let found = self.values.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether it wants credentials from somewhere this program cannot get them.
    pub(super) fn refuse_unknown_sources(&self) -> Result<(), StoreSettingsError> {
        match OTHER_WAYS.iter().find(|way| self.get(way).is_some()) {
            None => Ok(()),
            Some(way) => Err(StoreSettingsError::new(format!(
                "the AWS profile `{}` takes its credentials by `{way}`, which this server does not support; give it keys, or \
                 `role_arn` with `web_identity_token_file`",
                self.name
            ))),
        }
    }
}

fn section_of(path: &Path, section: &str) -> Result<Vec<(String, String)>, StoreSettingsError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            let path = path.display();
            return Err(StoreSettingsError::new(format!(
                "could not read `{path}`: {error}"
            )));
        }
    };
    // Sections keep their case; a `;` or `#` within a value belongs to it.
    let mut ini = Ini::new_cs();
    ini.set_inline_comment_symbols(Some(&[]));
    let sections = ini
        .read(text)
        .map_err(|error| StoreSettingsError::new(format!("`{}` is no INI file: {error}", path.display())))?;
    let found = sections.get(section).into_iter().flatten();
    Ok(found
        .filter_map(|(key, value)| Some((key.to_ascii_lowercase(), value.clone()?)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(folder: &Path, variables: &[(&str, &str)]) -> Environment {
        let of = |name: &str| folder.join(name).display().to_string();
        let mut all = vec![
            ("AWS_SHARED_CREDENTIALS_FILE".to_owned(), of("credentials")),
            ("AWS_CONFIG_FILE".to_owned(), of("config")),
        ];
        all.extend(
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        Environment::new(all)
    }

    #[test]
    fn both_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("credentials"),
            "[default]\naws_access_key_id = A\naws_secret_access_key = B#;=c\n[Team]\naws_access_key_id=T\n",
        )
        .unwrap();
        std::fs::write(
            folder.path().join("config"),
            "[default]\nregion = eu-1\n[profile Team]\nregion=eu-2\n[profile away]\nsso_session = x\n",
        )
        .unwrap();
        let default = Profile::read(&environment(folder.path(), &[])).unwrap();
        assert_eq!(default.get("aws_secret_access_key"), Some("B#;=c"));
        assert_eq!(default.get("region"), Some("eu-1"));
        let team = Profile::read(&environment(folder.path(), &[("AWS_PROFILE", "Team")])).unwrap();
        assert_eq!(
            (team.get("aws_access_key_id"), team.get("region")),
            (Some("T"), Some("eu-2"))
        );
        let away = Profile::read(&environment(folder.path(), &[("AWS_PROFILE", "away")])).unwrap();
        assert!(
            away.refuse_unknown_sources()
                .unwrap_err()
                .to_string()
                .contains("sso_session")
        );
        let missing = Profile::read(&environment(folder.path(), &[("AWS_PROFILE", "nobody")])).unwrap_err();
        assert!(missing.to_string().contains("`nobody`"), "{missing}");
    }

    #[test]
    fn without_files_there_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let none = Profile::read(&environment(folder.path(), &[])).unwrap();
        assert_eq!(none.get("region"), None);
    }
}
