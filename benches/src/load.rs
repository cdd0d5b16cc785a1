//! Clients that repeat an operation for some time, and what that took.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::process;
use crate::stop as stopping;

/// What a client repeats, given a number that goes up from 0; how many things (points, bytes, files) were done.
pub type Operation<'a> = Box<dyn FnMut(u64) -> Result<u64> + Send + 'a>;

/// Makes the operation of each client, given its number. What it does is not measured.
pub type Clients<'a> = &'a (dyn Fn(usize) -> Result<Operation<'a>> + Sync);

/// How often memory is looked at: rarely enough that `mlflow server` does not feel it.
const MEMORY_EVERY: Duration = Duration::from_millis(250);

/// Clients give up after so many failures in a row: what fails at once would be asked a million times.
const FAILURES_IN_A_ROW: u64 = 50;

/// Whose CPU and memory are counted.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    /// The server; `None` where this process itself does the work.
    pub server: Option<u32>,
    /// The database server, if it is a process of its own.
    pub database: Option<u32>,
}

/// What one round of a workload took.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Round {
    /// Operations that succeeded.
    pub requests: u64,
    /// Things done by them: points, bytes, files.
    pub things: u64,
    /// From the start to the end of the last operation.
    pub seconds: f64,
    /// Operations that failed.
    pub failures: u64,
    /// What the first of them said.
    pub first_failure: Option<String>,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
    /// Of the server and everything it has started.
    pub server_cpu_seconds: f64,
    /// Of the whole PostgreSQL cluster.
    pub database_cpu_seconds: Option<f64>,
    /// Of the load generator.
    pub generator_cpu_seconds: f64,
    /// The most that was seen, of the server and everything it has started.
    pub peak_memory_bytes: Option<u64>,
    /// Memory in the last fifth of the time, as a multiple of that in the second.
    pub memory_growth: Option<f64>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

impl Round {
    /// Things per second.
    pub fn rate(&self) -> f64 {
        self.things as f64 / self.seconds.max(1e-9)
    }
}

/// CPU seconds at one moment.
struct Spent {
    server: f64,
    database: Option<f64>,
    generator: f64,
}

impl Watch {
    /// Work that this process does on its own.
    pub fn this_process(database: Option<u32>) -> Self {
        Self {
            server: None,
            database,
        }
    }

    fn spent(&self) -> Spent {
        let generator = process::own_cpu_seconds();
        Spent {
            server: self.server.map_or(generator, process::cpu_seconds),
            database: self.database.map(process::cpu_seconds),
            generator,
        }
    }

    fn memory(&self) -> Option<u64> {
        self.server.map(process::pss_bytes)
    }
}

/// Lets so many clients repeat their operation for some time.
///
/// With `warms_up` each does it once before the clock starts, unless that would take long.
pub fn run(
    clients: usize,
    duration: Duration,
    warms_up: bool,
    watch: Watch,
    make: Clients<'_>,
) -> Result<Round> {
    let (ready, stop) = (Barrier::new(clients + 1), AtomicBool::new(false));
    let (ready, stop) = (&ready, &stop);
    // One client after the other: 64 new runs at once are more than `mlflow server` takes.
    let one_at_a_time = Mutex::new(());
    let prepare_one = |number| {
        let _guard = one_at_a_time.lock();
        let begun = Instant::now();
        let mut operation = make(number)?;
        // What was slow to make has asked the same to see whether the answer is complete.
        if warms_up && begun.elapsed() < duration / 2 {
            operation(0).context("the first request")?;
        }
        Ok::<_, anyhow::Error>(operation)
    };
    let prepare_one = &prepare_one;
    std::thread::scope(|scope| {
        let client = |number: usize| {
            move || {
                let made = prepare_one(number);
                // Whoever failed still lets the others begin.
                ready.wait();
                Ok::<_, anyhow::Error>(repeat(made?, stop))
            }
        };
        let threads: Vec<_> = (0..clients).map(|number| scope.spawn(client(number))).collect();
        ready.wait();
        let before = watch.spent();
        let started = Instant::now();
        let mut peak = watch.memory();
        while started.elapsed() < duration
            && !stopping::is_asked()
            && !threads.iter().all(|thread| thread.is_finished())
        {
            std::thread::sleep(MEMORY_EVERY.min(duration.saturating_sub(started.elapsed())));
            peak = peak.max(watch.memory());
        }
        stop.store(true, Ordering::Relaxed);
        let mut done = Vec::new();
        for thread in threads {
            let Ok(client) = thread.join() else {
                bail!("a client panicked")
            };
            done.push(client?);
        }
        let after = watch.spent();
        peak = peak.max(watch.memory());
        let ended = done.iter().map(|client| client.ended).max().unwrap_or(started);
        Ok(Round {
            seconds: (ended - started).as_secs_f64(),
            server_cpu_seconds: after.server - before.server,
            database_cpu_seconds: after
                .database
                .zip(before.database)
                .map(|(after, before)| after - before),
            generator_cpu_seconds: after.generator - before.generator,
            peak_memory_bytes: peak,
            ..summary(done)
        })
    })
}

