"""Model outputs of runs."""

from record import refused


def record(recorder):
    with recorder.scenario("outputs are read back with their step") as s:
        s.experiment()
        s.run()
        for name in ["a", "b"]:
            s.post("logged-models", {"experiment_id": "${exp}", "name": name}, capture={name: "/model/info/model_id"})
        s.post("runs/outputs", {"run_id": "${run}", "models": [{"model_id": "${a}", "step": 3}]})
        s.read_run()
        s.post("runs/search", {"experiment_ids": ["${exp}"]})
        s.post("runs/outputs", {"run_id": "${run}", "models": []})

    with recorder.scenario("an output without a step is at step 0") as s:
        s.experiment()
        s.run()
        s.post("logged-models", {"experiment_id": "${exp}", "name": "a"}, capture={"a": "/model/info/model_id"})
        s.post("runs/outputs", {"run_id": "${run}", "models": [{"model_id": "${a}"}]})
        s.read_run()

    with recorder.scenario("the same output twice is refused") as s:
        s.experiment()
        s.run()
        s.post("logged-models", {"experiment_id": "${exp}", "name": "a"}, capture={"a": "/model/info/model_id"})
        once = [{"model_id": "${a}", "step": 0}]
        slug = refused("repeated-output")
        s.post("runs/outputs", {"run_id": "${run}", "models": once})
        s.post("runs/outputs", {"run_id": "${run}", "models": once}, status=400, oxflow=slug)
        s.post(
            "runs/outputs", {"run_id": "${run}", "models": [{"model_id": "${a}", "step": 5}]}, status=400, oxflow=slug
        )
        s.read_run()

    with recorder.scenario("bad requests for outputs") as s:
        s.experiment()
        s.run()
        s.post("runs/outputs", {"models": [{"model_id": "m-1", "step": 0}]}, status=400)
        s.post("runs/outputs", {"run_id": "${run}"}, status=400)
        s.post("runs/outputs", {"run_id": "${run}", "models": 5}, status=400)
        s.post("runs/outputs", {"run_id": "${run}", "models": [5]}, no_body=True, oxflow=refused("wrong-type-is-400"))
        s.post("runs/outputs", {"run_id": "f" * 32, "models": [{"model_id": "m-1", "step": 0}]}, status=404)
