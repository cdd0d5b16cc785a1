//! Files of metrics: a point per line, read one after the other.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use oxflow_core::{Key, KeyKind, MetricValue};

use crate::pairs::for_each_key;
use crate::{Folder, Problem, Report};

/// Longest line that can be a point: numbers, a run id, name and digest of a dataset.
const MAX_LINE_BYTES: u64 = 8 * 1024;

/// Problems of one file that are told one by one; the others are only counted.
const TOLD_PER_FILE: u64 = 5;

/// A file of points of one metric.
#[derive(Debug)]
pub struct MetricFile<'f> {
    /// The metric.
    pub key: Key,
    folder: &'f Folder,
    name: &'f str,
    of: Owner,
}

/// Whose metrics a file holds: their lines differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// `timestamp value [step [dataset_name dataset_digest]]`
    Run,
    /// `timestamp value step run_id [dataset_name dataset_digest]`
    LoggedModel,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The number.
    pub value: MetricValue,
    /// ms since 1970.
    pub timestamp_ms: i64,
    /// Position in training; 0 in files of MLflow before 1.0, which had none.
    pub step: i64,
    /// The run that logged it, in files of logged models.
    pub run_id: Option<String>,
    /// Name and digest of the dataset it was measured on, in files of logged models.
    pub dataset: Option<(String, String)>,
}

/// Calls back with each metric file of a `metrics` folder.
pub(crate) fn for_each_metric_file(
    parent: &Folder,
    of: Owner,
    report: Report<'_>,
    found: &mut dyn FnMut(&MetricFile<'_>, Report<'_>),
) {
    let Some(folder) = parent.folder(crate::names::METRICS, report) else {
        return;
    };
    for_each_key(
        &folder,
        KeyKind::Metric,
        report,
        &mut |folder, name, key, report| {
            let file = MetricFile {
                key,
                folder,
                name,
                of,
            };
            found(&file, report);
        },
    );
}

impl MetricFile<'_> {
    /// Opens it for reading.
    pub fn lines(&self) -> Result<MetricLines, Problem> {
        Ok(MetricLines {
            file: BufReader::with_capacity(64 * 1024, self.folder.open_file(self.name)?),
            path: self.folder.path().join(self.name),
            of: self.of,
            buffer: Vec::new(),
            line: 0,
            columns: 0,
            skipped: 0,
            bad: 0,
            is_done: false,
        })
    }
}

/// The points of a file, in its order. Lines that are none come as problems.
#[derive(Debug)]
pub struct MetricLines {
    file: BufReader<File>,
    path: PathBuf,
    of: Owner,
    buffer: Vec<u8>,
    line: u64,
    /// Columns of the last good line.
    columns: usize,
    /// Lines that were no points, in all and since they were last told.
    skipped: u64,
    bad: u64,
    is_done: bool,
}

impl Iterator for MetricLines {
    type Item = Result<Point, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_done {
            match self.next_line() {
                Ok(None) => {}
                Ok(Some(point)) => return Some(Ok(point)),
                Err(problem) => {
                    (self.skipped, self.bad) = (self.skipped + 1, self.bad + 1);
                    if self.bad <= TOLD_PER_FILE {
                        return Some(Err(problem));
                    }
                }
            }
        }
        let more = self.bad.saturating_sub(TOLD_PER_FILE);
        self.bad = 0;
        (more > 0).then(|| {
            Err(Problem::new(
                &self.path,
                format!("{more} more lines like these were skipped"),
            ))
        })
    }
}

impl MetricLines {
    /// Lines so far that were no points.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The point of the next line; `None` for an empty one and for the end.
    fn next_line(&mut self) -> Result<Option<Point>, Problem> {
        self.buffer.clear();
        self.line += 1;
        let read = (&mut self.file)
            .take(MAX_LINE_BYTES)
            .read_until(b'\n', &mut self.buffer);
        if let Err(error) = read {
            self.is_done = true;
            return Err(Problem::io(&self.path, "read the rest of the file", error));
        }
        if self.buffer.is_empty() {
            self.is_done = true;
            return Ok(None);
        }
        let is_whole = self.buffer.ends_with(b"\n");
        if !is_whole && self.buffer.len() as u64 == MAX_LINE_BYTES {
            self.skip_to_line_end();
            return Err(self.problem("the line is too long for a metric"));
        }
        let Ok(text) = std::str::from_utf8(&self.buffer) else {
            return Err(self.problem("the line is not UTF-8"));
        };
        let columns: Vec<&str> = text.split_ascii_whitespace().collect();
        if columns.is_empty() {
            return Ok(None);
        }
        // A step that is missing only here was cut off; a dataset need not follow.
        if !is_whole && columns.len() < self.columns.min(3) {
            return Err(self.problem("the file ends in the middle of a line"));
        }
        let point = match self.of {
            Owner::Run => run_point(&columns),
            Owner::LoggedModel => model_point(&columns),
        };
        let point = point.ok_or_else(|| self.problem("the line is not `timestamp value step`"))?;
        self.columns = columns.len();
        Ok(Some(point))
    }

