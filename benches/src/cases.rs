//! What is measured on whom.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::goals::Goal;
use crate::load::{self, Clients, Round, Watch};
use crate::servers::{Backend, Kind, Program, Server};

/// Something that servers are compared by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Workload {
    pub name: String,
    pub unit: Unit,
    /// What Oxflow should reach.
    #[serde(skip)]
    pub goals: Vec<(Backend, Goal)>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// Requests per second.
    Requests,
    /// Points of metrics per second.
    Points,
    /// Runs per second.
    Runs,
    /// Files per second.
    Files,
    /// Megabytes per second.
    Bytes,
    /// Only the time that one takes.
    Starts,
}

/// Who is measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contender {
    pub label: String,
    /// `None` for the limit.
    #[serde(skip)]
    pub program: Option<Program>,
    /// Which Oxflow it is compared with; `None`: with each, and none in particular.
    #[serde(skip)]
    pub backend: Option<Backend>,
    /// Whether it answers with constants, and so shows what the load generator can do.
    #[serde(skip)]
    pub is_ceiling: bool,
}

impl Contender {
    /// A server.
    pub fn server(kind: Kind) -> Self {
        let parts = kind.parts();
        Self {
            label: kind.label().to_owned(),
            program: parts.map(|(program, _)| program),
            backend: parts.map(|(_, backend)| backend),
            is_ceiling: false,
        }
    }

    /// A limit of servers on this kind of database.
    pub fn limit(label: &str, backend: Backend) -> Self {
        Self {
            label: format!("limit: {label}"),
            program: None,
            backend: Some(backend),
            is_ceiling: false,
        }
    }

    /// The static HTTP answer.
    pub fn ceiling() -> Self {
        Self {
            label: "limit: a static HTTP answer".to_owned(),
            program: None,
            backend: None,
            is_ceiling: true,
        }
    }
}

/// Measures one round; it is told which, from 0.
pub type Measure<'a> = Box<dyn FnMut(u32) -> Result<Round> + 'a>;

/// A workload on a contender.
pub struct Case<'a> {
    pub workload: Workload,
    pub contender: Contender,
    pub work: Work<'a>,
}

/// What there is to do.
pub enum Work<'a> {
    Measure(Measure<'a>),
    /// Why it cannot be measured.
    Skip(String),
}

impl Workload {
    /// A workload of that many clients.
    pub fn new(name: &str, unit: Unit) -> Self {
        Self {
            name: name.to_owned(),
            unit,
            goals: Vec::new(),
        }
    }

    /// The same with goals for Oxflow on a kind of database.
    pub fn with_goals(mut self, backend: Backend, goals: &[Goal]) -> Self {
        self.goals.extend(goals.iter().map(|goal| (backend, *goal)));
        self
    }

    /// The case of clients that repeat an operation for the time of a round.
    pub fn on<'a>(
        &self,
        contender: Contender,
        clients: usize,
        duration: Duration,
        watch: Watch,
        make: impl Fn(usize) -> Result<load::Operation<'a>> + Sync + 'a,
    ) -> Case<'a> {
        let measure = move |round: u32| {
            let make: Clients<'_> = &|number| make(number);
            load::run(clients, duration, round == 0, watch, make)
        };
        self.case(contender, Box::new(measure))
    }

    /// The case of clients of a server.
    pub fn on_server<'a>(
        &self,
        server: &'a Server,
        clients: usize,
        duration: Duration,
        make: impl Fn(usize) -> Result<load::Operation<'a>> + Sync + 'a,
    ) -> Case<'a> {
        self.on(
            Contender::server(server.kind),
            clients,
            duration,
            server.watch(),
            make,
        )
    }

    /// A case that measures in its own way.
    pub fn case<'a>(&self, contender: Contender, measure: Measure<'a>) -> Case<'a> {
        Case {
            workload: self.clone(),
            contender,
            work: Work::Measure(measure),
        }
    }

    /// A case that cannot be measured.
    pub fn skip(&self, contender: Contender, reason: &str) -> Case<'static> {
        Case {
            workload: self.clone(),
            contender,
            work: Work::Skip(reason.to_owned()),
        }
    }
}

impl Unit {
    /// What a round is judged by: a rate, or for starts a time in milliseconds.
    pub fn value(self, round: &Round) -> f64 {
        match self {
            Self::Starts => round.p50_ms,
            _ => round.rate(),
        }
    }

    /// A value with its unit.
    pub fn headline(self, value: f64) -> String {
        match self {
            Self::Requests => format!("{} req/s", number(value)),
            Self::Points => format!("{} points/s", number(value)),
            Self::Runs => format!("{} runs/s", number(value)),
            Self::Files => format!("{} files/s", number(value)),
            Self::Bytes => format!("{} MB/s", number(value / 1e6)),
            Self::Starts => format!("{} ms", number(value)),
        }
    }

    /// How many things CPU time is given for.
    pub fn cpu_per(self) -> f64 {
        match self {
            Self::Bytes => 1e9,
            _ => 1000.0,
        }
    }

    /// How many times as good one value is as another.
    pub fn ratio(self, ours: f64, theirs: f64) -> Option<f64> {
        let (better, worse) = match self {
            Self::Starts => (theirs, ours),
            _ => (ours, theirs),
        };
        (better > 0.0 && worse > 0.0).then(|| better / worse)
    }
}

/// A number with three digits that mean something, and commas between thousands.
pub fn number(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 || v == 0.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        v if v >= 0.1 => 3,
        _ => 4,
    };
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text
        .split_once('.')
        .map_or((text.as_str(), ""), |(whole, rest)| (whole, rest));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) && digit != '-' && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if rest.is_empty() {
        grouped
    } else {
        format!("{grouped}.{rest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits_and_group_thousands() {
        let texts = [0.0, 0.01234, 0.5, 1.234, 12.34, 123.4, 1234.0, 1_234_567.8].map(number);
        assert_eq!(
            texts,
            [
                "0",
                "0.0123",
                "0.500",
                "1.23",
                "12.3",
                "123",
                "1,234",
                "1,234,568"
            ]
        );
    }

    #[test]
    fn a_shorter_start_is_better() {
        assert_eq!(Unit::Starts.ratio(10.0, 1000.0), Some(100.0));
        assert_eq!(Unit::Requests.ratio(1000.0, 10.0), Some(100.0));
        assert_eq!(Unit::Requests.ratio(1.0, 0.0), None);
    }
}
