//! `nlp/sentiment`.

use std::fmt::Write as _;

use serde_json::json;

use super::curves::{Course, Pace, warmup_cosine};
use super::model_files::Flavor;
use super::people::{made_up_name, sign};
use super::plan::{Dataset, Ending, ExperimentPlan, ModelPlan, RegisteredPlan, RunPlan};
use super::random::Random;
use super::{HOUR, MINUTE, machine, pictures, tags, texts};

const REVIEWS: Dataset = Dataset {
    name: "product-reviews",
    digest: "a7731c0d",
    source: "{\"path\": \"reviews/product-reviews-v4\"}",
    schema: "{\"mlflow_colspec\": [{\"type\": \"string\", \"name\": \"text\", \"required\": true}, {\"type\": \"long\", \"name\": \"label\", \"required\": true}]}",
    rows: 48_210,
    context: "training",
};

const SENTENCES: [(&str, &str); 6] = [
    ("The battery lasts two days, I am impressed.", "positive"),
    ("Broke after a week. Never again.", "negative"),
    ("It does what it says, nothing more.", "neutral"),
    ("Delivery was late, but the product is great!", "positive"),
    ("„Schön“, aber zu teuer – 3 Sterne.", "neutral"),
    ("Ordered, \"returned\", refunded.", "negative"),
];

/// Text classification: 36 runs logged per batch.
pub fn sentiment(seed: u64, now_ms: i64) -> ExperimentPlan {
    let mut random = Random::of_part(seed, "nlp/sentiment");
    ExperimentPlan {
        tags: tags(&[
            (
                "mlflow.note.content",
                "Sentiment of product reviews in five languages.\n\n1. fine-tune small encoders\n2. compare with a frozen large one\n3. distil",
            ),
            ("team", "language"),
        ]),
        runs: (0..36).map(|i| run(i, now_ms, &mut random)).collect(),
        registered: Some(RegisteredPlan {
            name: "sentiment",
            description: "Positive, neutral or negative, for reviews of products.",
            tags: &[("task", "text-classification")],
            aliases: &[("production", 1), ("candidate", 0)],
            stages: &[("Production", 1)],
        }),
    }
}

fn run(i: i64, now_ms: i64, random: &mut Random) -> RunPlan {
    let base = *random.pick(&[
        "distilbert-base",
        "xlm-roberta-base",
        "deberta-v3-small",
        "minilm-l6",
    ]);
    let lr = random.log_between(8e-6, 2e-4);
    let duration = random.whole(14 * MINUTE, 95 * MINUTE);
    let is_running = i == 35;
    let start = if is_running {
        now_ms - duration / 3
    } else {
        now_ms - (36 - i) * 11 * HOUR - random.whole(2 * HOUR, 5 * HOUR)
    };
    let mut run = RunPlan::new(made_up_name(random), start, duration);
    sign(&mut run, "language", "finetune.ipynb", random);
    run.tag("base", base)
        .tag("language", *random.pick(&["multi", "en", "de"]));
    run.param("base_model", base).param("learning_rate", format!("{lr:.2e}")).param("epochs", 3).param("max_length", *random.pick(&[128, 256, 512]))
        .param("batch_size", *random.pick(&[16, 32])).param("warmup_ratio", 0.1).param("fp16", random.chance(0.5)).param("seed", random.whole(1, 5))
        .param("prompt", "Decide whether the review is positive, neutral or negative. Answer with one word.\n\nReview: {text}");
    let off = (lr.log10() + 4.6).abs() * 0.04;
    let pace = Pace::new(start, duration, 400);
    let loss = Course {
        from: 1.12,
        to: 0.21 + off,
        pace: 0.16,
        noise: 0.06,
        turn: 0.0,
    };
    run.series
        .push(pace.series("train/loss", |_, done| loss.at(done, random).max(0.01)));
    run.series
        .push(pace.series("train/learning_rate", |_, done| warmup_cosine(lr, 0.1, done)));
    run.series.push(pace.series("train/grad_norm", |_, done| {
        0.8 + 4.0 * (-done * 5.0).exp() + 0.4 * random.normal().abs()
    }));
    run.series.push(pace.series("train/epoch", |_, done| done * 3.0));
    let evaluations = Pace::new(start, duration, 12);
    for (key, from, to) in [
        ("eval/loss", 1.05, 0.29 + off),
        ("eval/accuracy", 0.41, 0.94 - off),
        ("eval/f1_macro", 0.33, 0.92 - off),
    ] {
        let course = Course {
            from,
            to,
            pace: 0.2,
            noise: 0.02,
            turn: 0.03,
        };
        let mut series = evaluations.series(key, |_, done| course.at(done, random));
        // Evaluated each 33 steps of the training.
        series
            .points
            .iter_mut()
            .for_each(|point| point.step = point.step * 33 + 33);
        run.series.push(series);
    }
    match i {
        4 | 21 => {
            run.cut(Ending::Failed, random.between(0.05, 0.5))
                .file("error.log", texts::TRACEBACK);
        }
        13 => {
            run.cut(Ending::Killed, 0.4);
        }
        _ if is_running => {
            run.cut(Ending::Running, 0.33);
        }
        _ => {
            run.model = Some(ModelPlan {
                name: "sentiment",
                model_type: "transformer",
                flavor: Flavor::Transformers,
                step: 399,
                is_registered: i % 9 == 5,
            });
        }
    }
    files(&mut run, random);
    machine::watch(&mut run, 1, random);
    run.datasets = vec![REVIEWS];
    run
}

fn files(run: &mut RunPlan, random: &mut Random) {
    let mut csv = "id,text,label,predicted,score\n".to_owned();
    let mut rows = Vec::new();
    for id in 0..240 {
        let (text, label) = *random.pick(&SENTENCES);
        let predicted = if random.chance(0.9) {
            label
        } else {
            random.pick(&SENTENCES).1
        };
        let score = random.between(0.4, 0.999);
        let _ = writeln!(
            csv,
            "{id},\"{}\",{label},{predicted},{score:.4}",
            text.replace('"', "\"\"")
        );
        if id < 60 {
            rows.push(vec![
                json!(text),
                json!(label),
                json!(predicted),
                json!(score),
                json!(label == predicted),
            ]);
        }
    }
    run.file("predictions.csv", csv);
    run.file(
        "eval_results.json",
        texts::split_table(&["text", "label", "predicted", "score", "correct"], &rows),
    );
    texts::mark_table(run, "eval_results.json");
    let label_names = ["negative", "neutral", "positive"];
    let counts = vec![vec![412, 40, 11], vec![35, 380, 51], vec![8, 37, 455]];
    run.file(
        "plots/confusion_matrix.png",
        pictures::confusion_matrix(&label_names, &counts).png(),
    );
    run.file("logs/trainer.log", texts::log_lines(run, random));
    run.file("trainer_state.json", json!({ "best_metric": run.last("eval/f1_macro"), "global_step": 400, "is_hyper_param_search": false, "log_history": [] }).to_string());
    run.file("notes.md", format!("# {}\n\n> Errors are mostly *neutral* reviews with a complaint.\n\n| label | f1 |\n|---|---|\n| negative | 0.90 |\n| neutral | 0.83 |\n| positive | 0.94 |\n", run.name));
}
