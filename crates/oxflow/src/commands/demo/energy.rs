//! `forecasting/energy`: forecasts one can point at.

use std::fmt::Write as _;

use super::curves::{Course, Pace};
use super::model_files::Flavor;
use super::people::{made_up_name, sign};
use super::plan::{Dataset, Ending, ExperimentPlan, ModelPlan, RunPlan};
use super::random::Random;
use super::{HOUR, MINUTE, pictures, tags, texts};

const LOAD: Dataset = Dataset {
    name: "grid-load-hourly",
    digest: "c3e10b92",
    source: "{\"uri\": \"s3://datasets/grid-load/hourly.parquet\"}",
    schema: "{\"mlflow_colspec\": [{\"type\": \"datetime\", \"name\": \"ds\", \"required\": true}, {\"type\": \"double\", \"name\": \"y\", \"required\": true}]}",
    rows: 61_320,
    context: "training",
};

/// Energy: 18 runs, each with a forecast one can point at.
pub fn energy(seed: u64, now_ms: i64) -> ExperimentPlan {
    let mut random = Random::of_part(seed, "forecasting/energy");
    ExperimentPlan {
        tags: tags(&[
            ("mlflow.note.content", "Load of the grid, 48 hours ahead."),
            ("team", "energy"),
        ]),
        runs: (0..18).map(|i| energy_run(i, now_ms, &mut random)).collect(),
        registered: None,
    }
}

fn energy_run(i: i64, now_ms: i64, random: &mut Random) -> RunPlan {
    let method = *random.pick(&["prophet", "arima", "nbeats", "tft"]);
    let duration = random.whole(3 * MINUTE, 70 * MINUTE);
    let start = now_ms - (18 - i) * 30 * HOUR - random.whole(2 * HOUR, 20 * HOUR);
    let mut run = RunPlan::new(format!("{method}-{}", made_up_name(random)), start, duration);
    sign(&mut run, "energy", "forecast/run.py", random);
    run.tag("horizon", "48h");
    run.param("method", method)
        .param("horizon_hours", 48)
        .param("lookback_hours", *random.pick(&[168, 336, 672]))
        .param("holidays", random.chance(0.8))
        .param("weather", random.chance(0.5))
        .param("loss", *random.pick(&["mae", "quantile"]));
    let error = match method {
        "tft" => 2.9,
        "nbeats" => 3.3,
        "prophet" => 4.6,
        _ => 5.4,
    } + 0.4 * random.normal();
    let pace = Pace::new(start, duration, 60);
    let course = Course {
        from: 14.0,
        to: error,
        pace: 0.15,
        noise: 0.02,
        turn: 0.02,
    };
    run.series
        .push(pace.series("val/mape", |_, done| course.at(done, random)));
    run.series
        .push(pace.series("val/mae_mw", |_, done| course.at(done, random) * 41.0));
    run.metric("test/mape", error * 1.05)
        .metric("test/rmse_mw", error * 58.0)
        .metric("test/coverage_90", 0.93 - error * 0.01);
    let actual: Vec<f64> = (0..96)
        .map(|h| {
            42.0 + 9.0 * (f64::from(h) / 24.0 * std::f64::consts::TAU - 1.9).sin() + 0.7 * random.normal()
        })
        .collect();
    let forecast: Vec<f64> = actual
        .iter()
        .map(|value| value * (1.0 + error / 100.0 * random.normal()))
        .collect();
    let mut csv = "hour,actual_gw,forecast_gw,low_gw,high_gw\n".to_owned();
    for (hour, (actual, forecast)) in actual.iter().zip(&forecast).enumerate() {
        let _ = writeln!(
            csv,
            "{hour},{actual:.3},{forecast:.3},{:.3},{:.3}",
            forecast * 0.95,
            forecast * 1.05
        );
    }
    let points: Vec<_> = forecast
        .iter()
        .zip(&actual)
        .enumerate()
        .map(|(hour, (f, a))| (*a, *f, format!("hour {hour}")))
        .collect();
    run.file("forecast.csv", csv).file(
        "forecast.html",
        texts::plot_page(
            "Forecast against actual load",
            "actual GW",
            "forecast GW",
            &points,
        ),
    );
    run.file(
        "plots/forecast.png",
        pictures::lines("LOAD GW", &[("ACTUAL", actual), ("FORECAST", forecast)]).png(),
    );
    run.file("report.md", format!("# Forecast\n\nMAPE **{error:.2} %**. The evening peak is under-estimated on holidays.\n\n![forecast](plots/forecast.png)\n"));
    run.file("config.yaml", texts::config_yaml(&run));
    if i % 5 == 2 {
        run.model = Some(ModelPlan {
            name: "forecaster",
            model_type: "prophet",
            flavor: Flavor::Prophet,
            step: 0,
            is_registered: false,
        });
    }
    if i == 9 {
        run.cut(Ending::Killed, 0.5);
    }
    run.datasets = vec![LOAD];
    run
}
