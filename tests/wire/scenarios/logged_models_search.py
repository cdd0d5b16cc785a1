"""logged-models/search."""

from record import refused


def given_models(s):
    """Four models; the later ones were created later."""
    s.experiment()
    s.run()
    dataset = {"dataset_name": "d", "dataset_digest": "1"}
    models = [
        # name, type, params, tags, metric points
        ("a", "agent", {"lr": "0.1"}, {"team": "blue"}, [("acc", 0.5, 1, {}), ("acc", 0.9, 2, {})]),
        ("b", "Agent", {"lr": "0.2"}, {"team": "Red", "my tag": "x"}, [("acc", 0.7, 1, dataset)]),
        ("c", "", {"lr": "10", "the kind": "tree"}, {}, [("acc", 0.2, 1, {}), ("acc", 0.95, 2, dataset)]),
        ("d", "tree", {}, {"team": "redder"}, []),
    ]
    for name, kind, params, tags, points in models:
        pairs = lambda values: [{"key": key, "value": value} for key, value in values.items()]
        s.post(
            "logged-models",
            {
                "experiment_id": "${exp}",
                "name": f"model {name}",
                "model_type": kind,
                "params": pairs(params),
                "tags": pairs(tags),
                "source_run_id": "${run}",
            },
            capture={name: "/model/info/model_id"},
        )
        for key, value, step, rest in points:
            point = {"key": key, "value": value, "timestamp": step, "step": step, "model_id": "${%s}" % name, **rest}
            s.post("runs/log-metric", {"run_id": "${run}", **point})
    s.patch("logged-models/${b}", {"model_id": "${b}", "status": "LOGGED_MODEL_READY"}, no_body=True)

    def find(filter=None, order=None, **fields):
        rest = {name: fields.pop(name) for name in ["status", "oxflow", "no_body", "capture"] if name in fields}
        body = {"experiment_ids": ["${exp}"], **({"filter": filter} if filter is not None else {}), **fields}
        body["order_by"] = order or [{"field_name": "name"}]
        return s.post("logged-models/search", body, **rest)

    return find


