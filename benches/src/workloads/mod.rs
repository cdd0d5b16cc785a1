//! What is measured: one file per group, each of which makes a table.

mod artifacts;
mod client;
mod history;
mod lifecycle;
mod logging;
mod registry;
mod search;
mod soak;
mod start;

use anyhow::Result;
use clap::ValueEnum;

use crate::bench::Bench;
use crate::rounds::Table;

/// A group of workloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Workloads {
    /// Start to the first good answer of /health, on no database and on one that exists; memory when idle
    Start,
    /// log-metric by 1, 16 and 64 clients; log-batch of 1,000 points by 1 and 8 clients
    Logging,
    /// Whole runs by 8 clients: create, 20 params, 1,000 points, tags, finish
    Lifecycle,
    /// Search in 10,000 runs of 50 params and 50 metrics: pages, filters, orders
    Search,
    /// The same in 100,000 runs; filling takes minutes and 10 GB of disk
    Search100k,
    /// A metric of 1,000,000 points: paged, sampled, and as a chart
    History,
    /// Artifacts through the server: 1 GiB up and down, small files, a folder of 10,000
    Artifacts,
    /// A model registry of 20,000 versions: create, by alias, search
    Registry,
    /// The log_metric loop of the real Python client
    Client,
    /// All kinds of requests at once for --minutes: errors, and whether memory grows
    Soak,
}

/// What is measured unless --workloads says otherwise.
pub const USUAL: &[Workloads] = &[
    Workloads::Start,
    Workloads::Logging,
    Workloads::Lifecycle,
    Workloads::Search,
    Workloads::History,
    Workloads::Artifacts,
    Workloads::Registry,
    Workloads::Client,
];

impl Workloads {
    /// As on the command line.
    pub fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Measures the group on every server.
    pub fn measure(self, bench: &Bench) -> Result<Table> {
        match self {
            Self::Start => start::measure(bench),
            Self::Logging => logging::measure(bench),
            Self::Lifecycle => lifecycle::measure(bench),
            Self::Search => search::measure(bench, 10_000),
            Self::Search100k => search::measure(bench, 100_000),
            Self::History => history::measure(bench),
            Self::Artifacts => artifacts::measure(bench),
            Self::Registry => registry::measure(bench),
            Self::Client => client::measure(bench),
            Self::Soak => soak::measure(bench),
        }
    }
}
