//! The variables that say how object stores are reached.

use std::collections::BTreeMap;
use std::fmt;

use super::StoreSettingsError;

/// Variables by their names. Some are secrets, so their values are never printed.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Of pairs of names and values; empty values count as not set, as in MLflow.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(
            variables
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        )
    }

    /// The value of a variable that is set.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The first of several that is set.
    pub(crate) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The proxy to hosts that are reached without TLS, or with it.
    pub(crate) fn proxy(&self, is_plain: bool) -> Option<&str> {
        if is_plain {
            self.first(&["http_proxy", "HTTP_PROXY"])
        } else {
            self.first(&["https_proxy", "HTTPS_PROXY"])
        }
    }

    /// The hosts that are reached without a proxy.
    pub(crate) fn proxy_excludes(&self) -> Option<&str> {
        self.first(&["no_proxy", "NO_PROXY"])
    }

    /// Whether a switch is on: `true` or `1`, in any case, as MLflow reads its switches.
    pub(crate) fn is_on(&self, name: &str) -> Result<bool, StoreSettingsError> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(other) => Err(StoreSettingsError::new(format!(
                "`{name}` is `{other}`, which is neither `true` nor `false`"
            ))),
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}
