"""runs/search: every entity, operator, order and page rule."""

from record import refused


def given_runs(s):
    """Five runs; the letters say in which order they started."""
    s.experiment()
    start = 1_700_000_000_000
    runs = [
        # name, loss, acc, lr, model, tags
        ("a", "0.1", "1", "0.1", "Linear", {"team": "blue", "my tag": "it's"}),
        ("b", "0.5", "2", "0.01", "linear", {"team": "Red", "a.b": "2"}),
        ("c", '"NaN"', "3", "10", "tree", {"team": "redder"}),
        ("d", "-2.5", None, "9", None, {}),
        ("e", None, None, None, None, {"empty": ""}),
    ]
    for index, (name, loss, acc, lr, model, tags) in enumerate(runs):
        s.run(name, start_time=start + index, run_name=f"run {name.upper()}", user_id=f"user-{index % 2}")
        metrics = [
            f'{{"key": "{k}", "value": {v}, "timestamp": 1, "step": 0}}'
            for k, v in [("loss", loss), ("acc m", acc)]
            if v
        ]
        params = [f'{{"key": "{k}", "value": "{v}"}}' for k, v in [("lr", lr), ("the model", model)] if v]
        tags = [f'{{"key": "{k}", "value": "{v}"}}' for k, v in tags.items()]
        s.post_text(
            "runs/log-batch",
            f'{{"run_id": "${{{name}}}", "metrics": [{", ".join(metrics)}], "params": [{", ".join(params)}], "tags": [{", ".join(tags)}]}}',
        )
    s.post("runs/update", {"run_id": "${a}", "status": "FINISHED", "end_time": start + 100}, no_body=True)
    s.post("runs/update", {"run_id": "${b}", "status": "FAILED", "end_time": start + 50}, no_body=True)

    def find(filter=None, **fields):
        rest = {name: fields.pop(name) for name in ["status", "oxflow", "no_body", "capture"] if name in fields}
        body = {"experiment_ids": ["${exp}"], **({"filter": filter} if filter is not None else {}), **fields}
        return s.post("runs/search", body, **rest)

    return find


