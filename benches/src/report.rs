//! The tables, as Markdown.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::Results;
use crate::cases::{Contender, Unit, Workload, number};
use crate::goals::Verdict;
use crate::rounds::{Row, Table};
use crate::servers::Program;
use crate::summary::Summary;

/// Where the tables are in the document: between these lines.
const BEGIN: &str = "<!-- make bench writes from here -->";
const END: &str = "<!-- make bench writes to here -->";

/// The static answer has to be so many times as fast as the fastest server, or the generator may be the limit.
const CEILING: f64 = 3.0;

/// The machine, the goals and all tables.
pub fn markdown(results: &Results) -> String {
    let Results {
        machine,
        effort,
        seconds,
        tables,
    } = results;
    let mut text = format!(
        "{}\n{effort} All of it took {} minutes.\n\n{}",
        machine.markdown(),
        number(seconds / 60.0),
        goals(tables),
    );
    for table in tables {
        text.push('\n');
        text.push_str(&one_table(table));
    }
    text
}

/// How many goals are met, and which are not.
fn goals(tables: &[Table]) -> String {
    let rows = || tables.iter().flat_map(|table| &table.rows);
    let all = || rows().flat_map(|row| row.goals.iter().map(move |verdict| (row, verdict)));
    let met = all().filter(|(_, verdict)| verdict.is_met).count();
    let is_judged = |verdict: &Verdict| verdict.reached.is_some();
    let judged = all().filter(|(_, verdict)| is_judged(verdict)).count();
    let mut text = format!("Goals: {met} of {judged} are met.\n");
    for (row, verdict) in all().filter(|(_, verdict)| !verdict.is_met) {
        let _ = writeln!(
            text,
            "- {}, {}: {}",
            row.workload.name,
            row.contender.label,
            verdict.text()
        );
    }
    text
}

/// One table with its remarks.
pub fn one_table(table: &Table) -> String {
    let mut text = format!(
        "### {}\n\n\
         | workload | server | median (least–most) | p50 ms | p99 ms | CPU s per 1,000 | CPU s of PostgreSQL per 1,000 \
         | peak memory MB | Oxflow is faster by | Oxflow needs less CPU by | goal |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n",
        table.title
    );
    let mut named = None;
    for row in &table.rows {
        let is_first = named != Some(&row.workload.name);
        named = Some(&row.workload.name);
        let name = if is_first { row.workload.name.as_str() } else { "" };
        let cells = match Summary::of(row) {
            Some(summary) => {
                let spread = spread(row, &summary);
                cells(
                    &row.workload,
                    &spread,
                    &summary,
                    oxflow_beside(table, row).as_ref(),
                )
            }
            None => format!(
                "not measured: {} | | | | | | |",
                one_line(row.problem.as_deref().unwrap_or("no rounds"))
            ),
        };
        let goals: Vec<String> = row.goals.iter().map(Verdict::text).collect();
        let goals = goals.join("; ");
        let _ = writeln!(text, "| {name} | {} | {cells} | {goals} |", row.contender.label);
    }
    let took = (table.seconds > 0.0).then(|| format!("it took {} minutes", number(table.seconds / 60.0)));
    let remarks = table.remarks.iter().cloned().chain(remarks(table)).chain(took);
    for (i, remark) in remarks.enumerate() {
        let gap = if i == 0 { "\n" } else { "" };
        let _ = writeln!(text, "{gap}- {}", one_line(&remark));
    }
    text
}

/// How far the rounds are apart.
fn spread(row: &Row, summary: &Summary) -> String {
    if summary.least == summary.most {
        return String::new();
    }
    let is_bytes = row.workload.unit == Unit::Bytes;
    let scaled = |value: f64| number(if is_bytes { value / 1e6 } else { value });
    format!(" ({}–{})", scaled(summary.least), scaled(summary.most))
}

fn cells(workload: &Workload, spread: &str, summary: &Summary, oxflow: Option<&Summary>) -> String {
    let unit = workload.unit;
    let times = |ratio: Option<f64>| ratio.map_or(String::new(), |ratio| format!("{}x", number(ratio)));
    let (rate, cpu) = match oxflow {
        None => (None, None),
        Some(oxflow) => {
            let (ours, theirs) = (oxflow.cpu(), summary.cpu());
            let cpu = (ours > 0.0 && theirs > 0.0).then(|| theirs / ours);
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
    table.rows.iter().find(same).and_then(Summary::of)
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
        .filter_map(|row| Some((Summary::of(row)?.value, &row.contender.label)))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    let ratio = Summary::of(ceiling)?.value / fastest.0;
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
    use crate::goals::Goal;
    use crate::load::Round;
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
        let goal = [Goal::LessCpuThanMlflow(35.0)];
        let workload = Workload::new(name, unit).with_goals(Backend::Sqlite, &goal);
        Row::measured(&workload, contender, rates.iter().map(round).collect())
    }

    fn table(rows: Vec<Row>) -> Table {
        Table {
            title: "Logging".to_owned(),
            rows,
            remarks: vec!["FastTrackML did not start".to_owned()],
            seconds: 90.0,
        }
        .judged()
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
                "| log | Oxflow, SQLite | 2,000 req/s (1,000–3,000) | 1.50 | 20.0 | 0.250 |  | 3,000 |  |  | ≥ 35.0x less CPU than MLflow: met, 100x |",
                "|  | MLflow, SQLite | 20.0 req/s | 1.50 | 20.0 | 25.0 |  | 20.0 | 100x | 100x |  |",
                "|  | MLflow, PostgreSQL | 10.0 req/s | 1.50 | 20.0 | 50.0 |  | 10.0 |  |  |  |",
                "",
                "- FastTrackML did not start",
                "- it took 1.50 minutes",
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
    fn missed_goals_stand_at_the_head() {
        let rows = vec![
            row(
                "log",
                Unit::Requests,
                Contender::server(Kind::OxflowSqlite),
                &[10],
            ),
            row(
                "log",
                Unit::Requests,
                Contender::server(Kind::MlflowSqlite),
                &[10],
            ),
        ];
        assert_eq!(
            goals(&[table(rows)]),
            "Goals: 0 of 1 are met.\n\
             - log, Oxflow, SQLite: ≥ 35.0x less CPU than MLflow: **missed**, 1.00x\n"
        );
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
