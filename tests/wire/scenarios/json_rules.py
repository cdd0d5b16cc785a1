"""How bodies and query strings are read, and how answers are written, whatever the endpoint."""

from record import Difference, query, refused, wrong_type


def record(recorder):
    with recorder.scenario("a POST needs the JSON content type") as s:
        body = '{"name": "never made by a content type test"}'
        plain = {"content-type": "text/plain"}
        form = {"content-type": "application/x-www-form-urlencoded"}
        s.call("POST", "experiments/create", text=body, headers=plain, status=400, keep_headers=["content-type"])
        s.call("POST", "experiments/create", text=body, headers=form, status=400)
        s.call("POST", "experiments/create", text=body, status=400)
        s.call("POST", "experiments/create", headers={"content-type": None}, status=400)
        s.post(
            "experiments/create",
            {"name": s.slug},
            headers={"content-type": "application/json; charset=utf-8"},
            capture={"exp": "/experiment_id"},
            keep_headers=["content-type"],
        )
        s.post(
            "experiments/delete",
            {"experiment_id": "${exp}"},
            headers={"content-type": "application/json;charset=UTF-8"},
        )

    with recorder.scenario("PATCH and DELETE do not need the JSON content type") as s:
        s.experiment()
        s.post("logged-models", {"experiment_id": "${exp}", "name": "m"}, capture={"model": "/model/info/model_id"})
        s.call(
            "PATCH",
            "logged-models/${model}",
            text='{"model_id": "${model}", "status": "LOGGED_MODEL_READY"}',
            headers={"content-type": "text/plain"},
        )
        s.call("DELETE", "logged-models/${model}", headers={"content-type": "text/plain"})

    with recorder.scenario("an empty body and null are an empty object") as s:
        s.post_text("experiments/create", "", status=400)
        s.post_text("experiments/create", "null", status=400)
        s.post_text("experiments/create", "{}", status=400)
        s.post_text("experiments/create", "  \n {} ", status=400)
        s.post_text("runs/log-batch", "{}", status=400)

    with recorder.scenario("a body that is not JSON is refused") as s:
        malformed = refused("malformed-json-is-400")
        for text in ["{", "not json", '{"name": }', '{"name": "a"} trailing', "{'name': 'a'}"]:
            s.post_text("experiments/create", text, status=400, oxflow=malformed)
        s.post_text("runs/log-batch", "{", status=500, no_body=True, oxflow=malformed)

    with recorder.scenario("a body that is an array or a number is refused") as s:
        for text in ["[]", '[{"name": "a"}]', "5", "true"]:
            s.post_text("experiments/create", text, status=500, no_body=True, oxflow=refused("json-body-is-an-object"))

    with recorder.scenario("a JSON string that contains JSON is decoded again") as s:
        s.post_text("experiments/create", '"{\\"name\\": \\"%s\\"}"' % s.slug, capture={"exp": "/experiment_id"})
        s.get("experiments/get", query(experiment_id="${exp}"))

    with recorder.scenario("unknown fields are ignored") as s:
        s.post(
            "experiments/create",
            {"name": s.slug, "nothing": {"to": ["see"]}, "tags": [{"key": "a", "value": "b", "colour": 3}]},
            capture={"exp": "/experiment_id"},
        )
        s.get("experiments/get", query(experiment_id="${exp}", nothing="x"))

    with recorder.scenario("the last of two equal JSON keys counts") as s:
        s.post_text(
            "experiments/create", '{"name": "not this one", "name": "%s"}' % s.slug, capture={"exp": "/experiment_id"}
        )
        s.get("experiments/get", query(experiment_id="${exp}"))

    with recorder.scenario("camelCase names are accepted in bodies") as s:
        s.post(
            "experiments/create",
            {"name": s.slug, "artifactLocation": "s3://bucket/camel"},
            capture={"exp": "/experiment_id"},
        )
        s.post(
            "runs/create",
            {"experimentId": "${exp}", "startTime": 5, "runName": "camel", "userId": "me"},
            capture={"run": "/run/info/run_id"},
        )
        s.post("runs/log-metric", {"run_uuid": "${run}", "key": "m", "value": 1, "timestamp": 1, "modelId": ""})
        s.post("runs/update", {"run_id": "${run}", "endTime": 9})
        accepted = Difference("camel-case-of-required-fields", 200, {})
        s.post(
            "runs/log-metric", {"runId": "${run}", "key": "m", "value": 1, "timestamp": 1}, status=400, oxflow=accepted
        )
        s.post(
            "runs/set-tag",
            {"runUuid": "${run}", "key": "mlflow.runName", "value": "camel"},
            status=400,
            oxflow=accepted,
        )
        s.post(
            "runs/search", {"experimentIds": ["${exp}"], "maxResults": 5, "runViewType": "ALL", "orderBy": ["run_id"]}
        )

    with recorder.scenario("camelCase names are not accepted in query strings") as s:
        s.get("experiments/get", query(experimentId="0"), status=400)

    with recorder.scenario("both spellings of a field at once are refused") as s:
        s.post(
            "experiments/create",
            {"name": s.slug, "artifact_location": "s3://b/a", "artifactLocation": "s3://b/a"},
            status=400,
        )
        s.experiment()
        s.run()
        s.post(
            "runs/log-inputs",
            {
                "run_id": "${run}",
                "datasets": [
                    {"dataset": {"name": "d", "digest": "1", "source_type": "a", "sourceType": "a", "source": "b"}}
                ],
            },
            status=400,
        )

    with recorder.scenario("null is absent") as s:
        s.post("experiments/create", {"name": None}, status=400)
        s.post("experiments/create", {"name": s.slug, "artifact_location": None}, capture={"exp": "/experiment_id"})
        s.post(
            "runs/create",
            {"experiment_id": "${exp}", "start_time": None, "run_name": "n", "user_id": None, "tags": None},
            capture={"run": "/run/info/run_id"},
        )
        s.post("runs/log-metric", {"run_id": "${run}", "key": "m", "value": 1, "timestamp": 1, "step": None})
        s.post("runs/log-metric", {"run_id": "${run}", "key": "m", "value": None, "timestamp": 1}, status=400)
        s.read_run()

    with recorder.scenario("integers may be strings or integral floats") as s:
        s.experiment()
        for index, text in enumerate(['"12"', "1e3", "34.0", '"-0"']):
            s.post_text(
                "runs/create",
                '{"experiment_id": "${exp}", "run_name": "n%d", "start_time": %s}' % (index, text),
                capture={f"run{index}": "/run/info/run_id"},
            )
        s.post_text(
            "runs/log-metric",
            '{"run_id": "${run0}", "key": "m", "value": "1.5", "timestamp": "1700000000000", "step": "-3"}',
        )
        s.get("metrics/get-history", query(run_id="${run0}", metric_key="m"))
        s.post("experiments/search", {"max_results": "1", "filter": f"name = '{s.slug}'"})

    with recorder.scenario("int64 keeps its ends") as s:
        s.experiment()
        s.run(start_time=9223372036854775807)
        s.post(
            "runs/log-metric",
            {
                "run_id": "${run}",
                "key": "m",
                "value": 1,
                "timestamp": 9223372036854775807,
                "step": -9223372036854775808,
            },
        )
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m"))

    with recorder.scenario("an integer that does not fit is refused") as s:
        s.experiment()
        for name, value in [("a", "9223372036854775808"), ("b", "1e30"), ("c", '"99999999999999999999"'), ("d", "1.5")]:
            s.post_text(
                "runs/create",
                '{"experiment_id": "${exp}", "run_name": "%s", "start_time": %s}' % (name, value),
                no_body=True,
                oxflow=refused("wrong-type-is-400"),
            )

    with recorder.scenario("doubles are numbers or strings, NaN and infinities are strings") as s:
        s.experiment()
        s.run()
        values = ["1", "0.1", '"2.5"', '"NaN"', '"-Infinity"', '"Infinity"', "true", "-0.0", "1e-320", "1e308", '"1e5"']
        for step, value in enumerate(values):
            s.post_text(
                "runs/log-metric",
                '{"run_id": "${run}", "key": "m", "value": %s, "timestamp": %d, "step": %d}' % (value, step, step),
            )
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m"), oxflow=Difference("bare-nan-is-a-number", 200))

    with recorder.scenario("bare NaN and infinities are numbers too") as s:
        s.experiment()
        s.run()
        largest = 1.7976931348623157e308
        stored = []
        for step, (text, value) in enumerate(
            [("NaN", "NaN"), ("Infinity", largest), ("-Infinity", -largest), ("1e400", largest)], start=1
        ):
            s.post_text(
                "runs/log-metric",
                '{"run_id": "${run}", "key": "m", "value": %s, "timestamp": %d, "step": %d}' % (text, step, step),
            )
            stored.append({"key": "m", "value": value, "timestamp": step, "step": step})
        # MLflow answers 200 and stores value 0 at timestamp 0.
        s.get(
            "metrics/get-history",
            query(run_id="${run}", metric_key="m"),
            oxflow=Difference("bare-nan-is-a-number", 200, {"metrics": stored}),
        )

    with recorder.scenario("enums are names or numbers") as s:
        s.experiment()
        s.run()
        s.post("runs/update", {"run_id": "${run}", "status": "FAILED"}, no_body=True)
        s.post("runs/update", {"run_id": "${run}", "status": 3})
        s.post("runs/delete", {"run_id": "${run}"})
        for view in ["ACTIVE_ONLY", "DELETED_ONLY", "ALL", 1, 2, 3]:
            s.post("runs/search", {"experiment_ids": ["${exp}"], "run_view_type": view})
        s.get("experiments/search", query(max_results=5, view_type="ALL", filter=f"name = '{s.slug}'"))
        s.get("experiments/search", query(max_results=5, view_type="2", filter=f"name = '{s.slug}'"))

    with recorder.scenario("an unknown enum name is refused") as s:
        s.experiment()
        s.run()
        unknown = refused("wrong-type-is-400")
        s.post("runs/update", {"run_id": "${run}", "status": "WAT"}, no_body=True, oxflow=unknown)
        s.post("runs/search", {"experiment_ids": ["${exp}"], "run_view_type": "bad"}, no_body=True, oxflow=unknown)
        s.post("experiments/search", {"max_results": 5, "view_type": "bad"}, no_body=True, oxflow=unknown)
        s.post("experiments/search", {"max_results": 5, "view_type": 9}, no_body=True, oxflow=unknown)

    with recorder.scenario("a repeated query parameter is a list") as s:
        s.experiment()
        s.run("a")
        s.run("b", start_time=1_700_000_000_001)
        for run in ["a", "b"]:
            s.post("runs/log-metric", {"run_id": "${%s}" % run, "key": "m", "value": 1, "timestamp": 1})
        s.get("metrics/get-history-bulk-interval", query(run_ids=["${a}", "${b}"], metric_key="m"))
        s.get("metrics/get-history-bulk-interval", query(run_ids=["${b}"], metric_key="m"))
        s.get(
            "experiments/search",
            query(max_results=9, order_by=["name ASC", "experiment_id"], filter=f"name = '{s.slug}'"),
        )

    with recorder.scenario("a GET without a query string may carry a JSON body") as s:
        s.experiment()
        s.get("experiments/get", json={"experiment_id": "${exp}"})
        s.get("experiments/get", "experiment_id=${exp}", json={"experiment_id": "99999999"})

    with recorder.scenario("a DELETE reads its body, not its query string") as s:
        s.experiment()
        s.post("logged-models", {"experiment_id": "${exp}", "name": "m"}, capture={"model": "/model/info/model_id"})
        s.delete("logged-models/${model}", query="model_id=m-0")

    with recorder.scenario("a missing, null or empty required field is named") as s:
        for body in [{}, {"name": None}, {"name": ""}]:
            s.post("experiments/create", body, status=400)
        s.post("runs/update", {}, status=400)
        s.post("runs/log-metric", {"run_id": "x"}, status=400)
        s.post("runs/log-metric", {"run_id": "x", "key": "k"}, status=400)
        s.post("runs/log-metric", {"run_id": "x", "key": "k", "value": 1}, status=400)
        s.get("runs/get", status=400)
        s.get("runs/get", "run_id=", status=400)

    with recorder.scenario("a checked field of a wrong type is named with its value and type") as s:
        for value in [5, 1.5, True, ["a"], {"a": "b"}]:
            s.post("experiments/create", {"name": value}, status=400)
        s.post("experiments/create", {"name": s.slug + "-2", "artifact_location": 7}, status=400)
        s.post("experiments/create", {"name": s.slug + "-3", "tags": "a"}, status=400)
        s.post("experiments/search", {"max_results": "many"}, status=400)
        s.post("runs/search", {"experiment_ids": "0"}, status=400)
        s.post("runs/search", {"experiment_ids": ["0"], "order_by": [1]}, status=400)
        s.post("runs/log-metric", {"run_id": "x", "key": "k", "value": "abc", "timestamp": 1}, status=400)
        s.post("runs/log-metric", {"run_id": "x", "key": "k", "value": 1, "timestamp": "soon"}, status=400)

    with recorder.scenario("a wrong type that MLflow lets pass is refused") as s:
        s.experiment()
        s.run()
        slug = "wrong-type-is-400"
        create = {"experiment_id": "${exp}", "run_name": "wrong"}
        s.post(
            "runs/create",
            {**create, "start_time": 1.5},
            no_body=True,
            oxflow=wrong_type(slug, "start_time", "1.5", "float"),
        )
        s.post("runs/create", {**create, "user_id": 5}, no_body=True, oxflow=refused(slug))
        s.post("runs/create", {**create, "tags": [{"key": 5}]}, no_body=True, oxflow=refused(slug))
        s.post("runs/search", {"experiment_ids": ["${exp}"], "max_results": 1.5}, no_body=True, oxflow=refused(slug))
        s.post("runs/search", {"experiment_ids": [1]}, no_body=True, oxflow=refused(slug))
        s.post(
            "runs/log-batch",
            {"run_id": "${run}", "metrics": [{"key": "m", "value": "abc", "timestamp": 1}]},
            no_body=True,
            oxflow=refused(slug),
        )
        s.post(
            "runs/log-metric",
            {"run_id": "${run}", "key": "m", "value": 1, "timestamp": 1, "step": 1.5},
            no_body=True,
            oxflow=refused(slug),
        )

    with recorder.scenario("non-ASCII text round-trips") as s:
        s.experiment()
        s.run()
        s.post("runs/set-tag", {"run_id": "${run}", "key": "größe", "value": '日本語 🐂 \u2028 "quoted" \\ \n'})
        s.post_text("runs/set-tag", '{"run_id": "${run}", "key": "escaped", "value": "\\ud83d\\udc02"}')
        s.read_run()

    with recorder.scenario("NUL in text is refused") as s:
        s.experiment()
        s.run()
        nul = refused("nul-in-text-is-400")
        s.post("experiments/create", {"name": s.slug + "\u0000"}, no_body=True, oxflow=nul)
        s.post("runs/set-tag", {"run_id": "${run}", "key": "k", "value": "a\u0000b"}, oxflow=nul)
        s.post("runs/log-parameter", {"run_id": "${run}", "key": "k", "value": "a\u0000b"}, oxflow=nul)
        s.post("runs/log-batch", {"run_id": "${run}", "tags": [{"key": "k", "value": "\u0000"}]}, oxflow=nul)

    with recorder.scenario("a lone surrogate is refused") as s:
        s.experiment()
        s.run()
        s.post_text(
            "runs/set-tag",
            '{"run_id": "${run}", "key": "k", "value": "\\ud83d"}',
            no_body=True,
            oxflow=refused("lone-surrogate-is-400"),
        )

    with recorder.scenario("a body nested deeper than any message is refused") as s:
        deep = '{"name": "deep", "x": ' + "[" * 2000 + "]" * 2000 + "}"
        s.post_text("experiments/create", deep, status=500, no_body=True, oxflow=refused("json-depth-is-limited"))

    with recorder.scenario("ajax-api is the same API") as s:
        s.post("/ajax-api/2.0/mlflow/experiments/create", {"name": s.slug}, capture={"exp": "/experiment_id"})
        s.get("/ajax-api/2.0/mlflow/experiments/get", query(experiment_id="${exp}"))
        s.post(
            "/ajax-api/2.0/mlflow/runs/create",
            {"experiment_id": "${exp}", "run_name": "a"},
            capture={"run": "/run/info/run_id"},
        )
        s.post("/ajax-api/2.0/mlflow/runs/log-batch", {"run_id": "${run}", "params": [{"key": "a", "value": "b"}]})
        s.get("/ajax-api/2.0/mlflow/runs/get", query(run_id="${run}"))
        s.post("/ajax-api/2.0/mlflow/runs/search", {"experiment_ids": ["${exp}"]})
