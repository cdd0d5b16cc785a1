//! The tables, as Markdown.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::cases::{Contender, Row, Table, Unit, Workload, number};
use crate::load::{Round, median};
use crate::machine::Machine;
use crate::servers::Program;

/// Where the tables are in the document: between these lines.
const BEGIN: &str = "<!-- make bench writes from here -->";
const END: &str = "<!-- make bench writes to here -->";

/// The static answer has to be so many times as fast as the fastest server, or the generator may be the limit.
const CEILING: f64 = 3.0;

/// The machine and all tables.
pub fn markdown(machine: &Machine, effort: &str, tables: &[Table]) -> String {
    let mut text = format!("{}\n{effort}\n", machine.markdown());
    for table in tables {
        text.push('\n');
        text.push_str(&one_table(table));
    }
    text
}

/// One table with its remarks.
pub fn one_table(table: &Table) -> String {
    let mut text = format!(
        "### {}\n\n\
         | workload | server | median (least–most) | p50 ms | p99 ms | CPU s per 1,000 | CPU s of PostgreSQL per 1,000 \
         | peak memory MB | Oxflow is faster by | Oxflow needs less CPU by |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
        table.title
    );
    let mut named = None;
    for row in &table.rows {
        let is_first = named != Some(&row.workload.name);
        named = Some(&row.workload.name);
        let name = if is_first { row.workload.name.as_str() } else { "" };
        let cells = match summary(row) {
            Some(summary) => cells(&row.workload, &summary, oxflow_beside(table, row).as_ref()),
            None => format!(
                "not measured: {} | | | | | | |",
                one_line(row.problem.as_deref().unwrap_or("no rounds"))
            ),
        };
        let _ = writeln!(text, "| {name} | {} | {cells} |", row.contender.label);
    }
    let remarks = table.remarks.iter().cloned().chain(remarks(table));
    for (i, remark) in remarks.enumerate() {
        let gap = if i == 0 { "\n" } else { "" };
        let _ = writeln!(text, "{gap}- {}", one_line(&remark));
    }
    text
}

/// Medians over the rounds.
struct Summary {
    value: f64,
    least: f64,
    most: f64,
    p50_ms: f64,
    p99_ms: f64,
    server_cpu: f64,
    database_cpu: Option<f64>,
    peak_memory_bytes: Option<u64>,
}

fn summary(row: &Row) -> Option<Summary> {
    let rounds = &row.rounds;
    if rounds.iter().all(|round| round.things == 0) {
        return None;
    }
    let unit = row.workload.unit;
    let of = |value: &dyn Fn(&Round) -> f64| median(rounds.iter().map(value));
    let per = |cpu: f64, round: &Round| cpu / (round.things.max(1) as f64) * unit.cpu_per();
    let values: Vec<f64> = rounds.iter().map(|round| unit.value(round)).collect();
    let has_database = rounds.iter().all(|round| round.database_cpu_seconds.is_some());
    Some(Summary {
        value: median(values.iter().copied()),
        least: values.iter().copied().fold(f64::INFINITY, f64::min),
        most: values.iter().copied().fold(0.0, f64::max),
        p50_ms: of(&|round| round.p50_ms),
        p99_ms: of(&|round| round.p99_ms),
        server_cpu: of(&|round| per(round.server_cpu_seconds, round)),
        database_cpu: has_database
            .then(|| of(&|round| per(round.database_cpu_seconds.unwrap_or_default(), round))),
        peak_memory_bytes: rounds.iter().filter_map(|round| round.peak_memory_bytes).max(),
    })
}

