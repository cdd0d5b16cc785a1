//! `sweeps/optuna-lr`: parents with children, and one with grandchildren.

use serde_json::json;

use super::curves::{Course, Pace, warmup_cosine};
use super::people::{made_up_name, sign};
use super::plan::{Ending, ExperimentPlan, RunPlan};
use super::random::Random;
use super::{HOUR, MINUTE, tags, texts};

/// Two studies of 20 trials, and one of 3 folds with 4 trials each.
pub fn optuna(seed: u64, now_ms: i64) -> ExperimentPlan {
    let mut random = Random::of_part(seed, "sweeps/optuna-lr");
    let mut runs = Vec::new();
    for (i, sampler) in ["tpe", "cma-es"].into_iter().enumerate() {
        let start = now_ms - (9 - i as i64 * 5) * 24 * HOUR;
        runs.push(study(
            &format!("study-{sampler}"),
            sampler,
            start,
            20,
            &mut random,
        ));
    }
    runs.push(nested(now_ms - 30 * HOUR, &mut random));
    ExperimentPlan {
        tags: tags(&[
            (
                "mlflow.note.content",
                "Learning rate, dropout and width of the ranking model. Each study is a run, each trial a child.",
            ),
            ("team", "ranking"),
        ]),
        runs,
        registered: None,
    }
}

fn study(name: &str, sampler: &str, start_ms: i64, trials: i64, random: &mut Random) -> RunPlan {
    let children: Vec<RunPlan> = (0..trials)
        .map(|i| trial(i, start_ms + 2 * MINUTE + i * 22 * MINUTE, random))
        .collect();
    let mut run = RunPlan::new(name, start_ms, trials * 22 * MINUTE + 5 * MINUTE);
    sign(&mut run, "ranking", "sweep.py", random);
    run.tag("optuna.sampler", sampler);
    run.param("n_trials", trials)
        .param("sampler", sampler)
        .param("direction", "minimize")
        .param("pruner", "median");
    let best = children
        .iter()
        .filter_map(|child| Some((child.last("val/loss")?, child)))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((loss, child)) = best {
        run.metric("best_val_loss", loss);
        run.tag("best_trial", &child.name);
        let params: serde_json::Map<String, serde_json::Value> =
            child.params.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        run.file("best_params.json", json!(params).to_string());
    }
    let points: Vec<_> = children
        .iter()
        .filter_map(|child| {
            let lr: f64 = child.params.iter().find(|(key, _)| key == "lr")?.1.parse().ok()?;
            Some((lr.log10(), child.last("val/loss")?, child.name.clone()))
        })
        .collect();
    run.file(
        "slice_plot.html",
        texts::plot_page("Trials", "log10 lr", "val/loss", &points),
    );
    run.children = children;
    run
}

fn trial(i: i64, start_ms: i64, random: &mut Random) -> RunPlan {
    let (lr, dropout) = (random.log_between(1e-5, 1e-1), random.between(0.0, 0.6));
    let width = *random.pick(&[64_i64, 128, 256, 512]);
    let mut run = RunPlan::new(
        format!("trial-{i:02}"),
        start_ms,
        random.whole(6 * MINUTE, 21 * MINUTE),
    );
    sign(&mut run, "ranking", "sweep.py", random);
    run.tag("optuna.trial", i);
    run.param("lr", format!("{lr:.3e}"))
        .param("dropout", format!("{dropout:.3}"))
        .param("width", width)
        .param("layers", random.whole(2, 6))
        .param("activation", *random.pick(&["relu", "gelu", "silu"]));
    let off = (lr.log10() + 3.1).powi(2) * 0.06 + (dropout - 0.25).powi(2) * 0.5 + 8.0 / width as f64;
    let pace = Pace::new(start_ms, run.duration_ms, 50);
    let course = Course {
        from: 1.4,
        to: 0.3 + off,
        pace: 0.2,
        noise: 0.015,
        turn: 0.02,
    };
    run.series
        .push(pace.series("train/loss", |_, done| course.at(done, random) - 0.03));
    run.series
        .push(pace.series("val/loss", |_, done| course.at(done, random)));
    run.series
        .push(pace.series("lr", |_, done| warmup_cosine(lr, 0.1, done)));
    run.metric("ndcg_at_10", (0.61 - off * 0.3).max(0.05));
    if random.chance(0.12) {
        run.tag("optuna.pruned", true);
        run.cut(Ending::Killed, random.between(0.2, 0.5));
    }
    run
}

fn nested(start_ms: i64, random: &mut Random) -> RunPlan {
    let mut run = RunPlan::new("cross-validation", start_ms, 7 * HOUR);
    sign(&mut run, "ranking", "cross_validate.py", random);
    run.param("folds", 3);
    for fold in 0..3 {
        let mut child = study(
            &format!("fold-{fold}"),
            "random",
            start_ms + fold * 2 * HOUR,
            4,
            random,
        );
        child.param("fold", fold);
        run.children.push(child);
    }
    let best = run
        .children
        .iter()
        .filter_map(|child| child.last("best_val_loss"))
        .fold(f64::MAX, f64::min);
    run.metric("best_val_loss", best);
    run.tag(
        "mlflow.note.content",
        format!(
            "Three folds; see the children. Started by **{}**.",
            made_up_name(random)
        ),
    );
    run
}
