//! Artifacts that are text: tables, settings, logs, programs, an interactive page.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::plan::RunPlan;
use super::random::Random;

/// A table as `mlflow.log_table` stores it.
pub fn split_table(columns: &[&str], rows: &[Vec<Value>]) -> String {
    json!({ "columns": columns, "data": rows }).to_string()
}

/// Marks the file as a table, as `mlflow.log_table` does.
pub fn mark_table(run: &mut RunPlan, path: &str) {
    run.tag(
        "mlflow.loggedArtifacts",
        json!([{ "path": path, "type": "table" }]),
    );
}

/// The path `mlflow.log_image` gives a picture of a step. Slashes of the key become `~`.
pub fn image_path(key: &str, step: i64, timestamp_ms: i64, random: &mut Random) -> String {
    let id = [8, 4, 4, 4, 12].map(|digits| random.hex(digits)).join("-");
    let key = key.replace('/', "~");
    format!("images/{key}+step+{step}+timestamp+{timestamp_ms}+{id}.png")
}

/// The params as a YAML file.
pub fn config_yaml(run: &RunPlan) -> String {
    let mut text = format!("# {}\nseed: 42\nparams:\n", run.name);
    for (key, value) in &run.params {
        let _ = writeln!(text, "  {key}: {value}");
    }
    text + "checkpoint:\n  every: 5\n  keep: 3\nlogging:\n  level: info\n  system_metrics: true\n"
}

/// What a program wrote while it ran.
pub fn log_lines(run: &RunPlan, random: &mut Random) -> String {
    let mut text = format!("INFO  starting {} with {} params\n", run.name, run.params.len());
    let Some(loss) = run.series.iter().find(|series| series.key.contains("loss")) else {
        return text;
    };
    for point in &loss.points {
        let seconds = (point.timestamp_ms - run.start_ms) / 1000;
        let speed = random.between(880.0, 1120.0);
        let _ = writeln!(
            text,
            "INFO  [{:>6}s] step {:>4}  {}={:.5}  {speed:.0} samples/s",
            seconds, point.step, loss.key, point.value
        );
        if random.chance(0.03) {
            let _ = writeln!(
                text,
                "WARN  data loader waited {:.1} s for a worker",
                random.between(1.0, 8.0)
            );
        }
    }
    text
}

/// The end of a program that failed.
pub const TRACEBACK: &str = "\
Traceback (most recent call last):
  File \"train.py\", line 214, in <module>
    main()
  File \"train.py\", line 187, in main
    loss = step(model, batch, optimizer)
  File \"train.py\", line 96, in step
    loss.backward()
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.34 GiB. GPU 0 has a total capacity of
39.39 GiB of which 1.12 GiB is free. Of the allocated memory 36.80 GiB is allocated by PyTorch.
";

/// A program of a training.
pub const TRAIN_PY: &str = "\
import argparse

import mlflow
import torch
from torch import nn


def train(model: nn.Module, loader, optimizer, epoch: int) -> float:
    \"\"\"One pass over the data; returns the mean loss.\"\"\"
    model.train()
    total = 0.0
    for batch, (x, y) in enumerate(loader):
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument(\"--lr\", type=float, default=0.1)
    parser.add_argument(\"--epochs\", type=int, default=90)
    args = parser.parse_args()
    with mlflow.start_run(log_system_metrics=True):
        mlflow.log_params(vars(args))
        for epoch in range(args.epochs):
            mlflow.log_metric(\"train/loss\", train(model, loader, optimizer, epoch), step=epoch)


if __name__ == \"__main__\":
    main()
";

/// A page with a plot that answers to the pointer, with its script inside and nothing from elsewhere.
pub fn plot_page(title: &str, x_name: &str, y_name: &str, points: &[(f64, f64, String)]) -> String {
    let data: Value = points.iter().map(|(x, y, name)| json!([x, y, name])).collect();
    PLOT_PAGE
        .replace("{title}", title)
        .replace("{x}", x_name)
        .replace("{y}", y_name)
        .replace("{data}", &data.to_string())
}

const PLOT_PAGE: &str = r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body { font: 14px system-ui, sans-serif; margin: 16px; color: #26303c; background: #fff }
svg { width: 100%; max-width: 760px; border: 1px solid #dde1e7; border-radius: 6px }
circle { fill: #1f77b4; fill-opacity: .7; cursor: pointer }
circle:hover { fill: #d66014; fill-opacity: 1 }
#said { min-height: 1.4em; color: #57606c }
</style>
</head>
<body>
<h2>{title}</h2>
<p><label>Size of the dots <input id="size" type="range" min="2" max="14" value="6"></label></p>
<svg id="plot" viewBox="0 0 760 420"></svg>
<p id="said">Point at a dot.</p>
<script>
const data = {data};
const svg = document.getElementById("plot"), said = document.getElementById("said");
const span = i => [Math.min(...data.map(d => d[i])), Math.max(...data.map(d => d[i]))];
const [x0, x1] = span(0), [y0, y1] = span(1);
const add = (name, attributes, text) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text) node.textContent = text;
  return svg.appendChild(node);
};
add("text", { x: 380, y: 412, "text-anchor": "middle", "font-size": 13 }, "{x}");
add("text", { x: 14, y: 200, "text-anchor": "middle", "font-size": 13, transform: "rotate(-90 14 200)" }, "{y}");
for (const [x, y, name] of data) {
  const dot = add("circle", {
    cx: 50 + 690 * (x - x0) / (x1 - x0 || 1), cy: 385 - 360 * (y - y0) / (y1 - y0 || 1), r: 6 });
  dot.addEventListener("mouseenter", () => { said.textContent = `${name}: {x} ${x.toPrecision(4)}, {y} ${y.toPrecision(4)}`; });
}
document.getElementById("size").addEventListener("input", event => {
  for (const dot of svg.querySelectorAll("circle")) dot.setAttribute("r", event.target.value);
});
</script>
</body>
</html>
"##;
