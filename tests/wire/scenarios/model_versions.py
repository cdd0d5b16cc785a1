"""Model versions: create, numbers, get, update, delete, tags, download URI, links to runs and logged models."""

from record import query, refused
from scenarios.registry import MISSING, MODELS, VERSIONS, PROMPT, Registry, tags

FITS = "registry-text-fits-the-column"


def record(recorder):
    with recorder.scenario("a model version is created and read back") as s:
        r = Registry(s)
        s.experiment()
        s.run()
        r.model()
        r.version(
            source="runs:/${run}/model",
            run_id="${run}",
            run_link="https://tracking.example/run",
            description="first",
            tags=tags(team="blue"),
        )
        r.read_version("1")
        r.read()
        s.get("/ajax-api/2.0/mlflow/model-versions/get", query(name=r.name, version="1"))
        s.get(VERSIONS + "get-download-uri", query(name=r.name, version="1"))

    with recorder.scenario("a model version with a source only") as s:
        r = Registry(s)
        r.model()
        r.version()
        r.read_version("1")
        r.version(run_id="", run_link="", description="", tags=[], model_id="")
        r.version(run_id=None, source="s3://bucket/other")
        r.read()

    with recorder.scenario("numbers of model versions are not used again") as s:
        r = Registry(s)
        r.model()
        for _ in range(3):
            r.version()
        r.delete_version("3")
        r.version()
        r.delete_version("1")
        r.delete_version("2")
        r.delete_version("4")
        r.read()
        r.version()
        s.delete(MODELS + "delete", {"name": r.name})
        r.model()
        r.version()

    with recorder.scenario("a deleted model version is gone") as s:
        r = Registry(s)
        r.model()
        r.version(description="x", tags=tags(a="b"))
        r.version()
        r.alias("champion", "1")
        r.alias("other", "2")
        r.delete_version("1")
        r.read_version("1", status=404)
        r.delete_version("1", status=404)
        s.get(VERSIONS + "get-download-uri", query(name=r.name, version="1"), status=404)
        s.patch(VERSIONS + "update", {"name": r.name, "version": "1", "description": "y"}, status=404)
        s.post(VERSIONS + "set-tag", {"name": r.name, "version": "1", "key": "a", "value": "b"}, status=404)
        s.delete(VERSIONS + "delete-tag", {"name": r.name, "version": "1", "key": "a"}, status=404)
        r.stage("1", "Staging", status=404)
        r.alias("again", "1", status=404)
        r.read_alias("champion", status=400)
        r.read()
        s.get(VERSIONS + "search", query(filter=f"name = '{r.name}'"))
        s.get(VERSIONS + "search", query(filter="run_id = 'REDACTED-RUN-ID'"))
        s.get(VERSIONS + "search", query(filter=f"name = '{r.name}' AND source_path = 'REDACTED-SOURCE-PATH'"))

    with recorder.scenario("a model version of a model that does not exist") as s:
        r = Registry(s)
        r.version(MISSING, status=404)
        r.read_version("1", MISSING, status=404)
        r.delete_version("1", MISSING, status=404)
        r.stage("1", "Staging", name=MISSING, status=404)
        s.patch(VERSIONS + "update", {"name": MISSING, "version": "1"}, status=404)
        s.post(VERSIONS + "set-tag", {"name": MISSING, "version": "1", "key": "a", "value": "b"}, status=404)
        s.delete(VERSIONS + "delete-tag", {"name": MISSING, "version": "1", "key": "a"}, status=404)
        s.get(VERSIONS + "get-download-uri", query(name=MISSING, version="1"), status=404)

    with recorder.scenario("a model version that does not exist") as s:
        r = Registry(s)
        r.model()
        r.version()
        r.read_version("2", status=404)
        r.delete_version("2", status=404)
        r.stage("2", "Staging", status=404)
        s.patch(VERSIONS + "update", {"name": r.name, "version": "2"}, status=404)
        s.post(VERSIONS + "set-tag", {"name": r.name, "version": "2", "key": "a", "value": "b"}, status=404)
        s.delete(VERSIONS + "delete-tag", {"name": r.name, "version": "2", "key": "a"}, status=404)
        s.get(VERSIONS + "get-download-uri", query(name=r.name, version="2"), status=404)

    with recorder.scenario("a version is an integer") as s:
        r = Registry(s)
        r.model()
        r.version()
        for version in ["abc", "1.0", "1e0", "v1", "latest", "0x1", "1 2", "-", "1_", "_1", "1__0"]:
            r.read_version(version, status=400)
        for version in ["0", "-1", "99", "-0"]:
            r.read_version(version, status=404)
        r.read_version("abc", MISSING, status=400)
        r.read_version("abc", "a/b", status=400)
        r.delete_version("abc", status=400)
        r.stage("abc", "Staging", status=400)
        s.patch(VERSIONS + "update", {"name": r.name, "version": "abc"}, status=400)
        s.post(VERSIONS + "set-tag", {"name": r.name, "version": "abc", "key": "a", "value": "b"}, status=400)
        s.delete(VERSIONS + "delete-tag", {"name": r.name, "version": "abc", "key": "a"}, status=400)
        s.get(VERSIONS + "get-download-uri", query(name=r.name, version="abc"), status=400)

    with recorder.scenario("spellings of a version") as s:
        r = Registry(s)
        r.model()
        r.version()
        for version in ["1", "01", "+1", " 1 ", "0001"]:
            r.read_version(version)
        # As Python reads integers; nobody writes a version like this.
        for version in ["0_1"]:
            r.read_version(version)

    with recorder.scenario("a version in a body is text") as s:
        r = Registry(s)
        r.model()
        r.version()
        r.delete_version(1, status=400)
        r.stage(1, "Staging", status=400)
        s.patch(VERSIONS + "update", {"name": r.name, "version": 1}, status=400)
        s.post(VERSIONS + "set-tag", {"name": r.name, "version": 1, "key": "a", "value": "b"}, status=400)
        s.delete(VERSIONS + "delete-tag", {"name": r.name, "version": 1, "key": "a"}, status=400)
        r.read_version("1")

    with recorder.scenario("a version too large for any database") as s:
        r = Registry(s)
        r.model()
        r.version()
        r.read_version("2147483648", status=404)
        r.read_version("9223372036854775807", status=404)
        missing = refused("version-out-of-range", code="RESOURCE_DOES_NOT_EXIST")
        missing.status, missing.body["error_class"] = 404, "RESOURCE_NOT_FOUND"
        r.read_version("9223372036854775808", status=500, oxflow=missing)

    with recorder.scenario("required fields of the endpoints of model versions") as s:
        r = Registry(s)
        r.model()
        r.version()
        s.post(VERSIONS + "create", {}, status=400)
        s.post(VERSIONS + "create", {"name": r.name}, status=400)
        s.post(VERSIONS + "create", {"name": r.name, "source": ""}, status=400)
        s.post(VERSIONS + "create", {"source": "s3://bucket/model"}, status=400)
        for path in ["get", "get-download-uri"]:
            s.get(VERSIONS + path, status=400)
            s.get(VERSIONS + path, query(name=r.name), status=400)
            s.get(VERSIONS + path, query(version="1"), status=400)
            s.get(VERSIONS + path, query(name=r.name, version=""), status=400)
        for method, path in [("PATCH", "update"), ("DELETE", "delete")]:
            s.call(method, VERSIONS + path, json={}, status=400)
            s.call(method, VERSIONS + path, json={"name": r.name}, status=400)
            s.call(method, VERSIONS + path, json={"version": "1"}, status=400)
        for method, path in [("POST", "set-tag"), ("DELETE", "delete-tag")]:
            s.call(method, VERSIONS + path, json={}, status=400)
            s.call(method, VERSIONS + path, json={"name": r.name, "version": "1"}, status=400)
            s.call(method, VERSIONS + path, json={"name": r.name, "key": "a"}, status=400)
            s.call(method, VERSIONS + path, json={"version": "1", "key": "a"}, status=400)

    with recorder.scenario("wrong types for a new model version") as s:
        r = Registry(s)
        r.model()
        for field, value in [
            ("name", 5),
            ("source", 5),
            ("run_id", 5),
            ("run_link", 5),
            ("description", 5),
            ("model_id", 5),
            ("tags", "a"),
            ("source", ["s3://bucket"]),
        ]:
            body = {"name": r.name, "source": "s3://bucket/model", field: value}
            s.post(VERSIONS + "create", body, status=400)
        for items in [["a"], [{"key": 5, "value": "x"}]]:
            r.version(tags=items, no_body=True, status=400, oxflow=refused("wrong-type-is-400"))
        r.version(tags=[{"key": "a", "value": 5}], no_body=True, oxflow=refused("wrong-type-is-400"))

    with recorder.scenario("lengths of the texts of a model version") as s:
        r = Registry(s)
        r.model()
        r.version(source="s3://bucket/" + "s" * 488, no_body=True)
        r.version(source="s3://bucket/" + "s" * 489, no_body=True, oxflow=refused(FITS))
        r.version(run_link="l" * 500, no_body=True)
        r.version(run_link="l" * 501, no_body=True, oxflow=refused(FITS))
        r.version(description="${d*5000}", no_body=True)
        r.version(description="${d*5001}", no_body=True, oxflow=refused(FITS))
        r.version(run_id="f" * 32, no_body=True)
        r.version(run_id="f" * 33, no_body=True, oxflow=refused(FITS))
        update = {"name": r.name, "version": "1"}
        s.patch(VERSIONS + "update", {**update, "description": "${d*5000}"}, no_body=True)
        s.patch(VERSIONS + "update", {**update, "description": "${d*5001}"}, no_body=True, oxflow=refused(FITS))

    with recorder.scenario("the description of a model version is updated") as s:
        r = Registry(s)
        r.model()
        r.version(description="first")
        update = lambda **fields: s.patch(VERSIONS + "update", {"name": r.name, "version": "1", **fields})
        update(description="second")
        r.read_version("1")
        update(description="")
        update(description="third")
        update()
        r.read_version("1")
        update(description="fourth")
        update(description=None)
        s.patch(VERSIONS + "update", {"name": r.name, "version": "1", "description": 5}, status=400)

    with recorder.scenario("tags of a model version are set, replaced and deleted") as s:
        r = Registry(s)
        r.model()
        r.version(tags=[{"key": "a", "value": "1"}, {"key": "a", "value": "2"}])
        tag = lambda key, value: s.post(
            VERSIONS + "set-tag", {"name": r.name, "version": "1", "key": key, "value": value}
        )
        tag("a", "3")
        tag("b c/d.e-f_g:h", "ü")
        tag("empty", "")
        s.post(VERSIONS + "set-tag", {"name": r.name, "version": "01", "key": "absent"})
        r.read_version("1")
        for key in ["a", "a", "never there"]:
            s.delete(VERSIONS + "delete-tag", {"name": r.name, "version": "1", "key": key})
        r.read_version("1")
        r.read()

    with recorder.scenario("limits of tags of a model version") as s:
        r = Registry(s)
        r.model()
        r.version()
        tag = lambda key, value, **rest: s.post(
            VERSIONS + "set-tag", {"name": r.name, "version": "1", "key": key, "value": value}, **rest
        )
        tag("k" * 250, "longest key")
        tag("k" * 251, "x", status=400)
        tag("value", "${ü*100000}")
        tag("value", "${ü*100001}", status=400)
        for key in ["a#b", "/a", "../a", ".", "a//b"]:
            tag(key, "x", status=400)
            s.delete(VERSIONS + "delete-tag", {"name": r.name, "version": "1", "key": key}, status=400)
        for key, value in [("", "x"), ("a#b", "x"), ("k" * 251, "x"), ("long", "${v*100001}")]:
            r.version(tags=[{"key": key, "value": value}], status=400)
        r.version(tags=[{"key": "a"}])

    with recorder.scenario("a model version says where its files are") as s:
        r = Registry(s)
        s.experiment()
        s.run()
        r.model()
        for source in ["s3://bucket/a", "dbfs:/a/b", "gs://bucket/a?x=1"]:
            r.version(source=source)
        r.version(source="runs:/${run}/model", run_id="${run}")
        for version in ["1", "2", "3", "4"]:
            s.get(VERSIONS + "get-download-uri", query(name=r.name, version=version))

    with recorder.scenario("a model version of a logged model") as s:
        r = Registry(s)
        s.experiment()
        s.run()
        s.post(
            "logged-models",
            {"experiment_id": "${exp}", "name": "of a run", "source_run_id": "${run}"},
            capture={"model": "/model/info/model_id"},
        )
        s.post(
            "logged-models",
            {"experiment_id": "${exp}", "name": "of no run"},
            capture={"lonely": "/model/info/model_id"},
        )
        r.model()
        r.version(source="models:/${model}", model_id="${model}")
        r.version(source="models:/${model}", model_id="${model}", run_id="${run}")
        r.version(source="models:/${lonely}", model_id="${lonely}")
        r.version(source="s3://bucket/model", model_id="${model}")
        for version in ["1", "2", "3", "4"]:
            s.get(VERSIONS + "get-download-uri", query(name=r.name, version=version))
        s.get("logged-models/${model}")
        s.get("logged-models/${lonely}")
        s.delete(MODELS + "delete", {"name": r.name})
        s.get("logged-models/${model}")

    with recorder.scenario("a run of a model version need not exist") as s:
        r = Registry(s)
        r.model()
        r.version(run_id="0" * 32)
        r.version(run_id="no run")
        r.read()

    with recorder.scenario("what moves the time of a registered model") as s:
        r = Registry(s)
        names = [f"{r.name} {letter}" for letter in "abc"]
        for name in names:
            r.model(name, no_body=True)
        a, b, c = names

        def newest_first():
            s.get(MODELS + "search", query(filter=f"name LIKE '{r.name}%'", order_by="timestamp DESC"))

        newest_first()
        r.version(a)
        newest_first()
        r.version(b)
        newest_first()
        r.stage("1", "Staging", name=a)
        newest_first()
        r.version(c)
        r.version(c)
        r.delete_version("1", b)
        newest_first()
        r.delete_version("1", c)
        newest_first()
        s.patch(MODELS + "update", {"name": b, "description": "x"})
        newest_first()
        # None of these moves it.
        s.patch(VERSIONS + "update", {"name": a, "version": "1", "description": "x"})
        s.post(MODELS + "set-tag", {"name": a, "key": "k", "value": "v"})
        s.post(VERSIONS + "set-tag", {"name": a, "version": "1", "key": "k", "value": "v"})
        s.delete(MODELS + "delete-tag", {"name": a, "key": "k"})
        r.alias("champion", "1", a)
        r.delete_alias("champion", a)
        newest_first()

    with recorder.scenario("what moves the time of a model version") as s:
        r = Registry(s)
        r.model()
        for _ in range(3):
            r.version(no_body=True)

        def newest_first():
            s.get(VERSIONS + "search", query(filter=f"name = '{r.name}'", order_by="last_updated_timestamp DESC"))

        newest_first()
        s.patch(VERSIONS + "update", {"name": r.name, "version": "1", "description": "x"})
        newest_first()
        r.stage("2", "Staging")
        newest_first()
        r.stage("1", "Staging", archive=True)
        newest_first()
        s.post(VERSIONS + "set-tag", {"name": r.name, "version": "3", "key": "k", "value": "v"})
        r.alias("champion", "3")
        newest_first()
        s.post(MODELS + "rename", {"name": r.name, "new_name": r.name + " new"})
        r.stage("3", "Production", name=r.name + " new")

    with recorder.scenario("a prompt version is not made in the clothes of a model version") as s:
        r = Registry(s)
        r.model()
        r.version(source="s3://bucket/model", tags=[PROMPT], status=400)
        r.version(source="dummy-source", tags=[PROMPT])
        r.version(source="dummy-source", status=400)
