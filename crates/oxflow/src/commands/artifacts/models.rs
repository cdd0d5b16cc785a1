//! `models:/…`, the names of models.

use anyhow::{Result, anyhow};

use super::api;
use super::relative::RelativePath;
use crate::tracking::{Client, printable};

/// What `models:/…` names.
#[derive(Debug, PartialEq, Eq)]
pub struct ModelUri<'a> {
    model: Model<'a>,
    /// A path below the files of the model.
    pub path: RelativePath,
}

#[derive(Debug, PartialEq, Eq)]
enum Model<'a> {
    Logged(&'a str),
    Version(&'a str, &'a str),
    Alias(&'a str, &'a str),
    Stage(&'a str, &'a str),
    Latest(&'a str),
}

/// Where the files of a model are.
pub struct ModelFiles {
    /// Their artifact URI.
    pub uri: String,
    /// Name and version in the registry.
    pub version: Option<(String, String)>,
}

impl<'a> ModelUri<'a> {
    /// Reads what follows `models:`. MLflow 3.17: `split_models_uri` and `_parse_model_uri`.
    pub fn parse(rest: &'a str) -> Result<Self> {
        let improper = || {
            anyhow!(
                "`models:{}` names no model: expected models:/name/version, models:/name@alias, models:/name/stage, \
                 models:/name/latest or models:/m-…, and a path behind it if only a part is wanted",
                printable(rest)
            )
        };
        let path = rest.strip_prefix('/').ok_or_else(improper)?.trim_end_matches('/');
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let (model, path) = match first.rsplit_once('@') {
            Some((name, alias)) => (Model::Alias(name, alias), rest),
            None if rest.is_empty() => (Model::Logged(first), ""),
            None => {
                let (suffix, path) = rest.split_once('/').unwrap_or((rest, ""));
                let model = if suffix.bytes().all(|byte| byte.is_ascii_digit()) {
                    Model::Version(first, suffix)
                } else if suffix.eq_ignore_ascii_case("latest") {
                    Model::Latest(first)
                } else {
                    Model::Stage(first, suffix)
                };
                (model, path)
            }
        };
        let (Model::Logged(name) | Model::Latest(name)) = model else {
            let (Model::Version(name, by) | Model::Alias(name, by) | Model::Stage(name, by)) = model else {
                return Err(improper());
            };
            if name.trim().is_empty() || by.trim().is_empty() {
                return Err(improper());
            }
            return Ok(Self {
                model,
                path: RelativePath::parse(path)?,
            });
        };
        if name.trim().is_empty() {
            return Err(improper());
        }
        Ok(Self {
            model,
            path: RelativePath::parse(path)?,
        })
    }

    /// Asks the server where its files are.
    pub fn files(&self, client: &Client) -> Result<ModelFiles> {
        let (name, version) = match self.model {
            Model::Logged(id) => {
                return Ok(ModelFiles {
                    uri: api::logged_model(client, id)?,
                    version: None,
                });
            }
            Model::Version(name, version) => (name, version.to_owned()),
            Model::Alias(name, alias) => (name, api::version_of_alias(client, name, alias)?),
            Model::Stage(name, stage) => (name, api::latest_version(client, name, Some(stage))?),
            Model::Latest(name) => (name, api::latest_version(client, name, None)?),
        };
        Ok(ModelFiles {
            uri: api::version_files(client, name, &version)?,
            version: Some((name.to_owned(), version)),
        })
    }
}

/// Name of the file that says which version a model is. MLflow 3.17: `REGISTERED_MODEL_META_FILE_NAME`.
pub const META_FILE: &str = "registered_model_meta";

/// What MLflow's clients write into it.
pub fn meta(version: Option<&(String, String)>) -> String {
    match version {
        None => "model_name: null\nmodel_version: null\n".to_owned(),
        Some((name, version)) => format!("model_name: {}\nmodel_version: '{version}'\n", yaml(name)),
    }
}

/// A text in YAML: as it is where that is safe, else in single quotes.
fn yaml(text: &str) -> String {
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-. ".contains(c));
    let means_something = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    if is_word && !means_something.contains(&text.to_ascii_lowercase().as_str()) {
        text.to_owned()
    } else if text.chars().any(char::is_control) {
        serde_json::Value::from(text).to_string()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_models_are_read() {
        for (rest, model, path) in [
            ("/m-1", Model::Logged("m-1"), ""),
            ("/n/3", Model::Version("n", "3"), ""),
            ("/n/3/data/x.bin", Model::Version("n", "3"), "data/x.bin"),
            ("/n@best", Model::Alias("n", "best"), ""),
            ("/n@best/a/b", Model::Alias("n", "best"), "a/b"),
            ("/n/Latest", Model::Latest("n"), ""),
            ("/n/Production/", Model::Stage("n", "Production"), ""),
        ] {
            let uri = ModelUri::parse(rest).unwrap();
            assert_eq!((uri.model, uri.path.as_str()), (model, path), "{rest}");
        }
        for rest in ["", "/", "n/1", "/@a", "/n@", "//1", "/n/1/../x"] {
            assert!(ModelUri::parse(rest).is_err(), "{rest}");
        }
    }

    #[test]
    fn the_meta_file_is_the_one_of_mlflow() {
        let version = |name: &str| Some((name.to_owned(), "1".to_owned()));
        assert_eq!(
            meta(version("n.o-m_1").as_ref()),
            "model_name: n.o-m_1\nmodel_version: '1'\n"
        );
        assert_eq!(
            meta(version("a b").as_ref()),
            "model_name: a b\nmodel_version: '1'\n"
        );
        assert_eq!(
            meta(version("a: b é").as_ref()),
            "model_name: 'a: b é'\nmodel_version: '1'\n"
        );
        assert_eq!(
            meta(version("no").as_ref()),
            "model_name: 'no'\nmodel_version: '1'\n"
        );
        assert_eq!(meta(None), "model_name: null\nmodel_version: null\n");
    }
}
