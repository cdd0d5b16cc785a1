//! Columns of a table of runs, as texts: a kind, a dot, and the rest as it is.

use std::fmt;

use crate::error::SearchError;

/// Longest text of a column, in bytes: a key has at most 250 characters, of at most 4 bytes each.
pub const MAX_COLUMN_BYTES: usize = 1100;

/// A column of a table of runs, such as `metric.val/loss`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RunColumn {
    /// A property every run has.
    Attribute(ColumnAttribute),
    /// The latest value of a metric.
    Metric(String),
    /// The step of the latest value of a metric.
    MetricStep(String),
    /// The least finite value in the history of a metric.
    MetricMin(String),
    /// The greatest finite value in the history of a metric.
    MetricMax(String),
    /// A param.
    Param(String),
    /// A tag.
    Tag(String),
    /// The datasets that the run read.
    Datasets,
    /// The models that the run made, registered or logged.
    Models,
    /// How many runs name this one as their parent.
    Children,
    /// The id of the run that this one names as its parent.
    Parent,
}

/// Properties every run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say what they are")]
pub enum ColumnAttribute {
    RunId,
    RunName,
    ExperimentId,
    /// The name of its experiment.
    ExperimentName,
    Status,
    UserId,
    StartTime,
    EndTime,
    /// From start to end.
    Duration,
    ArtifactUri,
    LifecycleStage,
}

impl ColumnAttribute {
    /// Every attribute with its name.
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::RunId, "run_id"),
        (Self::RunName, "run_name"),
        (Self::ExperimentId, "experiment_id"),
        (Self::ExperimentName, "experiment_name"),
        (Self::Status, "status"),
        (Self::UserId, "user_id"),
        (Self::StartTime, "start_time"),
        (Self::EndTime, "end_time"),
        (Self::Duration, "duration"),
        (Self::ArtifactUri, "artifact_uri"),
        (Self::LifecycleStage, "lifecycle_stage"),
    ];

    /// The name behind `attribute.`.
    pub fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(attribute, _)| *attribute == self);
        found.map_or("", |(_, name)| name)
    }

    /// Whether its values are milliseconds.
    pub fn is_time(self) -> bool {
        matches!(self, Self::StartTime | Self::EndTime | Self::Duration)
    }
}

impl RunColumn {
    /// Reads a column.
    pub fn parse(text: &str) -> Result<Self, SearchError> {
        if text.len() > MAX_COLUMN_BYTES {
            let message = format!(
                "A column may have {MAX_COLUMN_BYTES} bytes; this one has {}",
                text.len()
            );
            return Err(SearchError::whole(message));
        }
        if text.contains('\0') {
            return Err(SearchError::whole("A column contains a NUL character"));
        }
        match text {
            "datasets" => return Ok(Self::Datasets),
            "models" => return Ok(Self::Models),
            "children" => return Ok(Self::Children),
            "parent" => return Ok(Self::Parent),
            _ => {}
        }
        let unknown = || SearchError::whole(format!("Unknown column {text:?}. {VALID}"));
        let (kind, key) = text.split_once('.').ok_or_else(unknown)?;
        if key.is_empty() {
            return Err(SearchError::whole(format!("Column {text:?} has no key. {VALID}")));
        }
        let owned = key.to_owned();
        Ok(match kind {
            "attribute" => {
                let found = ColumnAttribute::ALL.iter().find(|(_, name)| *name == key);
                Self::Attribute(found.ok_or_else(unknown)?.0)
            }
            "metric" => Self::Metric(owned),
            "metric_step" => Self::MetricStep(owned),
            "metric_min" => Self::MetricMin(owned),
            "metric_max" => Self::MetricMax(owned),
            "param" => Self::Param(owned),
            "tag" => Self::Tag(owned),
            _ => return Err(unknown()),
        })
    }
}

impl RunColumn {
    /// Whether runs can be ordered by it.
    pub fn is_sortable(&self) -> bool {
        !matches!(
            self,
            Self::MetricMin(_) | Self::MetricMax(_) | Self::Datasets | Self::Models | Self::Children
        )
    }
}

/// What a message says about valid columns.
const VALID: &str = "Columns are attribute.NAME, metric.KEY, metric_step.KEY, metric_min.KEY, metric_max.KEY, param.KEY, \
     tag.KEY, datasets, models, children and parent; see docs/api.md";

impl fmt::Display for RunColumn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(attribute) => write!(out, "attribute.{}", attribute.name()),
            Self::Metric(key) => write!(out, "metric.{key}"),
            Self::MetricStep(key) => write!(out, "metric_step.{key}"),
            Self::MetricMin(key) => write!(out, "metric_min.{key}"),
            Self::MetricMax(key) => write!(out, "metric_max.{key}"),
            Self::Param(key) => write!(out, "param.{key}"),
            Self::Tag(key) => write!(out, "tag.{key}"),
            Self::Datasets => out.write_str("datasets"),
            Self::Models => out.write_str("models"),
            Self::Children => out.write_str("children"),
            Self::Parent => out.write_str("parent"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_all_that_follows_the_first_dot() {
        assert_eq!(
            RunColumn::parse("metric.a.b c'`"),
            Ok(RunColumn::Metric("a.b c'`".to_owned()))
        );
        assert_eq!(RunColumn::parse("tag. "), Ok(RunColumn::Tag(" ".to_owned())));
        assert_eq!(
            RunColumn::parse("attribute.run_name"),
            Ok(RunColumn::Attribute(ColumnAttribute::RunName))
        );
        assert_eq!(RunColumn::parse("parent"), Ok(RunColumn::Parent));
    }

    #[test]
    fn what_is_no_column_is_refused() {
        let long = format!("tag.{}", "x".repeat(MAX_COLUMN_BYTES));
        for text in [
            "",
            ".",
            "metric",
            "metric.",
            "metrics.loss",
            "attribute.name",
            "parent.x",
            "tag.\0",
            &long,
        ] {
            assert!(RunColumn::parse(text).is_err(), "{text:?}");
        }
    }
}
