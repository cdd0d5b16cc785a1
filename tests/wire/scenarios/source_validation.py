"""Sources of model versions: what is accepted, what is refused, what a copy points to."""

import posixpath

from record import query, refused
from scenarios.registry import MISSING, MODELS, VERSIONS, PROMPT, Registry


def given_run(s):
    """A model to register under, a run and a logged model of it, another run."""
    r = Registry(s)
    s.experiment()
    s.run()
    s.run("other")
    for name, capture in [("first", "model"), ("second", "strange")]:
        s.post(
            "logged-models",
            {"experiment_id": "${exp}", "name": name, "source_run_id": "${run}"},
            capture={capture: "/model/info/model_id"},
        )
    r.model()
    return r


def refused_local(r, source, **fields):
    """A local path that is refused. MLflow's message has the path it arrived at, Oxflow's the source that was sent."""
    owner = "model_id" if "model_id" in fields else "run_id"
    message = (
        f"Invalid model version source: '{source}'. To use a local path as a model version source, the {owner} request "
        "parameter has to be specified and the local path has to be contained within the artifact directory of the run "
        f"specified by the {owner}."
    )
    is_resolved = source.startswith("/") and posixpath.normpath(source) == source and "%" not in source and source[:2] != "//"
    rest = {} if is_resolved else {"no_body": True, "oxflow": refused("source-as-sent-in-message", message)}
    r.version(source=source, status=400, **fields, **rest)


OF_RUN, OF_MODEL, UNKNOWN_RUN = {"run_id": "${run}"}, {"model_id": "${model}"}, {"run_id": "0" * 32}


