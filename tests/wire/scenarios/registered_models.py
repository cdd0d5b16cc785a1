"""Registered models: create, get, update, rename, delete, tags."""

import urllib.parse

from record import Difference, error, query, refused
from scenarios.registry import MISSING, MODELS, PROMPT, Registry, tags

FITS = "registry-text-fits-the-column"


def record(recorder):
    with recorder.scenario("a registered model is created and read back") as s:
        r = Registry(s)
        r.model(description="the first", tags=tags(team="blue", stage="new"))
        r.read()
        s.get("/ajax-api/2.0/mlflow/registered-models/get", query(name=r.name))

    with recorder.scenario("a registered model with a name only") as s:
        r = Registry(s)
        r.model()
        r.read()

    with recorder.scenario("an empty description of a registered model is kept as empty") as s:
        r = Registry(s)
        r.model(description="")
        r.read()
        r.model(r.name + " null", description=None, tags=None)
        r.model(r.name + " no tags", tags=[])

    with recorder.scenario("a name of a registered model is taken only once") as s:
        r = Registry(s)
        r.model()
        r.model(status=400)
        r.model(description="another", tags=tags(a="b"), status=400)
        s.delete(MODELS + "delete", {"name": r.name})
        r.model()

    with recorder.scenario("names of registered models are case-sensitive") as s:
        r = Registry(s)
        r.model(r.name + " a")
        r.model(r.name + " A")
        r.read(r.name + " A")

    with recorder.scenario("a model and a prompt cannot have one name") as s:
        r = Registry(s)
        r.model(r.name + " model")
        r.model(r.name + " prompt", tags=[PROMPT])
        r.model(r.name + " model", tags=[PROMPT], status=400)
        r.model(r.name + " prompt", status=400)
        r.model(r.name + " prompt", tags=[PROMPT], status=400)
        r.model(r.name + " it's", tags=[PROMPT])
        r.model(r.name + " it's", status=400)
        r.model(r.name + ' it\'s "so"', tags=[PROMPT])
        r.model(r.name + ' it\'s "so"', status=400)

    with recorder.scenario("the tag of a prompt counts in any case, and the last of several") as s:
        r = Registry(s)
        is_prompt = lambda value: {"key": "mlflow.prompt.is_prompt", "value": value}
        r.model(r.name + " a", tags=[is_prompt("True")])
        r.model(r.name + " a", status=400)
        r.model(r.name + " b", tags=[is_prompt("false")])
        r.model(r.name + " b", status=400)
        r.model(r.name + " c", tags=[is_prompt("true"), is_prompt("no")])
        r.model(r.name + " c", status=400)

    with recorder.scenario("names that a registered model cannot have") as s:
        for name in ["a/b", "a:b", "/", ":", "..", ".", "a/../b", "  ", "\t", "\n"]:
            s.post(MODELS + "create", {"name": name}, status=400)
        for name in ["", None, 5, True, ["a"], {"a": 1}]:
            s.post(MODELS + "create", {"name": name}, status=400)
        s.post(MODELS + "create", {}, status=400)

    with recorder.scenario("names that a registered model can have") as s:
        r = Registry(s)
        for name in [" a", "a ", "ü", "日本", "a\\b", 'a"b', "a'b", "a%b", "a#b?c&d", "a@b", "...", "a.b", "%41", "a\tb", "<b>"]:
            r.model(r.name + name)
            s.get(MODELS + "get", "name=" + r.name + quoted(name))

    with recorder.scenario("a name of a registered model is at most 256 characters") as s:
        r = Registry(s)
        r.model("é" * 256)
        r.model("é" * 257, no_body=True, oxflow=refused(FITS))

    with recorder.scenario("a description of a registered model is at most 5000 characters") as s:
        r = Registry(s)
        r.model(r.name + " fits", description="${é*5000}", no_body=True)
        r.model(r.name + " long", description="${é*5001}", no_body=True, oxflow=refused(FITS))
        r.model()
        s.patch(MODELS + "update", {"name": r.name, "description": "${d*5000}"}, no_body=True)
        s.patch(MODELS + "update", {"name": r.name, "description": "${d*5001}"}, no_body=True, oxflow=refused(FITS))

    with recorder.scenario("wrong types for a new registered model") as s:
        name = s.slug
        s.post(MODELS + "create", {"name": name, "description": 5}, status=400)
        s.post(MODELS + "create", {"name": name, "tags": "a"}, status=400)
        s.post(MODELS + "create", {"name": name, "tags": {"a": "b"}}, status=400)
        s.post_text(MODELS + "create", "", status=400)
        s.post_text(MODELS + "create", "null", status=400)
        s.post(MODELS + "create", {"name": name}, headers={"content-type": "text/plain"}, status=400)
        s.get(MODELS + "get", query(name=name), status=404)

    with recorder.scenario("items of the tags of a new registered model") as s:
        r = Registry(s)
        r.model(tags=[{"key": "a", "value": "1"}, {"key": "a", "value": "2"}])
        r.model(r.name + " no value", tags=[{"key": "a"}])
        r.model(r.name + " empty value", tags=[{"key": "a", "value": ""}])
        for i, items in enumerate(
            [
                [{"key": "", "value": "x"}],
                [{"value": "x"}],
                [{}],
                [{"key": "a#b", "value": "x"}],
                [{"key": "../a", "value": "x"}],
                [{"key": "a//b", "value": "x"}],
                [{"key": "ok", "value": "x"}, {"key": "a,b", "value": "x"}],
                [{"key": "k" * 251, "value": "x"}],
                [{"key": "k", "value": "${v*100001}"}],
            ]
        ):
            r.model(r.name + f" {i}", tags=items, status=400)
        r.model(r.name + " longest", tags=[{"key": "k" * 250, "value": "${v*100000}"}], no_body=True)

    with recorder.scenario("tags of a new registered model that are no tags") as s:
        r = Registry(s)
        for i, items in enumerate([["a"], [5], [{"key": 5, "value": "x"}]]):
            r.model(r.name + f" {i}", tags=items, status=400, oxflow=refused("wrong-type-is-400"))
        r.model(r.name, tags=[{"key": "a", "value": 5}], no_body=True, oxflow=refused("wrong-type-is-400"))

    with recorder.scenario("unknown fields and camelCase of the registry") as s:
        r = Registry(s)
        r.model(unknown="x", deployment_job_id="job")
        s.post(MODELS + "rename", {"name": r.name, "new_name": r.name + " 2", "newName": r.name + " 3"}, status=400)

    with recorder.scenario("a registered model that does not exist") as s:
        s.get(MODELS + "get", query(name=MISSING), status=404)
        s.patch(MODELS + "update", {"name": MISSING, "description": "x"}, status=404)
        s.post(MODELS + "rename", {"name": MISSING, "new_name": "x"}, status=404)
        s.delete(MODELS + "delete", {"name": MISSING}, status=404)
        s.post(MODELS + "set-tag", {"name": MISSING, "key": "a", "value": "b"}, status=404)
        s.delete(MODELS + "delete-tag", {"name": MISSING, "key": "a"}, status=404)
        s.get(MODELS + "get-latest-versions", query(name=MISSING), status=404)
        s.post(MODELS + "get-latest-versions", {"name": MISSING}, status=404)

    with recorder.scenario("bad names where a registered model is meant") as s:
        for name in ["a/b", "a:b", "..", "   "]:
            s.get(MODELS + "get", query(name=name), status=400)
            s.patch(MODELS + "update", {"name": name, "description": "x"}, status=400)
            s.post(MODELS + "rename", {"name": name, "new_name": "x"}, status=400)
            s.delete(MODELS + "delete", {"name": name}, status=400)
            s.post(MODELS + "set-tag", {"name": name, "key": "a", "value": "b"}, status=400)
            s.delete(MODELS + "delete-tag", {"name": name, "key": "a"}, status=400)

    with recorder.scenario("required fields of the endpoints of registered models") as s:
        r = Registry(s)
        r.model()
        s.get(MODELS + "get", status=400)
        s.get(MODELS + "get", "name=", status=400)
        s.patch(MODELS + "update", {"description": "x"}, status=400)
        s.patch(MODELS + "update", {"name": r.name, "description": 5}, status=400)
        s.patch(MODELS + "update", {"name": 5}, status=400)
        s.post(MODELS + "rename", {}, status=400)
        s.post(MODELS + "rename", {"name": r.name}, status=400)
        s.post(MODELS + "rename", {"new_name": r.name}, status=400)
        s.post(MODELS + "rename", {"name": r.name, "new_name": 5}, status=400)
        s.post(MODELS + "rename", {"name": r.name, "new_name": ""}, status=400)
        s.post(MODELS + "rename", {"name": r.name, "new_name": "  "}, status=400)
        s.delete(MODELS + "delete", {}, status=400)
        s.delete(MODELS + "delete", query=query(name=r.name), status=400)
        s.delete(MODELS + "delete", {"name": 5}, status=400)
        s.post(MODELS + "set-tag", {"name": r.name}, status=400)
        s.post(MODELS + "set-tag", {"key": "a", "value": "b"}, status=400)
        s.post(MODELS + "set-tag", {"name": r.name, "key": 5, "value": "b"}, status=400)
        s.post(MODELS + "set-tag", {"name": r.name, "key": "a", "value": 5}, status=400)
        s.delete(MODELS + "delete-tag", {"name": r.name}, status=400)
        s.delete(MODELS + "delete-tag", {"key": "a"}, status=400)

    with recorder.scenario("the description of a registered model is updated") as s:
        r = Registry(s)
        r.model(description="first")
        s.patch(MODELS + "update", {"name": r.name, "description": "second"})
        r.read()
        s.patch(MODELS + "update", {"name": r.name, "description": ""})
        r.read()

    with recorder.scenario("an update of a registered model without a description empties it") as s:
        r = Registry(s)
        r.model(description="first", tags=tags(a="b"))
        r.version()
        s.patch(MODELS + "update", {"name": r.name})
        r.read()
        s.patch(MODELS + "update", {"name": r.name, "description": "again"})
        s.patch(MODELS + "update", {"name": r.name, "description": None})
        s.patch(MODELS + "update", {"name": r.name, "new_name": "other", "tags": tags(c="d")})

    with recorder.scenario("a renamed registered model keeps what belongs to it") as s:
        r = Registry(s)
        r.model(description="kept", tags=tags(a="b"))
        r.version(description="one", tags=tags(c="d"))
        r.version(source="s3://bucket/two")
        r.version(source="s3://bucket/three")
        r.delete_version("2")
        r.alias("champion", "1")
        s.post(MODELS + "rename", {"name": r.name, "new_name": r.name + " new"})
        r.read(status=404)
        r.read(r.name + " new")
        r.read_version("1", r.name + " new")
        r.read_version("1", status=404)
        r.read_alias("champion", r.name + " new")
        r.version(r.name + " new", source="s3://bucket/four")
        r.model()
        r.version()

    with recorder.scenario("a registered model renamed to its own name") as s:
        r = Registry(s)
        r.model(tags=tags(a="b"))
        r.version(tags=tags(c="d"))
        s.post(MODELS + "rename", {"name": r.name, "new_name": r.name})
        r.read()

    with recorder.scenario("a registered model is not renamed to a taken name") as s:
        r = Registry(s)
        r.model(r.name + " a")
        r.version(r.name + " a")
        r.model(r.name + " b")
        taken = error("RESOURCE_ALREADY_EXISTS", f"Registered Model (name={r.name} b) already exists.")
        s.post(
            MODELS + "rename",
            {"name": r.name + " a", "new_name": r.name + " b"},
            status=400,
            oxflow=refused("rename-model-to-taken-name", taken["message"], taken["error_code"]),
        )
        r.read(r.name + " a")
        r.read(r.name + " b")

    with recorder.scenario("names that a registered model cannot be renamed to") as s:
        r = Registry(s)
        r.model()
        for name in ["a/b", "a:b", "..", "."]:
            s.post(MODELS + "rename", {"name": r.name, "new_name": name}, status=400)
        s.post(MODELS + "rename", {"name": r.name, "new_name": "r" * 257}, no_body=True, oxflow=refused(FITS))

    with recorder.scenario("a deleted registered model is gone with its versions") as s:
        r = Registry(s)
        r.model(tags=tags(a="b"))
        r.version(tags=tags(c="d"))
        r.version()
        r.alias("champion", "2")
        s.delete(MODELS + "delete", {"name": r.name})
        r.read(status=404)
        r.read_version("1", status=404)
        r.read_alias("champion", status=404)
        s.delete(MODELS + "delete", {"name": r.name}, status=404)
        r.model()
        r.read()
        r.version()
        r.read()

    with recorder.scenario("tags of a registered model are set, replaced and deleted") as s:
        r = Registry(s)
        r.model()
        s.post(MODELS + "set-tag", {"name": r.name, "key": "a", "value": "1"})
        s.post(MODELS + "set-tag", {"name": r.name, "key": "a", "value": "2"})
        s.post(MODELS + "set-tag", {"name": r.name, "key": "b c/d.e-f_g:h", "value": "ü"})
        s.post(MODELS + "set-tag", {"name": r.name, "key": "empty", "value": ""})
        s.post(MODELS + "set-tag", {"name": r.name, "key": "absent"})
        r.read()
        s.delete(MODELS + "delete-tag", {"name": r.name, "key": "a"})
        s.delete(MODELS + "delete-tag", {"name": r.name, "key": "a"})
        s.delete(MODELS + "delete-tag", {"name": r.name, "key": "never there"})
        r.read()

    with recorder.scenario("limits of tags of a registered model") as s:
        r = Registry(s)
        r.model()
        tag = lambda key, value, **rest: s.post(
            MODELS + "set-tag", {"name": r.name, "key": key, "value": value}, **rest
        )
        tag("k" * 250, "longest key")
        tag("k" * 251, "x", status=400)
        tag("value", "${ü*100000}")
        tag("value", "${ü*100001}", status=400)
        for key in ["a#b", "a,b", "a*", "/a", "../a", "..", ".", "a//b", "a/", "a\nb", " "]:
            tag(key, "x", status=400 if key != " " else 200)
        for key in ["a#b", "../a", "k" * 251]:
            s.delete(MODELS + "delete-tag", {"name": r.name, "key": key}, no_body=True, status=400 if len(key) < 9 else 200)

    with recorder.scenario("a tag makes a model a prompt and a prompt a model") as s:
        r = Registry(s)
        r.model()
        s.post(MODELS + "set-tag", {"name": r.name, **PROMPT})
        r.model(status=400)
        s.delete(MODELS + "delete-tag", {"name": r.name, "key": PROMPT["key"]})
        r.model(status=400)
        r.read()

    with recorder.scenario("wrong methods on registered models") as s:
        for method, path in [
            ("GET", "create"),
            ("POST", "update"),
            ("POST", "delete"),
            ("POST", "search"),
            ("PUT", "alias"),
        ]:
            s.call(
                method,
                MODELS + path,
                json={"name": s.slug},
                status=405,
                keep_headers=["allow"],
                oxflow=Difference("wrong-method-is-json", 405, "<any>"),
            )


def quoted(text):
    return urllib.parse.quote(text)
