//! What an import has found and done: problems and progress as they come, the table at its end.

use std::cell::Cell;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use oxflow_filestore::Problem;

use crate::commands::size_in_words;

/// What is counted, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Experiments,
    Runs,
    Points,
    Params,
    Tags,
    DatasetInputs,
    ModelEdges,
    LoggedModels,
    LoggedModelPoints,
    Traces,
    Assessments,
    RegisteredModels,
    ModelVersions,
    Files,
}

const ROWS: [(What, &str); 14] = [
    (What::Experiments, "experiments"),
    (What::Runs, "runs"),
    (What::Points, "metric points"),
    (What::Params, "params"),
    (What::Tags, "tags of runs"),
    (What::DatasetInputs, "dataset inputs"),
    (What::ModelEdges, "model inputs and outputs"),
    (What::LoggedModels, "logged models"),
    (What::LoggedModelPoints, "points of logged models"),
    (What::Traces, "traces"),
    (What::Assessments, "assessments"),
    (What::RegisteredModels, "registered models"),
    (What::ModelVersions, "model versions"),
    (What::Files, "artifact files"),
];

/// Counts of one row.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    found: u64,
    imported: u64,
    there: u64,
    skipped: u64,
}

/// When progress is told the first time and how often then, on a terminal and in a log.
const FIRST: Duration = Duration::from_secs(2);
const ON_TERMINAL: Duration = Duration::from_millis(500);
const IN_LOG: Duration = Duration::from_secs(10);

/// The counts of an import. Shared by everyone at work, hence the cells.
#[derive(Debug)]
pub(super) struct Tally {
    root: PathBuf,
    counts: [Cell<Counts>; ROWS.len()],
    problems: Cell<u64>,
    losses: Cell<u64>,
    equal_points: Cell<u64>,
    copied_bytes: Cell<u64>,
    linked_files: Cell<u64>,
    left_in_place: Cell<u64>,
    started: Instant,
    told: Cell<Option<Instant>>,
    is_terminal: bool,
    has_line: Cell<bool>,
}

