"""Datasets as inputs of runs."""

import json

import mlflow
import numpy as np
import pandas as pd

from everyday.common import client, needs, unique


def inputs():
    needs(mlflow, "log_input")
    mlflow.set_experiment(f"inputs {unique}")
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [0, 1]})
    with mlflow.start_run() as run:
        first = mlflow.data.from_pandas(frame, source="http://example.org/x.csv", name="frame", targets="y")
        second = mlflow.data.from_numpy(np.arange(6), name="numbers")
        mlflow.log_input(first, context="training", tags={"split": "a"})
        mlflow.log_input(second)
    read = {item.dataset.name: item for item in client.get_run(run.info.run_id).inputs.dataset_inputs}
    assert set(read) == {"frame", "numbers"}
    assert read["frame"].dataset.digest == first.digest and read["frame"].dataset.source_type == "http"
    assert json.loads(read["frame"].dataset.profile) == {"num_rows": 2, "num_elements": 4}
    tags = {tag.key: tag.value for tag in read["frame"].tags}
    assert tags == {"mlflow.data.context": "training", "split": "a"}
    found = mlflow.search_runs(
        filter_string="dataset.name = 'frame' AND dataset.context = 'training'", output_format="list"
    )
    assert [item.info.run_id for item in found] == [run.info.run_id]
    found = mlflow.search_runs(filter_string=f"datasets.digest = '{second.digest}'", output_format="list")
    assert [item.info.run_id for item in found] == [run.info.run_id]
