//! Files that go through the server.

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::logging::named;
use crate::api::length;
use crate::bench::Bench;
use crate::cases::{Case, Contender, Unit, Workload};
use crate::goals::{FLAT_MEMORY, Goal};
use crate::http::Client;
use crate::limits::{Nginx, StaticServer};
use crate::load::{Operation, Watch};
use crate::rounds::Table;
use crate::servers::{Backend, Kind, Program, Server, artifacts_of};

/// Files of the folder that is listed.
const LISTED: usize = 10_000;

/// Files that small downloads go round.
const SMALL: usize = 1000;

const SMALL_BYTES: usize = 1024;

const PROXY: &str = "/api/2.0/mlflow-artifacts/artifacts";

pub fn measure(bench: &Bench) -> Result<Table> {
    // Which database there is makes no difference to files.
    let group = bench.start("artifacts", None, |kind| {
        !kind.is_on_postgres() && kind != Kind::FasttrackmlSqlite
    });
    for server in &group.servers {
        prepare(&artifacts_of(&server.folder))?;
    }
    let limit = bench
        .has_limits()
        .then(|| StaticServer::start(&bench.new_folder("static")?))
        .transpose()?;
    let nginx = bench
        .has_limits()
        .then(|| Nginx::start(&bench.programs.nginx, &bench.new_folder("nginx")?));
    let mut cases = large(bench, &group.servers, &limits(nginx.as_ref(), limit.as_ref()));
    for clients in [1, 8] {
        cases.extend(small(bench, &group.servers, clients));
    }
    cases.extend(listing(bench, &group.servers));
    let mut table = group.measure("Artifacts through the server", cases);
    if bench.kinds.contains(&Kind::FasttrackmlSqlite) {
        let remark = "FastTrackML passes no uploads or downloads through";
        table.remarks.push(remark.to_owned());
    }
    Ok(table)
}

/// Puts files where the server keeps them.
fn prepare(artifacts: &Path) -> Result<()> {
    let make = |folder: &str, count: usize, content: &[u8]| {
        let folder = artifacts.join(folder);
        fs::create_dir_all(&folder)?;
        (0..count).try_for_each(|n| fs::write(folder.join(format!("{n:05}.txt")), content))
    };
    make("listed", LISTED, b"x").context("files to list")?;
    make("small", SMALL, &[b'x'; SMALL_BYTES]).context("small files")?;
    File::open(artifacts)?.sync_all()?;
    Ok(())
}

/// What stands beside the servers.
struct Limit {
    contender: Contender,
    /// Where it answers and what is counted, or why it cannot be measured.
    server: std::result::Result<(String, Watch), String>,
}

/// The first that was measured is what goals are judged by.
fn limits(nginx: Option<&Result<Nginx>>, own: Option<&StaticServer>) -> Vec<Limit> {
    let mut limits = Vec::new();
    if let Some(nginx) = nginx {
        limits.push(Limit {
            contender: Contender::limit("nginx (uploads are not synced)", Backend::Sqlite),
            server: match nginx {
                Ok(nginx) => Ok((nginx.address.clone(), nginx.watch())),
                Err(error) => Err(format!("{error:#}")),
            },
        });
    }
    if let Some(own) = own {
        limits.push(Limit {
            contender: Contender::limit("bare HTTP and a synced file", Backend::Sqlite),
            server: Ok((own.address.clone(), own.watch())),
        });
    }
    limits
}

