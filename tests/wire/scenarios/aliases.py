"""Aliases of registered models."""

from record import query, refused
from scenarios.registry import MISSING, MODELS, Registry


def given_versions(s, count=2):
    r = Registry(s)
    r.model(no_body=True)
    for _ in range(count):
        r.version(no_body=True)
    return r


def record(recorder):
    with recorder.scenario("an alias is set, moved and deleted") as s:
        r = given_versions(s)
        r.alias("champion", "1")
        r.read_alias("champion")
        r.read_version("1")
        r.read()
        r.alias("champion", "2")
        r.alias("champion", "2")
        r.read_alias("champion")
        r.read_version("1")
        r.delete_alias("champion")
        r.read_alias("champion", status=400)
        r.read_version("2")
        r.read()
        r.delete_alias("champion")
        s.get("/ajax-api/2.0/mlflow/registered-models/alias", query(name=r.name, alias="x"), status=400)

    with recorder.scenario("a version has several aliases") as s:
        r = given_versions(s)
        for alias in ["b", "a", "C"]:
            r.alias(alias, "1")
        r.alias("d", "2")
        r.read()
        r.read_version("1")
        r.read_alias("a")
        s.get("model-versions/search", query(filter=f"name = '{r.name}'"))
        s.get(MODELS + "search", query(filter=f"name = '{r.name}'"))

    with recorder.scenario("aliases are case-sensitive") as s:
        r = given_versions(s)
        r.alias("Champion", "1")
        r.alias("champion", "2")
        r.read_alias("Champion")
        r.read_alias("champion")
        r.read_alias("CHAMPION", status=400)

    with recorder.scenario("an alias of a new version of the same number") as s:
        r = given_versions(s)
        r.alias("champion", "01")
        r.read_alias("champion")

    with recorder.scenario("names that an alias can have") as s:
        r = given_versions(s)
        for alias in ["a", "A-b_c", "1", "2a", "_", "-", "ü", "日本", "v", "v1a", "av1", "version1", "a" * 255, "None", "Staging"]:
            r.alias(alias, "1")
            r.read_alias(alias)

    with recorder.scenario("names that an alias cannot have") as s:
        r = given_versions(s)
        for alias in ["a b", "a.b", "a/b", "a:b", "a@b", "a#b", " ", "é!", "a" * 256]:
            r.alias(alias, "1", status=400)
            r.read_alias(alias, status=400)
            r.delete_alias(alias, status=400)
        r.read()

    with recorder.scenario("a line break at the end of an alias") as s:
        r = given_versions(s)
        r.alias("a\n", "1", no_body=True, oxflow=refused("alias-line-break"))

    with recorder.scenario("reserved names of aliases") as s:
        r = given_versions(s)
        for alias in ["latest", "Latest", "LATEST", "v1", "v99", "V1", "v0"]:
            r.alias(alias, "1", status=400)
        for alias in ["v1", "V1"]:
            r.read_alias(alias, status=400)
            r.delete_alias(alias)
        r.delete_alias("latest")

    with recorder.scenario("latest is the highest version") as s:
        r = given_versions(s, 3)
        r.read_alias("latest")
        r.read_alias("LaTeSt")
        r.stage("1", "Production")
        r.stage("3", "Staging")
        r.alias("champion", "3")
        r.read_alias("latest")
        r.delete_version("3")
        r.read_alias("latest")
        r.stage("1", "Archived")
        r.delete_version("2")
        r.read_alias("latest")
        r.delete_version("1")
        r.read_alias("latest", status=404)
        r.read_alias("latest", MISSING, status=404)

    with recorder.scenario("an alias of what does not exist") as s:
        r = given_versions(s)
        r.alias("champion", "9", status=404)
        r.alias("champion", "1", MISSING, status=404)
        r.read_alias("champion", MISSING, status=404)
        r.delete_alias("champion", MISSING, status=404)
        r.alias("champion", "abc", status=400)
        r.alias("champion", 1, status=400)
        r.alias("champion", "1", "a/b", status=400)
        r.read_alias("champion", "a/b", status=400)
        r.delete_alias("champion", "a/b", status=400)

    with recorder.scenario("required fields of aliases") as s:
        r = given_versions(s)
        full = {"name": r.name, "alias": "champion", "version": "1"}
        s.post(MODELS + "alias", {}, status=400)
        for field in full:
            for value in ["", None, 5]:
                s.post(MODELS + "alias", {**full, field: value}, status=400)
        s.get(MODELS + "alias", status=400)
        s.get(MODELS + "alias", query(name=r.name), status=400)
        s.get(MODELS + "alias", query(name=r.name, alias=""), status=400)
        s.get(MODELS + "alias", query(alias="champion"), status=400)
        s.delete(MODELS + "alias", {}, status=400)
        s.delete(MODELS + "alias", {"name": r.name}, status=400)
        s.delete(MODELS + "alias", {"alias": "champion"}, status=400)
        s.delete(MODELS + "alias", query=query(name=r.name, alias="champion"), status=400)

    with recorder.scenario("aliases of a deleted version are gone") as s:
        r = given_versions(s)
        r.alias("champion", "1")
        r.alias("second", "1")
        r.alias("other", "2")
        r.delete_version("1")
        r.read_alias("champion", status=400)
        r.read()
        r.alias("champion", "2")
        r.read_alias("champion")

    with recorder.scenario("aliases follow a renamed model") as s:
        r = given_versions(s)
        r.alias("champion", "1")
        s.post(MODELS + "rename", {"name": r.name, "new_name": r.name + " new"})
        r.read_alias("champion", r.name + " new")
        r.read_alias("champion", status=404)
        r.alias("champion", "2", r.name + " new")
        r.read(r.name + " new")
