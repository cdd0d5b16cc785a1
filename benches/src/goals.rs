//! What Oxflow is meant to reach, and whether it does.

use serde::Serialize;

use crate::cases::{Contender, number};
use crate::rounds::Row;
use crate::servers::{Backend, Program};
use crate::summary::Summary;

/// A goal for Oxflow on a workload.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// At the most so many milliseconds of CPU time of the server for a run, a request or a point.
    CpuMs(f64),
    /// So many times less CPU time than MLflow on the same kind of database.
    LessCpuThanMlflow(f64),
    /// So many times the rate of MLflow.
    FasterThanMlflow(f64),
    /// At least as fast as FastTrackML. Every workload has it that FastTrackML takes part in.
    AheadOfFasttrackml,
    /// So many times the rate of the limit, which is the first one of the workload on the same kind of database.
    OfTheLimit(f64),
    /// At least so many things per second.
    Rate(f64),
    /// At the most so many milliseconds from request to answer, or from start to answer.
    MedianMs(f64),
    /// At the most so many MB of memory at any time.
    MemoryMb(f64),
    /// Memory of the last fifth of the time at the most so many times that of the second.
    MemoryGrowth(f64),
    /// At the most so many times slower than Oxflow on SQLite.
    WithinSqlite(f64),
    NoFailures,
}

/// Memory that does not depend on what goes through the server: the bound of the soak.
pub const FLAT_MEMORY: Goal = Goal::MemoryMb(40.0);

/// What became of a goal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    pub goal: String,
    /// `None`: what it is compared with was not measured.
    pub reached: Option<String>,
    pub is_met: bool,
}

impl Verdict {
    /// As in `≥ 35x less CPU than MLflow: met, 41.0`.
    pub fn text(&self) -> String {
        let (goal, met) = (&self.goal, if self.is_met { "met" } else { "**missed**" });
        match &self.reached {
            Some(reached) => format!("{goal}: {met}, {reached}"),
            None => format!("{goal}: not judged"),
        }
    }
}

/// Judges the goals of a row of Oxflow; others have none.
pub fn judge(rows: &[Row], row: &Row) -> Vec<Verdict> {
    let Some(backend) = row
        .contender
        .backend
        .filter(|_| is(Program::Oxflow, &row.contender))
    else {
        return Vec::new();
    };
    let place = Place { rows, row, backend };
    let own = row
        .workload
        .goals
        .iter()
        .filter(|(its, _)| *its == backend)
        .map(|(_, goal)| *goal);
    let both_have_it = place
        .other(Program::Fasttrackml)
        .map(|_| Goal::AheadOfFasttrackml);
    own.chain(both_have_it).map(|goal| place.verdict(goal)).collect()
}

fn is(program: Program, contender: &Contender) -> bool {
    contender.program == Some(program)
}

/// A row of Oxflow among the others.
struct Place<'r> {
    rows: &'r [Row],
    row: &'r Row,
    backend: Backend,
}

impl Place<'_> {
    fn verdict(&self, goal: Goal) -> Verdict {
        let text = self.text(goal);
        match Summary::of(self.row).and_then(|ours| self.reached(goal, &ours)) {
            Some(reached) => Verdict {
                goal: text,
                reached: Some(format!("{}{}", number(reached), goal.unit())),
                is_met: goal.is_met(reached),
            },
            None => Verdict {
                goal: text,
                reached: None,
                is_met: false,
            },
        }
    }

    fn text(&self, goal: Goal) -> String {
        let whose = match goal {
            Goal::CpuMs(_) => "CPU",
            Goal::LessCpuThanMlflow(_) => "less CPU than MLflow",
            Goal::FasterThanMlflow(_) => "MLflow's rate",
            Goal::AheadOfFasttrackml => "FastTrackML's rate",
            Goal::OfTheLimit(_) => "the limit's rate",
            Goal::Rate(_) => "per second",
            Goal::MedianMs(_) => "p50",
            Goal::MemoryMb(_) => "memory",
            Goal::MemoryGrowth(_) => "memory of the second fifth in the last",
            Goal::WithinSqlite(_) => "slower than on SQLite",
            Goal::NoFailures => "failed",
        };
        let sign = if goal.is_upper_bound() { "≤" } else { "≥" };
        format!("{sign} {}{} {whose}", number(goal.bound()), goal.unit())
    }

    fn reached(&self, goal: Goal, ours: &Summary) -> Option<f64> {
        let unit = self.row.workload.unit;
        let faster = |theirs: &Summary| unit.ratio(ours.value, theirs.value);
        match goal {
            Goal::CpuMs(_) => Some(ours.server_cpu),
            Goal::LessCpuThanMlflow(_) => {
                let theirs = self.other(Program::Mlflow)?.cpu();
                (ours.cpu() > 0.0 && theirs > 0.0).then(|| theirs / ours.cpu())
            }
            Goal::FasterThanMlflow(_) => faster(&self.other(Program::Mlflow)?),
            Goal::AheadOfFasttrackml => faster(&self.other(Program::Fasttrackml)?),
            Goal::OfTheLimit(_) => faster(&self.limit()?),
            Goal::Rate(_) => Some(ours.value),
            Goal::MedianMs(_) => Some(ours.p50_ms),
            Goal::MemoryMb(_) => Some(ours.peak_memory_bytes? as f64 / 1e6),
            Goal::MemoryGrowth(_) => self.row.rounds.iter().find_map(|round| round.memory_growth),
            Goal::WithinSqlite(_) => {
                let on_sqlite = self.find(|contender| {
                    is(Program::Oxflow, contender) && contender.backend == Some(Backend::Sqlite)
                })?;
                unit.ratio(on_sqlite.value, ours.value)
            }
            Goal::NoFailures => Some(self.row.rounds.iter().map(|round| round.failures).sum::<u64>() as f64),
        }
    }

    fn other(&self, program: Program) -> Option<Summary> {
        self.find(|contender| is(program, contender) && contender.backend == Some(self.backend))
    }

    fn limit(&self) -> Option<Summary> {
        self.find(|contender| contender.program.is_none() && contender.backend == Some(self.backend))
    }

    fn find(&self, is_it: impl Fn(&Contender) -> bool) -> Option<Summary> {
        let mut same = self.rows.iter().filter(|row| row.workload == self.row.workload);
        same.find_map(|row| Summary::of(row).filter(|_| is_it(&row.contender)))
    }
}

