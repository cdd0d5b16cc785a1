//! The `oxflow` program: reads flags and environment once, then runs one command.

mod cli;
mod commands;
mod config;
mod env;
mod env_file;
mod failure;
mod logging;
mod open_files;
mod stop;
mod tracking;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::env::Env;
use crate::failure::Failure;

/// glibc's keeps what was freed, in up to eight arenas for each core: half a gigabyte after sixty logins at once.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::from_command_line();
    match run(cli) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let mut env = Env::of_process()?;
    if let Some(path) = &cli.env_file {
        env.add_file(path)?;
    }
    env.read_secrets()?;
    match cli.command {
        Command::Server(args) => commands::server::run(&args, &env),
        Command::Db(args) => commands::db::run(&args, &env),
        Command::Auth(args) => commands::auth::run(&args, &env),
        Command::Artifacts(args) => commands::artifacts::run(&args, &env),
        Command::Import(args) => commands::import::run(&args, &env),
        Command::Gc(args) => commands::gc::run(&args, &env),
        Command::Verify(args) => commands::verify::run(&args, &env),
        Command::Demo(args) => commands::demo::run(&args, &env),
        Command::Healthcheck(args) => commands::healthcheck::run(&args, &env),
        Command::Version => commands::version::run(),
    }
}