impl Tally {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            counts: Default::default(),
            problems: Cell::new(0),
            losses: Cell::new(0),
            equal_points: Cell::new(0),
            copied_bytes: Cell::new(0),
            linked_files: Cell::new(0),
            left_in_place: Cell::new(0),
            started: Instant::now(),
            told: Cell::new(None),
            is_terminal: std::io::stderr().is_terminal(),
            has_line: Cell::new(false),
        }
    }

    pub(super) fn found(&self, what: What, count: usize) {
        self.change(what, |counts| counts.found += count as u64);
    }

    pub(super) fn imported(&self, what: What, count: usize) {
        self.change(what, |counts| counts.imported += count as u64);
    }

    pub(super) fn there(&self, what: What, count: usize) {
        self.change(what, |counts| counts.there += count as u64);
    }

    pub(super) fn skipped(&self, what: What, count: usize) {
        self.change(what, |counts| counts.skipped += count as u64);
    }

    /// Points that the database had when they came.
    pub(super) fn equal_points(&self, count: usize) {
        self.equal_points.set(self.equal_points.get() + count as u64);
    }

    pub(super) fn copied(&self, bytes: u64) {
        self.copied_bytes.set(self.copied_bytes.get() + bytes);
    }

    pub(super) fn linked(&self) {
        self.linked_files.set(self.linked_files.get() + 1);
    }

    /// Artifacts of something that stay outside of the store.
    pub(super) fn left_in_place(&self) {
        self.left_in_place.set(self.left_in_place.get() + 1);
    }

    /// Tells what could not be read or stored, at once.
    pub(super) fn problem(&self, problem: &Problem) {
        self.problems.set(self.problems.get() + 1);
        self.losses.set(self.losses.get() + u64::from(!problem.is_cut));
        self.say(&format!(
            "warning: {}",
            self.root.join(problem.to_string()).display()
        ));
    }

    /// Problems so far, but for texts that were cut.
    pub(super) fn losses(&self) -> u64 {
        self.losses.get()
    }

    /// A line that is no problem.
    pub(super) fn note(&self, text: &str) {
        self.say(&format!("note: {text}"));
    }

    /// Tells how far it is, if it is time to.
    pub(super) fn tick(&self) {
        let every = if self.is_terminal { ON_TERMINAL } else { IN_LOG };
        let is_due = match self.told.get() {
            None => self.started.elapsed() >= FIRST,
            Some(last) => last.elapsed() >= every,
        };
        if !is_due {
            return;
        }
        self.told.set(Some(Instant::now()));
        let line = self.progress();
        let mut out = std::io::stderr().lock();
        // When standard error is gone there is nobody left to tell.
        let _ = if self.is_terminal {
            self.has_line.set(true);
            write!(out, "\r\x1b[K{line}").and_then(|()| out.flush())
        } else {
            writeln!(out, "{line}")
        };
    }

    /// The table of counts.
    pub(super) fn table(&self) -> String {
        let mut text = format!(
            "{:<25}{:>12}{:>12}{:>15}{:>10}\n",
            "", "found", "imported", "already there", "skipped"
        );
        for (what, name) in ROWS {
            let counts = self.counts[what as usize].get();
            let _ = writeln!(
                text,
                "{name:<25}{:>12}{:>12}{:>15}{:>10}",
                counts.found, counts.imported, counts.there, counts.skipped
            );
        }
        text.truncate(text.trim_end().len());
        text
    }

    /// What the table does not say.
    pub(super) fn say_the_end(&self) {
        if self.equal_points.get() > 0 {
            self.note(&format!(
                "{} metric points were there: equal ones (a folder may hold a point twice, the database keeps one), or \
                 those of an import that was interrupted",
                self.equal_points.get()
            ));
        }
        if self.linked_files.get() > 0 {
            let bytes = size_in_words(self.copied_bytes.get());
            self.note(&format!(
                "{} artifact files were linked, {bytes} were copied",
                self.linked_files.get()
            ));
        }
        if self.left_in_place.get() > 0 {
            self.note(&format!(
                "artifacts of {} runs, models or traces stay outside of the server's folder; `oxflow server \
                 --artifact-root-allow <folder>` shows them in the UI, clients need the folder itself",
                self.left_in_place.get()
            ));
        }
        if self.problems.get() > 0 {
            self.say(&format!(
                "{} problems were told above; what they name was skipped, or cut where they say so. The folder is \
                 unchanged: mend it and run the command again",
                self.problems.get()
            ));
        }
    }

    /// 0 when all was imported or was there.
    pub(super) fn exit_code(&self) -> ExitCode {
        if self.problems.get() == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn progress(&self) -> String {
        let of = |what: What| self.counts[what as usize].get();
        let (runs, points, files) = (of(What::Runs), of(What::Points), of(What::Files));
        format!(
            "{} s: {} of {} runs so far, {} metric points, {} artifact files ({} copied)",
            self.started.elapsed().as_secs(),
            runs.imported + runs.there + runs.skipped,
            runs.found,
            points.imported + points.there,
            files.imported + files.there,
            size_in_words(self.copied_bytes.get()),
        )
    }

    fn change(&self, what: What, change: impl FnOnce(&mut Counts)) {
        let cell = &self.counts[what as usize];
        let mut counts = cell.get();
        change(&mut counts);
        cell.set(counts);
    }

    fn say(&self, text: &str) {
        let end_of_line = if self.has_line.replace(false) {
            "\r\x1b[K"
        } else {
            ""
        };
        let _ = writeln!(std::io::stderr().lock(), "{end_of_line}{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_has_its_row() {
        for (place, (what, _)) in ROWS.iter().enumerate() {
            assert_eq!(*what as usize, place);
        }
    }

    #[test]
    fn the_table_lines_up() {
        let tally = Tally::new(Path::new("mlruns"));
        tally.found(What::Runs, 3);
        tally.imported(What::Runs, 2);
        let table = tally.table();
        assert!(
            table.contains("runs                                3           2              0         0\n"),
            "{table}"
        );
        let widths: Vec<usize> = table.lines().map(str::len).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{table}");
    }

    #[test]
    fn sizes_are_readable() {
        assert_eq!(size_in_words(1023), "1023 bytes");
        assert_eq!(size_in_words(1536), "1.5 KiB");
        assert_eq!(size_in_words(5 << 30), "5.0 GiB");
    }
}
