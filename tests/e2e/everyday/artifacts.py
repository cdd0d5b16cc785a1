"""Files of a run: everything that is logged as one, listed, downloaded, read back."""

import json
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import mlflow
import numpy as np
import pandas as pd
from PIL import Image

from everyday.common import Lacks, client, needs, unique


def artifacts():
    mlflow.set_experiment(f"artifacts {unique}")
    pixels = np.arange(12 * 16 * 3, dtype=np.uint8).reshape(12, 16, 3)
    with tempfile.TemporaryDirectory() as name, mlflow.start_run() as run:
        folder = Path(name)
        (folder / "tree" / "deep er").mkdir(parents=True)
        (folder / "tree" / "one.bin").write_bytes(bytes(range(256)) * 5000)
        (folder / "tree" / "deep er" / "zwei ü.txt").write_text("zwei")
        (folder / "tree" / "empty").write_text("")
        (folder / "single.txt").write_text("single")
        mlflow.log_text("hello\nworld", "text/hello.txt")
        mlflow.log_dict({"a": [1, 2, {"b": None}]}, "config.json")
        mlflow.log_dict({"a": "ü"}, "config.yaml")
        mlflow.log_image(pixels, "images/array.png")
        mlflow.log_image(Image.fromarray(pixels), "images/pil.png")
        figure, axes = plt.subplots(figsize=(2, 2))
        axes.plot([1, 2, 3])
        mlflow.log_figure(figure, "figure.png")
        plt.close(figure)
        mlflow.log_artifact(str(folder / "single.txt"))
        mlflow.log_artifact(str(folder / "single.txt"), "copies")
        mlflow.log_artifacts(str(folder / "tree"), "tree")
        run_id = run.info.run_id

        listed = {item.path: (item.is_dir, item.file_size) for item in client.list_artifacts(run_id)}
        assert set(listed) == {
            "text",
            "config.json",
            "config.yaml",
            "images",
            "figure.png",
            "single.txt",
            "copies",
            "tree",
        }
        assert listed["tree"] == (True, None) and listed["single.txt"] == (False, 6), listed
        assert sorted(item.path for item in client.list_artifacts(run_id, "tree")) == [
            "tree/deep er",
            "tree/empty",
            "tree/one.bin",
        ]
        assert client.list_artifacts(run_id, "nothing") == []

        target = folder / "down"
        target.mkdir()
        mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="", dst_path=str(target))
        for file in ["one.bin", "deep er/zwei ü.txt", "empty"]:
            assert (target / "tree" / file).read_bytes() == (folder / "tree" / file).read_bytes(), file
        assert (target / "copies" / "single.txt").read_text() == "single"
        assert json.loads((target / "config.json").read_text()) == {"a": [1, 2, {"b": None}]}
        assert np.array_equal(np.array(Image.open(target / "images" / "array.png")), pixels)
        assert Image.open(target / "figure.png").size[0] > 50
        one = client.download_artifacts(run_id, "tree/one.bin", str(folder))
        assert Path(one).read_bytes() == (folder / "tree" / "one.bin").read_bytes()
        assert mlflow.artifacts.load_text(f"runs:/{run_id}/text/hello.txt") == "hello\nworld"
        assert mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/config.json") == {"a": [1, 2, {"b": None}]}
        try:
            mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="nothing.txt", dst_path=str(folder))
        except Exception:
            pass
        else:
            raise AssertionError("a missing artifact was downloaded")


def tables():
    needs(mlflow, "log_table", "load_table")
    mlflow.set_experiment(f"tables {unique}")
    table = {"inputs": ["a", "ü"], "outputs": [1, 2]}
    with mlflow.start_run() as run:
        mlflow.log_table(table, "table.json")
        mlflow.log_table(pd.DataFrame(table), "table.json")
    loaded = mlflow.load_table("table.json", run_ids=[run.info.run_id])
    assert list(loaded["inputs"]) == ["a", "ü", "a", "ü"] and list(loaded["outputs"]) == [1, 2, 1, 2]


def image_steps():
    """log_image with a key and a step writes several files under images/."""
    mlflow.set_experiment(f"image steps {unique}")
    if "key" not in mlflow.log_image.__code__.co_varnames:
        raise Lacks("log_image(key=)")
    with mlflow.start_run() as run:
        for step in range(3):
            mlflow.log_image(np.zeros((4, 4), dtype=np.uint8), key="dog", step=step)
        # They are uploaded in the background, and the end of the run does not wait for it.
        mlflow.flush_artifact_async_logging()
    names = [item.path for item in client.list_artifacts(run.info.run_id, "images")]
    assert len([name for name in names if name.startswith("images/dog")]) >= 3, names
