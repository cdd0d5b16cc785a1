//! `tabular/churn`: short runs on a processor, with tables and plots.

use std::fmt::Write as _;

use serde_json::json;

use super::curves::{Course, Pace};
use super::model_files::Flavor;
use super::people::{made_up_name, sign};
use super::plan::{Dataset, Ending, ExperimentPlan, ModelPlan, RegisteredPlan, RunPlan};
use super::random::Random;
use super::{HOUR, MINUTE, machine, pictures, tags, texts};

const CUSTOMERS: Dataset = Dataset {
    name: "customers-2026q3",
    digest: "5d2c8f11",
    source: "{\"uri\": \"postgresql://warehouse/crm.customers\"}",
    schema: "{\"mlflow_colspec\": [{\"type\": \"long\", \"name\": \"tenure_months\", \"required\": true}, {\"type\": \"double\", \"name\": \"monthly_charges\", \"required\": true}, {\"type\": \"string\", \"name\": \"contract\", \"required\": true}, {\"type\": \"boolean\", \"name\": \"churned\", \"required\": true}]}",
    rows: 7043,
    context: "training",
};

const FEATURES: [&str; 9] = [
    "contract",
    "tenure_months",
    "monthly_charges",
    "support_calls",
    "paperless",
    "payment_method",
    "total_charges",
    "region",
    "age",
];

/// Churn: 40 runs of gradient boosting, forests and regressions.
pub fn churn(seed: u64, now_ms: i64) -> ExperimentPlan {
    let mut random = Random::of_part(seed, "tabular/churn");
    ExperimentPlan {
        tags: tags(&[
            (
                "mlflow.note.content",
                "Who leaves within 90 days? Judged by **average precision**, as only 14 % do.",
            ),
            ("team", "growth"),
        ]),
        runs: (0..40).map(|i| churn_run(i, now_ms, &mut random)).collect(),
        registered: Some(RegisteredPlan {
            name: "churn",
            description: "Probability that a customer leaves within 90 days.",
            tags: &[("task", "binary-classification"), ("pii", "yes")],
            aliases: &[("champion", 2)],
            stages: &[("Production", 2), ("Staging", 1), ("Archived", 4)],
        }),
    }
}

fn churn_run(i: i64, now_ms: i64, random: &mut Random) -> RunPlan {
    let model = *random.pick(&["xgboost", "lightgbm", "random_forest", "logistic_regression"]);
    let rounds = random.whole(80, 300);
    let depth = random.whole(3, 12);
    let duration = random.whole(40_000, 9 * MINUTE);
    let start = now_ms - (40 - i) * 9 * HOUR - random.whole(HOUR, 5 * HOUR);
    let mut run = RunPlan::new(
        if i % 3 == 0 {
            format!("{model}-d{depth}")
        } else {
            made_up_name(random)
        },
        start,
        duration,
    );
    sign(&mut run, "growth", "churn.py", random);
    run.tag("model_family", model).tag("estimator_name", model);
    run.param("model", model)
        .param("max_depth", depth)
        .param("n_estimators", rounds)
        .param("subsample", format!("{:.2}", random.between(0.5, 1.0)))
        .param("learning_rate", format!("{:.4}", random.log_between(0.01, 0.3)))
        .param("class_weight", *random.pick(&["balanced", "None"]))
        .param("features", FEATURES.join(","))
        .param("cv_folds", 5);
    let skill = match model {
        "xgboost" => 0.79,
        "lightgbm" => 0.785,
        "random_forest" => 0.75,
        _ => 0.71,
    } + 0.015 * random.normal()
        - (depth - 6).abs() as f64 * 0.004;
    if model != "logistic_regression" {
        let pace = Pace::new(start, duration, rounds);
        let train = Course {
            from: 0.69,
            to: 0.2 - depth as f64 * 0.006,
            pace: 0.3,
            noise: 0.001,
            turn: 0.0,
        };
        let valid = Course {
            from: 0.69,
            to: 0.36 - skill * 0.1,
            pace: 0.22,
            noise: 0.003,
            turn: depth as f64 * 0.03,
        };
        run.series
            .push(pace.series("train-logloss", |_, done| train.at(done, random)));
        run.series
            .push(pace.series("valid-logloss", |_, done| valid.at(done, random)));
    }
    run.metric("average_precision", skill)
        .metric("roc_auc", 0.5 + skill * 0.48)
        .metric("accuracy", 0.82 + skill * 0.1)
        .metric("f1", skill - 0.06)
        .metric("precision", skill + 0.03)
        .metric("recall", skill - 0.12)
        .metric("brier", 0.2 - skill * 0.12);
    for fold in 0..5 {
        run.metric(
            &format!("cv/fold_{fold}/average_precision"),
            skill + 0.02 * random.normal(),
        );
    }
    if i == 17 {
        run.cut(Ending::Failed, 0.3).file(
            "error.log",
            "ValueError: Input X contains NaN. LogisticRegression does not accept missing values.\n",
        );
    } else {
        run.model = Some(ModelPlan {
            name: "churn",
            model_type: "sklearn",
            flavor: Flavor::Sklearn,
            step: 0,
            is_registered: i % 7 == 3,
        });
    }
    churn_files(&mut run, skill, random);
    machine::watch(&mut run, 0, random);
    run.datasets = vec![
        CUSTOMERS,
        Dataset {
            name: "customers-2026q3-holdout",
            digest: "77aa0c3e",
            rows: 1409,
            context: "evaluation",
            ..CUSTOMERS
        },
    ];
    run
}

fn churn_files(run: &mut RunPlan, skill: f64, random: &mut Random) {
    let mut importance: Vec<(String, f64)> = FEATURES
        .iter()
        .enumerate()
        .map(|(at, name)| ((*name).to_owned(), 0.3 / (at as f64 + 1.0) + 0.02 * random.unit()))
        .collect();
    importance.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut csv = "feature,importance\n".to_owned();
    for (name, value) in &importance {
        let _ = writeln!(csv, "{name},{value:.6}");
    }
    run.file("feature_importance.csv", csv).file(
        "plots/feature_importance.png",
        pictures::bars("FEATURE IMPORTANCE", &importance).png(),
    );
    let curve: Vec<f64> = (0..80).map(|k| (f64::from(k) / 79.0).powf(1.0 - skill)).collect();
    run.file(
        "plots/roc_curve.png",
        pictures::lines(
            "ROC",
            &[
                ("MODEL", curve),
                ("CHANCE", (0..80).map(|k| f64::from(k) / 79.0).collect()),
            ],
        )
        .png(),
    );
    let rows: Vec<_> = (0..50)
        .map(|id| {
            let score = random.unit();
            vec![
                json!(id),
                json!(random.whole(1, 72)),
                json!((random.between(18.0, 120.0) * 100.0).round() / 100.0),
                json!(*random.pick(&["month-to-month", "one-year", "two-year"])),
                json!(random.chance(score)),
                json!(score),
            ]
        })
        .collect();
    run.file(
        "eval_results.json",
        texts::split_table(
            &[
                "customer",
                "tenure_months",
                "monthly_charges",
                "contract",
                "churned",
                "score",
            ],
            &rows,
        ),
    );
    texts::mark_table(run, "eval_results.json");
    run.file("model_card.md", format!("# {}\n\nAverage precision **{skill:.3}** on the holdout.\n\n## Limits\n\nNot for customers younger than 18 or contracts outside the EU.\n", run.name));
    run.file("pipeline.json", json!({ "steps": [{ "name": "impute", "strategy": "median" }, { "name": "one_hot", "columns": ["contract", "region"] }, { "name": "model" }], "version": 3 }).to_string());
}
