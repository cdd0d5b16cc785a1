//! What MLflow's monitor of the machine logs beside a training: with a cadence of its own.

use super::plan::{RunPlan, Series};
use super::random::Random;

/// MLflow's default, ms.
const INTERVAL_MS: i64 = 10_000;

/// Most samples of a run.
const MOST_SAMPLES: i64 = 120;

/// A value by how much of the run is done, from 0 to 1.
type Gauge = Box<dyn FnMut(f64, &mut Random) -> f64>;

/// Adds the metrics of a machine with so many GPUs.
pub fn watch(run: &mut RunPlan, gpus: usize, random: &mut Random) {
    let samples = (run.duration_ms / INTERVAL_MS).clamp(1, MOST_SAMPLES);
    let interval = (run.duration_ms / samples).max(1);
    let mut add = |key: &str, mut at: Gauge| {
        let mut series = Series::new(format!("system/{key}"));
        for sample in 0..samples {
            let done = sample as f64 / samples as f64;
            // A little late, as a monitor is.
            let late = random.whole(0, interval / 8);
            series.push(sample, run.start_ms + sample * interval + late, at(done, random));
        }
        run.series.push(series);
    };
    let cpu_base = if gpus > 0 { 35.0 } else { 78.0 };
    add(
        "cpu_utilization_percentage",
        Box::new(move |_, r| (cpu_base + 9.0 * r.normal()).clamp(1.0, 100.0)),
    );
    add(
        "system_memory_usage_megabytes",
        Box::new(|done, r| 18_200.0 + 5400.0 * (1.0 - (-done * 9.0).exp()) + 90.0 * r.normal()),
    );
    add(
        "system_memory_usage_percentage",
        Box::new(|done, r| 28.3 + 8.4 * (1.0 - (-done * 9.0).exp()) + 0.15 * r.normal()),
    );
    add(
        "disk_usage_megabytes",
        Box::new(|done, _| 412_000.0 + (done * 12.0).floor() * 390.0),
    );
    add(
        "disk_available_megabytes",
        Box::new(|done, _| 588_000.0 - (done * 12.0).floor() * 390.0),
    );
    let mut received = 0.0;
    add(
        "network_receive_megabytes",
        Box::new(move |_, r| {
            received += r.between(0.5, 9.0);
            received
        }),
    );
    let mut sent = 0.0;
    add(
        "network_transmit_megabytes",
        Box::new(move |_, r| {
            sent += r.between(0.05, 0.4);
            sent
        }),
    );
    for gpu in 0..gpus {
        add(
            &format!("gpu_{gpu}_utilization_percentage"),
            Box::new(|done, r| {
                // It waits while a validation is read from disk.
                if (done * 30.0).fract() < 0.12 {
                    r.between(2.0, 30.0)
                } else {
                    (94.0 + 3.0 * r.normal()).clamp(0.0, 100.0)
                }
            }),
        );
        add(
            &format!("gpu_{gpu}_memory_usage_megabytes"),
            Box::new(move |_, r| 31_200.0 + 400.0 * gpu as f64 + 25.0 * r.normal()),
        );
        add(
            &format!("gpu_{gpu}_memory_usage_percentage"),
            Box::new(|_, r| 76.2 + 0.1 * r.normal()),
        );
        add(
            &format!("gpu_{gpu}_power_usage_watts"),
            Box::new(|done, r| {
                if (done * 30.0).fract() < 0.12 {
                    r.between(80.0, 140.0)
                } else {
                    285.0 + 12.0 * r.normal()
                }
            }),
        );
    }
}
