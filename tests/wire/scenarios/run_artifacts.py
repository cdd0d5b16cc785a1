"""Artifacts of runs: list, get-artifact, upload-artifact, presigned URLs."""

from record import query, refused

ROOT = "/api/2.0/mlflow-artifacts/artifacts/${exp}/${run}/artifacts"
UPLOAD = "/ajax-api/2.0/mlflow/upload-artifact"


def record(recorder):
    with recorder.scenario("artifacts of a run are listed relative to the run") as s:
        s.experiment()
        s.run()
        s.get("artifacts/list", query(run_id="${run}"))
        s.put(ROOT + "/b.txt", text="hello")
        s.put(ROOT + "/dir/a.txt", text="in a folder")
        s.put(ROOT + "/dir/sub/c.txt", text="deep")
        s.put(ROOT + "/empty", text="")
        s.get("artifacts/list", query(run_id="${run}"))
        s.get("artifacts/list", query(run_uuid="${run}"))
        s.get("artifacts/list", query(run_id="${run}", path=""))
        s.get("artifacts/list", query(run_id="${run}", path="dir"))
        s.get("artifacts/list", query(run_id="${run}", path="dir/"))
        s.get("artifacts/list", query(run_id="${run}", path="dir/sub"))
        s.get("artifacts/list", query(run_id="${run}", path="nothing"))
        s.get("artifacts/list", query(run_id="${run}", path="b.txt"))
        s.get("/ajax-api/2.0/mlflow/artifacts/list", query(run_id="${run}", path="dir"))

    with recorder.scenario("bad requests for a list of artifacts") as s:
        s.experiment()
        s.run()
        s.get("artifacts/list", status=400)
        for path in ["../x", "..", "%2e%2e/x", "/etc", "a/../../x", "file:///etc", "a%23b"]:
            s.get("artifacts/list", "run_id=${run}&path=" + path, status=400)
        s.get("artifacts/list", query(run_id="f" * 32), status=404)

    with recorder.scenario("an artifact of a run is downloaded") as s:
        s.experiment()
        s.run()
        s.put(ROOT + "/dir/a.txt", text="0123456789")
        s.put(ROOT + "/page.html", text="<script>alert(1)</script>")
        kept = ["content-type", "content-disposition", "x-content-type-options"]
        s.get("/get-artifact", query(run_id="${run}", path="dir/a.txt"), keep_headers=kept)
        s.get("/get-artifact", query(run_uuid="${run}", path="dir/a.txt"))
        s.get("/get-artifact", query(run_id="${run}", path="page.html"), no_body=True, keep_headers=kept)
        s.get(
            "/get-artifact",
            query(run_id="${run}", path="dir/a.txt"),
            headers={"range": "bytes=2-4"},
            status=206,
            keep_headers=["content-range"],
        )
        s.get("/get-artifact", query(run_id="${run}", path="nothing"), status=404)
        s.get("/get-artifact", query(run_id="${run}", path="dir"), status=400)
        s.get("/get-artifact", query(run_id="${run}", path="../x"), status=400)
        s.get("/get-artifact", query(run_id="${run}"), status=400)
        s.get("/get-artifact", query(path="a"), status=404, oxflow=refused("get-artifact-needs-a-run"))
        s.get("/get-artifact", query(run_id="f" * 32, path="a"), status=404)

    with recorder.scenario("artifacts of a deleted run can still be read") as s:
        s.experiment()
        s.run()
        s.put(ROOT + "/a.txt", text="x")
        s.post("runs/delete", {"run_id": "${run}"})
        s.get("artifacts/list", query(run_id="${run}"))
        s.get("/get-artifact", query(run_id="${run}", path="a.txt"))

    with recorder.scenario("the UI uploads a small file to a run") as s:
        s.experiment()
        s.run()
        s.call("POST", UPLOAD, query=query(run_uuid="${run}", path="dir/a.txt"), text="hello")
        s.get("/get-artifact", query(run_id="${run}", path="dir/a.txt"))
        s.get(ROOT + "/dir/a.txt")
        s.call("POST", UPLOAD, query=query(run_uuid="${run}", path="a.txt"), status=400)
        s.call("POST", UPLOAD, query=query(run_uuid="${run}"), text="x", status=400)
        s.call("POST", UPLOAD, query=query(path="a.txt"), text="x", status=400)
        s.call("POST", UPLOAD, query=query(run_uuid="${run}", path="../x"), text="x", status=400)
        s.call("POST", UPLOAD, query=query(run_uuid="f" * 32, path="a.txt"), text="x", status=404)

    with recorder.scenario("there are no presigned URLs for artifacts behind the proxy") as s:
        s.experiment()
        s.run()
        s.post("logged-models", {"experiment_id": "${exp}", "name": "m"}, capture={"model": "/model/info/model_id"})
        up, down = "artifacts/presigned-upload-url", "artifacts/presigned-download-url"
        s.post(up, {"run_id": "${run}", "path": "a.txt"}, status=400)
        s.post(up, {"model_id": "${model}", "path": "a.txt"}, status=400)
        s.post(up, {"path": "a.txt"}, status=400)
        s.post(up, {"run_id": "${run}", "model_id": "${model}", "path": "a.txt"}, status=400)
        s.post(up, {"run_id": "${run}"}, status=400)
        s.post(up, {"run_id": "f" * 32, "path": "a.txt"}, status=404)
        s.post(down, {"run_id": "${run}", "path": "a.txt"}, status=400)
        s.post(down, {"run_id": "${run}"}, status=400)
        s.post(down, {"path": "a.txt"}, status=400)
        for expiration in [0, -1, 604801]:
            s.post(down, {"run_id": "${run}", "path": "a.txt", "expiration": expiration}, status=400)