impl Goal {
    fn bound(self) -> f64 {
        match self {
            Self::CpuMs(bound)
            | Self::LessCpuThanMlflow(bound)
            | Self::FasterThanMlflow(bound)
            | Self::OfTheLimit(bound)
            | Self::Rate(bound)
            | Self::MedianMs(bound)
            | Self::MemoryMb(bound)
            | Self::MemoryGrowth(bound)
            | Self::WithinSqlite(bound) => bound,
            Self::AheadOfFasttrackml => 1.0,
            Self::NoFailures => 0.0,
        }
    }

    fn is_upper_bound(self) -> bool {
        match self {
            Self::CpuMs(_)
            | Self::MedianMs(_)
            | Self::MemoryMb(_)
            | Self::MemoryGrowth(_)
            | Self::WithinSqlite(_)
            | Self::NoFailures => true,
            Self::LessCpuThanMlflow(_)
            | Self::FasterThanMlflow(_)
            | Self::AheadOfFasttrackml
            | Self::OfTheLimit(_)
            | Self::Rate(_) => false,
        }
    }

    fn is_met(self, reached: f64) -> bool {
        if self.is_upper_bound() {
            reached <= self.bound()
        } else {
            reached >= self.bound()
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::CpuMs(_) | Self::MedianMs(_) => " ms",
            Self::MemoryMb(_) => " MB",
            Self::Rate(_) | Self::NoFailures => "",
            Self::LessCpuThanMlflow(_)
            | Self::FasterThanMlflow(_)
            | Self::AheadOfFasttrackml
            | Self::OfTheLimit(_)
            | Self::MemoryGrowth(_)
            | Self::WithinSqlite(_) => "x",
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cases::{Unit, Workload};
    use crate::load::Round;
    use crate::servers::Kind;

    use super::*;

    fn row(workload: &Workload, contender: Contender, rate: u64, cpu: f64) -> Row {
        let round = Round {
            requests: rate,
            things: rate,
            seconds: 1.0,
            p50_ms: 2.0,
            server_cpu_seconds: cpu,
            peak_memory_bytes: Some(30_000_000),
            ..Round::default()
        };
        Row::measured(workload, contender, vec![round])
    }

    fn texts(goals: &[Goal]) -> Vec<String> {
        let workload = Workload::new("w", Unit::Requests)
            .with_goals(Backend::Sqlite, goals)
            .with_goals(Backend::Postgres, &[Goal::WithinSqlite(2.0)]);
        let server = |kind| Contender::server(kind);
        let rows = vec![
            row(&workload, server(Kind::OxflowSqlite), 1000, 0.25),
            row(&workload, server(Kind::MlflowSqlite), 20, 0.2),
            row(&workload, server(Kind::OxflowPostgres), 400, 0.25),
            row(&workload, server(Kind::FasttrackmlPostgres), 500, 0.25),
            row(&workload, Contender::limit("SQLite", Backend::Sqlite), 2000, 0.1),
            row(&workload, Contender::ceiling(), 9000, 0.1),
        ];
        let verdicts = rows.iter().flat_map(|row| judge(&rows, row));
        verdicts.map(|verdict| verdict.text()).collect()
    }

    #[test]
    fn goals_are_judged_against_rows_of_the_same_database() {
        let texts = texts(&[
            Goal::CpuMs(0.1),
            Goal::LessCpuThanMlflow(35.0),
            Goal::FasterThanMlflow(60.0),
            Goal::OfTheLimit(0.8),
            Goal::Rate(900.0),
            Goal::MedianMs(1.5),
            FLAT_MEMORY,
            Goal::NoFailures,
        ]);
        assert_eq!(
            texts,
            [
                "≤ 0.100 ms CPU: **missed**, 0.250 ms",
                "≥ 35.0x less CPU than MLflow: met, 40.0x",
                "≥ 60.0x MLflow's rate: **missed**, 50.0x",
                "≥ 0.800x the limit's rate: **missed**, 0.500x",
                "≥ 900 per second: met, 1,000",
                "≤ 1.50 ms p50: **missed**, 2.00 ms",
                "≤ 40.0 MB memory: met, 30.0 MB",
                "≤ 0 failed: met, 0",
                "≤ 2.00x slower than on SQLite: **missed**, 2.50x",
                "≥ 1.00x FastTrackML's rate: **missed**, 0.800x",
            ]
        );
    }

    #[test]
    fn what_there_is_nothing_to_compare_with_is_not_judged() {
        let workload =
            Workload::new("w", Unit::Requests).with_goals(Backend::Sqlite, &[Goal::FasterThanMlflow(60.0)]);
        let rows = vec![row(&workload, Contender::server(Kind::OxflowSqlite), 1000, 0.25)];
        let verdicts = judge(&rows, &rows[0]);
        assert_eq!(verdicts[0].text(), "≥ 60.0x MLflow's rate: not judged");
    }
}