def record(recorder):
    with recorder.scenario("sources on object stores, with and without a run") as s:
        r = given_run(s)
        for source in [
            "s3://bucket/path",
            "S3://Bucket/Path",
            "gs://bucket/path",
            "dbfs:/path",
            "dbfs:/databricks/mlflow",
            "s3://bucket/ü",
            "s3://bucket/a b",
            "s3://bucket/a%20b",
            "s3://bucket/...",
            "s3://bucket/a..b",
            "wasbs://container@account.blob.core.windows.net/path",
        ]:
            r.version(source=source)
            r.version(source=source, **OF_RUN)
        r.version(source="s3://bucket/path", **UNKNOWN_RUN)
        r.version(source="s3://bucket/path", **OF_MODEL)
        r.version(source="s3://bucket/path", **OF_MODEL, **OF_RUN)

    with recorder.scenario("sources that name a host") as s:
        r = given_run(s)
        for source in [
            "http://host/path",
            "https://host/path",
            "HTTP://host/path",
            "http://127.0.0.1:5000/api/2.0/mlflow-artifacts/artifacts/1/2/artifacts/model",
            "https://host/api/2.0/mlflow-artifacts/artifacts/../../x",
            "ftp://host/path",
            "sftp://host/path",
            "hdfs://host/path",
            "viewfs://host/path",
            "abfss://container@account.dfs.core.windows.net/path",
            "r2://bucket@account/path",
            "b2://bucket/path",
            "mlflow-artifacts://host/path",
            "mlflow-artifacts://host:80/path",
        ]:
            r.version(source=source, status=400)
            r.version(source=source, **OF_RUN, status=400)
        r.version(source="https://host/path", **OF_MODEL, status=400)
        r.version(source="http://host/path", tags=[PROMPT], status=400)

    with recorder.scenario("a bucket is no source without a path") as s:
        r = given_run(s)
        for source in ["s3://bucket", "s3://bucket/", "gs://bucket", "dbfs:/", "dbfs:"]:
            r.version(source=source, status=400)

    with recorder.scenario("relative segments, in any encoding") as s:
        r = given_run(s)
        for source in [
            "s3://bucket/a/../b",
            "s3://bucket/..",
            "s3://bucket/a/%2e%2e/b",
            "s3://bucket/a/%252e%252e/b",
            "s3://bucket/a/%2E%2E%2Fb",
            "s3://bucket/./a",
            "s3://bucket/a/.",
            "s3://bucket/a/%2e/b",
            "s3:/bucket/../a",
            "gs://bucket/..%2f..",
            "dbfs:/a/../b",
            "dbfs:/./a",
            "dbfs:a",
            "mlflow-artifacts:/../a",
            "mlflow-artifacts:/a/%2e%2e/b",
            "s3://bucket/a%00b",
            "s3://bucket/a\0b",
            "s3://../a",
        ]:
            step = {"status": 400}
            if "\0" in source:
                step["oxflow"] = refused("nul-in-text-is-400")
            r.version(source=source, **step)
            r.version(source=source, **OF_RUN, **step)
        r.version(source="s3://bucket/a/../b", **OF_MODEL, status=400)

    with recorder.scenario("double and last slashes of a source") as s:
        r = given_run(s)
        for source in ["s3://bucket//a//b", "s3://bucket/a/", "dbfs:/a//"]:
            r.version(source=source)

    with recorder.scenario("query and fragment of a source") as s:
        r = given_run(s)
        sources = ["s3://bucket/a?x=1", "s3://bucket/a#fragment", "s3://bucket/a;p=1", "s3://bucket/a?x=#y"]
        for i, source in enumerate(sources):
            r.version(source=source)
            s.get(VERSIONS + "get-download-uri", query(name=r.name, version=i + 1))
        r.version(source="s3://bucket/a?x=../y", no_body=True, oxflow=refused("source-refused"))

    with recorder.scenario("local paths are nobody's artifacts") as s:
        r = given_run(s)
        for source in [
            "/etc/passwd",
            "/etc",
            "/",
            "relative/path",
            "./relative",
            "../relative",
            "relative",
            "~/model",
            "file:///etc/passwd",
            "file:/etc/passwd",
            "FILE:///etc/passwd",
            "file://localhost/etc/passwd",
            "file:etc",
            "/tmp/%65tc",
            " /etc/passwd",
            "//etc/passwd",
        ]:
            r.version(source=source, status=400)
            refused_local(r, source, **OF_RUN)
        r.version(source="/etc/passwd", **UNKNOWN_RUN, status=400)
        r.version(source="/etc/passwd", **OF_MODEL, status=400)
        refused_local(r, "file:///etc/passwd", **OF_MODEL)
        r.version(source="/etc/passwd", model_id="m-" + "0" * 32, status=400)

    with recorder.scenario("a file URI with a host") as s:
        r = given_run(s)
        r.version(source="file://host/share", no_body=True, status=500, oxflow=refused("source-refused"))

    with recorder.scenario("a local path inside of a local run") as s:
        r = Registry(s)
        place = "/tmp/oxflow-wire-source"
        s.experiment(artifact_location=place)
        s.run()
        s.run("other")
        r.model()
        inside = place + "/${run}/artifacts"
        for source in [inside, inside + "/model", "file://" + inside + "/model", inside + "/a/../b", inside + "//a"]:
            r.version(source=source, **OF_RUN)
            refused_local(r, source, run_id="${other}")
            r.version(source=source, status=400)
        for source in [
            place,
            place + "/${run}",
            inside + "x",
            inside + "/../..",
            inside + "/../../${other}/artifacts",
            place + "/${other}/artifacts/model",
            "file://" + inside + "/../../x",
        ]:
            refused_local(r, source, **OF_RUN)
        s.get(VERSIONS + "get-download-uri", query(name=r.name, version="2"))

    with recorder.scenario("a runs URI needs its own run") as s:
        r = given_run(s)
        r.version(source="runs:/${run}/model", **OF_RUN)
        r.version(source="runs:/${run}/a/b", **OF_RUN)
        r.version(source="runs:/${run}/model/", **OF_RUN, no_body=True)
        r.version(source="runs:/${run}//model", **OF_RUN, no_body=True)
        r.version(source="RUNS:/${run}/model", **OF_RUN, no_body=True)
        for source in ["runs:/${run}/model", "runs:/${other}/model"]:
            r.version(source=source, status=400)
            r.version(source=source, run_id="${other}" if "run}" in source else "${run}", status=400)
        r.version(source="runs:/${run}/model", run_id="", status=400)
        r.version(source="runs:/${run}/model", **OF_MODEL, status=400)
        r.version(source="runs:/${run}/model", **OF_MODEL, **OF_RUN, status=400)
        r.version(source="runs://host/${run}/model", **OF_RUN, status=400)
        r.version(source="runs:/${run}/../${other}/model", **OF_RUN, status=400)
        r.version(source="runs:/" + "0" * 32 + "/model", **UNKNOWN_RUN)

    with recorder.scenario("a runs URI without a path") as s:
        r = given_run(s)
        for source in ["runs:/${run}", "runs:/${run}/"]:
            r.version(source=source, **OF_RUN)
        for source in ["runs:/", "runs:${run}/model", "runs://${run}/model", "runs:"]:
            r.version(source=source, **OF_RUN, status=400)

    with recorder.scenario("artifacts of the server belong to the run that is named") as s:
        r = given_run(s)
        root = "mlflow-artifacts:/${exp}/${run}/artifacts"
        for source in [root, root + "/model", root + "//model", "MLFLOW-ARTIFACTS:/${exp}/${run}/artifacts/model"]:
            r.version(source=source, **OF_RUN)
        for source in [root + "/model", "mlflow-artifacts:/${exp}/${other}/artifacts/model", "mlflow-artifacts:/model"]:
            r.version(source=source, status=400)
            r.version(source=source, run_id="${other}" if "run}" in source else "${run}", status=400)
            r.version(source=source, **UNKNOWN_RUN, status=400)
        for source in [root + "x", root + "/%2e%2e", root + "/../x", "mlflow-artifacts:/", "mlflow-artifacts:"]:
            r.version(source=source, **OF_RUN, status=400)
        r.version(source=root + "/model", **OF_MODEL, status=400)

    with recorder.scenario("artifacts of a logged model belong to the model that is named") as s:
        r = given_run(s)
        root = "mlflow-artifacts:/${exp}/models/${model}/artifacts"
        for source in [root, root + "/data"]:
            r.version(source=source, **OF_MODEL)
            r.version(source=source, **OF_MODEL, **OF_RUN)
            r.version(source=source, status=400)
            r.version(source=source, **OF_RUN, status=400)
            r.version(source=source, model_id="${strange}", status=400)
            r.version(source=source, model_id="m-" + "0" * 32, status=400)
        r.version(source=root + "/../x", **OF_MODEL, status=400)
        r.version(source=root + "x", **OF_MODEL, status=400)

    with recorder.scenario("a models URI of a logged model needs its own model") as s:
        r = given_run(s)
        r.version(source="models:/${model}", **OF_MODEL)
        r.version(source="models:/${model}", **OF_MODEL, **OF_RUN)
        r.version(source="models:/${model}", **OF_MODEL, run_id="${other}")
        r.version(source="models:/${model}", status=400)
        r.version(source="models:/${model}", **OF_RUN, status=400)
        r.version(source="models:/${model}", model_id="${strange}", status=400)
        r.version(source="models:/${model}", model_id="", status=400)
        r.version(source="models://host/${model}", **OF_MODEL, status=400)
        r.version(source="models:/${model}/../x", **OF_MODEL, status=400)
        unknown = "m-" + "0" * 32
        r.version(source="models:/" + unknown, model_id=unknown, status=500, oxflow=refused("source-of-unknown-model"))
        r.version(source="models:/" + unknown, status=400)
        s.get(VERSIONS + "get-download-uri", query(name=r.name, version="1"))

    with recorder.scenario("a logged model named beside a source elsewhere") as s:
        r = given_run(s)
        unknown = "m-" + "0" * 32
        r.version(source="s3://bucket/model", model_id="${model}", run_id="${other}")
        r.version(source="s3://bucket/model", model_id=unknown, status=404)
        r.version(source="s3://bucket/model", model_id="nothing", status=404)
        r.version(source="s3://bucket/model", model_id=unknown, run_id="${run}", no_body=True, status=404)

    with recorder.scenario("a copy of a version points to the files of the original") as s:
        r = given_run(s)
        copy, again = r.name + " copy", r.name + " again"
        r.model(copy)
        r.model(again)
        r.version(source="runs:/${run}/model", **OF_RUN, description="not copied", tags=[{"key": "a", "value": "b"}])
        r.version(source="models:/${model}", **OF_MODEL)
        r.alias("champion", "1")
        r.stage("2", "Staging")
        r.version(copy, source=f"models:/{r.name}/1")
        r.version(copy, source=f"models:/{r.name}@champion")
        r.version(copy, source=f"models:/{r.name}/2")
        r.version(copy, source=f"models:/{r.name}/latest")
        r.version(copy, source=f"models:/{r.name}/Latest")
        r.version(copy, source=f"models:/{r.name}/staging")
        r.version(copy, source=f"models:/{r.name}@latest")
        r.version(copy, source=f"models:/{r.name}/01", no_body=True)
        r.version(again, source=f"models:/{copy}/1")
        r.version(r.name, source=f"models:/{r.name}/1")
        for version in ["1", "2", "3", "4", "5", "6", "7"]:
            s.get(VERSIONS + "get-download-uri", query(name=copy, version=version))
        s.get(VERSIONS + "get-download-uri", query(name=again, version="1"))
        s.get("logged-models/${model}")
        s.delete(MODELS + "delete", {"name": r.name})
        s.get(VERSIONS + "get-download-uri", query(name=again, version="1"))

    with recorder.scenario("a copy names the run and model of the original or none") as s:
        r = given_run(s)
        r.model(r.name + " copy")
        r.version(source="runs:/${run}/model", **OF_RUN)
        r.version(source="s3://bucket/model")
        copy = lambda version, **rest: r.version(r.name + " copy", source=f"models:/{r.name}/{version}", **rest)
        copy(1, run_id="${run}")
        copy(1, run_id="${other}", status=400)
        copy(1, run_id="", status=400)
        copy(1, model_id="${model}", status=400)
        copy(1, model_id="")
        copy(2, run_id="")
        copy(2, run_id="${run}", status=400)
        copy(2)

    with recorder.scenario("a copy of what does not exist") as s:
        r = given_run(s)
        r.version()
        r.version(source=f"models:/{MISSING}/1", status=404)
        r.version(source=f"models:/{r.name}/9", status=404)
        r.version(source=f"models:/{r.name}@nothing", status=400)
        unknown = refused("source-of-unknown-model")
        r.version(source=f"models:/{r.name}/Production", status=500, oxflow=unknown)
        r.version(source=f"models:/{r.name} empty/latest", status=404)
        r.model(r.name + " empty")
        r.version(source=f"models:/{r.name} empty/latest", status=500, oxflow=unknown)
        r.version(source=f"models:/{r.name} empty@latest", status=404)
        r.version(source=f"models:/{r.name}/foo", status=400)
        r.delete_version("1")
        r.version(source=f"models:/{r.name}/1", status=404)

    with recorder.scenario("models URIs that are none") as s:
        r = given_run(s)
        r.version()
        for source in [
            "models:/",
            "models:",
            f"models:/{r.name}",
            f"models:/{r.name}/",
            f"models:/{r.name}/1/x",
            f"models:/{r.name}@",
            "models:/@champion",
            f"models:/{r.name}@champion/1",
            f"models:{r.name}/1",
            f"models://{r.name}/1",
            f"models://host/{r.name}/1",
            f"models:/{r.name}/../x",
            "models:/ /1",
            "models:/a:b/1",
        ]:
            r.version(source=source, no_body=False, status=400 if "@champion/1" not in source else 404)

    with recorder.scenario("a prompt is no source of a model version") as s:
        r = given_run(s)
        prompt = r.name + " prompt"
        r.model(prompt, tags=[PROMPT])
        r.version(prompt, source="dummy-source", tags=[PROMPT])
        r.alias("champion", "1", prompt)
        r.version(source=f"models:/{prompt}/1", status=400)
        r.version(source=f"models:/{prompt}@champion", status=400)
        r.version(source=f"models:/{prompt}/9", status=400)

    with recorder.scenario("sources of prompts") as s:
        r = given_run(s)
        prompt = r.name + " prompt"
        r.model(prompt, tags=[PROMPT])
        for source in ["dummy-source", "prompt-template"]:
            r.version(prompt, source=source, tags=[PROMPT])
            s.get(VERSIONS + "get-download-uri", query(name=prompt, version="1"))
        for source in ["s3://bucket/a", "/etc/passwd", "runs:/${run}/model", "Dummy-source", "dummy-source/", "x"]:
            r.version(prompt, source=source, tags=[PROMPT], status=400)
        r.version(prompt, source="/etc/passwd", tags=[{"key": PROMPT["key"], "value": "TRUE"}], status=400)
        r.version(prompt, source="/etc/passwd", tags=[PROMPT, {"key": PROMPT["key"], "value": "x"}], status=400)
        r.version(prompt, source="dummy-source", status=400)
        r.version(prompt, source="dummy-source", tags=[PROMPT], run_id="${run}")

    with recorder.scenario("other schemes and user info in a source") as s:
        r = given_run(s)
        clean = refused("source-refused")
        for source in [
            "gopher://host/x",
            "foo:/bar",
            "s3a://bucket/path",
            "oss://bucket/path",
            "wasb://container@account.blob.core.windows.net/path",
            "s3://user:secret@bucket/a",
            "s3://bucket/a\nb",
            "prompts:/name/1",
            " s3://bucket/a",
            "C:/models/a",
        ]:
            r.version(source=source, no_body=True, oxflow=clean)
        for source in ["javascript:alert(1)", "data:text/plain,x", "http:", "models", "C:\\models\\a", "a\\..\\b"]:
            r.version(source=source, status=400)

    with recorder.scenario("a model that does not exist is noticed after its source") as s:
        r = given_run(s)
        r.version(MISSING, source="/etc/passwd", status=400)
        r.version(MISSING, source="s3://bucket/a", status=404)
        r.version("a/b", source="/etc/passwd", status=400)
        r.version("a/b", source="s3://bucket/a", status=400)
        r.version(MISSING, source="models:/${model}", **OF_MODEL, status=404)