/// What one client did.
struct Done {
    latencies: Vec<Duration>,
    things: u64,
    failures: u64,
    first_failure: Option<String>,
    ended: Instant,
}

fn repeat(mut operation: Operation<'_>, stop: &AtomicBool) -> Done {
    let mut done = Done {
        latencies: Vec::new(),
        things: 0,
        failures: 0,
        first_failure: None,
        ended: Instant::now(),
    };
    let mut in_a_row = 0;
    // The warm-up was number 0.
    for number in 1.. {
        let sent = Instant::now();
        let outcome = operation(number);
        done.ended = Instant::now();
        match outcome {
            Ok(things) => {
                done.latencies.push(done.ended - sent);
                done.things += things;
                in_a_row = 0;
            }
            Err(error) => {
                done.failures += 1;
                in_a_row += 1;
                done.first_failure.get_or_insert_with(|| format!("{error:#}"));
            }
        }
        if in_a_row == FAILURES_IN_A_ROW || stop.load(Ordering::Relaxed) {
            break;
        }
    }
    done
}

fn summary(done: Vec<Done>) -> Round {
    let mut round = Round::default();
    let mut latencies = Vec::new();
    for client in done {
        round.things += client.things;
        round.failures += client.failures;
        round.first_failure = round.first_failure.or(client.first_failure);
        latencies.extend(client.latencies);
    }
    latencies.sort_unstable();
    round.requests = latencies.len() as u64;
    round.p50_ms = percentile(&latencies, 50);
    round.p99_ms = percentile(&latencies, 99);
    round.max_ms = percentile(&latencies, 100);
    round
}

/// The least of the sorted latencies that `percent` of all do not exceed, in milliseconds; 0 of none.
pub fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted
        .get(rank - 1)
        .map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
}

/// The middle value, or the mean of the two in the middle; 0 of none.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        length if length % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn percentiles_are_latencies_that_were_measured() {
        let latencies: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&latencies, 50), 100.0);
        assert_eq!(percentile(&latencies, 99), 198.0);
        assert_eq!(percentile(&latencies, 100), 200.0);
        assert_eq!(percentile(&latencies[..1], 50), 1.0);
        assert_eq!(percentile(&[], 99), 0.0);
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_two() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median([]), 0.0);
    }

    #[test]
    fn what_succeeds_is_counted_apart_from_what_fails() {
        let operation = |_| -> Result<Operation<'_>> {
            Ok(Box::new(|number| {
                if number % 2 == 0 {
                    Ok(10)
                } else {
                    bail!("odd {number}")
                }
            }))
        };
        let round = run(
            2,
            Duration::from_millis(30),
            true,
            Watch::this_process(None),
            &operation,
        )
        .unwrap();
        assert_eq!(round.things, 10 * round.requests);
        assert!(
            round.failures > 0 && round.failures.abs_diff(round.requests) <= 2,
            "{round:?}"
        );
        assert_eq!(round.first_failure.as_deref(), Some("odd 1"));
    }

    #[test]
    fn what_only_fails_ends_before_its_time() {
        let tried = AtomicU64::new(0);
        let operation = |_| -> Result<Operation<'_>> {
            Ok(Box::new(|_| {
                tried.fetch_add(1, Ordering::Relaxed);
                bail!("no")
            }))
        };
        let round = run(
            1,
            Duration::from_secs(600),
            false,
            Watch::this_process(None),
            &operation,
        )
        .unwrap();
        assert_eq!((round.requests, round.failures), (0, FAILURES_IN_A_ROW));
        assert_eq!(tried.load(Ordering::Relaxed), FAILURES_IN_A_ROW);
    }

    #[test]
    fn a_client_that_cannot_begin_ends_the_round() {
        let operation = |number| -> Result<Operation<'_>> {
            if number == 1 {
                bail!("no run")
            }
            Ok(Box::new(|_| Ok(1)))
        };
        assert!(
            run(
                2,
                Duration::from_millis(1),
                true,
                Watch::this_process(None),
                &operation
            )
            .is_err()
        );
    }
}
