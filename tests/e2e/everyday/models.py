"""Models: logged by hand and by autologging, loaded again, and the logged models of 3.x with what they carry."""

import json
import tempfile
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd

from everyday.common import client, needs, refused, unique, walk


def autologging():
    from sklearn.linear_model import LinearRegression

    mlflow.set_experiment(f"autolog {unique}")
    mlflow.sklearn.autolog(silent=True)
    try:
        x = pd.DataFrame({"a": range(10), "b": range(0, 20, 2)})
        with mlflow.start_run() as run:
            model = LinearRegression().fit(x, x["a"] * 2.0)
    finally:
        mlflow.sklearn.autolog(disable=True, silent=True)
    read = client.get_run(run.info.run_id)
    assert read.data.params["fit_intercept"] == "True" and read.data.tags["estimator_name"] == "LinearRegression"
    assert read.data.metrics["training_r2_score"] > 0.99
    if hasattr(read, "inputs"):
        assert [item.dataset.name for item in read.inputs.dataset_inputs] == ["dataset"]
    loaded = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    assert np.allclose(loaded.predict(x), model.predict(x))
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    assert np.allclose(loaded.predict(x), model.predict(x))


def logged_models():
    needs(client, "create_logged_model")
    from mlflow.entities import LoggedModelInput, LoggedModelOutput, LoggedModelStatus

    experiment = mlflow.set_experiment(f"models {unique}").experiment_id
    with mlflow.start_run() as run:
        made = []
        for number in range(5):
            model = client.create_logged_model(
                experiment,
                name=f"m{number}",
                source_run_id=run.info.run_id,
                tags={"parity": str(number % 2)},
                params={"n": str(number)},
                model_type="toy",
            )
            assert model.status == LoggedModelStatus.PENDING
            made.append(model.model_id)
        external = mlflow.initialize_logged_model(name="external", params={"a": "b"})
        mlflow.log_model_params({"late": "1"}, model_id=external.model_id)
        mlflow.finalize_logged_model(external.model_id, LoggedModelStatus.READY)
        mlflow.log_outputs([LoggedModelOutput(made[0], 1), LoggedModelOutput(made[1], 2)])
        dataset = mlflow.data.from_numpy(np.arange(4), name="d")
        mlflow.log_input(dataset, model=LoggedModelInput(made[2]))
        for number, model_id in enumerate(made):
            mlflow.log_metric("acc", number / 10, step=1, model_id=model_id)
            mlflow.log_metric("acc", number / 5, step=2, model_id=model_id, dataset=dataset)
    read = client.get_logged_model(external.model_id)
    assert read.status == LoggedModelStatus.READY and read.params == {"a": "b", "late": "1"}
    outputs = client.get_run(run.info.run_id).outputs.model_outputs
    assert sorted((item.model_id, item.step) for item in outputs) == sorted([(made[0], 1), (made[1], 2)])
    # Logging a metric of a model with a dataset makes the model an input too.
    assert {item.model_id for item in client.get_run(run.info.run_id).inputs.model_inputs} == set(made)
    client.finalize_logged_model(made[0], LoggedModelStatus.READY)
    client.finalize_logged_model(made[1], "FAILED")
    client.set_logged_model_tags(made[0], {"parity": "zero", "new": "x"})
    client.delete_logged_model_tag(made[0], "new")
    model = client.get_logged_model(made[0])
    assert model.tags["parity"] == "zero" and "new" not in model.tags and model.params == {"n": "0"}
    assert sorted((m.key, m.value, m.step) for m in model.metrics) == [("acc", 0.0, 1), ("acc", 0.0, 2)]
    assert {m.dataset_name for m in model.metrics} == {None, "d"}
    find = lambda text, order=None, **rest: [
        model.name
        for model in client.search_logged_models(
            [experiment], filter_string=text, order_by=order or [{"field_name": "name"}], **rest
        )
    ]
    assert find("tags.parity = '1'") == ["m1", "m3"]
    assert find("params.n = '2' AND model_type = 'toy'") == ["m2"]
    assert find("metrics.acc >= 0.6") == ["m3", "m4"]
    assert find("name LIKE 'm%'", [{"field_name": "metrics.acc", "ascending": False}]) == ["m4", "m3", "m2", "m1", "m0"]
    assert find("metrics.acc > 0.3", datasets=[{"dataset_name": "d", "dataset_digest": dataset.digest}]) == [
        "m2",
        "m3",
        "m4",
    ]
    by_name = [{"field_name": "name"}]
    pages = walk(lambda **rest: client.search_logged_models([experiment], max_results=4, order_by=by_name, **rest))
    walked = [model.name for page in pages for model in page]
    assert walked == ["external", "m0", "m1", "m2", "m3", "m4"], walked
    client.delete_logged_model(made[4])
    assert find("name = 'm4'") == []
    refused("RESOURCE_DOES_NOT_EXIST", client.get_logged_model, made[4])
    refused("INVALID_PARAMETER_VALUE", client.create_logged_model, experiment, name="a/b")


