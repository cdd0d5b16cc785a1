//! What is going to be there, before it is sent.

/// An experiment.
#[derive(Debug)]
pub struct ExperimentPlan {
    /// Its tags.
    pub tags: Vec<(String, String)>,
    /// Its runs without a parent.
    pub runs: Vec<RunPlan>,
    /// The registered model that its best runs become, if any.
    pub registered: Option<RegisteredPlan>,
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Finished,
    Failed,
    Killed,
    /// Not yet.
    Running,
}

impl Ending {
    /// MLflow's word for it.
    pub fn status(self) -> &'static str {
        match self {
            Self::Finished => "FINISHED",
            Self::Failed => "FAILED",
            Self::Killed => "KILLED",
            Self::Running => "RUNNING",
        }
    }
}

/// A run with everything in it.
#[derive(Debug)]
pub struct RunPlan {
    pub name: String,
    pub ending: Ending,
    pub start_ms: i64,
    pub duration_ms: i64,
    pub tags: Vec<(String, String)>,
    pub params: Vec<(String, String)>,
    pub series: Vec<Series>,
    pub files: Vec<File>,
    pub datasets: Vec<Dataset>,
    pub model: Option<ModelPlan>,
    pub children: Vec<RunPlan>,
}

impl RunPlan {
    /// A finished run with nothing in it.
    pub fn new(name: impl Into<String>, start_ms: i64, duration_ms: i64) -> Self {
        Self {
            name: name.into(),
            ending: Ending::Finished,
            start_ms,
            duration_ms,
            tags: Vec::new(),
            params: Vec::new(),
            series: Vec::new(),
            files: Vec::new(),
            datasets: Vec::new(),
            model: None,
            children: Vec::new(),
        }
    }

    /// Sets a tag; of one that is set twice the last value counts.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "takes numbers and texts as they are written"
    )]
    pub fn tag(&mut self, key: &str, value: impl ToString) -> &mut Self {
        self.tags.retain(|(known, _)| known != key);
        self.tags.push((key.to_owned(), value.to_string()));
        self
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "takes numbers and texts as they are written"
    )]
    pub fn param(&mut self, key: &str, value: impl ToString) -> &mut Self {
        self.params.push((key.to_owned(), value.to_string()));
        self
    }

    pub fn file(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) -> &mut Self {
        self.files.push(File {
            path: path.into(),
            content: content.into(),
        });
        self
    }

    /// A metric with one value, at the end of the run.
    pub fn metric(&mut self, key: &str, value: f64) -> &mut Self {
        let mut series = Series::new(key);
        series.push(0, self.start_ms + self.duration_ms, value);
        self.series.push(series);
        self
    }

    /// The last value of a metric.
    pub fn last(&self, key: &str) -> Option<f64> {
        let series = self.series.iter().find(|series| series.key == key)?;
        series.points.last().map(|point| point.value)
    }

    /// Ends the run before its time: what would have come later is not there.
    pub fn cut(&mut self, ending: Ending, done: f64) -> &mut Self {
        self.ending = ending;
        self.duration_ms = (self.duration_ms as f64 * done) as i64;
        let until = self.start_ms + self.duration_ms;
        for series in &mut self.series {
            series.points.retain(|point| point.timestamp_ms <= until);
        }
        self.series.retain(|series| !series.points.is_empty());
        self.model = None;
        self
    }

    /// This run and all below.
    pub fn count(&self) -> usize {
        1 + self.children.iter().map(Self::count).sum::<usize>()
    }
}

/// The history of a metric.
#[derive(Debug)]
pub struct Series {
    pub key: String,
    pub points: Vec<Point>,
}

/// A value of a metric.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    pub step: i64,
    pub timestamp_ms: i64,
    pub value: f64,
}

impl Series {
    pub fn new(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            points: Vec::new(),
        }
    }

    pub fn push(&mut self, step: i64, timestamp_ms: i64, value: f64) {
        self.points.push(Point {
            step,
            timestamp_ms,
            value,
        });
    }
}

/// An artifact.
#[derive(Debug)]
pub struct File {
    pub path: String,
    pub content: Vec<u8>,
}

/// A dataset that a run read.
#[derive(Debug, Clone)]
pub struct Dataset {
    pub name: &'static str,
    pub digest: &'static str,
    pub source: &'static str,
    pub schema: &'static str,
    pub rows: u64,
    /// `training`, `evaluation`, …
    pub context: &'static str,
}

/// A model that a run made.
#[derive(Debug)]
pub struct ModelPlan {
    pub name: &'static str,
    pub model_type: &'static str,
    pub flavor: super::model_files::Flavor,
    /// Step of the run at which it was saved.
    pub step: i64,
    /// Whether it is a version of the experiment's registered model.
    pub is_registered: bool,
}

/// A registered model.
#[derive(Debug)]
pub struct RegisteredPlan {
    pub name: &'static str,
    pub description: &'static str,
    pub tags: &'static [(&'static str, &'static str)],
    /// Aliases of the versions, counted from the last.
    pub aliases: &'static [(&'static str, usize)],
    /// Stages of the versions, counted from the last.
    pub stages: &'static [(&'static str, usize)],
}