    fn skip_to_line_end(&mut self) {
        while let Ok(bytes) = self.file.fill_buf() {
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(bytes.len(), |end| end + 1);
            self.file.consume(used);
            if end.is_some() || used == 0 {
                return;
            }
        }
    }

    fn problem(&self, what: &str) -> Problem {
        let end = self.buffer.len().min(60);
        let shown = String::from_utf8_lossy(&self.buffer[..end])
            .trim_end()
            .escape_debug()
            .to_string();
        Problem::at_line(
            &self.path,
            self.line,
            format!("{what}: `{shown}`; it was skipped"),
        )
    }
}

/// As `FileStore._get_metric_from_line` of MLflow, except that the step of a line with a dataset counts.
fn run_point(columns: &[&str]) -> Option<Point> {
    let (timestamp, value, step) = match columns {
        [timestamp, value] => (timestamp, value, "0"),
        [timestamp, value, step] => (timestamp, value, *step),
        // The name of a dataset may have spaces.
        [timestamp, value, step, _, _, ..] => (timestamp, value, *step),
        _ => return None,
    };
    Some(Point {
        value: MetricValue::new(value.parse().ok()?),
        timestamp_ms: timestamp.parse().ok()?,
        step: step.parse().ok()?,
        run_id: None,
        dataset: None,
    })
}

/// As `FileStore._get_model_metric_from_line` of MLflow 3.
fn model_point(columns: &[&str]) -> Option<Point> {
    let [timestamp, value, step, run_id, rest @ ..] = columns else {
        return None;
    };
    let dataset = match rest {
        [] => None,
        [_] => return None,
        [name @ .., digest] => Some((name.join(" "), (*digest).to_owned())),
    };
    Some(Point {
        run_id: Some((*run_id).to_owned()),
        dataset,
        ..run_point(&[timestamp, value, step])?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(of: Owner, content: &[u8]) -> (Vec<(i64, f64, i64)>, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("loss"), content).unwrap();
        let folder = Folder::open_root(dir.path()).unwrap();
        let file = MetricFile {
            key: Key::from_row("loss".to_owned()),
            folder: &folder,
            name: "loss",
            of,
        };
        let (mut points, mut problems) = (Vec::new(), Vec::new());
        for line in file.lines().unwrap() {
            match line {
                Ok(point) => points.push((point.timestamp_ms, point.value.get(), point.step)),
                Err(problem) => problems.push(problem.to_string()),
            }
        }
        (points, problems)
    }

    #[test]
    fn lines_of_every_version_are_points() {
        let (points, problems) = read(
            Owner::Run,
            b"5 0.5\n6 1e-05 7\r\n7 -3 -8\n8 inf 1\n9 1.0 2 train set abc\n\n10 2 3",
        );
        assert_eq!(problems, [""; 0]);
        assert_eq!(
            points,
            [
                (5, 0.5, 0),
                (6, 1e-5, 7),
                (7, -3.0, -8),
                (8, f64::MAX, 1),
                (9, 1.0, 2),
                (10, 2.0, 3)
            ]
        );
        let (points, _) = read(Owner::Run, b"1 nan 1\n");
        assert!(points[0].1.is_nan());
    }

    #[test]
    fn a_broken_line_is_told_by_number_and_costs_no_other() {
        let (points, problems) = read(Owner::Run, b"1 2 3\nx 2 3\n4 5 6\n7\n8 9 1\n9 0.");
        assert_eq!(points, [(1, 2.0, 3), (4, 5.0, 6), (8, 9.0, 1)]);
        assert_eq!(
            problems,
            [
                "loss:2: the line is not `timestamp value step`: `x 2 3`; it was skipped",
                "loss:4: the line is not `timestamp value step`: `7`; it was skipped",
                "loss:6: the file ends in the middle of a line: `9 0.`; it was skipped",
            ]
        );
    }

    #[test]
    fn a_thousand_broken_lines_are_told_in_a_few() {
        let (points, problems) = read(
            Owner::Run,
            &[b"broken\n".repeat(1000), b"1 2 3\n".to_vec()].concat(),
        );
        assert_eq!(points, [(1, 2.0, 3)]);
        assert_eq!(problems.len(), 6);
        assert_eq!(problems[5], "loss: 995 more lines like these were skipped");
    }

    #[test]
    fn an_endless_line_is_one_problem() {
        let (points, problems) = read(
            Owner::Run,
            &[b"9".repeat(100_000), b"\n1 2 3\n".to_vec()].concat(),
        );
        assert_eq!((points.len(), problems.len()), (1, 1));
    }

    #[test]
    fn points_of_logged_models_name_their_run_and_perhaps_a_dataset() {
        let columns: Vec<&str> = "5 0.5 1 r1 my data d1".split(' ').collect();
        let point = model_point(&columns).unwrap();
        assert_eq!(point.run_id.as_deref(), Some("r1"));
        assert_eq!(point.dataset, Some(("my data".to_owned(), "d1".to_owned())));
        assert!(model_point(&columns[..3]).is_none());
    }
}
