//! Options of a URI.

use percent_encoding::percent_decode_str;

/// The options behind the question mark, in their order.
pub(super) struct Options(pub(super) Vec<(String, String)>);

impl Options {
    pub(super) fn split(query: &str) -> Result<Self, String> {
        let mut options = Vec::new();
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part
                .split_once('=')
                .ok_or("an option has no value: `?name=value&name=value`")?;
            // A plus is a space, as in the URIs of SQLAlchemy and so of MLflow.
            options.push((name.to_owned(), value.replace('+', "%20")));
        }
        Ok(Self(options))
    }

    /// Takes an option out; of a repeated one the last value counts.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let mut value = None;
        self.0.retain(|(option, text)| {
            let is_it = option == name;
            if is_it {
                value = Some(percent_decode_str(text).decode_utf8_lossy().into_owned());
            }
            !is_it
        });
        value
    }

    pub(super) fn add_missing(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value
            && !self.0.iter().any(|(option, _)| option == name)
        {
            self.0.push((name.to_owned(), value));
        }
    }

    pub(super) fn joined(&self) -> String {
        let parts: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if parts.is_empty() {
            String::new()
        } else {
            format!("?{}", parts.join("&"))
        }
    }
}
