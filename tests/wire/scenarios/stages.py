"""Stages: transition-stage and get-latest-versions."""

from record import query, refused
from scenarios.registry import MISSING, MODELS, VERSIONS, Registry


def given_versions(s, count=4):
    r = Registry(s)
    r.model(no_body=True)
    for _ in range(count):
        r.version(no_body=True)
    return r


def record(recorder):
    with recorder.scenario("a version moves through the stages in any order") as s:
        r = given_versions(s, 1)
        for stage in ["Staging", "Production", "Archived", "None", "Production", "Production", "None"]:
            r.stage("1", stage)
        r.read_version("1")

    with recorder.scenario("a stage is written in any case") as s:
        r = given_versions(s, 1)
        for stage in ["staging", "PRODUCTION", "aRCHIVED", "none"]:
            r.stage("1", stage)
        r.read_version("1")

    with recorder.scenario("a stage that does not exist") as s:
        r = given_versions(s, 1)
        for stage in ["foo", "Deleted_Internal", "Staging ", " ", "Active", "Stagıng"]:
            r.stage("1", stage, status=400)
        r.stage("1", "foo", archive=True, status=400)
        r.stage("1", "foo", name=MISSING, status=400)
        r.stage("9", "foo", status=400)
        r.read_version("1")

    with recorder.scenario("required fields of transition-stage") as s:
        r = given_versions(s, 1)
        full = {"name": r.name, "version": "1", "stage": "Staging"}
        for field in full:
            s.post(VERSIONS + "transition-stage", {**full, field: ""}, status=400)
            s.post(VERSIONS + "transition-stage", {**full, field: None}, status=400)
            s.post(VERSIONS + "transition-stage", {**full, field: 5}, status=400)
        s.post(VERSIONS + "transition-stage", {}, status=400)
        s.post(VERSIONS + "transition-stage", full)
        s.post(VERSIONS + "transition-stage", {**full, "archive_existing_versions": None})

    with recorder.scenario("archive_existing_versions is a boolean") as s:
        r = given_versions(s, 1)
        full = {"name": r.name, "version": "1", "stage": "Staging"}
        for value in ["true", "false", 1, 0, "x", 2.5, []]:
            s.post(VERSIONS + "transition-stage", {**full, "archive_existing_versions": value}, status=400)

    with recorder.scenario("the other versions of a stage are archived if asked for") as s:
        r = given_versions(s)
        r.stage("1", "Staging")
        r.stage("2", "Staging")
        r.stage("3", "Production")
        r.stage("4", "Staging", archive=True)
        r.read()
        for version in ["1", "2", "3", "4"]:
            r.read_version(version)
        r.stage("1", "Production", archive=True)
        r.stage("4", "Staging", archive=True)
        for version in ["1", "2", "3", "4"]:
            r.read_version(version)

    with recorder.scenario("the other versions of a stage stay unless asked for") as s:
        r = given_versions(s, 2)
        r.stage("1", "Production")
        r.stage("2", "Production")
        r.read_version("1")
        s.post(VERSIONS + "transition-stage", {"name": r.name, "version": "2", "stage": "production"})
        r.read_version("1")

    with recorder.scenario("versions are archived for Staging and Production only") as s:
        r = given_versions(s, 2)
        r.stage("1", "Archived")
        clean = refused("archive-existing-stage")
        for stage in ["Archived", "None", "archived"]:
            r.stage("2", stage, archive=True, status=500, oxflow=clean)
        r.read_version("2")

    with recorder.scenario("nothing is archived when the version does not exist") as s:
        r = given_versions(s, 1)
        r.stage("1", "Staging")
        r.stage("9", "Staging", archive=True, status=404)
        r.stage("abc", "Staging", archive=True, status=400)
        r.read_version("1")

    with recorder.scenario("a version given as 01 is the version itself when others are archived") as s:
        r = given_versions(s, 2)
        r.stage("1", "Staging")
        r.stage("2", "Staging")
        r.stage("1", "Staging", archive=True)
        r.read_version("1")
        r.read_version("2")

    with recorder.scenario("the latest version of every stage") as s:
        r = given_versions(s)
        r.latest()
        r.stage("1", "Production")
        r.stage("2", "Staging")
        r.stage("3", "Staging")
        r.latest()
        r.latest("Staging")
        r.latest("None", "Production")
        r.latest("production", "STAGING")
        r.latest("Archived")
        r.latest("Staging", "Staging")
        r.latest("foo", status=400)
        r.latest("Staging", "foo", status=400)
        r.latest("", status=400)
        r.read()
        r.alias("champion", "3")
        r.alias("another", "3")
        r.latest("Staging")
        r.delete_version("3")
        r.latest("Staging")
        r.latest()
        r.latest(name=MISSING, status=404)
        r.latest("foo", name=MISSING, status=404)

    with recorder.scenario("the latest versions asked for with POST") as s:
        r = given_versions(s)
        r.stage("2", "Staging")
        post = lambda body, **rest: s.post(
            MODELS + "get-latest-versions", body, unordered=["/model_versions"] if "status" not in rest else [], **rest
        )
        post({"name": r.name})
        post({"name": r.name, "stages": []})
        post({"name": r.name, "stages": ["staging"]})
        post({"name": r.name, "stages": None})
        post({"name": r.name, "stages": ["foo"]}, status=400)
        post({"name": r.name, "stages": "Staging"}, status=400)
        post({"name": r.name, "stages": [5]}, status=400)
        post({"stages": ["Staging"]}, status=400)
        post({"name": ""}, status=400)
        post({"name": "a/b"}, status=400)
        s.get(MODELS + "get-latest-versions", status=400)
        s.get("/ajax-api/2.0/mlflow/registered-models/get-latest-versions", query(name=r.name, stages="Staging"))

    with recorder.scenario("a model without versions has no latest ones") as s:
        r = given_versions(s, 1)
        r.delete_version("1")
        r.latest()
        r.latest("Staging")
        r.read()
