//! The order of measuring: A B A B …

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use crate::cases::{Case, Contender, Work, Workload};
use crate::goals::{self, Verdict};
use crate::load::Round;
use crate::process;
use crate::progress::say;
use crate::servers::Program;
use crate::stop;

/// Two rounds of anybody but Oxflow are enough if they differ by no more than this share.
const AGREED: f64 = 0.1;

/// How long a server may go on with what nobody waits for any more.
const GIVEN_UP: Duration = Duration::from_secs(120);

/// A row of a table: a workload on a contender.
#[derive(Debug, Serialize)]
pub struct Row {
    #[serde(flatten)]
    pub workload: Workload,
    #[serde(flatten)]
    pub contender: Contender,
    pub rounds: Vec<Round>,
    /// Why there are no rounds, or fewer than wanted.
    pub problem: Option<String>,
    /// Whether the goals are met.
    pub goals: Vec<Verdict>,
}

/// The results of a group of workloads.
#[derive(Debug, Default, Serialize)]
pub struct Table {
    pub title: String,
    pub rows: Vec<Row>,
    /// Servers that do not take part, and other remarks.
    pub remarks: Vec<String>,
    /// What all of it took, with filling and starting.
    pub seconds: f64,
}

impl Table {
    /// Of a group that could not be measured.
    pub fn of_nothing(title: &str, error: &anyhow::Error) -> Self {
        say(&format!("{title} · failed: {error:#}"));
        Self {
            title: title.to_owned(),
            remarks: vec![format!("not measured: {error:#}")],
            ..Self::default()
        }
    }

    /// With a row per workload for a server that did not start: after the others of its workload.
    pub fn with_absent(mut self, contender: &Contender, problem: &str) -> Self {
        let mut at = 0;
        while let Some(row) = self.rows.get(at) {
            let workload = row.workload.clone();
            let is_same = |row: &&Row| row.workload == workload && row.contender.program.is_some();
            let servers = self.rows[at..].iter().take_while(is_same).count();
            self.rows.insert(
                at + servers,
                Row {
                    problem: Some(problem.to_owned()),
                    ..Row::new(&workload, contender.clone())
                },
            );
            at += self.rows[at..]
                .iter()
                .take_while(|row| row.workload == workload)
                .count();
        }
        self
    }

    /// With the goals judged: everybody's rounds are there.
    pub fn judged(mut self) -> Self {
        let verdicts: Vec<_> = self
            .rows
            .iter()
            .map(|row| goals::judge(&self.rows, row))
            .collect();
        for (row, verdicts) in self.rows.iter_mut().zip(verdicts) {
            row.goals = verdicts;
        }
        self
    }
}

impl Row {
    fn new(workload: &Workload, contender: Contender) -> Self {
        Self {
            workload: workload.clone(),
            contender,
            rounds: Vec::new(),
            problem: None,
            goals: Vec::new(),
        }
    }

    /// A row that was measured elsewhere.
    #[cfg(test)]
    pub fn measured(workload: &Workload, contender: Contender, rounds: Vec<Round>) -> Self {
        Self {
            rounds,
            ..Self::new(workload, contender)
        }
    }

    fn of(case: &Case<'_>) -> Self {
        Self {
            problem: match &case.work {
                Work::Measure(_) => None,
                Work::Skip(reason) => Some(reason.clone()),
            },
            ..Self::new(&case.workload, case.contender.clone())
        }
    }

    /// Nothing more comes, and what is there stays.
    fn stopped(&mut self) {
        if self.rounds.is_empty() {
            self.problem = Some("stopped".to_owned());
        }
    }

    /// Whether another round would say nothing new. Oxflow gets all of its rounds.
    fn is_settled(&self) -> bool {
        if self.contender.program == Some(Program::Oxflow) {
            return false;
        }
        let values = || self.rounds.iter().map(|round| self.workload.unit.value(round));
        let (least, most) = (
            values().fold(f64::INFINITY, f64::min),
            values().fold(0.0, f64::max),
        );
        self.rounds.len() >= 2 && most - least <= most * AGREED
    }
}

