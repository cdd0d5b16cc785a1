//! `vision/resnet`.

use serde_json::json;

use super::curves::{Course, Pace, diverge, stairs, warmup_cosine};
use super::model_files::Flavor;
use super::people::{made_up_name, sign};
use super::plan::{Dataset, Ending, ExperimentPlan, ModelPlan, RegisteredPlan, RunPlan};
use super::random::Random;
use super::{HOUR, images, machine, pictures, tags, texts};

const CLASSES: [&str; 8] = ["airplane", "bird", "car", "cat", "deer", "dog", "frog", "ship"];

const IMAGES: Dataset = Dataset {
    name: "imagenette2-320",
    digest: "fe2fc210",
    source: "{\"uri\": \"s3://datasets/imagenette2-320.tgz\"}",
    schema: "{\"mlflow_tensorspec\": {\"features\": \"[{\\\"type\\\": \\\"tensor\\\", \\\"tensor-spec\\\": {\\\"dtype\\\": \\\"uint8\\\", \\\"shape\\\": [-1, 320, 320, 3]}}]\", \"targets\": \"null\"}}",
    rows: 9469,
    context: "training",
};

/// Classification: 40 runs of 90 epochs.
pub fn resnet(seed: u64, now_ms: i64) -> ExperimentPlan {
    let mut random = Random::of_part(seed, "vision/resnet");
    let runs = (0..40).map(|i| resnet_run(i, now_ms, &mut random)).collect();
    ExperimentPlan {
        tags: tags(&[
            (
                "mlflow.note.content",
                "# ResNet on Imagenette\n\nHow far does a plain **ResNet-50** get with modern recipes?\n\n| recipe | best top-1 |\n|---|---|\n| baseline | 0.871 |\n| cutmix + cosine | **0.934** |\n\nSee `report.html` of the best run.",
            ),
            ("team", "vision"),
        ]),
        runs,
        registered: Some(RegisteredPlan {
            name: "image-classifier",
            description: "Classifies photos into eight classes. Retrained each month.\n\nOwner: **vision team**",
            tags: &[("task", "classification"), ("owner", "vision")],
            aliases: &[("champion", 1), ("challenger", 0)],
            stages: &[("Production", 1), ("Staging", 0), ("Archived", 3)],
        }),
    }
}

fn resnet_run(i: i64, now_ms: i64, random: &mut Random) -> RunPlan {
    let depth = *random.pick(&[18_i64, 34, 50, 50, 101]);
    let lr = *random.pick(&[0.5, 0.1, 0.1, 0.05, 0.01]);
    let optimizer = *random.pick(&["sgd", "sgd", "adamw", "lamb"]);
    let augment = *random.pick(&["none", "randaugment", "cutmix", "cutmix"]);
    let is_running = i == 39;
    let duration = (random.between(1.2, 4.5) * HOUR as f64) as i64;
    let start = if is_running {
        now_ms - duration / 2
    } else {
        now_ms - (40 - i) * 15 * HOUR - random.whole(0, 6 * HOUR)
    };
    let name = if random.chance(0.4) {
        made_up_name(random)
    } else {
        format!("resnet{depth}-lr{lr}-{augment}")
    };
    let mut run = RunPlan::new(name, start, duration);
    sign(&mut run, "vision", "train.py", random);
    run.tag("gpu", *random.pick(&["A100-40GB", "H100-80GB"]))
        .tag("recipe", augment);
    run.param("model", format!("resnet{depth}"))
        .param("depth", depth)
        .param("lr", lr)
        .param("optimizer", optimizer)
        .param("augment", augment)
        .param("epochs", 90)
        .param("batch_size", *random.pick(&[128, 256, 512]))
        .param("weight_decay", *random.pick(&["1e-4", "5e-4", "0"]))
        .param("label_smoothing", *random.pick(&[0.0, 0.1]))
        .param("pretrained", random.chance(0.3))
        .param("amp", true)
        .param("image_size", 224);
    resnet_metrics(&mut run, lr, depth, augment, random);
    resnet_ending(&mut run, i, is_running, random);
    resnet_files(&mut run, i, random);
    machine::watch(&mut run, if depth > 50 { 2 } else { 1 }, random);
    run.datasets = vec![
        IMAGES,
        Dataset {
            name: "imagenette2-320-val",
            digest: "91c02b7e",
            rows: 3925,
            context: "evaluation",
            ..IMAGES
        },
    ];
    run
}

fn resnet_metrics(run: &mut RunPlan, lr: f64, depth: i64, augment: &str, random: &mut Random) {
    let pace = Pace::new(run.start_ms, run.duration_ms, 90);
    let good = 0.06
        + 0.05 * (lr.log10() + 1.0).abs()
        + if augment == "cutmix" { 0.0 } else { 0.035 }
        + 0.8 / depth as f64
        + 0.01 * random.normal().abs();
    let turn = if augment == "none" { 0.25 } else { 0.02 };
    let loss = Course {
        from: 2.1,
        to: 0.05 + good,
        pace: 0.18,
        noise: 0.012,
        turn: 0.0,
    };
    let val_loss = Course {
        from: 2.15,
        to: 0.16 + good * 1.6,
        pace: 0.2,
        noise: 0.03,
        turn,
    };
    let error = Course {
        from: 0.88,
        to: good,
        pace: 0.17,
        noise: 0.012,
        turn: turn * 0.3,
    };
    let train_error = Course {
        from: 0.87,
        to: good * 0.35,
        pace: 0.16,
        noise: 0.008,
        turn: 0.0,
    };
    run.series
        .push(pace.series("train/loss", |_, done| loss.at(done, random).max(0.01)));
    run.series.push(pace.series("train/accuracy", |_, done| {
        (1.0 - train_error.at(done, random)).clamp(0.0, 1.0)
    }));
    run.series
        .push(pace.series("val/loss", |_, done| val_loss.at(done, random).max(0.02)));
    run.series.push(pace.series("val/accuracy", |_, done| {
        (1.0 - error.at(done, random)).clamp(0.0, 1.0)
    }));
    run.series.push(pace.series("val/top5_accuracy", |_, done| {
        (1.0 - 0.2 * error.at(done, random)).clamp(0.0, 1.0)
    }));
    let with_warmup = augment != "none";
    run.series.push(pace.series("lr", |_, done| {
        if with_warmup {
            warmup_cosine(lr, 0.06, done)
        } else {
            stairs(lr, done)
        }
    }));
    run.series.push(pace.series("grad_norm", |_, done| {
        1.2 + 6.0 * (-done * 8.0).exp() + 0.2 * random.normal().abs()
    }));
    run.series.push(pace.series("epoch_seconds", |_, _| {
        pace.step_ms as f64 / 1000.0 * (1.0 + 0.02 * random.normal())
    }));
}

