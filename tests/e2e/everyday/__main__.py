#!/usr/bin/env python3
"""What people do with the MLflow client on an ordinary day, with every answer checked. The same steps for every client.

    MLFLOW_TRACKING_URI=http://127.0.0.1:5000 python tests/e2e/everyday [STEP…]

Prints `ok STEP`, `skipped STEP: what this client lacks` or `FAILED STEP` with the reason, for each step; the steps do not
depend on each other. The exit code is 1 if one failed. The test beside this folder knows which client may skip what.
"""

import os
import sys
import time
import traceback
import warnings
from pathlib import Path

# Not this folder: its modules have names that others look for.
sys.path[0] = str(Path(__file__).resolve().parent.parent)
warnings.filterwarnings("ignore")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

if not os.environ.get("MLFLOW_TRACKING_URI", "").startswith("http"):
    sys.exit("error: MLFLOW_TRACKING_URI does not name a server")

import mlflow

from everyday import artifacts, command_line, experiments, inputs, models, prompts, registry, runs, searches
from everyday.common import Lacks

STEPS = [
    experiments.experiments,
    experiments.lists_of_1x,
    runs.nested_runs,
    runs.values,
    runs.statuses,
    runs.batches,
    runs.long_history,
    runs.asynchronous,
    runs.system_metrics,
    searches.search,
    artifacts.artifacts,
    artifacts.tables,
    artifacts.image_steps,
    inputs.inputs,
    models.autologging,
    models.logged_models,
    models.sklearn_model,
    models.registered_model,
    registry.registered_models,
    registry.model_versions,
    registry.stages,
    registry.aliases,
    registry.copies,
    registry.search_models,
    registry.search_versions,
    prompts.prompts,
    command_line.experiment_commands,
    command_line.run_commands,
    command_line.artifact_commands,
    command_line.model_commands,
    command_line.program,
]


def main():
    print("client", mlflow.__version__)
    wanted = sys.argv[1:] or [step.__name__ for step in STEPS]
    failures = {}
    for step in STEPS:
        name = step.__name__
        if name not in wanted:
            continue
        started = time.monotonic()
        try:
            step()
            said = f"ok {name}"
        except Lacks as missing:
            said = f"skipped {name}: this client has no {missing}"
        except Exception:
            said = f"FAILED {name}"
            failures[name] = traceback.format_exc()
        print(said, f"({time.monotonic() - started:.1f} s)", flush=True)
    for name, text in failures.items():
        print(f"== FAILED {name}\n{text[-3000:]}")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
