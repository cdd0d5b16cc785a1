//! `vision/detection/yolo`.

use super::curves::{Course, Pace, warmup_cosine};
use super::model_files::Flavor;
use super::people::sign;
use super::plan::{Dataset, Ending, ExperimentPlan, ModelPlan, RunPlan};
use super::random::Random;
use super::{HOUR, MINUTE, images, machine, pictures, tags, texts};

const STREETS: Dataset = Dataset {
    name: "bdd100k-streets",
    digest: "0b7de1a4",
    source: "{\"uri\": \"s3://datasets/bdd100k/v3\"}",
    schema: "{\"mlflow_colspec\": [{\"type\": \"string\", \"name\": \"image\", \"required\": true}, {\"type\": \"string\", \"name\": \"boxes\", \"required\": true}]}",
    rows: 70_000,
    context: "training",
};

/// Detection: 24 runs of 120 epochs with many metrics.
pub fn yolo(seed: u64, now_ms: i64) -> ExperimentPlan {
    let mut random = Random::of_part(seed, "vision/detection/yolo");
    let runs = (0..24).map(|i| yolo_run(i, now_ms, &mut random)).collect();
    ExperimentPlan {
        tags: tags(&[
            (
                "mlflow.note.content",
                "Street scenes. Target: **mAP50 > 0.62** at 8 ms.",
            ),
            ("team", "vision"),
        ]),
        runs,
        registered: None,
    }
}

fn yolo_run(i: i64, now_ms: i64, random: &mut Random) -> RunPlan {
    let size = *random.pick(&["n", "s", "m", "l"]);
    let image = *random.pick(&[480_i64, 640, 960]);
    let duration = (random.between(3.0, 11.0) * HOUR as f64) as i64;
    let start = now_ms - (24 - i) * 21 * HOUR - random.whole(11 * HOUR, 17 * HOUR);
    let mut run = RunPlan::new(format!("yolo-{size}-{image}px-{i:02}"), start, duration);
    sign(&mut run, "vision", "detect/train.py", random);
    run.param("size", size)
        .param("image_size", image)
        .param("lr0", format!("{:.4}", random.log_between(0.001, 0.02)))
        .param("mosaic", random.chance(0.7))
        .param("epochs", 120)
        .param("batch", *random.pick(&[16, 32, 64]))
        .param("anchors", "[[10, 13], [16, 30], [33, 23]]")
        .param("freeze", 0)
        .param("iou_threshold", 0.7);
    let reach =
        0.34 + match size {
            "n" => 0.06,
            "s" => 0.14,
            "m" => 0.21,
            _ => 0.24,
        } + image as f64 / 12_000.0
            + 0.012 * random.normal();
    let pace = Pace::new(start, duration, 120);
    for (key, from, to) in [
        ("box_loss", 1.9, 0.9),
        ("cls_loss", 3.4, 0.55),
        ("dfl_loss", 1.6, 1.02),
    ] {
        for (split, more) in [("train", 0.0), ("val", 0.12)] {
            let course = Course {
                from,
                to: to + more - reach * 0.2,
                pace: 0.24,
                noise: 0.012,
                turn: more * 0.6,
            };
            run.series
                .push(pace.series(&format!("{split}/{key}"), |_, done| course.at(done, random)));
        }
    }
    for (key, share) in [
        ("metrics/mAP50", 1.0),
        ("metrics/mAP50-95", 0.66),
        ("metrics/precision", 1.12),
        ("metrics/recall", 0.97),
    ] {
        let course = Course {
            from: 0.01,
            to: reach * share,
            pace: 0.22,
            noise: 0.015,
            turn: 0.01,
        };
        run.series
            .push(pace.series(key, |_, done| course.at(done, random).clamp(0.0, 1.0)));
    }
    run.series
        .push(pace.series("lr/pg0", |_, done| warmup_cosine(0.01, 0.03, done)));
    let latency = match size {
        "n" => 2.1,
        "s" => 3.6,
        "m" => 7.2,
        _ => 11.8,
    } * (image as f64 / 640.0).powi(2);
    run.metric("latency_ms", latency).metric(
        "parameters_millions",
        match size {
            "n" => 3.2,
            "s" => 11.2,
            "m" => 25.9,
            _ => 43.7,
        },
    );
    if i % 11 == 5 {
        run.cut(Ending::Killed, 0.7);
    } else if i % 6 == 1 {
        run.model = Some(ModelPlan {
            name: "detector",
            model_type: "detector",
            flavor: Flavor::Pytorch,
            step: 119,
            is_registered: false,
        });
    }
    run.file("args.yaml", texts::config_yaml(&run));
    run.file("logs/train.log", texts::log_lines(&run, random));
    images::add(&mut run, "val_batch0", pictures::boxes, random);
    let precision: Vec<f64> = (0..60)
        .map(|k| 1.0 - (k as f64 / 60.0).powf(2.0 + reach * 4.0))
        .collect();
    run.file(
        "plots/precision_recall.png",
        pictures::lines("PRECISION/RECALL", &[("ALL", precision)]).png(),
    );
    machine::watch(&mut run, 4, random);
    run.datasets = vec![STREETS];
    run.duration_ms = run.duration_ms.max(MINUTE);
    run
}
