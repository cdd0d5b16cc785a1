"""Health, version, what the server says about itself, unknown paths, wrong methods, Host and Origin."""

from record import Difference, error, query

NOT_FOUND = Difference("unknown-path-is-json", 404, error("ENDPOINT_NOT_FOUND", error_class="RESOURCE_NOT_FOUND"))
WRONG_METHOD = Difference("wrong-method-is-json", 405, "<any>")


def record(recorder):
    with recorder.scenario("health and version answer plain text") as s:
        s.get("/health", keep_headers=["content-type"])
        s.get("/version", keep_headers=["content-type"])
        s.call("HEAD", "/health")

    with recorder.scenario("server-info lists what the server can do") as s:
        info = {
            "store_type": "SqlStore",
            "workspaces_enabled": False,
            "trace_archival_enabled": False,
            "multipart_uploads_enabled": False,
            "multipart_downloads_enabled": False,
            "presigned_upload_run_id_supported": True,
            "presigned_upload_model_id_supported": True,
            "features_enabled": {"gateway": False},
        }
        without_gateway = Difference("server-info-gateway", 200, info)
        s.get("/api/3.0/mlflow/server-info", keep_headers=["content-type"], oxflow=without_gateway)
        s.get("/ajax-api/3.0/mlflow/server-info", oxflow=without_gateway)

    with recorder.scenario("answers carry the security headers") as s:
        s.get(
            "experiments/get",
            query(experiment_id="99999999"),
            status=404,
            keep_headers=["content-type", "x-content-type-options", "x-frame-options"],
        )

    with recorder.scenario("an unknown path is 404") as s:
        s.get("/api/2.0/mlflow/experiments/get/", query(experiment_id="0"), status=404, oxflow=NOT_FOUND)
        s.get("/api/2.0/mlflow/nothing", status=404, oxflow=NOT_FOUND)
        s.get("/api/2.0/mlflow/experiments/enumerate", status=404, oxflow=NOT_FOUND)
        s.get("/api/2.0/preview/mlflow/experiments/find", query(experiment_id="0"), status=404, oxflow=NOT_FOUND)
        s.get("/api/9.9/mlflow/experiments/get", query(experiment_id="0"), status=404, oxflow=NOT_FOUND)
        s.get("/foo/bar", status=404, oxflow=NOT_FOUND)
        s.post("/api/2.0/mlflow/nothing", {}, status=404, oxflow=NOT_FOUND)

    with recorder.scenario("routes of the UI only exist under ajax-api") as s:
        s.get(
            "/api/2.0/mlflow/metrics/get-history-bulk",
            query(run_id="x", metric_key="y"),
            status=404,
            oxflow=NOT_FOUND,
        )
        s.post("/api/2.0/mlflow/upload-artifact", {}, status=404, oxflow=NOT_FOUND)
        s.post("/api/2.0/mlflow/experiments/search-datasets", {"experiment_ids": ["0"]}, status=404, oxflow=NOT_FOUND)

    with recorder.scenario("a wrong method is 405 and names the right ones") as s:
        for method, path in [
            ("GET", "experiments/create"),
            ("POST", "experiments/get"),
            ("PUT", "runs/create"),
            ("DELETE", "runs/search"),
            ("PATCH", "runs/update"),
            ("POST", "/api/3.0/mlflow/server-info"),
        ]:
            s.call(method, path, status=405, keep_headers=["allow"], oxflow=WRONG_METHOD)

    with recorder.scenario("OPTIONS lists the methods of a path") as s:
        s.call("OPTIONS", "experiments/create", status=204, keep_headers=["allow"])
        s.call("OPTIONS", "experiments/search", status=204, keep_headers=["allow"])
        s.call("OPTIONS", "/ajax-api/2.0/mlflow/runs/get", status=204, keep_headers=["allow"])

    with recorder.scenario("HEAD works where GET does") as s:
        s.experiment()
        s.call("HEAD", "/api/3.0/mlflow/server-info", keep_headers=["content-type"])
        reads_query = "head-reads-the-query"
        found, missing = Difference(reads_query, 200), Difference(reads_query, 404)
        s.call("HEAD", "experiments/get", query=query(experiment_id="${exp}"), status=400, oxflow=found)
        s.call("HEAD", "experiments/get", query=query(experiment_id="99999999"), status=400, oxflow=missing)

    with recorder.scenario("an unknown Host is refused, except on health and version") as s:
        path, fields = "experiments/get", query(experiment_id="0")
        for host in ["attacker.example", "localhost.attacker.example", "8.8.8.8"]:
            s.get(path, fields, headers={"host": host}, status=403)
        for host in ["localhost", "localhost:5000", "[::1]:5000"]:
            s.get(path, fields, headers={"host": host}, no_body=True)
        another_port = Difference("host-is-parsed", 403)
        s.get(path, fields, headers={"host": "127.0.0.1:8080"}, no_body=True, oxflow=another_port)
        s.get("/health", headers={"host": "attacker.example"})

    with recorder.scenario("a Host is parsed, not matched by its beginning") as s:
        path, fields = "experiments/get", query(experiment_id="0")
        for host in ["10.attacker.example", "192.168.attacker.example", "172.16.attacker.example"]:
            s.get(path, fields, headers={"host": host}, no_body=True, oxflow=Difference("host-is-parsed", 403))
        s.get(path, fields, headers={"host": "localhost:http"}, no_body=True, oxflow=Difference("host-is-parsed", 400))

    with recorder.scenario("a page of another site cannot write") as s:
        origin = {"origin": "https://attacker.example"}
        s.post("experiments/create", {"name": s.slug}, headers=origin, status=403)
        s.post("/ajax-api/2.0/mlflow/experiments/create", {"name": s.slug}, headers=origin, status=403)
        s.put("/api/2.0/mlflow-artifacts/artifacts/origin.txt", bytes_=b"x", headers=origin, status=403)
        s.get("experiments/get-by-name", query(experiment_name=s.slug), status=404)

    with recorder.scenario("a page on another local port cannot write either") as s:
        s.post(
            "experiments/create",
            {"name": s.slug},
            headers={"origin": "http://localhost:9999"},
            no_body=True,
            oxflow=Difference("origin-is-own-or-listed", 403),
        )

    with recorder.scenario("a page of another site gets no CORS permission to read") as s:
        s.get(
            "experiments/get",
            query(experiment_id="99999999"),
            headers={"origin": "https://attacker.example"},
            status=404,
            keep_headers=["access-control-allow-origin"],
        )

    with recorder.scenario("workspaces are off") as s:
        disabled = Difference("workspace-header-is-400", 400, error("FEATURE_DISABLED"))
        for method, path, body in [
            ("GET", "experiments/get", None),
            ("POST", "experiments/search", {"max_results": 1}),
        ]:
            extra = {"json": body} if body else {"query": "experiment_id=0"}
            s.call(method, path, headers={"x-mlflow-workspace": "other"}, status=500, oxflow=disabled, **extra)
        s.get(
            "experiments/get",
            "experiment_id=99999999",
            headers={"x-mlflow-workspace": "default"},
            status=500,
            oxflow=Difference(
                "workspace-header-default",
                404,
                error(
                    "RESOURCE_DOES_NOT_EXIST", "No Experiment with id=99999999 exists", error_class="RESOURCE_NOT_FOUND"
                ),
            ),
        )
