//! `oxflow-bench`: Oxflow beside MLflow, FastTrackML and the databases alone. `make bench` runs it.

mod api;
mod bench;
mod cases;
mod cli;
mod data;
mod http;
mod limits;
mod load;
mod machine;
mod postgres;
mod process;
mod report;
mod servers;
mod workloads;

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

use cli::{Arguments, Command};
use machine::Machine;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        Some(Command::Answer { folder }) => limits::serve(folder),
        None => compare(&arguments),
    };
    match outcome {
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

/// Measures what was asked for; the tables go to the output and into files.
fn compare(arguments: &Arguments) -> Result<()> {
    let (bench, work) = arguments.prepare()?;
    let machine = Machine::describe(&bench.work_folder, &bench.programs, bench.cluster.as_ref())?;
    eprint!("{}", machine.markdown());
    let mut output = std::io::stdout();
    let mut tables = Vec::new();
    for workloads in arguments.workloads() {
        let table = workloads.measure(&bench)?;
        writeln!(output, "{}", report::one_table(&table))?;
        tables.push(table);
    }
    let effort = arguments.effort();
    if let Some(path) = &arguments.json {
        let all = serde_json::json!({"machine": machine, "effort": effort, "tables": tables});
        let text = serde_json::to_string_pretty(&all)?;
        std::fs::write(path, text).with_context(|| format!("could not write {}", path.display()))?;
    }
    if let Some(path) = &arguments.markdown {
        report::write_between_marks(path, &report::markdown(&machine, &effort, &tables))?;
    }
    drop(work);
    Ok(())
}
