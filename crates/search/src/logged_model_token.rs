//! Page tokens of the logged-models search: they repeat the request, so that a token cannot
//! continue another search.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::error::SearchError;
use crate::page_token::{check_offset, decode, from_json};
use crate::python::{json, list};

/// The members of a logged-models search, and how far it has come.
///
/// Build one from the request with offset 0, [`resume`](Self::resume) it from the client's token,
/// and [`encode`](Self::encode) it with the offset of the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedModelToken {
    /// As in the request.
    pub experiment_ids: Vec<String>,
    /// As in the request; `None` for an empty filter.
    #[serde(default)]
    pub filter_string: Option<String>,
    /// As in the request; `None` for an empty list.
    #[serde(default)]
    pub order_by: Option<Vec<LoggedModelOrderBy>>,
    /// How many results came before; 0 to 2^31.
    pub offset: u64,
}

/// One order_by object of a logged-models search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedModelOrderBy {
    /// An attribute or `metrics.x`.
    pub field_name: String,
    /// Smallest first.
    pub ascending: bool,
    /// Which dataset the metric was logged with; `None` if empty.
    #[serde(default)]
    pub dataset_name: Option<String>,
    /// Digest of that dataset; `None` if empty.
    #[serde(default)]
    pub dataset_digest: Option<String>,
}

impl LoggedModelToken {
    /// Takes over the offset of a client's token, if it belongs to the same search.
    pub fn resume(&mut self, token: &str) -> Result<(), SearchError> {
        if token.is_empty() {
            return Ok(());
        }
        let earlier: Self = from_json(&decode(token)?)?;
        check_offset(earlier.offset)?;
        let mismatch = if earlier.experiment_ids != self.experiment_ids {
            Some((
                "Experiment IDs",
                "experiment IDs",
                list(&self.experiment_ids),
                list(&earlier.experiment_ids),
            ))
        } else if earlier.filter_string != self.filter_string {
            Some((
                "Filter string",
                "filter string",
                shown(&self.filter_string).to_owned(),
                shown(&earlier.filter_string).to_owned(),
            ))
        } else if earlier.order_by != self.order_by {
            Some((
                "Order by",
                "order by",
                json(&self.order_by),
                json(&earlier.order_by),
            ))
        } else {
            None
        };
        match mismatch {
            None => {
                self.offset = earlier.offset;
                Ok(())
            }
            Some((subject, object, expected, found)) => Err(SearchError::whole(format!(
                "{subject} in the page token do{} not match the requested {object}. \
                 Expected: {expected}. Found: {found}",
                if subject.ends_with('s') { "" } else { "es" },
            ))),
        }
    }

    /// The token as it goes over the wire.
    pub fn encode(&self) -> String {
        STANDARD.encode(json(self))
    }
}

fn shown(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or("None")
}
