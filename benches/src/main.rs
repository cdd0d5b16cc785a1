//! `oxflow-bench`: Oxflow beside MLflow, FastTrackML and the databases alone. `make bench` runs it.

mod api;
mod bench;
mod cases;
mod cli;
mod data;
mod goals;
mod http;
mod instructions;
mod limits;
mod load;
mod machine;
mod postgres;
mod process;
mod progress;
mod report;
mod rounds;
mod servers;
mod stop;
mod summary;
mod workloads;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use serde::Serialize;

use cli::{Arguments, Command};
use machine::Machine;
use rounds::Table;

fn main() -> ExitCode {
    progress::elapsed();
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        Some(Command::Answer { folder }) => limits::serve(folder),
        Some(Command::Instructions { goldens, update }) => count_instructions(&arguments, goldens, *update),
        None => compare(&arguments),
    };
    match outcome {
        _ if stop::is_asked() => ExitCode::from(stop::EXIT_CODE),
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            error
                .chain()
                .skip(1)
                .for_each(|cause| eprintln!("caused by: {cause}"));
            ExitCode::FAILURE
        }
    }
}

fn count_instructions(arguments: &Arguments, goldens: &Path, updates: bool) -> Result<()> {
    stop::listen()?;
    let (bench, work) = arguments.prepare()?;
    let outcome = instructions::count(&bench, goldens, updates);
    drop(work);
    outcome
}

/// Measures what was asked for; the tables go to the output and into files.
///
/// The files are written after each group: what was measured is there, whatever happens to the rest.
fn compare(arguments: &Arguments) -> Result<()> {
    stop::listen()?;
    let (bench, work) = arguments.prepare()?;
    let machine = Machine::describe(&bench.work_folder, &bench.programs, bench.cluster.as_ref())?;
    eprint!("{}", machine.markdown());
    let mut results = Results {
        effort: arguments.effort(),
        machine,
        tables: Vec::new(),
        seconds: 0.0,
    };
    for workloads in arguments.workloads() {
        let started = Instant::now();
        let measured = workloads.measure(&bench);
        let mut table = measured.unwrap_or_else(|error| Table::of_nothing(&workloads.name(), &error));
        table.seconds = started.elapsed().as_secs_f64();
        writeln!(std::io::stdout(), "{}", report::one_table(&table))?;
        results.tables.push(table);
        results.seconds = progress::elapsed().as_secs_f64();
        results.write(arguments)?;
        if stop::is_asked() {
            break;
        }
    }
    drop(work);
    Ok(())
}

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub struct Results {
    machine: Machine,
    effort: String,
    /// Of the whole.
    seconds: f64,
    tables: Vec<Table>,
}

impl Results {
    fn write(&self, arguments: &Arguments) -> Result<()> {
        if let Some(path) = &arguments.json {
            let text = serde_json::to_string_pretty(self)?;
            std::fs::write(path, text).with_context(|| format!("could not write {}", path.display()))?;
        }
        if let Some(path) = &arguments.markdown {
            report::write_between_marks(path, &report::markdown(self))?;
        }
        Ok(())
    }
}
