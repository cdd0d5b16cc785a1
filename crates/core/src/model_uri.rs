//! `models:/…` URIs.

/// What a `models:/…` URI names.
///
/// Rule: `_parse_model_uri`, MLflow 3.17.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the forms say it")]
pub enum ModelUri {
    /// `models:/m-1f2e…`
    LoggedModel { model_id: String },
    /// `models:/wine/3`
    Version { name: String, version: String },
    /// `models:/wine/latest`
    Latest { name: String },
    /// `models:/wine/Production`
    Stage { name: String, stage: String },
    /// `models:/wine@champion`
    Alias { name: String, alias: String },
}

impl ModelUri {
    /// The name of the registered model, if it names one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::LoggedModel { .. } => None,
            Self::Version { name, .. }
            | Self::Latest { name }
            | Self::Stage { name, .. }
            | Self::Alias { name, .. } => Some(name),
        }
    }

    /// Reads the part behind `models:`; `None` if it names nothing.
    pub fn parse(path: &str) -> Option<Self> {
        let below = path.strip_prefix('/')?.trim_start_matches('/');
        let (name, suffix) = match below.split_once('/') {
            Some((name, suffix)) if !suffix.contains('/') => (name, Some(suffix)),
            Some(_) => return None,
            None => (below, None),
        };
        if name.trim().is_empty() {
            return None;
        }
        let owned = str::to_owned;
        match suffix {
            Some(suffix) if suffix.trim().is_empty() => None,
            Some(suffix) if suffix.bytes().all(|byte| byte.is_ascii_digit()) => Some(Self::Version {
                name: owned(name),
                version: owned(suffix),
            }),
            Some(suffix) if suffix.eq_ignore_ascii_case("latest") => Some(Self::Latest { name: owned(name) }),
            Some(suffix) => Some(Self::Stage {
                name: owned(name),
                stage: owned(suffix),
            }),
            None => match name.rsplit_once('@') {
                Some((_, alias)) if alias.trim().is_empty() => None,
                Some((name, alias)) => Some(Self::Alias {
                    name: owned(name),
                    alias: owned(alias),
                }),
                None => Some(Self::LoggedModel {
                    model_id: owned(name),
                }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let name = || "wine".to_owned();
        let table = [
            (
                "/m-1",
                Some(ModelUri::LoggedModel {
                    model_id: "m-1".to_owned(),
                }),
            ),
            (
                "/wine/3",
                Some(ModelUri::Version {
                    name: name(),
                    version: "3".to_owned(),
                }),
            ),
            ("/wine/Latest", Some(ModelUri::Latest { name: name() })),
            (
                "/wine/production",
                Some(ModelUri::Stage {
                    name: name(),
                    stage: "production".to_owned(),
                }),
            ),
            (
                "/wine@champion",
                Some(ModelUri::Alias {
                    name: name(),
                    alias: "champion".to_owned(),
                }),
            ),
            ("/wine/", None),
            ("/wine/1/x", None),
            ("/wine@", None),
            ("/", None),
            ("/ ", None),
            ("wine/1", None),
            ("", None),
        ];
        for (path, expected) in table {
            assert_eq!(ModelUri::parse(path), expected, "{path}");
        }
    }
}
