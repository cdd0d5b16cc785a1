//! What processes cost, from `/proc`.

use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::stop;

/// CPU time of one process, and whose child it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// Its own ticks, and those of its children that have ended.
    ticks: u64,
    own_ticks: u64,
}

/// CPU seconds of a process and everything it has started.
pub fn cpu_seconds(root: u32) -> f64 {
    let all = all();
    let ticks: u64 = tree(&all, root)
        .iter()
        .filter_map(|pid| all.get(pid))
        .map(|stat| stat.ticks)
        .sum();
    seconds(ticks)
}

/// CPU seconds of this process, without those it has started.
pub fn own_cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat")
        .ok()
        .and_then(|text| parse_stat(&text));
    seconds(stat.map_or(0, |stat| stat.own_ticks))
}

/// Waits until a process and everything it has started computes next to nothing, but no longer than `limit`: a server goes on
/// with a request whose client has given up.
pub fn wait_until_quiet(root: u32, limit: Duration) {
    const LOOKS: Duration = Duration::from_millis(500);
    const SHARE: f64 = 0.1;
    let started = Instant::now();
    let mut before = cpu_seconds(root);
    while started.elapsed() < limit && !stop::is_asked() {
        std::thread::sleep(LOOKS);
        let now = cpu_seconds(root);
        if now - before < SHARE * LOOKS.as_secs_f64() {
            return;
        }
        before = now;
    }
}

/// Memory of a process and everything it has started: the sum of the proportional set sizes, in which a page that
/// several processes share is divided among them.
pub fn pss_bytes(root: u32) -> u64 {
    let pss = |pid: &u32| {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        parse_pss(&text)
    };
    tree(&all(), root).iter().filter_map(pss).sum()
}

/// The process that started another.
pub fn parent(pid: u32) -> Result<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).with_context(|| format!("process {pid}"))?;
    Ok(parse_stat(&text)
        .with_context(|| format!("/proc/{pid}/stat"))?
        .parent)
}

/// A process and everything it has started that still runs.
pub fn family(root: u32) -> Vec<u32> {
    tree(&all(), root)
}

/// Whether a process, or one that it has started, listens at a port.
pub fn listens(root: u32, port: u16) -> Result<bool> {
    let mut sockets = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        sockets.extend(listening(&fs::read_to_string(table).unwrap_or_default(), port));
    }
    Ok(family(root).into_iter().any(|pid| {
        let files = fs::read_dir(format!("/proc/{pid}/fd"))
            .into_iter()
            .flatten()
            .flatten();
        let mut targets = files.filter_map(|file| fs::read_link(file.path()).ok());
        targets.any(|target| sockets.iter().any(|socket| target.as_os_str() == socket.as_str()))
    }))
}

/// The sockets that listen at a port, as `/proc/PID/fd` names them.
fn listening(table: &str, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let end = format!(":{port:04X}");
    let socket = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let is_it = fields.get(1)?.ends_with(&end) && *fields.get(3)? == LISTEN;
        is_it.then(|| Some(format!("socket:[{}]", fields.get(9)?)))?
    };
    table.lines().skip(1).filter_map(socket).collect()
}

fn all() -> HashMap<u32, Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let stat = |pid| {
        Some((
            pid,
            parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?,
        ))
    };
    pids.filter_map(stat).collect()
}

fn tree(all: &HashMap<u32, Stat>, root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&pid) = found.get(next) {
        found.extend(
            all.iter()
                .filter(|(_, stat)| stat.parent == pid)
                .map(|(child, _)| child),
        );
        next += 1;
    }
    found
}

/// The name, in parentheses, may hold spaces and parentheses itself.
fn parse_stat(text: &str) -> Option<Stat> {
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |i: usize| fields.get(i)?.parse::<u64>().ok();
    let (user, system, children_user, children_system) = (number(11)?, number(12)?, number(13)?, number(14)?);
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        ticks: user + system + children_user + children_system,
        own_ticks: user + system,
    })
}

fn parse_pss(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

fn seconds(ticks: u64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_is_skipped() {
        let stat = parse_stat("7 (a) b) S 3 7 7 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 5 6 7");
        assert_eq!(
            stat,
            Some(Stat {
                parent: 3,
                ticks: 100,
                own_ticks: 30
            })
        );
        assert_eq!(parse_stat("7 (a"), None);
    }

    #[test]
    fn pss_is_in_bytes() {
        let text =
            "55d000-7ffc000 ---p 0 00:00 0 [rollup]\nRss:     5000 kB\nPss:     1234 kB\nPss_Dirty:  9 kB\n";
        assert_eq!(parse_pss(text), Some(1234 * 1024));
        assert_eq!(parse_pss("Rss: 1 kB"), None);
    }

    #[test]
    fn a_tree_has_children_of_children_and_no_others() {
        let stat = |parent| Stat {
            parent,
            ticks: 1,
            own_ticks: 1,
        };
        let all = HashMap::from([
            (1, stat(0)),
            (2, stat(1)),
            (3, stat(2)),
            (4, stat(1)),
            (5, stat(9)),
        ]);
        let mut found = tree(&all, 2);
        found.sort_unstable();
        assert_eq!(found, [2, 3]);
        assert_eq!(tree(&all, 1).len(), 4);
    }

    #[test]
    fn a_port_belongs_to_the_process_that_listens_at_it() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
                     0: 0100007F:1767 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1\n\
                     1: 0100007F:1767 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 888 1\n";
        assert_eq!(listening(table, 5991), ["socket:[777]"]);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(listens(std::process::id(), port).unwrap());
        assert!(!listens(u32::MAX, port).unwrap());
    }

    #[test]
    fn this_process_has_memory() {
        assert!(pss_bytes(std::process::id()) > 100_000);
    }
}
