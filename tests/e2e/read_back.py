#!/usr/bin/env python3
"""Prints as JSON what a client reads from a server: experiments, runs with their metrics, histories and inputs, models.

Run by test_upgrade.py under each client, against Oxflow and against MLflow: they must print the same.
"""

import json
import sys
import warnings

warnings.filterwarnings("ignore")

from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient

client = MlflowClient()


def plain(value):
    """An entity as dictionaries and lists; lists without an order are sorted."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return sorted((plain(item) for item in value), key=repr)
    if isinstance(value, (str, int, float, bool, type(None))):
        # NaN is not equal to itself.
        return "NaN" if value != value else value
    if hasattr(value, "__iter__"):
        return plain(dict(value))
    return str(value)


def main():
    experiments = client.search_experiments(ViewType.ALL)
    seen = {"experiments": plain([dict(item) for item in experiments]), "runs": {}, "models": []}
    ids = [item.experiment_id for item in experiments]
    for run in client.search_runs(ids, run_view_type=ViewType.ALL):
        read = client.get_run(run.info.run_id)
        histories = {
            key: plain([dict(point) for point in client.get_metric_history(run.info.run_id, key)])
            for key in read.data.metrics
        }
        inputs = [
            (plain(dict(item.dataset)), plain({tag.key: tag.value for tag in item.tags}))
            for item in (read.inputs.dataset_inputs if read.inputs else [])
        ]
        seen["runs"][run.info.run_id] = {
            "info": plain(dict(read.info)),
            "metrics": plain(read.data.metrics),
            "params": plain(read.data.params),
            "tags": plain(read.data.tags),
            "found": plain(run.data.params) == plain(read.data.params),
            "histories": histories,
            "inputs": sorted(inputs, key=repr),
        }
    for text in ["tags.even = 'True'", "metrics.loss > 5", "params.lr = '0.3'", "attributes.status = 'KILLED'"]:
        found = client.search_runs(ids, text, order_by=["metrics.loss DESC", "start_time"])
        seen[text] = [run.info.run_id for run in found]
    if hasattr(client, "search_logged_models"):
        seen["models"] = plain([model.to_dictionary() for model in client.search_logged_models(ids)])
    json.dump(seen, sys.stdout, sort_keys=True)


if __name__ == "__main__":
    main()
