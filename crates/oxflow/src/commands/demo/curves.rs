//! Histories that look like training.

use super::plan::Series;
use super::random::Random;

/// The clock of a training: when each step is done.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub start_ms: i64,
    pub step_ms: i64,
    pub steps: i64,
}

impl Pace {
    /// Steps that fill this time.
    pub fn new(start_ms: i64, duration_ms: i64, steps: i64) -> Self {
        Self {
            start_ms,
            step_ms: (duration_ms / (steps + 1)).max(1),
            steps,
        }
    }

    /// A history with the value of each step; `at` gets the step and how much is done, from 0 to 1.
    pub fn series(self, key: &str, mut at: impl FnMut(i64, f64) -> f64) -> Series {
        let mut series = Series::new(key);
        for step in 0..self.steps {
            let done = step as f64 / (self.steps - 1).max(1) as f64;
            series.push(step, self.start_ms + (step + 1) * self.step_ms, at(step, done));
        }
        series
    }
}

/// How well a training goes.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    /// Value at the beginning.
    pub from: f64,
    /// Value it comes close to.
    pub to: f64,
    /// How much of the training is gone when two thirds of the way are.
    pub pace: f64,
    /// Relative size of the noise.
    pub noise: f64,
    /// How much worse it is at the end than at its best: overfitting. 0 for none.
    pub turn: f64,
}

impl Course {
    /// The value when this much is done.
    pub fn at(self, done: f64, random: &mut Random) -> f64 {
        let way = self.from - self.to;
        let trend = self.to + way * (-done / self.pace).exp();
        let back = self.turn * way * (done - 0.55).max(0.0).powi(2) * 2.0;
        // The noise gets smaller as the learning rate does.
        let noise = self.noise * way * random.normal() * (1.0 - 0.7 * done);
        trend + back + noise
    }
}

/// A learning rate that rises over the first part and then falls along a cosine.
pub fn warmup_cosine(peak: f64, warmup: f64, done: f64) -> f64 {
    if done < warmup {
        return peak * (done / warmup).max(0.01);
    }
    let rest = (done - warmup) / (1.0 - warmup);
    peak * 0.5 * (1.0 + (std::f64::consts::PI * rest).cos())
}

/// A learning rate that is divided by ten after each third.
pub fn stairs(peak: f64, done: f64) -> f64 {
    peak * 0.1_f64.powi((done * 3.0).min(2.0) as i32)
}

/// Makes every value from a step on NaN, as after a division by zero.
pub fn diverge(series: &mut Series, from_step: i64) {
    for point in &mut series.points {
        if point.step >= from_step {
            point.value = f64::NAN;
        }
    }
}