def record(recorder):
    with recorder.scenario("filters on attributes of models") as s:
        find = given_models(s)
        find()
        find("name = 'model a'")
        find("attributes.name != 'model a'")
        find("name LIKE 'model%'")
        find("name ILIKE 'MODEL _'")
        find("name like '%c'")
        find("name IN ('model a', 'model b')")
        find("name NOT IN ('model a', 'model b')")
        find("model_id = '${a}'")
        find("model_type = 'agent'")
        find("model_type ILIKE 'agent'")
        find("model_type = ''")
        find("status = '2'")
        find("source_run_id = '${run}' AND name = 'model b'")
        find("creation_timestamp > 5 AND name = 'model a'")
        find("creation_time >= 1600000000000 AND name = 'model a'")
        find("last_updated_timestamp > 5 AND name = 'model a'")
        find("creation_timestamp < 5")
        find("name = 'model a' AND model_type = 'agent'")
        find("name = 'model a' and model_type = 'tree'")

    with recorder.scenario("filters on metrics, params and tags of models") as s:
        find = given_models(s)
        find("metrics.acc > 0.6")
        find("metrics.acc >= 0.9")
        find("metrics.acc = 0.5")
        find("metrics.acc < 0.3")
        find("metrics.acc != 0.5")
        find("metrics.nothing > 0")
        find("params.lr = '0.1'")
        find("params.lr != '0.1'")
        find("params.lr LIKE '0.%'")
        find("params.lr IN ('0.1', '10')")
        find("params.`the kind` = 'tree'")
        find("tags.team = 'blue'")
        find("tags.team ILIKE 'red%'")
        find("tags.team IN ('blue', 'Red')")
        find("tags.team NOT IN ('blue')")
        find("tags.`my tag` = 'x'")
        find("tags.team = 'blue' AND metrics.acc > 0.8 AND params.lr = '0.1'")

    with recorder.scenario("metrics of models on a dataset") as s:
        find = given_models(s)
        named = {"dataset_name": "d", "dataset_digest": "1"}
        find("metrics.acc > 0.1", datasets=[named])
        find("metrics.acc > 0.8", datasets=[named])
        find("metrics.acc > 0.1", datasets=[{"dataset_name": "other", "dataset_digest": "1"}])
        find(datasets=[named])
        find(datasets=[{"dataset_digest": "1"}], status=400)

    with recorder.scenario("filters of a model search that are refused") as s:
        s.experiment()
        find = lambda text, **rest: s.post(
            "logged-models/search", {"experiment_ids": ["${exp}"], "filter": text}, **rest
        )
        for text in [
            "attribute.name = 'a'",
            "metric.a > 1",
            "param.a = '1'",
            "tag.a = '1'",
            "foo.bar = 1",
            "name > 'a'",
            "name == 'a'",
            "name = 'a' OR name = 'b'",
            "NOT name = 'a'",
            "(name = 'a')",
            "name",
            "name =",
            "metrics.a LIKE '1'",
        ]:
            find(text, status=400)
        find(5, status=400)

    with recorder.scenario("operators that are not for the field of a model search") as s:
        s.experiment()
        for text in ["name IS NULL", "tags.a IS NULL", "creation_timestamp LIKE '5'"]:
            body = {"experiment_ids": ["${exp}"], "filter": text}
            s.post("logged-models/search", body, status=400, any=["/message"])

    with recorder.scenario("filters of a model search that MLflow answers with 500") as s:
        s.experiment()
        find = lambda text, **rest: s.post(
            "logged-models/search", {"experiment_ids": ["${exp}"], "filter": text}, **rest
        )
        slug = refused("model-search-filter")
        for text in ["nonsense = 'a'", "attributes.nothing = 'a'", "metrics.a = '1'", "creation_timestamp = 'a'", "metrics.a > b"]:
            find(text, status=500, oxflow=slug)

    with recorder.scenario("orders of models") as s:
        find = given_models(s)
        for order in [
            [{"field_name": "name", "ascending": False}],
            [{"field_name": "name", "ascending": True}],
            [{"field_name": "creation_timestamp"}],
            [{"field_name": "creation_timestamp", "ascending": False}],
            [{"field_name": "creation_time", "ascending": True}],
            [{"field_name": "last_updated_timestamp", "ascending": False}],
            [{"field_name": "model_type"}, {"field_name": "name"}],
            [{"field_name": "source_run_id"}, {"field_name": "name", "ascending": False}],
            [{"field_name": "status", "ascending": False}, {"field_name": "name"}],
            [{"field_name": "metrics.acc"}],
            [{"field_name": "metrics.acc", "ascending": False}],
            [{"field_name": "metrics.acc", "dataset_name": "d", "dataset_digest": "1"}],
            [{"field_name": "metrics.acc", "ascending": False, "dataset_name": "d"}],
            [{"field_name": "metrics.nothing"}],
        ]:
            find(order=order)

    with recorder.scenario("the newest model comes first by default") as s:
        s.experiment()
        for name in ["old", "new"]:
            s.post("logged-models", {"experiment_id": "${exp}", "name": name}, capture={name: "/model/info/model_id"})
        s.post("logged-models/search", {"experiment_ids": ["${exp}"]})

    with recorder.scenario("orders of a model search that are refused") as s:
        s.experiment()
        for field in ["nonsense", "params.a", "tags.a", "attributes.name", ""]:
            s.post("logged-models/search", {"experiment_ids": ["${exp}"], "order_by": [{"field_name": field}]}, status=400)
        s.post("logged-models/search", {"experiment_ids": ["${exp}"], "order_by": [{}]}, status=400)
        s.post("logged-models/search", {"experiment_ids": ["${exp}"], "order_by": 5}, status=400)

    with recorder.scenario("pages of models") as s:
        s.experiment()
        for number in range(5):
            s.post(
                "logged-models",
                {"experiment_id": "${exp}", "name": f"m{number}"},
                capture={f"m{number}": "/model/info/model_id"},
            )
        body = {"experiment_ids": ["${exp}"], "max_results": 2, "order_by": [{"field_name": "name"}]}
        s.post("logged-models/search", body, capture={"second": "/next_page_token"})
        s.post("logged-models/search", {**body, "page_token": "${second}"}, capture={"third": "/next_page_token"})
        s.post("logged-models/search", {**body, "page_token": "${third}"})
        s.post("logged-models/search", {**body, "max_results": 5})
        s.post(
            "logged-models/search",
            {**body, "filter": "name LIKE 'm%'", "page_token": "${second}"},
            status=400,
            any=["/message"],
        )
        s.post(
            "logged-models/search", {**body, "order_by": [], "page_token": "${second}"}, status=400, any=["/message"]
        )
        s.post("logged-models/search", {**body, "page_token": "!!"}, status=400, any=["/message"])

    with recorder.scenario("the page size of a model search") as s:
        s.experiment()
        s.post("logged-models", {"experiment_id": "${exp}", "name": "m"}, capture={"model": "/model/info/model_id"})
        s.post("logged-models/search", {"experiment_ids": ["${exp}"], "max_results": 0})
        s.post("logged-models/search", {"experiment_ids": ["${exp}"], "max_results": 1})
        s.post("logged-models/search", {"experiment_ids": ["${exp}"], "max_results": "x"}, status=400)
        s.post(
            "logged-models/search",
            {"experiment_ids": ["${exp}"], "max_results": -1},
            no_body=True,
            oxflow=refused("model-search-max-results"),
        )

    with recorder.scenario("experiments of a model search") as s:
        s.experiment(s.slug + " one", capture="one")
        s.experiment(s.slug + " two", capture="two")
        for name in ["one", "two"]:
            s.post(
                "logged-models",
                {"experiment_id": "${%s}" % name, "name": name},
                capture={f"m_{name}": "/model/info/model_id"},
            )
        s.post("logged-models/search", {"experiment_ids": ["${one}", "${two}"], "order_by": [{"field_name": "name"}]})
        s.post("logged-models/search", {"experiment_ids": ["${one}", "99999999"]})
        s.post("logged-models/search", {"experiment_ids": ["99999999"]})
        s.post("logged-models/search", {"experiment_ids": []})
        s.post("logged-models/search", {}, status=400)
        s.post("logged-models/search", {"experiment_ids": [1]}, status=400)
        s.post("logged-models/search", {"experiment_ids": "x"}, status=400)
