//! What the figures were measured on.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::load::percentile;
use crate::postgres::Cluster;
use crate::servers::{Programs, version_of};

/// The machine and the versions of the programs.
#[derive(Debug, Serialize)]
pub struct Machine {
    cpu: String,
    cores: usize,
    memory_bytes: u64,
    /// Of the folder in which the servers work.
    file_system: String,
    /// Median time to append 4 KiB to a file there and sync it.
    synced_write_ms: f64,
    kernel: String,
    /// Before anything was started.
    load_average: String,
    versions: Vec<(String, String)>,
}

impl Machine {
    /// Looks at this machine.
    pub fn describe(folder: &Path, programs: &Programs, cluster: Option<&Cluster>) -> Result<Self> {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let load: Vec<String> = read("/proc/loadavg")
            .split(' ')
            .take(3)
            .map(str::to_owned)
            .collect();
        let mut versions = vec![
            ("Oxflow".to_owned(), version_of(&programs.oxflow)),
            ("MLflow".to_owned(), version_of(&programs.mlflow)),
            ("FastTrackML".to_owned(), version_of(&programs.fasttrackml)),
            ("SQLite of the limit".to_owned(), rusqlite::version().to_owned()),
        ];
        if let Some(cluster) = cluster {
            versions.push(("PostgreSQL".to_owned(), cluster.version()?));
        }
        Ok(Self {
            cpu: field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_bytes: field(&read("/proc/meminfo"), "MemTotal")
                .and_then(|text| kilobytes(&text))
                .unwrap_or(0),
            file_system: mount(&read("/proc/self/mounts"), folder).unwrap_or_else(|| "unknown".to_owned()),
            synced_write_ms: synced_write_ms(folder)?,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load_average: load.join(" "),
            versions,
        })
    }

    /// A list for the head of the tables.
    pub fn markdown(&self) -> String {
        let versions: Vec<String> = self
            .versions
            .iter()
            .map(|(name, version)| format!("{name}: {version}"))
            .collect();
        format!(
            "- Machine: {}, {} cores, {:.1} GB of memory, Linux {}\n\
             - Disk: {}; 4 KiB appended and synced in {:.2} ms\n\
             - Load average before the start: {}\n\
             - Versions: {}\n",
            self.cpu,
            self.cores,
            self.memory_bytes as f64 / 1e9,
            self.kernel,
            self.file_system,
            self.synced_write_ms,
            self.load_average,
            versions.join("; "),
        )
    }
}

/// The value of the first `name : value` line.
fn field(text: &str, name: &str) -> Option<String> {
    let value = |line: &str| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    };
    text.lines().find_map(value)
}

fn kilobytes(text: &str) -> Option<u64> {
    Some(text.strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// The file system a folder is on: its kind and device.
fn mount(mounts: &str, folder: &Path) -> Option<String> {
    let lines = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next()?, words.next()?, words.next()?))
    });
    let holding = lines.filter(|(_, point, _)| folder.starts_with(point));
    let (device, _, kind) = holding.max_by_key(|(_, point, _)| point.len())?;
    Some(format!("{kind} on {device}"))
}

fn synced_write_ms(folder: &Path) -> Result<f64> {
    const WRITES: usize = 50;
    let path = folder.join("sync-test");
    let mut file = File::create(&path).with_context(|| format!("could not write {}", path.display()))?;
    let mut times = Vec::new();
    for _ in 0..WRITES {
        file.seek(SeekFrom::End(0))?;
        let started = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(started.elapsed());
    }
    fs::remove_file(&path)?;
    times.sort_unstable();
    Ok(percentile(&times, 50))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_name() {
        let text = "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz: fast\nmodel name\t: other\n";
        assert_eq!(
            field(text, "model name").as_deref(),
            Some("Some CPU @ 2 GHz: fast")
        );
        assert_eq!(kilobytes("123 kB"), Some(123 * 1024));
    }

    #[test]
    fn the_longest_mount_point_holds_the_folder() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /tm xfs rw 0 0\n";
        assert_eq!(
            mount(mounts, Path::new("/tmp/x")).as_deref(),
            Some("tmpfs on tmpfs")
        );
        assert_eq!(
            mount(mounts, Path::new("/work")).as_deref(),
            Some("ext4 on /dev/a")
        );
    }
}