fn cells(workload: &Workload, summary: &Summary, oxflow: Option<&Summary>) -> String {
    let unit = workload.unit;
    let spread = if summary.least == summary.most {
        String::new()
    } else {
        let scaled = |value: f64| number(if unit == Unit::Bytes { value / 1e6 } else { value });
        format!(" ({}–{})", scaled(summary.least), scaled(summary.most))
    };
    let times = |ratio: Option<f64>| ratio.map_or(String::new(), |ratio| format!("{}x", number(ratio)));
    let (rate, cpu) = match oxflow {
        None => (None, None),
        Some(oxflow) => {
            // Of a limit only the CPU time of the whole says something: server and database.
            let all = |summary: &Summary| summary.server_cpu + summary.database_cpu.unwrap_or_default();
            let cpu = (all(oxflow) > 0.0 && all(summary) > 0.0).then(|| all(summary) / all(oxflow));
            (unit.ratio(oxflow.value, summary.value), cpu)
        }
    };
    format!(
        "{}{spread} | {} | {} | {} | {} | {} | {} | {}",
        unit.headline(summary.value),
        number(summary.p50_ms),
        number(summary.p99_ms),
        number(summary.server_cpu),
        summary.database_cpu.map_or(String::new(), number),
        summary
            .peak_memory_bytes
            .map_or(String::new(), |bytes| number(bytes as f64 / 1e6)),
        times(rate),
        times(cpu),
    )
}

/// Oxflow on the same workload and the same database as another contender.
fn oxflow_beside(table: &Table, row: &Row) -> Option<Summary> {
    let is_oxflow = |contender: &Contender| contender.program == Some(Program::Oxflow);
    if is_oxflow(&row.contender) || row.contender.is_ceiling {
        return None;
    }
    let same = |other: &&Row| {
        other.workload == row.workload
            && is_oxflow(&other.contender)
            && other.contender.backend == row.contender.backend
    };
    table.rows.iter().find(same).and_then(summary)
}

/// Failures, notes of rounds, and whether the load generator was fast enough.
fn remarks(table: &Table) -> Vec<String> {
    let mut remarks = Vec::new();
    for row in &table.rows {
        let place = format!("{}, {}", row.workload.name, row.contender.label);
        let failures: u64 = row.rounds.iter().map(|round| round.failures).sum();
        if let Some(first) = row.rounds.iter().find_map(|round| round.first_failure.as_deref()) {
            remarks.push(format!("{place}: {failures} failed, the first: {first}"));
        }
        if let Some(problem) = row.problem.as_deref().filter(|_| !row.rounds.is_empty()) {
            remarks.push(format!("{place}: only {} rounds: {problem}", row.rounds.len()));
        }
        remarks.extend(
            row.rounds
                .iter()
                .flat_map(|round| &round.notes)
                .map(|note| format!("{place}: {note}")),
        );
        if row.contender.is_ceiling {
            remarks.extend(generator_remark(table, row));
        }
    }
    remarks
}

fn generator_remark(table: &Table, ceiling: &Row) -> Option<String> {
    let fastest = table
        .rows
        .iter()
        .filter(|row| row.workload == ceiling.workload && row.contender.program.is_some())
        .filter_map(|row| Some((summary(row)?.value, &row.contender.label)))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    let ratio = summary(ceiling)?.value / fastest.0;
    let name = &ceiling.workload.name;
    let verdict = if ratio >= CEILING {
        "it is not the limit"
    } else {
        "TOO SLOW: it may be the limit"
    };
    Some(format!(
        "load generator, {name}: {}x the fastest server ({}): {verdict}",
        number(ratio),
        fastest.1
    ))
}

/// A text that stays in its cell.
fn one_line(text: &str) -> String {
    let text: String = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|");
    if text.chars().count() > 300 {
        text.chars().take(300).chain("…".chars()).collect()
    } else {
        text
    }
}

/// Puts the tables between the marks of a document.
pub fn write_between_marks(path: &Path, tables: &str) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    let new = replaced(&text, tables)
        .with_context(|| format!("{} needs the lines `{BEGIN}` and `{END}`", path.display()))?;
    fs::write(path, new).with_context(|| format!("could not write {}", path.display()))
}

fn replaced(document: &str, tables: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", tables.trim()))
}

#[cfg(test)]
mod tests {
    use crate::servers::{Backend, Kind};

    use super::*;

