"""/model-versions/get-artifact: files of model versions."""

from record import Difference, query, refused
from scenarios.registry import MISSING, PROMPT, VERSIONS, Registry

ROOT = "/api/2.0/mlflow-artifacts/artifacts/${exp}/${run}/artifacts"
KEPT = ["content-type", "content-disposition", "x-content-type-options"]


def given_version(s):
    r = Registry(s)
    s.experiment()
    s.run()
    s.put(ROOT + "/model/MLmodel", text="flavors: {}\n")
    s.put(ROOT + "/model/data/page.html", text="<script>alert(1)</script>")
    s.put(ROOT + "/secret.txt", text="outside of the model")
    r.model()
    r.version(source="mlflow-artifacts:/${exp}/${run}/artifacts/model", run_id="${run}")

    def fetch(path=None, version="1", name=None, **rest):
        fields = {"name": name or r.name, "version": version, "path": path}
        fields = {key: value for key, value in fields.items() if value is not None}
        return s.get("/model-versions/get-artifact", query(**fields), **rest)

    return r, fetch


def record(recorder):
    with recorder.scenario("a file of a model version is downloaded") as s:
        r, fetch = given_version(s)
        fetch("MLmodel", keep_headers=KEPT)
        fetch("data/page.html", keep_headers=KEPT, no_body=True)
        fetch("MLmodel", headers={"range": "bytes=0-6"}, status=206, keep_headers=["content-range"])

    with recorder.scenario("what is no file of a model version") as s:
        r, fetch = given_version(s)
        fetch("nothing", status=404)
        fetch("data", status=400)
        fetch("data/nothing.txt", status=404)
        fetch("secret.txt", status=404)

    with recorder.scenario("paths that leave a model version") as s:
        r, fetch = given_version(s)
        for path in ["../secret.txt", "..", "/etc/passwd", "data/../../secret.txt", "file:///etc/passwd", "C:/x"]:
            fetch(path, status=400)
        for raw in ["%2e%2e/secret.txt", "%252e%252e/secret.txt", "a%23b"]:
            s.get("/model-versions/get-artifact", f"name={r.name}&version=1&path={raw}", status=400)

    with recorder.scenario("parameters of a download from a model version") as s:
        r, fetch = given_version(s)
        missing = refused("version-artifact-parameters")
        fetch(status=400, no_body=True, oxflow=missing)
        fetch("MLmodel", version="9", status=404)
        fetch("MLmodel", version="abc", status=400)
        fetch("MLmodel", name=MISSING, status=404)
        fetch("MLmodel", name="a/b", status=400)
        s.get("/model-versions/get-artifact", query(version="1", path="MLmodel"), status=400)
        s.get("/model-versions/get-artifact", query(name=r.name, path="MLmodel"), status=500, oxflow=missing)
        fetch("MLmodel", version="", status=400)
        fetch("", no_body=True, status=400)

    with recorder.scenario("a copy of a version and a version of a logged model") as s:
        r, fetch = given_version(s)
        r.version(source=f"models:/{r.name}/1")
        fetch("MLmodel", version="2")
        s.post(
            "logged-models", {"experiment_id": "${exp}", "name": "m"}, capture={"model": "/model/info/model_id"}
        )
        s.put(
            "/api/2.0/mlflow-artifacts/artifacts/${exp}/models/${model}/artifacts/MLmodel", text="of the logged model"
        )
        r.version(source="models:/${model}", model_id="${model}")
        fetch("MLmodel", version="3")
        r.delete_version("1")
        fetch("MLmodel", version="1", status=404)
        fetch("MLmodel", version="2")

    with recorder.scenario("a version whose source is a runs URI") as s:
        r, fetch = given_version(s)
        r.version(source="runs:/${run}/model", run_id="${run}")
        served = "runs-uri-is-served"
        for path, status in [("MLmodel", 200), ("data", 400), ("nothing", 404)]:
            fetch(path, version="2", no_body=True, status=500, oxflow=Difference(served, status))
        fetch("../secret.txt", version="2", status=400)

    with recorder.scenario("a version whose files are not on this server") as s:
        r, fetch = given_version(s)
        elsewhere = refused("elsewhere-is-not-fetched")
        r.version(source="dbfs:/model")
        fetch("MLmodel", version="2", no_body=True, status=500, oxflow=elsewhere)
        prompt = r.name + " prompt"
        r.model(prompt, tags=[PROMPT])
        r.version(prompt, source="dummy-source", tags=[PROMPT])
        fetch("MLmodel", name=prompt, no_body=True, status=404, oxflow=elsewhere)
        s.get(VERSIONS + "get-download-uri", query(name=prompt, version="1"))