def record(recorder):
    with recorder.scenario("filters on attributes") as s:
        find = given_runs(s)
        find()
        find("")
        find("run_id = '${a}'")
        find("attributes.run_id = '${a}'")
        find("attribute.run_id != '${a}'")
        find("attr.run_id IN ('${a}', '${b}')")
        find("run.run_id NOT IN ('${a}', '${b}', '${c}')")
        find("run_id LIKE '${a}'")
        find("run_name = 'run A'")
        find("`run name` = 'run A'")
        find("attributes.`Run name` LIKE 'run%'  AND run_name != 'run B'")
        find("run_name ILIKE 'RUN _'  AND status = 'FINISHED'")
        find("status = 'RUNNING'")
        find("status != 'RUNNING'")
        find("status LIKE 'F%'")
        find("status ILIKE 'f%'")
        find("status = 'running'")
        find("start_time = 1700000000001")
        find("start_time >= 1700000000003")
        find("created < 1700000000001")
        find("Created <= 1700000000000")
        find("start_time > 1700000000001 AND start_time != 1700000000003")
        find("end_time > 0")
        find("start_time > 1700000000002.5")
        find("attributes.`Run Name` = 'run D'")
        find("user_id = 'user-1'")
        find("artifact_uri LIKE 'mlflow-artifacts:/%/${a}/artifacts'")

    with recorder.scenario("filters on metrics") as s:
        find = given_runs(s)
        find("metrics.loss = 0.1")
        find("metric.loss < 0.5")
        find("metrics.loss <= 0.5")
        find("metrics.loss > -2.5")
        find("metrics.loss >= -2.5e0")
        find("metrics.loss != 0.1")
        find("metrics.loss < 1e3")
        find("metrics.`acc m` >= 2")
        find('metrics."acc m" = 1')
        find("metrics.loss > 0 AND metrics.`acc m` > 1")
        find("metrics.nothing > 0")

    with recorder.scenario("filters see the latest point of a metric") as s:
        s.experiment()
        s.run("a")
        for step, value in [(0, 5), (2, 1), (1, 9)]:
            s.post("runs/log-metric", {"run_id": "${a}", "key": "m", "value": value, "timestamp": 1, "step": step})
        for text in ["metrics.m = 1", "metrics.m = 9", "metrics.m = 5"]:
            s.post("runs/search", {"experiment_ids": ["${exp}"], "filter": text})

    with recorder.scenario("filters on params") as s:
        find = given_runs(s)
        find("params.lr = '0.1'")
        find('param.lr = "0.01"')
        find("parameters.lr != '0.1'")
        find("parameter.lr LIKE '0.%'")
        find("params.`the model` = 'linear'")
        find("params.`the model` LIKE 'l%'")
        find("params.`the model` ILIKE 'LIN%'")
        find("params.`the model` IS NULL")
        find("params.`the model` IS NOT NULL")
        find("params.lr IS NULL AND params.`the model` is null")
        find("params.nothing = 'x'")

    with recorder.scenario("filters on tags") as s:
        find = given_runs(s)
        find("tags.team = 'blue'")
        find("tag.team != 'blue'")
        find("tags.team LIKE 'red%'")
        find("tags.team ILIKE 'red%'")
        find('tags.`my tag` = "it\'s"')
        find("tags.a.b = '2'")
        find("tags.empty = ''")
        find("tags.team IS NULL")
        find("tags.team IS NOT NULL")
        find("tags.mlflow.runName = 'run C'")
        find("tags.`mlflow.runName` LIKE '%E'")
        find("tags.team = 'blue' and params.lr = '0.1' AND metrics.loss < 1 aNd status = 'FINISHED'")

    with recorder.scenario("filters on datasets") as s:
        find = given_runs(s)
        for run, name, context in [("a", "wine", "train"), ("b", "wine", "eval"), ("c", "Iris", None)]:
            dataset = {"name": name, "digest": name[:2] + "1", "source_type": "local", "source": "{}"}
            tags = [{"key": "mlflow.data.context", "value": context}] if context else []
            s.post("runs/log-inputs", {"run_id": "${%s}" % run, "datasets": [{"dataset": dataset, "tags": tags}]})
        find("dataset.name = 'wine'")
        find("datasets.name != 'wine'")
        find("dataset.name LIKE 'w%'")
        find("dataset.name ILIKE 'I%'")
        find("dataset.name IN ('wine', 'other')")
        find("dataset.name NOT IN ('wine')")
        find("dataset.digest = 'wi1'")
        find("dataset.context = 'train'")
        find("dataset.context ILIKE 'E%'")
        find("dataset.name = 'wine' AND dataset.context = 'eval'")

    with recorder.scenario("LIKE knows % and _ and is case-sensitive") as s:
        s.experiment()
        for index, value in enumerate(["100%", "100x", "a_b", "aXb", "Äpfel", "back\\slash", "[a]*"]):
            s.run(f"r{index}", start_time=1 + index)
            s.post("runs/set-tag", {"run_id": "${r%d}" % index, "key": "t", "value": value})
        for pattern in [
            "100%",
            "100_",
            "100%%",
            "a_b",
            "A_B",
            "äpfel",
            "%fel",
            "",
            "%",
            "back\\\\slash",
            "back\\slash",
            "[a]*",
            "a\\_b",
        ]:
            for operator in ["LIKE", "ILIKE"]:
                s.post("runs/search", {"experiment_ids": ["${exp}"], "filter": f"tags.t {operator} '{pattern}'"})

    with recorder.scenario("quotes and spaces") as s:
        find = given_runs(s)
        find("  tags.team='blue'  ")
        find("tags.team\n=\t'blue'")
        find("tags.`team` = 'blue'")
        find('tags."team" = "blue"')
        find("tags.team = 'blue' AND")
        find("tags.team = 'it''s'")
        find("tags.`my tag` = 'it''s'")
        find("metrics.loss>0.2")
        find("tags.team = 'no AND yes'")

    with recorder.scenario("filters that are refused") as s:
        find = given_runs(s)
        for text in [
            "tags.team = 'blue' OR tags.team = 'Red'",
            "NOT tags.team = 'blue'",
            "(tags.team = 'blue')",
            "tags.team = 'blue'; tags.team = 'Red'",
            "tags.team BETWEEN 'a' AND 'b'",
            "tags.team",
            "tags.team =",
            "= 'blue'",
            "'blue' = tags.team",
            "tags.team == 'blue'",
            "tags.team <> 'blue'",
            "tags.team = blue",
            "tags.team = 5",
            "tags.team > 'a'",
            "tags.team IN ('blue')",
            "tags.team = 'unclosed",
            "params.lr = 0.1",
            "params.lr > '0.1'",
            "params.lr IN ('0.1')",
            "metrics.loss = '0.1'",
            "metrics.loss LIKE '0%'",
            "metrics.loss = 'NaN'",
            "metrics.loss IS NULL",
            "metrics.loss = abc",
            "metrics.loss IN (1, 2)",
            "nonsense = 'a'",
            "attributes.nothing = 'a'",
            "foo.bar = 'a'",
            "run_id > 'a'",
            "run_id IN ()",
            "run_id IN (1)",
            "run_id IN ('a'",
            "run_id IN 'a'",
            "run_name IN ('a')",
            "run_name IS NULL",
            "status > 'A'",
            "start_time = 'a'",
            "start_time LIKE '1'",
            "user_id IN ('a')",
            "dataset.nothing = 'a'",
            "dataset.name > 'a'",
            "dataset.name = 5",
            "dataset.name IN ()",
            "tags.team = 'a' AND OR",
            "SELECT 1",
            "DROP TABLE runs",
            "tags.team = 'a' -- c",
            "/* c */ tags.team = 'a'",
        ]:
            find(text, status=400)
        find(5, status=400)

    with recorder.scenario("filters that MLflow reads in its own way") as s:
        find = given_runs(s)
        find("tags.team = 'a' tags.team = 'b'")
        find("metrics. > 1")
        find("tags. = 'a'")

    with recorder.scenario("orders") as s:
        find = given_runs(s)
        for order in [
            ["metrics.loss"],
            ["metrics.loss ASC"],
            ["metrics.loss DESC"],
            ["metric.`acc m` DESC"],
            ["params.lr"],
            ["params.lr DESC"],
            ["params.`the model` ASC"],
            ["tags.team ASC"],
            ["tag.team desc"],
            ["start_time ASC"],
            ["attributes.start_time DESC"],
            ["end_time ASC"],
            ["end_time DESC"],
            ["run_name DESC"],
            ["status ASC"],
            ["user_id DESC", "start_time"],
            ["created ASC"],
            ["tags.nothing ASC"],
            ["metrics.nothing DESC"],
            ["user_id", "metrics.loss DESC"],
            [],
        ]:
            find(order_by=order)

    with recorder.scenario("orders that are refused") as s:
        find = given_runs(s)
        for clause in ["nonsense", "foo.bar", "metrics.loss sideways", "metrics.loss ASC, run_id", "", "loss DESC ASC", "ASC", "dataset.name"]:
            find(order_by=[clause], status=400)
        find(order_by=["attribute.`Run Name` ASC"], status=400)
        find(order_by="run_id", status=400)
        find(order_by=[5], status=400)
        find(order_by=["run_name", "run_name"], status=500, oxflow=refused("order-by-duplicate"))

    with recorder.scenario("order by run id breaks no tie") as s:
        s.experiment()
        s.run("a")
        s.post(
            "runs/search",
            {"experiment_ids": ["${exp}"], "order_by": ["run_id ASC", "attributes.experiment_id"]},
            status=400,
        )
        s.post("runs/search", {"experiment_ids": ["${exp}"], "order_by": ["run_id DESC"]})
        s.post("runs/search", {"experiment_ids": ["${exp}"], "order_by": ["artifact_uri"]})

    with recorder.scenario("views") as s:
        s.experiment()
        s.run("alive")
        s.run("dead", start_time=1_700_000_000_001)
        s.post("runs/delete", {"run_id": "${dead}"})
        for view in ["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]:
            s.post("runs/search", {"experiment_ids": ["${exp}"], "run_view_type": view})

    with recorder.scenario("experiments of a search") as s:
        s.experiment(s.slug + " one", capture="one")
        s.experiment(s.slug + " two", capture="two")
        s.run("a", exp="${one}")
        s.run("b", exp="${two}", start_time=1_700_000_000_001)
        s.post("runs/search", {"experiment_ids": ["${one}", "${two}"]})
        s.post("runs/search", {"experiment_ids": ["${one}", "99999999"]})
        s.post("runs/search", {"experiment_ids": []})
        s.post("runs/search", {})
        s.post("experiments/delete", {"experiment_id": "${two}"})
        s.post("runs/search", {"experiment_ids": ["${one}", "${two}"], "run_view_type": "ALL"})
        s.post("runs/search", {"experiment_ids": ["abc"]}, status=400)

    with recorder.scenario("pages of runs") as s:
        s.experiment()
        for number in range(5):
            s.run(f"r{number}", start_time=1000 + number)
        body = {"experiment_ids": ["${exp}"], "max_results": 2}
        s.post("runs/search", body, capture={"second": "/next_page_token"})
        s.post("runs/search", {**body, "page_token": "${second}"}, capture={"third": "/next_page_token"})
        s.post("runs/search", {**body, "page_token": "${third}"})
        s.post("runs/search", {**body, "max_results": 5})
        s.post("runs/search", {**body, "max_results": 4, "page_token": "eyJvZmZzZXQiOiAxfQ=="})
        s.post("runs/search", {**body, "page_token": "eyJvZmZzZXQiOiA5OX0="})
        s.post("runs/search", {**body, "page_token": ""}, capture={"again": "/next_page_token"})
        s.post("runs/search", {**body, "order_by": ["start_time ASC"]}, capture={"up": "/next_page_token"})
        s.post(
            "runs/search",
            {**body, "order_by": ["start_time ASC"], "page_token": "${up}"},
            capture={"up2": "/next_page_token"},
        )
        for token in ["!!", "e30=", "abc"]:
            s.post("runs/search", {**body, "page_token": token}, status=400, any=["/message"])
        null, negative, text = "bnVsbA==", "eyJvZmZzZXQiOiAtMX0=", "eyJvZmZzZXQiOiAiYSJ9"
        s.post("runs/search", {**body, "page_token": null}, status=500, oxflow=refused("page-token-is-checked"))
        s.post("runs/search", {**body, "page_token": negative}, no_body=True, oxflow=refused("page-token-is-checked"))
        s.post("runs/search", {**body, "page_token": text}, status=400, any=["/message"])

    with recorder.scenario("max_results of a runs search") as s:
        s.experiment()
        s.run("a")
        s.post("runs/search", {"experiment_ids": ["${exp}"], "max_results": 50000})
        for value in [50001, 0, -1, "x"]:
            s.post("runs/search", {"experiment_ids": ["${exp}"], "max_results": value}, status=400)

    with recorder.scenario("a search returns the latest metrics, params, tags, inputs and outputs") as s:
        s.experiment()
        s.run()
        s.post(
            "runs/log-batch",
            {
                "run_id": "${run}",
                "metrics": [{"key": "m", "value": v, "timestamp": 5, "step": i} for i, v in enumerate([3, 1, 2])],
                "params": [{"key": "p", "value": "1"}],
                "tags": [{"key": "t", "value": "x"}],
            },
        )
        dataset = {"name": "d", "digest": "1", "source_type": "local", "source": "{}", "schema": "[]", "profile": "{}"}
        s.post(
            "runs/log-inputs",
            {"run_id": "${run}", "datasets": [{"dataset": dataset, "tags": [{"key": "a", "value": "b"}]}]},
        )
        s.post("logged-models", {"experiment_id": "${exp}", "name": "m"}, capture={"model": "/model/info/model_id"})
        s.post("runs/outputs", {"run_id": "${run}", "models": [{"model_id": "${model}", "step": 7}]})
        s.post("runs/search", {"experiment_ids": ["${exp}"]})
        s.read_run()