fn large<'a>(bench: &'a Bench, servers: &'a [Server], limits: &[Limit]) -> Vec<Case<'a>> {
    let size = bench.artifact_bytes;
    let of = format!("one file of {} MiB", size >> 20);
    let goals = |ratio| [Goal::LessCpuThanMlflow(ratio), Goal::OfTheLimit(0.8), FLAT_MEMORY];
    let up = Workload::new(&format!("upload, {of}"), Unit::Bytes).with_goals(Backend::Sqlite, &goals(5.0));
    let down =
        Workload::new(&format!("download, {of}"), Unit::Bytes).with_goals(Backend::Sqlite, &goals(7.0));
    let mut cases = Vec::new();
    let target = format!("{PROXY}/large/file.bin");
    for (workload, transfer) in [(up, upload as Transfer), (down, download)] {
        for server in servers {
            let target = target.clone();
            cases.push(workload.on_server(server, 1, bench.duration, move |_| {
                Ok(transfer(&server.address, &target, size))
            }));
        }
        for limit in limits {
            let contender = limit.contender.clone();
            cases.push(match &limit.server {
                Err(problem) => workload.skip(contender, problem),
                Ok((address, watch)) => {
                    let address = address.clone();
                    let make = move |_| Ok(transfer(&address, "/file", size));
                    workload.on(contender, 1, bench.duration, *watch, make)
                }
            });
        }
    }
    cases
}

/// Moves a file of so many bytes from or to an address.
type Transfer = fn(&str, &str, u64) -> Operation<'static>;

fn upload(address: &str, target: &str, size: u64) -> Operation<'static> {
    let (mut client, target) = (Client::new(address), target.to_owned());
    Box::new(move |_| {
        client.upload(&target, size)?;
        Ok(size)
    })
}

fn download(address: &str, target: &str, size: u64) -> Operation<'static> {
    let (mut client, target) = (Client::new(address), target.to_owned());
    Box::new(move |_| {
        let got = client.download(&target)?;
        ensure!(got == size, "{got} of {size} bytes came");
        Ok(size)
    })
}

fn small<'a>(bench: &'a Bench, servers: &'a [Server], clients: usize) -> Vec<Case<'a>> {
    // Names go on from round to round: a file that is there would be replaced.
    static UPLOADED: AtomicU64 = AtomicU64::new(0);
    let up = Workload::new(
        &format!("upload, files of 1 KiB, {}", named(clients)),
        Unit::Files,
    );
    let down = Workload::new(
        &format!("download, 1,000 files of 1 KiB in turn, {}", named(clients)),
        Unit::Files,
    );
    let mut cases = Vec::new();
    for server in servers {
        cases.push(up.on_server(server, clients, bench.duration, move |_| {
            let mut client = server.client();
            let operation: Operation<'a> = Box::new(move |_| {
                let n = UPLOADED.fetch_add(1, Ordering::Relaxed);
                // Folders of a thousand, as runs have them.
                client.put(&format!("{PROXY}/up/{}/{n}.txt", n / 1000), &[b'y'; SMALL_BYTES])?;
                Ok(1)
            });
            Ok(operation)
        }));
    }
    for server in servers {
        cases.push(
            down.on_server(server, clients, bench.duration, move |client_number| {
                let mut client = server.client();
                let operation: Operation<'a> = Box::new(move |n| {
                    let n = (n as usize + client_number * 100) % SMALL;
                    let answer = client.get(&format!("{PROXY}/small/{n:05}.txt"))?;
                    ensure!(answer.len() == SMALL_BYTES, "{} bytes came", answer.len());
                    Ok(1)
                });
                Ok(operation)
            }),
        );
    }
    cases
}

fn listing<'a>(bench: &'a Bench, servers: &'a [Server]) -> Vec<Case<'a>> {
    let workload = Workload::new("list a folder of 10,000 files", Unit::Requests);
    let case = |server: &'a Server| {
        workload.on_server(server, 1, bench.duration, move |_| {
            debug_assert!(server.program != Program::Fasttrackml, "it does not take part");
            let mut client = server.client();
            let target = format!("{PROXY}?path=listed");
            let answer: Value = serde_json::from_slice(client.get(&target)?)?;
            ensure!(
                length(&answer, "files") == LISTED,
                "{} files",
                length(&answer, "files")
            );
            let operation: Operation<'a> = Box::new(move |_| client.get(&target).map(|_| 1));
            Ok(operation)
        })
    };
    servers.iter().map(case).collect()
}
