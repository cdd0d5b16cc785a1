//! A server process that answers.

use std::fs::{self, File};
use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::{Kind, Program, Programs};
use crate::http::Client;
use crate::load::Watch;
use crate::process;
use crate::stop::{self, Killed};

/// How long a start may take. `mlflow server` needs half a minute on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(180);

/// How long a server may take to end after SIGTERM.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// Where a server keeps its rows.
#[derive(Debug, Clone)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres { uri: String, postmaster: u32 },
}

impl Database {
    /// As Oxflow and MLflow write it.
    pub fn uri(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:///{}", path.display()),
            Self::Postgres { uri, .. } => uri.clone(),
        }
    }

    /// The process whose family is the database, if it has one.
    pub fn process(&self) -> Option<u32> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres { postmaster, .. } => Some(*postmaster),
        }
    }
}

/// A server that answers; it ends with this value.
pub struct Server {
    pub kind: Kind,
    pub program: Program,
    /// As in `127.0.0.1:5000`.
    pub address: String,
    /// Its working directory, with the artifacts.
    pub folder: PathBuf,
    pub database: Database,
    /// From the start of the process to the first good answer of `/health`.
    pub start_time: Duration,
    child: Child,
    killed: Option<Killed>,
}

impl Server {
    /// A connection to it.
    pub fn client(&self) -> Client {
        Client::new(&self.address)
    }

    fn port(&self) -> Result<u16> {
        let (_, port) = self.address.rsplit_once(':').context("an address has a port")?;
        Ok(port.parse()?)
    }

    /// What is counted while it works.
    pub fn watch(&self) -> Watch {
        Watch {
            server: Some(self.child.id()),
            database: self.database.process(),
        }
    }

    /// Memory of its processes.
    pub fn memory_bytes(&self) -> u64 {
        process::pss_bytes(self.child.id())
    }
}

/// Starts a server in a folder that exists.
pub fn start(programs: &Programs, kind: Kind, folder: &Path, database: Database) -> Result<Server> {
    spawn(programs, kind, folder, database)?.wait()
}

/// A server that may not answer yet.
pub struct Starting {
    server: Server,
    started: Instant,
    log: PathBuf,
}

impl Starting {
    /// Waits until it answers.
    pub fn wait(mut self) -> Result<Server> {
        wait_for_health(&mut self.server, self.started)
            .with_context(|| format!("{}\n{}", self.server.kind.label(), end_of(&self.log)))?;
        Ok(self.server)
    }
}

/// Starts the process of a server.
pub fn spawn(programs: &Programs, kind: Kind, folder: &Path, database: Database) -> Result<Starting> {
    let (program, _) = kind.parts().context("the limit is no server")?;
    let port = free_port()?;
    let log = folder.join("server.log");
    let output = File::create(&log).with_context(|| format!("could not write {}", log.display()))?;
    let mut command: Command = programs.server(program, port, &database, folder);
    command.stdout(output.try_clone()?).stderr(output);
    let started = Instant::now();
    let child = command.spawn();
    let child = child.with_context(|| format!("could not start {}", programs.path(program).display()))?;
    let killed = Killed::on_signal(child.id());
    let server = Server {
        kind,
        program,
        address: format!("127.0.0.1:{port}"),
        folder: folder.to_owned(),
        database,
        start_time: Duration::ZERO,
        child,
        killed: Some(killed),
    };
    Ok(Starting { server, started, log })
}

/// A port that nobody listens at. `mlflow server` cannot choose one itself.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Waits for a good answer, and makes sure that it is this server's: somebody else may have been quicker to take the port,
/// and nothing may ever be sent to a server that is not ours.
fn wait_for_health(server: &mut Server, started: Instant) -> Result<()> {
    let mut client = server.client();
    // Others may have been filled since it was started.
    let waiting = Instant::now();
    loop {
        stop::check()?;
        let is_healthy = client.get("/health").is_ok();
        if let Some(status) = server.child.try_wait()? {
            bail!("the server ended at its start: {status}");
        }
        if is_healthy && process::listens(server.child.id(), server.port()?)? {
            server.start_time = started.elapsed();
            return Ok(());
        }
        if waiting.elapsed() > START_LIMIT {
            bail!("no answer of /health within {START_LIMIT:?}");
        }
        // Often at first, for servers that start in milliseconds; rarely later, to leave the cores to the others.
        let pause = if started.elapsed() < Duration::from_millis(500) {
            1
        } else {
            10
        };
        std::thread::sleep(Duration::from_millis(pause));
    }
}

impl Drop for Server {
    /// SIGTERM to the server; what it leaves behind is killed, each process by its id.
    fn drop(&mut self) {
        let family = process::family(self.child.id());
        self.killed = None;
        signal(self.child.id(), Signal::TERM);
        let asked = Instant::now();
        while asked.elapsed() < STOP_LIMIT && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(5));
        }
        if matches!(self.child.try_wait(), Ok(None)) {
            drop(self.child.kill());
            drop(self.child.wait());
        }
        for pid in family.into_iter().skip(1).filter(|pid| is_in(*pid, &self.folder)) {
            signal(pid, Signal::KILL);
        }
    }
}

/// Whether a process works in a folder: its id may belong to another process by now.
fn is_in(pid: u32, folder: &Path) -> bool {
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|place| place == folder)
}

fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // An error means that it has ended.
        let _ = kill_process(pid, signal);
    }
}

fn end_of(log: &Path) -> String {
    let mut text = String::new();
    let read = File::open(log).and_then(|mut file| file.read_to_string(&mut text));
    match read {
        Ok(_) => text
            .lines()
            .rev()
            .take(20)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
            .join("\n"),
        Err(error) => format!("{}: {error}", log.display()),
    }
}