def sklearn_model():
    """A model logged and loaded by every kind of address this client knows."""
    from sklearn.linear_model import LinearRegression

    mlflow.set_experiment(f"sklearn {unique}")
    x = np.arange(10.0).reshape(-1, 1)
    model = LinearRegression().fit(x, x[:, 0] * 3)
    with mlflow.start_run() as run:
        signature = mlflow.models.infer_signature(x, model.predict(x))
        info = mlflow.sklearn.log_model(
            model, artifact_path="model", signature=signature, pip_requirements=["scikit-learn"]
        )
    addresses = [f"runs:/{run.info.run_id}/model", info.model_uri]
    if getattr(info, "model_id", None):
        addresses.append(f"models:/{info.model_id}")
        logged = mlflow.get_logged_model(info.model_id)
        assert logged.status.name == "READY" and logged.source_run_id == run.info.run_id
        files = [item.path for item in client.list_logged_model_artifacts(info.model_id)]
        assert "MLmodel" in files, files
    else:
        history = json.loads(client.get_run(run.info.run_id).data.tags["mlflow.log-model.history"])
        assert [item["artifact_path"] for item in history] == ["model"]
    for address in addresses:
        assert np.allclose(mlflow.sklearn.load_model(address).predict(x), model.predict(x)), address


def registered_model():
    """A model that is registered and then loaded by every kind of address in the registry."""
    from sklearn.linear_model import LinearRegression

    mlflow.set_experiment(f"registered {unique}")
    name = f"line {unique}"
    x = np.arange(10.0).reshape(-1, 1)
    with mlflow.start_run() as run:
        slopes = [LinearRegression().fit(x, x[:, 0] * slope) for slope in (1, 2, 3)]
        log = lambda which, path, **rest: mlflow.sklearn.log_model(
            slopes[which], artifact_path=path, pip_requirements=["scikit-learn"], **rest
        )
        log(0, "first", registered_model_name=name)
        second = mlflow.register_model(log(1, "second").model_uri, name)
        assert (second.name, str(second.version)) == (name, "2")
    with mlflow.start_run() as later:
        log(2, "model")
    third = mlflow.register_model(f"runs:/{later.info.run_id}/model", name)
    assert str(third.version) == "3" and third.run_id == later.info.run_id
    assert client.get_model_version(name, "1").run_id == run.info.run_id
    client.transition_model_version_stage(name, "1", "Production")
    addresses = {f"{name}/1": 0, f"{name}/2": 1, f"{name}/3": 2, f"{name}/latest": 2, f"{name}/production": 0}
    if hasattr(client, "set_registered_model_alias"):
        client.set_registered_model_alias(name, "champion", "2")
        addresses[f"{name}@champion"] = 1
    for address, which in addresses.items():
        loaded = mlflow.pyfunc.load_model(f"models:/{address}")
        assert np.allclose(loaded.predict(x), slopes[which].predict(x)), address
    assert np.allclose(mlflow.sklearn.load_model(f"models:/{name}/3").predict(x), slopes[2].predict(x))
    with tempfile.TemporaryDirectory() as folder:
        mlflow.artifacts.download_artifacts(f"models:/{name}/2", dst_path=folder)
        assert (Path(folder) / "MLmodel").is_file()
    if hasattr(client, "copy_model_version"):
        copied = client.copy_model_version(f"models:/{name}@champion", f"{name} copy")
        loaded = mlflow.pyfunc.load_model(f"models:/{name} copy/{copied.version}")
        assert np.allclose(loaded.predict(x), slopes[1].predict(x))
    if hasattr(client, "create_logged_model"):
        source = client.get_model_version(name, "3").source
        model = mlflow.get_logged_model(source.removeprefix("models:/"))
        registered = json.loads(model.tags["mlflow.modelVersions"])
        assert (name, "3") in [(item["name"], str(item["version"])) for item in registered], registered
