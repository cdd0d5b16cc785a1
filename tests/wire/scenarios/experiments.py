"""Experiments: create, get, get-by-name, update, delete, restore, tags."""

from record import query, refused


def record(recorder):
    with recorder.scenario("an experiment is created and read back") as s:
        s.post(
            "experiments/create",
            {
                "name": s.slug,
                "tags": [{"key": "team", "value": "blue"}, {"key": "mlflow.note.content", "value": "# hi"}],
            },
            capture={"exp": "/experiment_id"},
        )
        s.get("experiments/get", query(experiment_id="${exp}"))
        s.get("experiments/get-by-name", query(experiment_name=s.slug))

    with recorder.scenario("the default experiment is there from the start") as s:
        s.get("experiments/get", query(experiment_id="0"))
        s.get("experiments/get-by-name", query(experiment_name="Default"))

    with recorder.scenario("an unknown experiment is a 404") as s:
        s.get("experiments/get", query(experiment_id="99999999"), status=404)
        s.get("experiments/get-by-name", query(experiment_name="no such experiment"), status=404)
        s.post("experiments/delete", {"experiment_id": "99999999"}, status=404)
        s.post("experiments/restore", {"experiment_id": "99999999"}, status=404)
        s.post("experiments/update", {"experiment_id": "99999999", "new_name": "x"}, status=404)
        s.post("experiments/set-experiment-tag", {"experiment_id": "99999999", "key": "a", "value": "b"}, status=404)
        s.post("experiments/delete-experiment-tag", {"experiment_id": "99999999", "key": "a"}, status=404)

    with recorder.scenario("an experiment id is an integer") as s:
        for raw in ["abc", "1.5", "12abc"]:
            s.get("experiments/get", query(experiment_id=raw), status=400)
        s.post("experiments/delete", {"experiment_id": "abc"}, status=400)
        s.post("experiments/restore", {"experiment_id": "abc"}, status=400)
        s.post("experiments/update", {"experiment_id": "abc", "new_name": "x"}, status=400)
        s.post("experiments/set-experiment-tag", {"experiment_id": "abc", "key": "a", "value": "b"}, status=400)
        s.get("experiments/get", query(experiment_id="-1"), status=404)

    with recorder.scenario("required fields of the experiment endpoints are named") as s:
        s.get("experiments/get", status=400)
        s.get("experiments/get-by-name", status=400)
        s.post("experiments/create", {}, status=400)
        s.post("experiments/delete", {}, status=400)
        s.post("experiments/restore", {}, status=400)
        s.post("experiments/update", {}, status=400)
        s.experiment()
        s.post("experiments/update", {"experiment_id": "${exp}"}, status=400)
        s.post("experiments/update", {"experiment_id": "${exp}", "new_name": ""}, status=400)
        s.post("experiments/set-experiment-tag", {"experiment_id": "${exp}"}, status=400)
        s.post("experiments/delete-experiment-tag", {"experiment_id": "${exp}"}, status=400)

    with recorder.scenario("a name is taken only once, also by a deleted experiment") as s:
        s.experiment()
        s.post("experiments/create", {"name": s.slug}, status=400, any=["/message"])
        s.post("experiments/delete", {"experiment_id": "${exp}"})
        s.post("experiments/create", {"name": s.slug}, status=400, any=["/message"])

    with recorder.scenario("experiment names are case-sensitive and may hold any character") as s:
        s.experiment('wire /Any: "Name" #1 ü %41 a/b ..')
        s.get("experiments/get-by-name", query(experiment_name='wire /Any: "Name" #1 ü %41 a/b ..'))
        s.experiment('WIRE /any: "name" #1 Ü %41 a/b ..', capture="other")

    with recorder.scenario("a name of spaces only") as s:
        s.post("experiments/create", {"name": "   "}, no_body=True)

    with recorder.scenario("a name is at most 256 characters") as s:
        s.experiment("é" * 256)
        s.post("experiments/create", {"name": "n" * 257}, no_body=True, oxflow=refused("experiment-name-256"))
        s.post("experiments/create", {"name": "n" * 500}, no_body=True, oxflow=refused("experiment-name-256"))
        s.post("experiments/create", {"name": "n" * 501}, status=400)

    with recorder.scenario("a renamed experiment is found by its new name only") as s:
        s.experiment()
        s.post("experiments/update", {"experiment_id": "${exp}", "new_name": s.slug + " renamed"})
        s.get("experiments/get", query(experiment_id="${exp}"))
        s.get("experiments/get-by-name", query(experiment_name=s.slug), status=404)
        s.get("experiments/get-by-name", query(experiment_name=s.slug + " renamed"))
        s.post("experiments/update", {"experiment_id": "${exp}", "new_name": s.slug + " renamed"})

    with recorder.scenario("renaming to a taken name is refused") as s:
        s.experiment(s.slug + " a", capture="a")
        s.experiment(s.slug + " b", capture="b")
        s.post(
            "experiments/update",
            {"experiment_id": "${a}", "new_name": s.slug + " b"},
            status=400,
            oxflow=refused("rename-to-taken-name", code="RESOURCE_ALREADY_EXISTS"),
        )

    with recorder.scenario("renaming is bound to the limits of a name") as s:
        s.experiment()
        s.post(
            "experiments/update",
            {"experiment_id": "${exp}", "new_name": "r" * 257},
            oxflow=refused("experiment-name-256"),
        )
        s.post("experiments/update", {"experiment_id": "${exp}", "new_name": "r" * 501}, status=400)
        s.post("experiments/update", {"experiment_id": "${exp}", "new_name": 5}, status=400)

    with recorder.scenario("a deleted experiment cannot be renamed") as s:
        s.experiment()
        s.post("experiments/delete", {"experiment_id": "${exp}"})
        s.post(
            "experiments/update",
            {"experiment_id": "${exp}", "new_name": s.slug + " x"},
            status=500,
            oxflow=refused("rename-deleted-experiment"),
        )

    with recorder.scenario("a deleted experiment can be read, a restored one is active") as s:
        s.experiment()
        s.post("experiments/delete", {"experiment_id": "${exp}"})
        s.get("experiments/get", query(experiment_id="${exp}"))
        s.get("experiments/get-by-name", query(experiment_name=s.slug))
        s.post("experiments/restore", {"experiment_id": "${exp}"})
        s.get("experiments/get", query(experiment_id="${exp}"))

    with recorder.scenario("deleting a deleted experiment is a 404") as s:
        s.experiment()
        s.post("experiments/delete", {"experiment_id": "${exp}"})
        s.post("experiments/delete", {"experiment_id": "${exp}"}, status=404)

    with recorder.scenario("restoring an active experiment is a 404") as s:
        s.experiment()
        s.post("experiments/restore", {"experiment_id": "${exp}"}, status=404)

    with recorder.scenario("an experiment takes its runs with it and brings all of them back") as s:
        s.experiment()
        s.run("kept")
        s.run("gone", start_time=1_700_000_000_001)
        s.post("runs/delete", {"run_id": "${gone}"})
        s.post("experiments/delete", {"experiment_id": "${exp}"})
        s.post("runs/search", {"experiment_ids": ["${exp}"], "run_view_type": "ACTIVE_ONLY"})
        s.post("runs/search", {"experiment_ids": ["${exp}"], "run_view_type": "DELETED_ONLY"})
        s.read_run("kept")
        s.post("experiments/restore", {"experiment_id": "${exp}"})
        s.post("runs/search", {"experiment_ids": ["${exp}"]})

    with recorder.scenario("nothing is created in a deleted experiment") as s:
        s.experiment()
        s.post("experiments/delete", {"experiment_id": "${exp}"})
        s.post("runs/create", {"experiment_id": "${exp}", "run_name": "a"}, status=400)
        s.post("logged-models", {"experiment_id": "${exp}", "name": "a"}, status=400)
        s.post("experiments/set-experiment-tag", {"experiment_id": "${exp}", "key": "a", "value": "b"}, status=400)
        s.post("experiments/delete-experiment-tag", {"experiment_id": "${exp}", "key": "a"}, status=400)

    with recorder.scenario("experiment tags are set, replaced and deleted") as s:
        s.experiment(tags=[{"key": "a", "value": "1"}])
        s.post("experiments/set-experiment-tag", {"experiment_id": "${exp}", "key": "a", "value": "2"})
        s.post("experiments/set-experiment-tag", {"experiment_id": "${exp}", "key": "b/c d", "value": "ü"})
        s.post("experiments/set-experiment-tag", {"experiment_id": "${exp}", "key": "empty", "value": ""})
        s.post("experiments/set-experiment-tag", {"experiment_id": "${exp}", "key": "missing"})
        s.get("experiments/get", query(experiment_id="${exp}"))
        s.post("experiments/delete-experiment-tag", {"experiment_id": "${exp}", "key": "a"})
        s.post("experiments/delete-experiment-tag", {"experiment_id": "${exp}", "key": "a"}, status=404)
        s.get("experiments/get", query(experiment_id="${exp}"))

    with recorder.scenario("limits of experiment tags") as s:
        s.experiment()
        tag = lambda key, value="v", **rest: s.post(
            "experiments/set-experiment-tag", {"experiment_id": "${exp}", "key": key, "value": value}, **rest
        )
        tag("k" * 250)
        tag("k" * 251, status=400)
        tag("long", "v" * 20000)
        tag("long", "v" * 20001, status=400)
        for key in ["a#b", "../a", "/a", "a//b", "a/../b", ".", "...", "a\nb", "a/"]:
            tag(key, status=400)
        for key in ["a.b", "a/b", "a:b", "a-b", "a_b", "ключ", "日本", "a..b"]:
            tag(key)
        tag(5, status=400)
        tag("k", 5, status=400)

    with recorder.scenario("tags given at creation are bound to the same limits") as s:
        s.post("experiments/create", {"name": s.slug, "tags": [{"key": "k" * 251, "value": "v"}]}, status=400)
        s.post("experiments/create", {"name": s.slug, "tags": [{"key": "a#b", "value": "v"}]}, status=400)
        s.post("experiments/create", {"name": s.slug, "tags": [{"key": "k", "value": "v" * 20001}]}, status=400)
        s.get("experiments/get-by-name", query(experiment_name=s.slug), status=404)

    with recorder.scenario("a tag without a key at creation") as s:
        for tag in [{"key": "", "value": "x"}, {"value": "x"}, {}]:
            s.post("experiments/create", {"name": s.slug, "tags": [tag]}, status=400)

    with recorder.scenario("a tag repeated at creation") as s:
        s.post(
            "experiments/create",
            {"name": s.slug, "tags": [{"key": "k", "value": "1"}, {"key": "k", "value": "2"}]},
            status=400,
            oxflow=refused("repeated-tag-key-at-creation"),
        )

    with recorder.scenario("artifact locations are kept as given") as s:
        for index, location in enumerate(
            [
                "s3://bucket/path",
                "s3://b/x?y=1",
                "gs://b/x",
                "dbfs:/x/y",
                "mlflow-artifacts:/own/place",
                "/abs/olute",
                "file:///abs/olute",
            ]
        ):
            s.experiment(f"{s.slug} {index}", capture=f"e{index}", artifact_location=location)
            s.get("experiments/get", query(experiment_id="${e%d}" % index))
        s.run("run", exp="${e1}")

    with recorder.scenario("artifact locations that are refused") as s:
        for index, location in enumerate(
            [
                "s3://b/x#frag",
                "s3://b/x?y=/../z",
                "runs:/abc/x",
                "http://attacker.example/x",
                "https://attacker.example/x",
                "ftp://attacker.example/x",
                "sftp://attacker.example/x",
                "hdfs://attacker.example/x",
                "viewfs://attacker.example/x",
                "abfss://c@attacker.example/x",
                "r2://b@attacker.example/x",
                "b2://attacker.example/x",
                "mlflow-artifacts://attacker.example/x",
            ]
        ):
            s.post("experiments/create", {"name": f"{s.slug} {index}", "artifact_location": location}, status=400)

    with recorder.scenario("artifact locations that MLflow keeps and Oxflow refuses") as s:
        slug = "artifact-location-refused"
        for index, location in enumerate(
            [
                "s3://b/x;p=1",
                "mlflow-artifacts:/../x",
                "s3://b/../x",
                "javascript:alert(1)",
                "data:text/html,x",
                "s3://user:secret@b/x",
                "gopher://h/x",
            ]
        ):
            s.post(
                "experiments/create",
                {"name": f"{s.slug} {index}", "artifact_location": location},
                no_body=True,
                oxflow=refused(slug),
            )

    with recorder.scenario("an artifact location is at most 2048 characters") as s:
        s.experiment(artifact_location="s3://b/" + "x" * 2041)
        s.post("experiments/create", {"name": s.slug + " 2", "artifact_location": "s3://b/" + "x" * 2042}, status=400)