/// Measures all cases: each round goes through every workload, and through every contender of it in turn.
///
/// A case that fails is not tried again; the others go on.
pub fn measure(title: &str, mut cases: Vec<Case<'_>>, rounds: u32, remarks: Vec<String>) -> Table {
    let mut rows: Vec<Row> = cases.iter().map(Row::of).collect();
    let mut settled = vec![false; rows.len()];
    for round in 0..rounds {
        for (i, (case, row)) in cases.iter_mut().zip(&mut rows).enumerate() {
            let Work::Measure(measure) = &mut case.work else {
                continue;
            };
            if row.problem.is_some() || settled[i] {
                continue;
            }
            if stop::is_asked() {
                row.stopped();
                continue;
            }
            let mut line = format!(
                "round {}/{} · {} · {}: ",
                round + 1,
                rounds,
                row.workload.name,
                row.contender.label
            );
            match measure(round) {
                // What was interrupted says nothing.
                _ if stop::is_asked() => {
                    row.stopped();
                    continue;
                }
                Ok(measured) => {
                    describe(&mut line, &row.workload, &measured);
                    row.rounds.push(measured);
                    settled[i] = row.is_settled();
                }
                Err(error) => {
                    let _ = write!(line, "failed: {error:#}");
                    row.problem = Some(format!("{error:#}"));
                    // The next one shall not wait for what this one still does.
                    process::wait_until_quiet(std::process::id(), GIVEN_UP);
                }
            }
            say(&line);
        }
    }
    Table {
        title: title.to_owned(),
        rows,
        remarks,
        seconds: 0.0,
    }
    .judged()
}

fn describe(line: &mut String, workload: &Workload, round: &Round) {
    let headline = workload.unit.headline(workload.unit.value(round));
    let _ = write!(
        line,
        "{headline}, p50 {:.2} ms, p99 {:.2} ms",
        round.p50_ms, round.p99_ms
    );
    if let Some(failure) = &round.first_failure {
        let _ = write!(line, ", {} failures, the first: {failure}", round.failures);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use anyhow::bail;

    use crate::cases::Unit;
    use crate::servers::{Backend, Kind};

    use super::*;

    #[test]
    fn rounds_go_through_all_contenders_before_the_next() {
        let order = RefCell::new(Vec::new());
        let case = |name: &'static str, fails_in: Option<u32>| {
            let order = &order;
            let measure = move |round: u32| {
                order.borrow_mut().push(format!("{name}{round}"));
                if fails_in == Some(round) {
                    bail!("broken")
                }
                // Far enough apart for another round.
                Ok(Round {
                    things: 10_u64.pow(round),
                    seconds: 1.0,
                    ..Round::default()
                })
            };
            Workload::new("w", Unit::Requests)
                .case(Contender::limit(name, Backend::Sqlite), Box::new(measure))
        };
        let skipped = Workload::new("w", Unit::Requests).skip(Contender::ceiling(), "has none");
        let table = measure(
            "t",
            vec![case("a", None), case("b", Some(1)), skipped],
            3,
            Vec::new(),
        );
        assert_eq!(*order.borrow(), ["a0", "b0", "a1", "b1", "a2"]);
        let rounds: Vec<usize> = table.rows.iter().map(|row| row.rounds.len()).collect();
        assert_eq!(rounds, [3, 1, 0]);
        assert_eq!(table.rows[1].problem.as_deref(), Some("broken"));
        assert_eq!(table.rows[2].problem.as_deref(), Some("has none"));
    }

    fn row(workload: &str, contender: &Contender, rates: &[u64]) -> Row {
        let round = |rate: &u64| Round {
            things: *rate,
            seconds: 1.0,
            ..Round::default()
        };
        let workload = Workload::new(workload, Unit::Requests);
        Row::measured(&workload, contender.clone(), rates.iter().map(round).collect())
    }

    #[test]
    fn whose_rounds_agree_has_had_enough() {
        let (mlflow, oxflow) = (Kind::MlflowSqlite, Kind::OxflowSqlite);
        let settled = |kind, rates: &[u64]| row("w", &Contender::server(kind), rates).is_settled();
        assert!(settled(mlflow, &[100, 95]));
        assert!(!settled(mlflow, &[100, 80]), "too far apart");
        assert!(!settled(mlflow, &[100]), "one is no spread");
        assert!(!settled(oxflow, &[100, 95]), "what this is about");
    }

    #[test]
    fn a_server_that_did_not_start_has_a_row_in_every_workload() {
        let (here, away) = (
            Contender::server(Kind::OxflowSqlite),
            Contender::server(Kind::MlflowSqlite),
        );
        let limit = Contender::limit("SQLite", Backend::Sqlite);
        let rows = vec![
            row("a", &here, &[1]),
            row("a", &limit, &[1]),
            row("b", &here, &[1]),
        ];
        let table = Table {
            rows,
            ..Table::default()
        };
        let table = table.with_absent(&away, "no such file");
        let order: Vec<_> = table
            .rows
            .iter()
            .map(|row| (row.workload.name.as_str(), row.contender.label.as_str()))
            .collect();
        let (oxflow, mlflow) = (here.label.as_str(), away.label.as_str());
        assert_eq!(
            order,
            [
                ("a", oxflow),
                ("a", mlflow),
                ("a", &limit.label),
                ("b", oxflow),
                ("b", mlflow)
            ]
        );
        assert_eq!(table.rows[1].problem.as_deref(), Some("no such file"));
    }
}
