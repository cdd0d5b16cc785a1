//! Pictures of several steps of a run.

use super::pictures::Picture;
use super::plan::RunPlan;
use super::random::Random;
use super::texts;

/// Pictures of several steps, as `mlflow.log_image` stores them.
pub fn add(run: &mut RunPlan, key: &str, draw: impl Fn(f64, &mut Random) -> Picture, random: &mut Random) {
    let last = run
        .series
        .first()
        .and_then(|series| series.points.last())
        .map_or(0, |point| point.step);
    for part in 0..=5 {
        let step = last * part / 5;
        let timestamp = run.start_ms + run.duration_ms * part / 5;
        let path = texts::image_path(key, step, timestamp, random);
        run.file(path, draw(part as f64 / 5.0, random).png());
    }
    run.tag("mlflow.loggedImages", "True");
}