    fn row(name: &str, unit: Unit, contender: Contender, rates: &[u64]) -> Row {
        let round = |rate: &u64| Round {
            requests: *rate,
            things: *rate,
            seconds: 1.0,
            p50_ms: 1.5,
            p99_ms: 20.0,
            server_cpu_seconds: 0.5,
            peak_memory_bytes: Some(*rate * 1_000_000),
            ..Round::default()
        };
        Row {
            workload: Workload::new(name, unit),
            contender,
            rounds: rates.iter().map(round).collect(),
            problem: None,
        }
    }

    fn table(rows: Vec<Row>) -> Table {
        Table {
            title: "Logging".to_owned(),
            rows,
            remarks: vec!["FastTrackML did not start".to_owned()],
        }
    }

    #[test]
    fn rows_show_medians_spread_and_what_oxflow_is_ahead_by() {
        let rows = vec![
            row(
                "log",
                Unit::Requests,
                Contender::server(Kind::OxflowSqlite),
                &[1000, 3000, 2000],
            ),
            row(
                "log",
                Unit::Requests,
                Contender::server(Kind::MlflowSqlite),
                &[20, 20, 20],
            ),
            row(
                "log",
                Unit::Requests,
                Contender::server(Kind::MlflowPostgres),
                &[10],
            ),
        ];
        let text = one_table(&table(rows));
        let lines: Vec<&str> = text.lines().skip(4).collect();
        assert_eq!(
            lines,
            [
                "| log | Oxflow, SQLite | 2,000 req/s (1,000–3,000) | 1.50 | 20.0 | 0.250 |  | 3,000 |  |  |",
                "|  | MLflow, SQLite | 20.0 req/s | 1.50 | 20.0 | 25.0 |  | 20.0 | 100x | 100x |",
                "|  | MLflow, PostgreSQL | 10.0 req/s | 1.50 | 20.0 | 50.0 |  | 10.0 |  |  |",
                "",
                "- FastTrackML did not start",
            ]
        );
    }

    #[test]
    fn what_was_not_measured_says_why() {
        let mut skipped = row(
            "alias",
            Unit::Requests,
            Contender::server(Kind::FasttrackmlSqlite),
            &[],
        );
        skipped.problem = Some("it has no\nmodel registry".to_owned());
        let text = one_table(&table(vec![skipped]));
        assert!(
            text.contains("| not measured: it has no model registry |"),
            "{text}"
        );
    }

    #[test]
    fn failures_and_a_slow_generator_are_remarked() {
        let mut failing = row(
            "log",
            Unit::Requests,
            Contender::server(Kind::OxflowSqlite),
            &[100],
        );
        failing.rounds[0].failures = 2;
        failing.rounds[0].first_failure = Some("status 500".to_owned());
        let rows = vec![failing, row("log", Unit::Requests, Contender::ceiling(), &[200])];
        let text = one_table(&table(rows));
        assert!(
            text.contains("- log, Oxflow, SQLite: 2 failed, the first: status 500"),
            "{text}"
        );
        assert!(
            text.contains("2.00x the fastest server (Oxflow, SQLite): TOO SLOW"),
            "{text}"
        );
    }

    #[test]
    fn a_limit_is_compared_with_oxflow_on_its_database() {
        let rows = vec![
            row(
                "log",
                Unit::Points,
                Contender::server(Kind::OxflowPostgres),
                &[80],
            ),
            row(
                "log",
                Unit::Points,
                Contender::limit("COPY", Backend::Postgres),
                &[100],
            ),
        ];
        assert!(one_table(&table(rows)).contains("| 0.800x | 0.800x |"));
    }

    #[test]
    fn tables_replace_what_was_between_the_marks() {
        let document = format!("# A\n{BEGIN}\nold\n{END}\nend\n");
        let new = replaced(&document, "new\n").unwrap();
        assert_eq!(new, format!("# A\n{BEGIN}\n\nnew\n\n{END}\nend\n"));
        assert_eq!(replaced(&new, "new\n").unwrap(), new);
        assert_eq!(replaced("# A", "new"), None);
    }
}
