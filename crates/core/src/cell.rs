//! Values of a table of runs.

/// What a run has in a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Missing,
    /// A text.
    Text(String),
    /// A whole number: a step, a count, or milliseconds.
    Int(i64),
    /// The value of a metric; NaN and the infinities are themselves.
    Number(f64),
    /// The datasets that the run read.
    Datasets(Vec<DatasetUse>),
    /// The models that the run made.
    Models(Vec<ModelOfRun>),
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing, Into::into)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// A dataset that a run read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetUse {
    /// Its name.
    pub name: String,
    /// Its digest.
    pub digest: String,
    /// What it was used for: the input tag `mlflow.data.context`.
    pub context: Option<String>,
}

/// A model that a run made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelOfRun {
    /// A version of a registered model.
    Registered {
        /// The registered model.
        name: String,
        /// The version.
        version: i64,
    },
    /// A logged model.
    Logged {
        /// Its id.
        model_id: String,
        /// Its name; `None` if it is deleted for good.
        name: Option<String>,
    },
}
