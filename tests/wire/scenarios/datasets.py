"""Dataset and model inputs of runs, and the datasets of an experiment."""

from record import refused, wrong_type

SEARCH = "/ajax-api/2.0/mlflow/experiments/search-datasets"


def dataset(name="wine", digest="abc", **rest):
    return {"name": name, "digest": digest, "source_type": "local", "source": '{"uri": "x"}', **rest}


def record(recorder):
    def inputs(s, datasets, run="run", **rest):
        return s.post("runs/log-inputs", {"run_id": "${%s}" % run, "datasets": datasets}, **rest)

    with recorder.scenario("a dataset is logged and read back") as s:
        s.experiment()
        s.run()
        full = dataset(schema='{"columns": []}', profile='{"num_rows": 3}')
        inputs(
            s,
            [
                {
                    "dataset": full,
                    "tags": [{"key": "mlflow.data.context", "value": "train"}, {"key": "other", "value": "x"}],
                }
            ],
        )
        s.read_run()
        s.post("runs/search", {"experiment_ids": ["${exp}"]})
        s.post(SEARCH, {"experiment_ids": ["${exp}"]})

    with recorder.scenario("a dataset without schema, profile and tags") as s:
        s.experiment()
        s.run()
        inputs(s, [{"dataset": dataset()}])
        s.read_run()
        s.post(SEARCH, {"experiment_ids": ["${exp}"]})

    with recorder.scenario("an empty schema or profile of a dataset is not shown") as s:
        s.experiment()
        s.run()
        inputs(s, [{"dataset": dataset(schema="", profile="")}])
        s.read_run()
        s.post("runs/search", {"experiment_ids": ["${exp}"]})

    with recorder.scenario("a dataset is an object") as s:
        s.experiment()
        s.run()
        for wrong, shown, kind in [("ü", '"\\u00fc"', "str"), (5, "5", "int"), (["x"], '["x"]', "list")]:
            difference = wrong_type("wrong-type-is-400", "datasets[0].dataset", shown, kind)
            inputs(s, [{"dataset": wrong}], no_body=True, oxflow=difference)
        inputs(s, [{"dataset": None}], no_body=True, oxflow=refused("dataset-fields-are-required"))
        inputs(s, [{"dataset": {"name": "d", "digest": "x"}}], no_body=True, oxflow=refused("dataset-fields-are-required"))

    with recorder.scenario("the first tags of an input stay") as s:
        s.experiment()
        s.run()
        inputs(s, [{"dataset": dataset(), "tags": [{"key": "mlflow.data.context", "value": "train"}]}])
        inputs(
            s,
            [
                {
                    "dataset": dataset(),
                    "tags": [{"key": "mlflow.data.context", "value": "eval"}, {"key": "new", "value": "x"}],
                }
            ],
        )
        s.read_run()

    with recorder.scenario("a dataset is stored once per experiment, as its first writer gave it") as s:
        s.experiment()
        s.run("a")
        s.run("b", start_time=1_700_000_000_001)
        inputs(
            s,
            [{"dataset": dataset(profile="first"), "tags": [{"key": "mlflow.data.context", "value": "train"}]}],
            run="a",
        )
        inputs(
            s,
            [{"dataset": dataset(profile="second"), "tags": [{"key": "mlflow.data.context", "value": "eval"}]}],
            run="b",
        )
        s.read_run("a")
        s.read_run("b")

    with recorder.scenario("several datasets in one call") as s:
        s.experiment()
        s.run()
        inputs(s, [{"dataset": dataset("a", "1")}])
        inputs(s, [{"dataset": dataset("a", "1")}, {"dataset": dataset("a", "1")}])
        s.post(SEARCH, {"experiment_ids": ["${exp}"]})

    with recorder.scenario("nothing to log is fine") as s:
        s.experiment()
        s.run()
        s.post("runs/log-inputs", {"run_id": "${run}"})
        inputs(s, [])
        s.read_run()

    with recorder.scenario("limits of datasets") as s:
        s.experiment()
        s.run()
        tagged = lambda key, value: [{"dataset": dataset("tagged", "1"), "tags": [{"key": key, "value": value}]}]
        inputs(s, [{"dataset": dataset("n" * 500, "d" * 36)}])
        inputs(s, [{"dataset": dataset("n" * 501)}], status=400)
        inputs(s, [{"dataset": dataset("n", "d" * 37)}], status=400)
        inputs(s, [{"dataset": dataset("n", "long", source="s" * 65536)}], status=400)
        inputs(s, tagged("k" * 255, "v" * 500))
        inputs(s, tagged("k" * 256, "v"), status=400)
        inputs(s, tagged("k", "v" * 501), status=400)

    with recorder.scenario("the run id of log-inputs has a form") as s:
        for run_id in ["!!", "../x", "ß", "a" * 257]:
            s.post("runs/log-inputs", {"run_id": run_id, "datasets": [{"dataset": dataset()}]}, status=400)
        s.post("runs/log-inputs", {"run_id": "f" * 32, "datasets": [{"dataset": dataset()}]}, status=404)
        s.post("runs/log-inputs", {"run_id": "f" * 32, "datasets": 5}, status=400)

    with recorder.scenario("a model as input shows in runs/get only") as s:
        s.experiment()
        s.run()
        s.post("logged-models", {"experiment_id": "${exp}", "name": "m"}, capture={"model": "/model/info/model_id"})
        s.post("runs/log-inputs", {"run_id": "${run}", "models": [{"model_id": "${model}"}]})
        s.post("runs/log-inputs", {"run_id": "${run}", "models": [{"model_id": "${model}"}]})
        s.read_run()
        s.post("runs/search", {"experiment_ids": ["${exp}"]})

    with recorder.scenario("datasets of experiments") as s:
        s.experiment()
        s.run("a")
        s.run("b", start_time=1_700_000_000_001)
        tagged = lambda context: [{"dataset": dataset(), "tags": [{"key": "mlflow.data.context", "value": context}]}]
        inputs(s, tagged("train"), run="a")
        inputs(s, tagged("train"), run="b")
        s.post(SEARCH, {"experiment_ids": ["${exp}"]})
        s.post(SEARCH, {"experiment_ids": ["${exp}", "99999999"]})
        s.post(SEARCH, {"experiment_ids": ["99999999"]})
        s.post(SEARCH, {"experiment_ids": ["abc"]}, status=400)
        s.post(SEARCH, {"experiment_ids": []}, status=400)
        s.post(SEARCH, {}, status=400)
        s.post(SEARCH, {"experiment_ids": ["${exp}"] * 20})
        s.post(SEARCH, {"experiment_ids": ["${exp}"] * 21}, status=400)
        s.post("runs/delete", {"run_id": "${a}"})
        s.post("runs/delete", {"run_id": "${b}"})
        s.post(SEARCH, {"experiment_ids": ["${exp}"]})