fn resnet_ending(run: &mut RunPlan, i: i64, is_running: bool, random: &mut Random) {
    match i {
        7 => {
            // The learning rate was too high.
            for series in run
                .series
                .iter_mut()
                .filter(|series| series.key.contains("loss") || series.key == "grad_norm")
            {
                diverge(series, 23);
            }
            run.tag(
                "mlflow.note.content",
                "Diverged after epoch 22. The gradient overflowed first; see `grad_norm`.",
            );
            if let Some(norm) = run.series.iter_mut().find(|series| series.key == "grad_norm") {
                norm.points[22].value = f64::INFINITY;
            }
            run.cut(Ending::Failed, 0.45);
        }
        11 | 26 => {
            run.cut(Ending::Failed, random.between(0.1, 0.7))
                .file("error.log", texts::TRACEBACK);
        }
        18 => {
            run.cut(Ending::Killed, 0.6);
        }
        _ if is_running => {
            run.cut(Ending::Running, 0.5);
        }
        _ => {
            let is_registered = i % 8 == 6;
            run.model = Some(ModelPlan {
                name: "classifier",
                model_type: "classifier",
                flavor: Flavor::Pytorch,
                step: 89,
                is_registered,
            });
            if i % 9 == 0 {
                run.tag("mlflow.note.content", "Baseline for the others.\n\n- same seed\n- same split\n\n```sh\npython train.py --epochs 90\n```");
            }
        }
    }
}

fn resnet_files(run: &mut RunPlan, i: i64, random: &mut Random) {
    run.file("config.yaml", texts::config_yaml(run))
        .file("src/train.py", texts::TRAIN_PY);
    run.file("logs/train.log", texts::log_lines(run, random));
    run.file(
        "classes.json",
        json!({ "classes": CLASSES, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225] })
            .to_string(),
    );
    if run.ending == Ending::Failed {
        return;
    }
    let curve = |key: &str| -> Vec<f64> {
        let series = run.series.iter().find(|series| series.key == key);
        series
            .map(|series| series.points.iter().map(|point| point.value).collect())
            .unwrap_or_default()
    };
    let loss = [("TRAIN", curve("train/loss")), ("VAL", curve("val/loss"))];
    run.file("plots/loss.png", pictures::lines("LOSS", &loss).png());
    let right = run.last("val/accuracy").unwrap_or(0.8);
    let counts = confusion(right, random);
    run.file(
        "plots/confusion_matrix.png",
        pictures::confusion_matrix(&CLASSES, &counts).png(),
    );
    images::add(run, "samples", pictures::samples, random);
    // At the beginning an eighth is right by chance.
    let over_epochs = |done: f64, random: &mut Random| {
        let right_by_then = 0.125 + (right - 0.125) * done.sqrt();
        pictures::confusion_matrix(&CLASSES, &confusion(right_by_then, random))
    };
    images::add(run, "confusion_matrix", over_epochs, random);
    let rows: Vec<_> = CLASSES
        .iter()
        .zip(&counts)
        .map(|(class, row)| {
            let total: u32 = row.iter().sum();
            let hits = row[CLASSES.iter().position(|c| c == class).unwrap_or(0)];
            vec![
                json!(class),
                json!(total),
                json!(f64::from(hits) / f64::from(total.max(1))),
                json!(random.between(0.7, 0.99)),
            ]
        })
        .collect();
    run.file(
        "eval_results.json",
        texts::split_table(&["class", "images", "recall", "precision"], &rows),
    );
    texts::mark_table(run, "eval_results.json");
    if i % 4 == 2 {
        let points: Vec<_> = (0..160)
            .map(|k| {
                (
                    random.normal() + (k % 8) as f64 * 1.6,
                    random.normal() + (k % 3) as f64 * 2.2,
                    CLASSES[k % 8].to_owned(),
                )
            })
            .collect();
        run.file(
            "report.html",
            texts::plot_page(
                "Embedding of the validation set",
                "component 1",
                "component 2",
                &points,
            ),
        );
    }
}

/// How often each class was taken for which; some classes are easier than others.
fn confusion(right: f64, random: &mut Random) -> Vec<Vec<u32>> {
    let row = |class: usize, random: &mut Random| {
        let right = (right + (1.0 - right) * random.between(-0.8, 0.6)).clamp(0.02, 0.99);
        (0..CLASSES.len())
            .map(|other| {
                let share = if other == class {
                    right
                } else {
                    (1.0 - right) / 7.0 * random.between(0.2, 1.8)
                };
                (490.0 * share) as u32
            })
            .collect()
    };
    (0..CLASSES.len()).map(|class| row(class, random)).collect()
}
